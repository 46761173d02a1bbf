import { invalidType, invalidValue } from '../errors';
import type { Request } from '../signal/requests';
import type { CustomItems, CustomItemsResult } from '../surface';

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
  if (!areItems(items)) throw invalidType('customItems must map strings to strings.');
  if (Object.keys(items).length === 0) throw invalidValue('customItems is empty.');
  return { type: 'update_custom_items', call_id: checked(callId), custom_items: { ...items } };
}

export function deleting(callId: string, keys: string[]): ItemsRequest {
  if (!areStrings(keys)) throw invalidType('customItemKeys must be a list of strings.');
  if (keys.length === 0) throw invalidValue('customItemKeys is empty.');
  return { type: 'delete_custom_items', call_id: checked(callId), keys: [...keys] };
}

export function deletingAll(callId: string): ItemsRequest {
  return { type: 'delete_custom_items', call_id: checked(callId) };
}

function checked(callId: unknown): string {
  if (typeof callId !== 'string') throw invalidType('callId must be a string.');
  if (!callId) throw invalidValue('callId is empty.');
  return callId;
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
    this.items = { ...items };
  }

  copy(): CustomItems {
    return { ...this.items };
  }

  /** Takes the items of a newer snapshot, or of an answer. */
  learn(now: CustomItems): ItemsNews {
    const before = this.items;
    this.items = { ...now };
    const isNews = (key: string) => {
      let isNew = true;
      for (const [request, seen] of this.asked) {
        if (!isOutcome(request, key, now)) continue;
        seen.add(key);
        isNew = false;
      }
      return isNew;
    };
    return {
      updated: Object.keys(now).filter((key) => (!Object.hasOwn(before, key) || now[key] !== before[key]) && isNews(key)),
      deleted: Object.keys(before).filter((key) => !Object.hasOwn(now, key) && isNews(key)),
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

function isOutcome(request: ItemsRequest, key: string, now: CustomItems): boolean {
  if (request.type === 'update_custom_items') {
    return Object.hasOwn(request.custom_items, key) && request.custom_items[key] === now[key];
  }
  return !Object.hasOwn(now, key) && (request.keys?.includes(key) ?? true);
}
