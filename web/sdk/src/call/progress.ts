import type { CallRole } from '../generated/CallRole';
import type { CallSnapshot } from '../generated/CallSnapshot';
import type { CallState } from '../generated/CallState';
import type { PartyMedia } from '../generated/PartyMedia';

/** What a snapshot or a party's news came to, in the order it is to be told. */
export type Happening =
  | 'dial_received'
  | 'established'
  | 'connected'
  | 'remote_audio_changed'
  | 'remote_video_changed'
  | 'remote_recording_changed'
  | 'remote_hold_changed'
  | 'ended';

/**
 * What this device knows of a call. Snapshots may come late, twice or out of order: the highest version counts, and of
 * each party's media the highest revision. Once ended, nothing changes.
 */
export class Progress {
  state: CallState = 'ringing';
  latest: CallSnapshot | undefined;
  private isDialReceived = false;
  private readonly media: Record<CallRole, PartyMedia>;

  constructor(
    private readonly myRole: CallRole,
    isVideoCall: boolean,
  ) {
    const start = { audio_enabled: true, video_enabled: isVideoCall, revision: 0 };
    this.media = { dc_caller: start, dc_callee: { ...start } };
  }

  get isEnded(): boolean {
    return this.state === 'ended';
  }

  mediaOf(role: CallRole): PartyMedia {
    return this.media[role];
  }

  apply(snapshot: CallSnapshot): Happening[] {
    if (this.isEnded) return [];
    const isFirst = !this.latest;
    const isNewer = snapshot.version > (this.latest?.version ?? 0);
    const before = this.state;
    const happenings: Happening[] = [];
    if (isNewer) {
      this.latest = snapshot;
      this.state = snapshot.state;
      if (snapshot.is_dial_received && !this.isDialReceived) {
        this.isDialReceived = true;
        if (this.myRole === 'dc_caller') happenings.push('dial_received');
      }
      const isUp = this.state === 'established' || this.state === 'connected';
      if (isUp && before === 'ringing') happenings.push('established');
      if (this.state === 'connected' && before !== 'connected') happenings.push('connected');
    }
    const remote = this.remoteRole();
    const party = remote === 'dc_caller' ? snapshot.caller : snapshot.callee;
    const changes = this.applyMedia(remote, party.media, isNewer);
    if (!isFirst) happenings.push(...changes);
    if (this.isEnded) happenings.push('ended');
    return happenings;
  }

  /** `isSameNews` takes a revision that is known already, too: accepting starts the count anew. */
  applyMedia(role: CallRole, media: PartyMedia, isSameNews = false): Happening[] {
    const known = this.media[role];
    if (role === this.myRole || media.revision < known.revision) return [];
    if (media.revision === known.revision && !isSameNews) return [];
    this.media[role] = media;
    const happenings: Happening[] = [];
    if (media.audio_enabled !== known.audio_enabled) happenings.push('remote_audio_changed');
    if (media.video_enabled !== known.video_enabled) happenings.push('remote_video_changed');
    if (!media.is_recording !== !known.is_recording) happenings.push('remote_recording_changed');
    if (!media.is_on_hold !== !known.is_on_hold) happenings.push('remote_hold_changed');
    return happenings;
  }

  /** This side's own settings: nobody else's word counts. */
  setMyMedia(media: PartyMedia): void {
    this.media[this.myRole] = media;
  }

  /** Ends here what the server was not, or will not be, heard about. */
  endHere(): boolean {
    if (this.isEnded) return false;
    this.state = 'ended';
    return true;
  }

  private remoteRole(): CallRole {
    return this.myRole === 'dc_caller' ? 'dc_callee' : 'dc_caller';
  }
}
