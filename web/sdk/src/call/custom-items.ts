import { invalidType, invalidValue, textOf } from '../errors';
import type { Request } from '../signal/requests';
import type { CustomItems, CustomItemsResult } from '../surface';

export const NOT_ITEMS = 'customItems must map strings to strings.';

/** Asks the server to change the custom items of a call. */
export type ItemsRequest = Extract<Request, { type: 'update_custom_items' | 'delete_custom_items' }>;

/** What others did to the items of a call. */
export interface ItemsNews {
  readonly updated: string[];
  readonly deleted: string[];
}

/** Whether a value may be the custom items of a call. */
export function areItems(items: unknown): items is CustomItems {
  return typeof items === 'object' && items !== null && !Array.isArray(items) && areStrings(Object.values(items));
}

export function areStrings(values: unknown): values is string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}

export function setting(callId: string, items: CustomItems): ItemsRequest {
  if (!areItems(items)) throw invalidType(NOT_ITEMS);
  if (Object.keys(items).length === 0) throw invalidValue('There are no customItems.');
  return { type: 'update_custom_items', call_id: textOf(callId, 'callId'), custom_items: { ...items } };
}

export function deleting(callId: string, keys: string[]): ItemsRequest {
  if (!areStrings(keys)) throw invalidType('The keys of customItems must be a list of strings.');
  if (keys.length === 0) throw invalidValue('There are no keys of customItems.');
  return { ...deletingAll(callId), keys: [...keys] };
}

export function deletingAll(callId: string): Extract<ItemsRequest, { type: 'delete_custom_items' }> {
  return { type: 'delete_custom_items', call_id: textOf(callId, 'callId') };
}

/**
 * The custom items of one call. What this page asked for may be seen in a snapshot before it is answered; that is no
 * news to the application here, while what anybody else changed is.
 */
export class Items {
  private items: CustomItems;
  /** What was asked for and is not answered, with the keys that a snapshot has shown to be so. */
  private readonly asked = new Map<ItemsRequest, Set<string>>();

  constructor(items: CustomItems) {
    this.items = plain(items);
  }

  copy(): CustomItems {
    return { ...this.items };
  }

  /** Takes the items of a newer snapshot, or of an answer. */
  learn(items: CustomItems): ItemsNews {
    const before = this.items;
    const now = plain(items);
    this.items = now;
    const isNews = (key: string) => {
      if (now[key] === before[key]) return false;
      const mine = [...this.asked].filter(([request]) => isOutcome(request, key, now[key]));
      for (const [, seen] of mine) seen.add(key);
      return mine.length === 0;
    };
    return {
      updated: Object.keys(now).filter(isNews),
      deleted: Object.keys(before).filter((key) => now[key] === undefined && isNews(key)),
    };
  }

  /** Has something changed by `work`; `tell` is told what else its answer shows. */
  async change(
    request: ItemsRequest,
    work: Promise<CustomItemsResult>,
    tell: (news: ItemsNews) => void,
  ): Promise<CustomItemsResult> {
    const seen = new Set<string>();
    this.asked.set(request, seen);
    try {
      const { customItems, affectedKeys } = await work;
      tell(this.learn(customItems));
      // Asked again after a reconnect, the server had done it before and says that nothing changed.
      return { customItems, affectedKeys: [...new Set([...affectedKeys, ...seen])] };
    } finally {
      this.asked.delete(request);
    }
  }
}

function isOutcome(request: ItemsRequest, key: string, value: string | undefined): boolean {
  if ('custom_items' in request) return value !== undefined && request.custom_items[key] === value;
  return value === undefined && (request.keys?.includes(key) ?? true);
}

/** Without a prototype, `constructor` is a key like any other. */
function plain(items: CustomItems): CustomItems {
  return Object.assign(Object.create(null), items);
}
