import { DirectCallEndResult, DirectCallUserRole, ErrorCode } from '../enums';
import { CallError, invalidType, invalidValue, settle } from '../errors';
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
/** A query reaches no further than this from its only bound, or from now. */
const SPAN_MS = 90 * 24 * 3_600_000;
/** Only the page on which a call failed knows these, or the device that another one overtook: no log has them. */
const NEVER_LOGGED = ['dial_failed', 'accept_failed', 'other_device_accepted', 'unknown'];

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
    const results = endResults ? wordsOf(endResults) : [];
    const logged = results.filter((result) => !NEVER_LOGGED.includes(result));
    if (logged.length < results.length && logged.length === 0) this.hasNext = false;
    this.request = {
      limit: Number.isFinite(limit) ? Math.min(MAX_LIMIT, Math.max(1, Math.round(limit ?? DEFAULT_LIMIT))) : DEFAULT_LIMIT,
      endResults: logged,
      ...(myRole ? { role: wordOf(DirectCallUserRole, myRole) } : {}),
      ...spanOf(timeOf(startedAt), timeOf(endedAt), Date.now()),
    };
    this.next = this.next.bind(this);
  }

  next(callback?: DirectCallLogListQueryResultHandler): Promise<DirectCallLog[]> {
    return settle(this.load(), callback, this.report);
  }

  private async load(): Promise<DirectCallLog[]> {
    if (this.isLoading) throw new CallError(ErrorCode.ERR_QUERY_IN_PROGRESS);
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

/** Both bounds are included. What lies ahead is left open: the server's clock may be ahead of this one. */
function spanOf(from: number | undefined, to: number | undefined, now: number): Pick<CallLogRequest, 'startedFrom' | 'startedTo'> {
  const startedFrom = Math.max(0, from ?? (to ?? now) - SPAN_MS);
  const end = to ?? (from === undefined ? now : from + SPAN_MS);
  return end < now || to !== undefined ? { startedFrom, startedTo: Math.max(0, end) } : { startedFrom };
}

function timeOf(at: number | undefined): number | undefined {
  if (at === undefined || at === null) return undefined;
  if (!Number.isFinite(Number(at))) throw invalidType('startedAt and endedAt must be milliseconds.');
  return Math.trunc(Number(at));
}

function wordsOf(results: unknown): string[] {
  if (!Array.isArray(results)) throw invalidType('endResults must be a list.');
  return results.map((result) => wordOf(DirectCallEndResult, result));
}

/** Applications write DECLINED as well as declined. */
function wordOf(words: Record<string, string>, word: unknown): string {
  const found = Object.values(words).find((known) => known === String(word).toLowerCase());
  if (!found) throw invalidValue(`The call log knows no ${word}.`);
  return found;
}
