import { ErrorCode } from '../enums';
import { CallError, settle } from '../errors';
import type { CallLogPage } from '../generated/CallLogPage';
import type { CallLogRequest } from '../signal/http';
import type {
  DirectCallLog,
  DirectCallLogListQuery,
  DirectCallLogListQueryParams,
  DirectCallLogListQueryResultHandler,
} from '../surface';
import { LogEntry } from './log';

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 100;

/** Reads the call log page by page, newest first. */
export class LogQuery implements DirectCallLogListQuery {
  isLoading = false;
  hasNext = true;
  private readonly request: CallLogRequest;

  constructor(
    params: DirectCallLogListQueryParams | null | undefined,
    private readonly read: (request: CallLogRequest) => Promise<CallLogPage>,
    private readonly report: (thrown: unknown) => void,
  ) {
    const { myRole, endResults, startedAt, endedAt, limit } = params ?? {};
    this.request = {
      limit: Number.isFinite(limit) ? Math.min(MAX_LIMIT, Math.max(1, Math.round(limit ?? DEFAULT_LIMIT))) : DEFAULT_LIMIT,
      // Applications write DECLINED as well as declined.
      endResults: (endResults ?? []).map((result) => String(result).toLowerCase()),
      ...(myRole ? { role: myRole } : {}),
      ...(startedAt === undefined ? {} : { startedFrom: Number(startedAt) }),
      ...(endedAt === undefined ? {} : { startedTo: Number(endedAt) }),
    };
    this.next = this.next.bind(this);
  }

  next(callback?: DirectCallLogListQueryResultHandler): Promise<DirectCallLog[]> {
    return settle(this.load(), callback, this.report);
  }

  private async load(): Promise<DirectCallLog[]> {
    if (this.isLoading) throw new CallError(ErrorCode.ERR_QUERY_IN_PROGRESS, 'The previous page is still being loaded.');
    if (!this.hasNext) return [];
    this.isLoading = true;
    try {
      const page = await this.read(this.request);
      this.hasNext = page.next !== undefined;
      if (page.next !== undefined) this.request.next = page.next;
      return page.calls.map((entry) => LogEntry.fromServer(entry));
    } finally {
      this.isLoading = false;
    }
  }
}
