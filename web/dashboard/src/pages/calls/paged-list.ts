/**
 * An endless list behind cursors, of which only what is near the eye is kept.
 *
 * Of every page that was ever read its cursor and its length stay, a few dozen bytes; the rows of a page that is far from what is
 * shown are dropped, and read again by the same cursor when it comes back into sight.
 */

/** A page as the server answers it. */
export interface Page<Row> {
  rows: Row[];
  has_next: boolean;
  next: string;
}

interface Slot<Row> {
  cursor: string;
  /** The index of its first row. */
  first: number;
  length: number;
  /** Null while they are not kept. */
  rows: Row[] | null;
}

/** So many pages on either side of what is shown are kept. */
export const KEPT_AROUND = 5;
/** So close to the end of what is known, more is read. */
export const READ_AHEAD = 40;

export class PagedList<Row> {
  #slots: Slot<Row>[] = [];
  /** Where the first page that was never read begins; null at the end of the list. */
  #frontier: string | null = '';

  /** How many rows are known. */
  get length(): number {
    const last = this.#slots.at(-1);
    return last === undefined ? 0 : last.first + last.length;
  }

  /** Whether there are no more rows than are known. */
  get isWhole(): boolean {
    return this.#frontier === null;
  }

  /** How many rows are kept. */
  get kept(): number {
    return this.#slots.reduce((sum, { rows }) => sum + (rows?.length ?? 0), 0);
  }

  /** The row at an index, if it is kept. */
  rowAt(index: number): Row | undefined {
    const slot = this.#slots[this.#slotAt(index)];
    return slot?.rows?.[index - slot.first];
  }

  /** The cursor of the page to read next, with rows `first` to `last` in sight; null if nothing is missing. */
  wanted(first: number, last: number): string | null {
    const [from, to] = [this.#slotAt(first), this.#slotAt(last)];
    const missing = this.#slots.slice(Math.max(0, from), to + 1).find(({ rows }) => rows === null);
    if (missing !== undefined) {
      return missing.cursor;
    }
    return last + READ_AHEAD >= this.length ? this.#frontier : null;
  }

  /** Takes what the server answered for a cursor. A page may be short, or empty, and not be the last. */
  take(cursor: string, page: Page<Row>): void {
    const known = this.#slots.find((slot) => slot.cursor === cursor);
    if (known !== undefined) {
      // Rows that were deleted meanwhile leave the page shorter; those after it keep their places.
      known.rows = page.rows.slice(0, known.length);
      return;
    }
    if (cursor !== this.#frontier) {
      return;
    }
    this.#slots.push({ cursor, first: this.length, length: page.rows.length, rows: page.rows });
    // A server that names the same page again would be asked for ever.
    this.#frontier = page.has_next && page.next !== '' && page.next !== cursor ? page.next : null;
  }

  /** Drops rows that are far from those in sight. */
  forget(first: number, last: number): void {
    const [from, to] = [this.#slotAt(first) - KEPT_AROUND, this.#slotAt(last) + KEPT_AROUND];
    this.#slots.forEach((slot, index) => {
      if (index < from || index > to) {
        slot.rows = null;
      }
    });
  }

  /** The place of the page with that row: by halving, since there may be ten thousand. */
  #slotAt(index: number): number {
    let [low, high] = [0, this.#slots.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#slots[middle]?.first ?? 0) <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
