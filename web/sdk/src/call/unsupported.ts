import { notSupportedYet, settle } from '../errors';
import type {
  CustomItemsHandler,
  CustomItemsResult,
} from '../surface';

type Callback<T> = ((result?: T, error?: Error) => void) | undefined;

/** Fails a promise and a callback alike with "not supported yet". */
export function rejectUnsupported<T>(name: string, callback: Callback<T>, report: (thrown: unknown) => void): Promise<T> {
  return settle(Promise.reject<T>(notSupportedYet(name)), callback, report);
}

/** The verbs of a direct call that have no meaning yet. Each says so; none does nothing in silence. */
export abstract class UnsupportedVerbs {
  protected abstract report(thrown: unknown): void;

  hold(): Promise<void> {
    return Promise.reject(notSupportedYet('hold'));
  }

  unhold(_force: boolean): Promise<void> {
    return Promise.reject(notSupportedYet('unhold'));
  }

  updateCustomItems(_items: unknown, callback?: CustomItemsHandler): Promise<CustomItemsResult> {
    return rejectUnsupported('updateCustomItems', callback, (thrown) => this.report(thrown));
  }

  deleteCustomItems(_keys: unknown, callback?: CustomItemsHandler): Promise<CustomItemsResult> {
    return rejectUnsupported('deleteCustomItems', callback, (thrown) => this.report(thrown));
  }

  deleteAllCustomItems(callback?: CustomItemsHandler): Promise<CustomItemsResult> {
    return rejectUnsupported('deleteAllCustomItems', callback, (thrown) => this.report(thrown));
  }
}
