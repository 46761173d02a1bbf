import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle, snapshot, World } from '../../test/world';
import { DirectCallEndResult, DirectCallUserRole, ErrorCode } from '../enums';
import type { DirectCallLogListQueryParams } from '../surface';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const codeOf = (work: Promise<unknown>) => work.then(() => 'no error', (error) => error.code);

/** What the server is asked for. */
async function asked(params?: DirectCallLogListQueryParams): Promise<Record<string, string>> {
  const world = await World.connected();
  void world.client.createLogQuery(params).next();
  await settle();
  return Object.fromEntries(new URL(world.browser.fetched.at(-1)?.url ?? '').searchParams);
}

const last90Days = { started_from: String(NOW - 90 * DAY) };

test.each<[string, DirectCallLogListQueryParams, object]>([
  ['no bound: the last 90 days', {}, last90Days],
  ['a start long ago: 90 days from it', { startedAt: NOW - 200 * DAY }, { started_from: String(NOW - 200 * DAY), started_to: String(NOW - 110 * DAY) }],
  ['a recent start: until now, whatever clock says so', { startedAt: NOW - 5 * DAY }, { started_from: String(NOW - 5 * DAY) }],
  ['an end: 90 days before it', { endedAt: NOW - DAY }, { started_from: String(NOW - 91 * DAY), started_to: String(NOW - DAY) }],
  ['both: as they are', { startedAt: 7, endedAt: NOW + DAY }, { started_from: '7', started_to: String(NOW + DAY) }],
  ['an early end: not before time began', { endedAt: DAY }, { started_from: '0', started_to: String(DAY) }],
  ['null is none', { startedAt: null, endedAt: null } as never, last90Days],
  ['a Date is a time', { startedAt: new Date(7) as never, endedAt: 9.5 }, { started_from: '7', started_to: '9' }],
])('%s', async (_, params, bounds) => {
  expect(await asked(params)).toEqual({ limit: '10', ...bounds });
});

test.each<[DirectCallLogListQueryParams, object]>([
  [{ limit: 1 }, { limit: '1' }],
  [{ limit: 100 }, { limit: '100' }],
  [{ limit: 0 }, { limit: '1' }],
  [{ limit: 1000 }, { limit: '100' }],
  [{ limit: Number.NaN }, { limit: '10' }],
  [{ myRole: DirectCallUserRole.CALLEE }, { role: 'dc_callee' }],
  [{ myRole: 'DC_CALLER' as never }, { role: 'dc_caller' }],
  [{ endResults: [] }, {}],
  [{ endResults: ['DECLINED' as never, DirectCallEndResult.NO_ANSWER] }, { end_results: 'declined,no_answer' }],
  [{ endResults: [DirectCallEndResult.DIAL_FAILED, DirectCallEndResult.COMPLETED] }, { end_results: 'completed' }],
])('%j asks for %j', async (params, query) => {
  expect(await asked(params)).toEqual({ limit: '10', ...last90Days, ...query });
});

test('results that no log has find nothing, rather than everything', async () => {
  const world = await World.connected();
  const requests = world.browser.fetched.length;
  const query = world.client.createLogQuery({ endResults: [DirectCallEndResult.DIAL_FAILED] });
  expect(await query.next()).toEqual([]);
  expect(world.browser.fetched).toHaveLength(requests);
});

test.each<[unknown, number]>([
  [{ startedAt: 'yesterday' }, ErrorCode.INVALID_PARAMETER_TYPE],
  [{ endResults: 'declined' }, ErrorCode.INVALID_PARAMETER_TYPE],
  [{ endResults: ['busy'] }, ErrorCode.INVALID_PARAMETER_VALUE],
  [{ myRole: 'callee' }, ErrorCode.INVALID_PARAMETER_VALUE],
])('%j is refused at once', async (params, code) => {
  const world = await World.connected();
  expect(() => world.client.createLogQuery(params as never)).toThrow(expect.objectContaining({ code }));
});

test('pages follow each other, one at a time; after the last there is nothing', async () => {
  const world = await World.connected();
  const query = world.client.createLogQuery({ limit: 2 });
  expect([query.hasNext, query.isLoading]).toEqual([true, false]);
  const heard: unknown[] = [];
  const first = query.next((logs, error) => heard.push(logs?.length, error));
  expect(query.isLoading).toBe(true);
  expect(await codeOf(query.next())).toBe(ErrorCode.ERR_QUERY_IN_PROGRESS);
  await settle();
  const { caller, callee } = snapshot({});
  const entry = {
    call_id: 'x', user_role: 'dc_callee', is_video_call: true, caller, callee, started_at: 1, ended_at: 2,
    duration_ms: 3, end_result: 'declined', ended_by: 'dc_callee', custom_items: { a: 'b' },
  };
  const { ended_by: _, ...timedOut } = entry;
  world.browser.fetched.at(-1)?.answer({ calls: [entry, { ...timedOut, end_result: 'no_answer' }], next: 'more' });
  const [declined, unanswered] = await first;
  expect(declined).toMatchObject({
    callId: 'x', userRole: 'dc_callee', isVideoCall: true, duration: 3, endResult: 'declined', isFromServer: true,
    startedAt: new Date(1), endedAt: new Date(2), endedBy: { userId: 'bob', role: 'dc_callee' },
    caller: { userId: 'alice', role: 'dc_caller' }, callee: { userId: 'bob' }, customItems: { a: 'b' },
  });
  expect(unanswered?.endedBy).toBeNull();
  expect(heard).toEqual([2, undefined]);
  expect([query.hasNext, query.isLoading]).toEqual([true, false]);

  const failing = query.next();
  await settle();
  expect(world.browser.fetched.at(-1)?.url).toContain('next=more');
  world.browser.fetched.at(-1)?.fail();
  expect(await codeOf(failing)).toBe(ErrorCode.ERR_REQUEST_FAILED);
  expect([query.hasNext, query.isLoading]).toEqual([true, false]);

  const second = query.next();
  await settle();
  world.browser.fetched.at(-1)?.answer({ calls: [] });
  expect(await second).toEqual([]);
  expect(query.hasNext).toBe(false);
  const requests = world.browser.fetched.length;
  expect(await query.next()).toEqual([]);
  expect(world.browser.fetched).toHaveLength(requests);
});
