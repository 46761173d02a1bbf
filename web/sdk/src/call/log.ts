import type { DirectCallEndResult } from '../enums';
import type { CallLogEntry } from '../generated/CallLogEntry';
import { Party } from '../session/user';
import type { CustomItems, DirectCallLog, DirectCallUser } from '../surface';

type Fields = { -readonly [K in keyof DirectCallLog]: DirectCallLog[K] };

/** An entry of the call log: of the server, or of a call that ended on this page. */
export class LogEntry implements DirectCallLog {
  readonly callId!: string;
  readonly userRole!: DirectCallLog['userRole'];
  readonly caller!: DirectCallUser;
  readonly callee!: DirectCallUser;
  readonly startedAt!: Date;
  readonly endedAt!: Date;
  readonly endedBy!: DirectCallUser;
  readonly duration!: number;
  readonly endResult!: DirectCallEndResult;
  readonly isVideoCall!: boolean;
  readonly customItems!: CustomItems;
  readonly isFromServer!: boolean;

  constructor(fields: Fields) {
    Object.assign(this, fields);
  }

  static fromServer(entry: CallLogEntry): LogEntry {
    const caller = new Party(entry.caller, 'dc_caller');
    const callee = new Party(entry.callee, 'dc_callee');
    return new LogEntry({
      callId: entry.call_id,
      userRole: entry.user_role,
      caller,
      callee,
      startedAt: new Date(entry.started_at),
      endedAt: new Date(entry.ended_at),
      endedBy: (entry.ended_by === undefined ? null : entry.ended_by === 'dc_caller' ? caller : callee) as DirectCallUser,
      duration: entry.duration_ms,
      endResult: entry.end_result,
      isVideoCall: entry.is_video_call,
      customItems: { ...entry.custom_items },
      isFromServer: true,
    });
  }
}
