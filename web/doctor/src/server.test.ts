import { expect, test } from 'vitest';

import { wayOf } from './server';

test.each([
  ['stun:a.example:3478', { transport: 'udp', host: 'a.example', port: 3478 }],
  ['turn:a.example?transport=udp', { transport: 'udp', host: 'a.example', port: 3478 }],
  ['turn:a.example:80?transport=tcp', { transport: 'tcp', host: 'a.example', port: 80 }],
  ['turns:a.example:443?transport=tcp', { transport: 'tls', host: 'a.example', port: 443 }],
  ['turns:a.example', { transport: 'tls', host: 'a.example', port: 5349 }],
  ['turn:[2001:db8::1]:3478', { transport: 'udp', host: '[2001:db8::1]', port: 3478 }],
  ['https://a.example', null],
  ['turn:', null],
])('%s leads to %o', (url, expected) => {
  expect(wayOf(url)).toEqual(expected);
});
