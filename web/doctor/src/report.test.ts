import { expect, test } from 'vitest';

import type { CheckName, Result } from './check';
import { report, seconds } from './report';

test('a report says everything once, in the order of the page', () => {
  const results = new Map<CheckName, Result>([
    ['udp', { outcome: 'ok', says: 'Data came back.', tookMs: 81.4 }],
    ['page', { outcome: 'failed', says: 'No HTTPS.', wayOut: 'Serve it over HTTPS.' }],
  ]);
  const at = new Date('2026-01-02T03:04:05Z');
  expect(report(results, { verdict: 'Calls connect.', page: 'https://a.example/doctor', browser: 'A', at })).toBe(
    `Offhook: can calls connect from here? Calls connect.

This browser
  [Fails] Secure page: No HTTPS.
      What to do: Serve it over HTTPS.

Its network
  [Works] Relay over UDP: Data came back. (81 ms)

Page     https://a.example/doctor
Browser  A
Time     2026-01-02T03:04:05.000Z`,
  );
});

test.each([
  [4.6, '5 ms'],
  [999, '999 ms'],
  [1234, '1.2 s'],
])('%d milliseconds are written %s', (milliseconds, expected) => {
  expect(seconds(milliseconds)).toBe(expected);
});
