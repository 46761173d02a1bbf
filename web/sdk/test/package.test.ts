import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { build } from 'vite';
import { expect, test } from 'vitest';

/** What is published, as applications load it: `npm test` has built it. */
const NODE_SCRIPT = `
  if (typeof window !== 'undefined') throw new Error('there is a window');
  if (sdk.useMedia({ audio: true, video: true }) !== undefined) throw new Error('useMedia');
  sdk.addListener(1, {});
  sdk.init('APP');
  sdk.init('APP');
  sdk.deauthenticate();
  console.log(JSON.stringify([sdk.appId, sdk.default.appId, sdk.default.SoundType.DIALING, sdk.sdkVersion === sdk.default.sdkVersion]));
`;
const SHOWN = ['APP', 'APP', 'DIALING', true];

function inNode(script: string, ...flags: string[]): unknown {
  const done = execFileSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8', cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(done);
}
const root = new URL('..', import.meta.url).pathname;

test('importing it in Node, without a window, harms nothing', () => {
  expect(inNode(`const sdk = require('offhook');${NODE_SCRIPT}`)).toEqual(SHOWN);
  expect(inNode(`import * as sdk from 'offhook';${NODE_SCRIPT}`, '--input-type=module')).toEqual(SHOWN);
  expect(inNode(`import d, { init, RoomType } from 'offhook'; init('X'); console.log(JSON.stringify([d.appId, RoomType.SMALL_ROOM_FOR_VIDEO]))`, '--input-type=module')).toEqual(['X', 'small_room_for_video']);
});

test('a script tag sets the global, and the server is where the script came from', async () => {
  const asked: string[] = [];
  const page: Record<string, unknown> = {
    document: { currentScript: { src: 'https://calls.example:8443/sdk/offhook.js' }, querySelector: () => null },
    crypto, performance, setTimeout, clearTimeout, queueMicrotask, URL, AbortController, console,
    fetch: async (url: string) => {
      asked.push(url);
      throw new Error('offline');
    },
  };
  page['globalThis'] = page;
  runInNewContext(readFileSync(`${root}dist/offhook.js`, 'utf8'), page);
  const sdk = page['SendBirdCall'] as typeof import('../src/index');
  sdk.init('APP');
  await sdk.authenticate({ userId: 'a' }).catch(() => undefined);
  expect(asked).toEqual(['https://calls.example:8443/client/v1/authenticate']);
});

test('every form has the same names, and none evaluates text', () => {
  const names = (script: string, ...flags: string[]) => inNode(`${script};console.log(JSON.stringify(Object.keys(sdk).filter((name) => name !== 'default' && name !== 'module.exports').sort()))`, ...flags);
  const module = names(`import * as sdk from './dist/offhook.mjs'`, '--input-type=module');
  expect(names(`const sdk = require('./dist/offhook.common.js')`)).toEqual(module);
  expect(names(`require('vm').runInThisContext(require('fs').readFileSync('./dist/offhook.js', 'utf8')); const sdk = SendBirdCall`)).toEqual(module);
  for (const file of ['offhook.js', 'offhook.common.js', 'offhook.mjs']) {
    expect(readFileSync(`${root}dist/${file}`, 'utf8')).not.toMatch(/\beval\(|new Function\(|new Worker\(/);
  }
});

test.each([
  ['as CommonJS and as the global', []],
  ['as a module', ['--module', 'ESNext', '--moduleResolution', 'bundler']],
])('an application compiles against the built types: %s', (_, options) => {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  expect(() => execFileSync(process.execPath, [tsc, '-p', `${root}test/surface/tsconfig.dist.json`, ...options], { stdio: 'inherit' })).not.toThrow();
}, 60_000);

test('an application that imports only enumerations bundles nothing of the rest', async () => {
  const bundle = async (source: string) => {
    const done = await build({
      configFile: false,
      logLevel: 'error',
      root,
      plugins: [{ name: 'application', resolveId: (id) => (id === 'application' ? id : null), load: (id) => (id === 'application' ? source : null) }],
      build: { write: false, rolldownOptions: { input: 'application' } },
    });
    const [built] = [done].flat() as Array<{ output: Array<{ code: string }> }>;
    return built?.output[0]?.code ?? '';
  };
  const levels = await bundle("import { LoggerLevel, SoundType } from 'offhook'; console.log(LoggerLevel.INFO, SoundType);");
  expect(levels).toContain('RECONNECTED');
  expect(levels).not.toContain('RTCPeerConnection');
  expect(levels.length).toBeLessThan(600);
  // What is not used at all is not even loaded.
  expect((await bundle("import 'offhook'; import * as all from 'offhook'; console.log(7);")).trim().length).toBeLessThan(40);
  // And what is used is there.
  expect(await bundle("import { dial } from 'offhook'; console.log(dial);")).toContain('RTCPeerConnection');
}, 60_000);
