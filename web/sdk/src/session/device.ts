import type { Platform } from '../platform';
import { uuid } from '../random';

const KEY = 'offhook.device';

/**
 * Which device this page is. The id outlives a reload; the page id does not. A duplicated tab copies the id, is told
 * that it is in use, and draws another.
 */
export class Device {
  readonly pageId: string;
  private current: string;

  constructor(private readonly platform: Platform) {
    this.pageId = uuid(platform);
    this.current = this.stored() ?? this.draw();
  }

  get id(): string {
    return this.current;
  }

  /** Becomes another device. */
  renew(): void {
    this.current = this.draw();
  }

  private stored(): string | undefined {
    try {
      const id = this.platform.storage()?.getItem(KEY);
      return id && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : undefined;
    } catch {
      return undefined;
    }
  }

  private draw(): string {
    const id = uuid(this.platform);
    try {
      this.platform.storage()?.setItem(KEY, id);
    } catch {
      // Storage is refused or full: the id lives as long as the page.
    }
    return id;
  }
}
