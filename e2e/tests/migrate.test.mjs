/** Every way of docs/migrate.md, with the very text that stands there: built, served, and called with. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { ROOT } from '../server.mjs';
import { startSite } from '../site.mjs';
import { snippetsOf } from '../snippets.mjs';
import { Stage } from '../stage.mjs';

const SDK = join(ROOT, 'web', 'sdk');
const TARBALL = 'offhook-0.1.0.tgz';
const snippet = snippetsOf('migrate.md');

let stage;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'offhook-migrate-'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: SDK });
  stage = await Stage.set();
});
after(async () => {
  await stage?.strike();
  rmSync(folder, { recursive: true, force: true });
});

/** An example, for the server of this test. */
function example(name) {
  return snippet(name)
    .replaceAll('APP_ID', stage.server.ready.app_id)
    .replaceAll('https://calls.example.org', stage.server.url)
    .replaceAll('calls.example.org', stage.server.ready.http);
}

/** A folder with these files in it and the packed SDK beside them, and what its package.json names installed. */
function project(name, files) {
  const place = join(folder, name);
  mkdirSync(place);
  cpSync(join(folder, TARBALL), join(place, TARBALL));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(place, file, '..'), { recursive: true });
    writeFileSync(join(place, file), text);
  }
  // Offline: the package of that name on the registry is another's.
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent'], { cwd: place });
  return place;
}

/** What a page of vite's is made of. */
async function buildWithVite(place) {
  const { build } = await import(pathToFileURL(createRequire(join(SDK, 'package.json')).resolve('vite')));
  await build({ root: place, logLevel: 'warn', build: { rolldownOptions: { output: { entryFileNames: 'app.js' } } } });
  return readFileSync(join(place, 'dist', 'app.js'), 'utf8');
}

async function buildWithWebpack(place) {
  const require = createRequire(import.meta.url);
  const configuration = require(join(place, 'webpack.config.cjs'));
  const stats = await new Promise((resolve, reject) => {
    require('webpack')({ ...configuration, context: place, output: { ...configuration.output, path: join(place, 'dist') } }, (error, done) =>
      error ? reject(error) : resolve(done),
    );
  });
  assert.ok(!stats.hasErrors(), stats.toString());
  return readFileSync(join(place, 'dist', 'app.js'), 'utf8');
}

/** Serves a page with its script, opens it as two users, and has one call the other. */
async function callWith(t, { html, script = '', browsers = ['chromium', 'firefox'], dial = (page) => page.click('#dial') }) {
  const site = await startSite(stage.server.url, { '/app.html': html, '/app.js': ['text/javascript; charset=utf-8', script] });
  t.after(() => site.stop());
  const [alice, bob] = await Promise.all([stage.user('alice'), stage.user('bob')]);
  const open = async (browser, me, other) => {
    const page = await (await stage.browser(browser)).newPage();
    t.after(() => page.close());
    page.on('pageerror', (error) => assert.fail(String(error)));
    const query = new URLSearchParams({ id: me.userId, token: me.accessToken, callee: other.userId });
    await page.goto(`${site.url}/app.html?${query}`);
    await page.waitForFunction(() => document.title === 'ready');
    return page;
  };
  const pages = await Promise.all([open(browsers[0], alice, bob), open(browsers[1], bob, alice)]);
  await dial(pages[0], bob.userId);
  await Promise.all(pages.map((page) => page.waitForFunction(() => document.title === 'connected')));
}

const BOTH_WAYS = [['chromium', 'firefox'], ['firefox', 'chromium']];

test('a script tag: the global is there, and the server is where the script came from', async (t) => {
  for (const browsers of BOTH_WAYS) {
    await callWith(t, {
      html: example('script-tag.html'),
      browsers,
      dial: (page, callee) =>
        page.evaluate((userId) => {
          const call = window.SendBirdCall.dial({ userId, isVideoCall: false, callOption: {} });
          call.onConnected = () => (document.title = 'connected');
        }, callee),
    });
  }
});

test('an import map gives an application without a bundler ours', async (t) => {
  for (const browsers of BOTH_WAYS) {
    await callWith(t, { html: example('import-map.html'), script: example('app.js'), browsers });
  }
});

test('an npm alias, bundled with vite', async (t) => {
  const place = project('alias', {
    'package.json': snippet('package.json'),
    'index.html': example('index.html'),
    'app.js': example('app.js'),
  });
  await callWith(t, { html: example('index.html'), script: await buildWithVite(place) });
});

test('an alias of vite', async (t) => {
  const place = project('vite', {
    'package.json': snippet('package.json').replace('"sendbird-calls"', '"offhook"'),
    'vite.config.mjs': snippet('vite.config.mjs'),
    'index.html': example('index.html'),
    'app.js': example('app.js'),
  });
  await callWith(t, { html: example('index.html'), script: await buildWithVite(place) });
});

test('an alias of webpack', async (t) => {
  const place = project('webpack', {
    'package.json': snippet('package.json').replace('"sendbird-calls"', '"offhook"'),
    'webpack.config.cjs': snippet('webpack.config.cjs'),
    'app.js': example('app.js'),
  });
  await callWith(t, { html: example('index.html'), script: await buildWithWebpack(place) });
});

test('an override gives ours to a library that depends on the published package', () => {
  const library = join(folder, 'call-buttons');
  mkdirSync(library);
  writeFileSync(join(library, 'package.json'), '{"name": "call-buttons", "version": "1.0.0", "dependencies": {"sendbird-calls": "^1.10.0"}}');
  writeFileSync(join(library, 'index.js'), "module.exports = require('sendbird-calls');");
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: library });
  const place = project('override', {
    'package.json': snippet('package.json with a library'),
    'call-buttons-1.0.0.tgz': readFileSync(join(folder, 'call-buttons-1.0.0.tgz')),
  });
  const shown = execFileSync(
    process.execPath,
    ['-p', "[require('call-buttons').sdkVersion, require('call-buttons') === require('sendbird-calls')].join()"],
    { cwd: place, encoding: 'utf8' },
  );
  assert.equal(shown.trim(), '0.1.0,true');
});

test('TypeScript finds the types under the alias', () => {
  const place = project('types', { 'package.json': snippet('package.json'), 'app.ts': snippet('app.ts') });
  const tsc = join(SDK, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', 'app.ts'];
  execFileSync(process.execPath, [tsc, ...options], { cwd: place, stdio: ['ignore', 'inherit', 'inherit'] });
  // And would notice if they were not there.
  writeFileSync(join(place, 'wrong.ts'), "import SendBirdCall from 'sendbird-calls';\nSendBirdCall.dial(7);\n");
  const wrong = [...options.slice(0, -1), 'wrong.ts'];
  assert.throws(() => execFileSync(process.execPath, [tsc, ...wrong], { cwd: place, stdio: 'pipe' }), /Command failed/);
});
