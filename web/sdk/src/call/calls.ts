import type { CallSnapshot } from '../generated/CallSnapshot';
import type { ServerMessage } from '../generated/ServerMessage';
import { Party } from '../session/user';
import { Call } from './direct-call';
import type { CallHost } from './host';

/** The most ended calls that `getCall` still finds. */
const MAX_ENDED = 100;

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Pushed = Extract<ServerMessage, { type: 'call' | 'party_media' | 'signal' }>;

/** Every call of this page, and where the server's news about each goes. */
export class Calls {
  private readonly calls = new Map<string, Call>();

  constructor(
    private readonly host: CallHost,
    /** A call rings here. Says whether the application has been told. */
    private readonly ring: (call: Call) => boolean,
  ) {}

  add(call: Call): void {
    this.calls.set(call.callId, call);
  }

  get(callId: string): Call | undefined {
    return this.calls.get(callId);
  }

  ongoing(): Call[] {
    return [...this.calls.values()].filter((call) => call.isOngoing);
  }

  /** What the hello names, the calls that this device carries first: however many ring, none of these may be cut off. */
  known(): string[] {
    const ongoing = this.ongoing();
    const carried = ongoing.filter((call) => call.isCarried);
    return [...carried, ...ongoing.filter((call) => !call.isCarried)].map((call) => call.callId);
  }

  handleWelcome(welcome: Welcome): void {
    for (const snapshot of welcome.calls) this.handleSnapshot(snapshot, true);
    for (const callId of welcome.unknown_calls) this.calls.get(callId)?.handleUnknown();
  }

  /** Looks at a call that the application has heard of another way; it rings if it is new here. */
  async look(callId: string): Promise<void> {
    if (!this.calls.has(callId)) this.handleSnapshot(await this.host.request({ type: 'read', call_id: callId }), true);
  }

  handleResumed(): void {
    for (const call of this.ongoing()) call.handleResumed();
  }

  handleMessage(message: Pushed): void {
    switch (message.type) {
      case 'call':
        return this.handleSnapshot(message.call, false);
      case 'party_media':
        return this.calls.get(message.call_id)?.handlePartyMedia(message.role, message.media);
      case 'signal':
        return this.calls.get(message.call_id)?.handleSignal(message.from_device, message.body);
    }
  }

  /** A call is over: the oldest of those are forgotten. */
  handleEnded(): void {
    const ended = [...this.calls.values()].filter((call) => call.isEnded);
    for (const call of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.calls.delete(call.callId);
  }

  clear(): void {
    this.calls.clear();
  }

  private handleSnapshot(snapshot: CallSnapshot, isLate: boolean): void {
    const known = this.calls.get(snapshot.call_id);
    if (known) {
      if (isLate && known.isEnded && snapshot.state !== 'ended') known.handleStillAlive();
      return known.handleSnapshot(snapshot);
    }
    if (snapshot.state !== 'ringing' || snapshot.role !== 'dc_callee') return;
    const call = new Call(this.host, {
      callId: snapshot.call_id,
      role: snapshot.role,
      isVideoCall: snapshot.is_video_call,
      caller: new Party(snapshot.caller, 'dc_caller'),
      callee: new Party(snapshot.callee, 'dc_callee'),
      customItems: snapshot.custom_items,
    });
    this.add(call);
    call.handleRing(snapshot, isLate);
    this.host.events.push(() => {
      if (this.ring(call) && !call.isEnded) {
        this.host
          .request({ type: 'ringing', call_id: call.callId })
          .then((answer) => call.handleSnapshot(answer))
          .catch(() => this.host.logger.info('The caller was not told of the ring.'));
      }
      call.introduce();
    });
  }
}
