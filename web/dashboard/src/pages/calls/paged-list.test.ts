import { describe, expect, test } from 'vitest';

import { KEPT_AROUND, type Page, PagedList } from './paged-list';

const SIZE = 100;

describe('an endless list', () => {
  test('asks for the first page, and for the next when its end comes near', () => {
    const list = new PagedList<number>();
    expect(list.wanted(0, 20)).toBe('');
    list.take('', page(0));
    expect(list.length).toBe(SIZE);
    expect(list.wanted(0, 20)).toBeNull();
    expect(list.wanted(50, 70)).toBe('1');
    list.take('1', page(1));
    expect(list.rowAt(150)).toBe(150);
    expect(list.isWhole).toBe(false);
  });

  test('goes on after short and empty pages', () => {
    const list = new PagedList<number>();
    list.take('', { rows: [], has_next: true, next: 'a' });
    expect(list.wanted(0, 0)).toBe('a');
    list.take('a', { rows: [7], has_next: true, next: 'b' });
    list.take('b', { rows: [], has_next: true, next: 'c' });
    list.take('c', { rows: [8], has_next: false, next: '' });
    expect([list.length, list.rowAt(0), list.rowAt(1), list.isWhole]).toEqual([2, 7, 8, true]);
    expect(list.wanted(0, 1)).toBeNull();
  });

  test('keeps a bounded number of a million rows, and reads again what comes back into sight', () => {
    const list = new PagedList<number>();
    for (let index = 0; index < 1_000_000 / SIZE; index += 1) {
      const first = Math.max(0, index * SIZE - 30);
      const cursor = list.wanted(first, first + 30);
      expect(cursor).toBe(index === 0 ? '' : String(index));
      list.take(cursor ?? '', page(index));
      list.forget(first, first + 30);
      expect(list.kept).toBeLessThanOrEqual((2 * KEPT_AROUND + 2) * SIZE);
    }
    expect(list.length).toBe(1_000_000);
    expect(list.rowAt(20_010)).toBeUndefined();
    expect(list.wanted(20_010, 20_040)).toBe('200');
    list.take('200', page(200));
    expect(list.rowAt(20_010)).toBe(20_010);
    expect(list.length).toBe(1_000_000);
  });

  test('keeps the places of rows after a page that has become shorter or longer', () => {
    const list = new PagedList<number>();
    list.take('', page(0));
    list.take('1', page(1));
    list.take('', { rows: [0, 2, 3], has_next: true, next: '1' });
    expect([list.rowAt(1), list.rowAt(3), list.rowAt(100)]).toEqual([2, undefined, 100]);
    list.take('', { rows: Array.from({ length: 200 }, () => 9), has_next: true, next: '1' });
    expect([list.rowAt(99), list.rowAt(100)]).toEqual([9, 100]);
  });

  test('takes no page that it did not ask for, and does not turn in a circle', () => {
    const list = new PagedList<number>();
    list.take('5', page(5));
    expect(list.length).toBe(0);
    list.take('', page(0));
    list.take('1', { rows: [1], has_next: true, next: '1' });
    expect(list.isWhole).toBe(true);
  });
});

function page(index: number): Page<number> {
  return { rows: Array.from({ length: SIZE }, (_, row) => index * SIZE + row), has_next: true, next: String(index + 1) };
}
