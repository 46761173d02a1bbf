import { afterEach, expect, test } from 'vitest';
import { rememberScript, resolveHosts } from './hosts';

const page = globalThis as { OFFHOOK_HOST?: string; document?: unknown };
afterEach(() => {
  delete page.OFFHOOK_HOST;
  delete page.document;
});

test.each([
  ['calls.example', 'https://calls.example', 'wss://calls.example'],
  ['calls.example:8443/', 'https://calls.example:8443', 'wss://calls.example:8443'],
  ['http://calls.example', 'http://calls.example', 'ws://calls.example'],
  ['wss://calls.example/', 'https://calls.example', 'wss://calls.example'],
  ['https://calls.example/behind/', 'https://calls.example/behind', 'wss://calls.example/behind'],
  ['localhost:7880', 'http://localhost:7880', 'ws://localhost:7880'],
  ['127.0.0.1:7880', 'http://127.0.0.1:7880', 'ws://127.0.0.1:7880'],
  ['[::1]:7880', 'http://[::1]:7880', 'ws://[::1]:7880'],
  ['https://localhost', 'https://localhost', 'wss://localhost'],
  ['localhost.example', 'https://localhost.example', 'wss://localhost.example'],
])('%s is understood', (host, api, socket) => {
  expect(resolveHosts(host)).toEqual({ api, socket });
});

test('the socket may be elsewhere', () => {
  expect(resolveHosts('api.example', 'ws://socket.example')).toEqual({ api: 'https://api.example', socket: 'ws://socket.example' });
});

test.each(['https://', 'not a host', ':'])('"%s" is refused', (host) => {
  expect(() => resolveHosts(host)).toThrow('is not a host');
});

test('without arguments the meta element counts, then the global, then the script, and else it is an error', () => {

  expect(() => resolveHosts()).toThrow('No server is known');
  // In a bundle the address is that of the application's own file.
  rememberScript('https://app.example/assets/index-4f2a.js', /\/offhook\.mjs$/);
  rememberScript('file:///app/offhook.mjs', /\/offhook\.mjs$/);
  expect(() => resolveHosts()).toThrow('No server is known');
  rememberScript('https://script.example/sdk/offhook.mjs', /\/offhook\.mjs$/);
  expect(resolveHosts().api).toBe('https://script.example');
  page.OFFHOOK_HOST = 'global.example';
  expect(resolveHosts().api).toBe('https://global.example');
  page.document = { querySelector: () => ({ getAttribute: () => ' meta.example ' }) };
  expect(resolveHosts().api).toBe('https://meta.example');
  expect(resolveHosts('argument.example').api).toBe('https://argument.example');
});
