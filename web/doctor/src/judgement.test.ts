import { expect, test } from 'vitest';

import { LOCKED, NO_RELAY, absent, judgeDevices, judgePage, judgeSocket, judgeStun, judgeTurn, verdict } from './judgement';

const WAY = { transport: 'udp', host: 'relay.example.org', port: 3478 } as const;

test('a page is secure over HTTPS, and on the machine itself', () => {
  expect(judgePage({ isSecure: true, isHttps: true }).outcome).toBe('ok');
  expect(judgePage({ isSecure: true, isHttps: false }).says).toContain('this machine');
  expect(judgePage({ isSecure: false, isHttps: false })).toMatchObject({ outcome: 'failed', wayOut: expect.stringContaining('[tls]') });
  expect(judgePage({ isSecure: false, isHttps: true }).outcome).toBe('failed');
});

test('a WebSocket that does not open is the fault of a proxy', () => {
  expect(judgeSocket({ isOpen: true, tookMs: 12 })).toMatchObject({ outcome: 'ok', tookMs: 12 });
  expect(judgeSocket({ isOpen: false, tookMs: 5000 }).wayOut).toContain('/client/v1/socket');
});

test.each([
  [{ canAsk: true, microphones: 1, cameras: 2, refused: [] }, 'ok', '1 microphone and 2 cameras.'],
  [{ canAsk: true, microphones: 2, cameras: 0, refused: [] }, 'ok', '2 microphones, no camera: calls go on with sound.'],
  [{ canAsk: true, microphones: 0, cameras: 1, refused: [] }, 'warning', 'No microphone was found.'],
  [{ canAsk: true, microphones: 0, cameras: 0, refused: [] }, 'warning', 'No microphone was found, and no camera.'],
  [{ canAsk: true, microphones: 1, cameras: 1, refused: ['camera'] }, 'warning', 'This page may not use the camera: somebody said no.'],
  [{ canAsk: false, microphones: 0, cameras: 0, refused: [] }, 'failed', 'The browser gives this page no devices at all.'],
] as const)('of devices %o it says %s', (facts, outcome, says) => {
  expect(judgeDevices(facts)).toMatchObject({ outcome, says });
});

test('STUN shows the outside address, or says that there is no other, or that no answer came', () => {
  const facts = { outside: ['203.0.113.7'], hasFailed: false, tookMs: 20 };
  expect(judgeStun(facts, WAY)).toMatchObject({ outcome: 'ok', says: expect.stringContaining('203.0.113.7') });
  expect(judgeStun({ ...facts, outside: [] }, WAY).says).toContain('no address translation');
  expect(judgeStun({ ...facts, outside: [], hasFailed: true }, WAY)).toMatchObject({
    outcome: 'warning',
    wayOut: expect.stringContaining('UDP to port 3478'),
  });
});

test('a relay works when data came back, and each failure has its own way out', () => {
  const facts = { hasAddress: true, errors: [], isEchoed: true, tookMs: 80 };
  expect(judgeTurn(facts, WAY)).toMatchObject({ outcome: 'ok', tookMs: 80 });
  expect(judgeTurn({ ...facts, isEchoed: false }, WAY).wayOut).toContain('relay.external_addresses');
  const failed = { ...facts, hasAddress: false, isEchoed: false };
  expect(judgeTurn(failed, WAY).says).toBe('UDP to port 3478 of relay.example.org does not get through.');
  expect(judgeTurn({ ...failed, errors: [{ code: 701, text: 'timed out' }] }, { ...WAY, transport: 'tcp' }).says).toContain(
    'TCP to port 3478',
  );
  expect(judgeTurn(failed, { ...WAY, transport: 'tls', port: 443 }).wayOut).toContain('certificate is good for relay.example.org');
  const refused = (code: number) => judgeTurn({ ...failed, errors: [{ code: 701, text: '' }, { code, text: 'No' }] }, WAY);
  expect(refused(401)).toMatchObject({ says: 'The relay refuses: 401 No.', wayOut: expect.stringContaining('relay.secret') });
  expect(refused(508).wayOut).toContain('full');
  expect(refused(500).wayOut).toContain('log');
});

test('what it all comes to is about calls', () => {
  const ok = { outcome: 'ok', says: '' } as const;
  const failed = { outcome: 'failed', says: '' } as const;
  expect(verdict([ok, ok], [ok, absent('tls')])).toBe('Calls connect from here.');
  expect(verdict([ok, failed], [ok, failed])).toBe('Calls connect from here, but not everything works.');
  expect(verdict([ok, failed], [failed, failed])).toBe('Calls may not connect from here.');
  expect(verdict([ok, NO_RELAY], [NO_RELAY])).toBe('Calls connect only where networks see each other.');
  expect(verdict([ok, LOCKED], [LOCKED])).toBe('The relay was not tested.');
  expect(verdict([failed, LOCKED], [LOCKED])).toBe('Something stands in the way of calls.');
});
