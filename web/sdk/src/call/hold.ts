import { ErrorCode } from '../enums';
import { CallError } from '../errors';
import type { DirectCall } from '../surface';
import { MediaVerbs } from './media-verbs';

/** Numbers of the published SDKs that the enumeration of this one does not name. */
const ALREADY_ON_HOLD = 1800801;
const NOT_ON_HOLD = 1800802;
const ANOTHER_CALL_IN_PROGRESS = 1800803;

/**
 * A call is held by either side, or by both, and each takes back only its own hold. Who holds sends nothing, keeps no
 * device open for this call, and hears nothing of it; other calls go on untouched.
 */
export abstract class HoldVerbs extends MediaVerbs {
  async hold(): Promise<void> {
    if (this.progress.state !== 'connected') throw notConnectedYet('hold');
    if (this.isHeldHere) throw new CallError(ALREADY_ON_HOLD, 'hold: this side holds the call already.');
    await this.setHold(true);
  }

  async unhold(force: boolean): Promise<void> {
    if (this.isEnded) throw notConnectedYet('unhold');
    if (!this.isHeldHere) throw new CallError(NOT_ON_HOLD, 'unhold: this side does not hold the call.');
    if (!force && this.activeOthers().length > 0) {
      throw new CallError(ANOTHER_CALL_IN_PROGRESS, 'unhold: another call is in progress; unhold(true) puts it on hold.');
    }
    await Promise.all([this.holdOthers(), this.setHold(false)]);
  }

  /** Puts on hold whatever else is talked on here. */
  async holdOthers(): Promise<void> {
    // One that ends meanwhile is out of the way, too.
    await Promise.allSettled(this.activeOthers().map((call) => call.setHold(true)));
  }

  protected get isHeldHere(): boolean {
    return this.progress.mediaOf(this.myRole).is_on_hold ?? false;
  }

  private activeOthers(): HoldVerbs[] {
    return this.host.ongoing().filter((call) => call !== this && call.isActive);
  }

  /** Whether it is talked on here: not one that rings or is being ended, and none that is held. */
  private get isActive(): boolean {
    return this.media.isCarried && !this.media.isClosed && this.progress.state !== 'ringing' && !this.isHeldHere;
  }

  /** Holds at once. Where the server cannot be told now, it is after a reconnect. */
  private async setHold(isHeld: boolean): Promise<void> {
    const announced = this.announceDoing({ is_on_hold: isHeld });
    this.media.setHold(isHeld);
    this.media.setListening(!this.isOnHold);
    this.tell(() => this.onUserHoldStatusChanged?.(this as unknown as DirectCall, true, isHeld));
    try {
      await announced;
    } catch (thrown) {
      if (this.isEnded) throw thrown;
      this.host.logger.warn('Told after a reconnect: the hold.');
    }
  }
}

function notConnectedYet(verb: string): CallError {
  return new CallError(ErrorCode.ERR_INVALID_CALL_STATUS, `${verb}: the call is not connected.`);
}
