/**
 * Runs the browser tests, several files at a time: `node run.mjs [FILE…]`, else all.
 *
 * The files that mostly wait come first, so that the others run beside them; `node --test` would sort them by name.
 */

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

/** Outages of half a minute, a throttled page, a minute of grace, a minute of idleness, a ring of 50 s. */
const WAITING = ['outages.test.mjs', 'hidden-tab.test.mjs', 'ends.test.mjs', 'idle.test.mjs', 'ringing.test.mjs'];
/** What is recorded is encoded as it happens: who must wait for a processor loses pictures, as a user would. */
const ALONE = ['recording.test.mjs', 'bad-network.test.mjs'];
/** Two waiting files beside one that works; more, and browsers starve each other on two cores. */
const AT_ONCE = 3;
/** Far above what any test takes, so that it speaks of a hang and never of a slow machine. */
const TIMEOUT_MS = 300_000;

const folder = join(dirname(fileURLToPath(import.meta.url)), 'tests');

function allFiles() {
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.mjs'));
  const others = names.filter((name) => !WAITING.includes(name)).sort();
  return [...WAITING, ...others].map((name) => join(folder, name));
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named : allFiles();
const isAlone = (file) => ALONE.some((name) => file.endsWith(name));
const rounds = [
  [files.filter((file) => !isAlone(file)), AT_ONCE],
  [files.filter(isAlone), 1],
];
for (const [round, concurrency] of rounds.filter(([round]) => round.length > 0)) {
  const results = run({ files: round, concurrency, timeout: TIMEOUT_MS }).on('test:fail', () => {
    process.exitCode = 1;
  });
  await finished(results.compose(new spec()).on('data', (text) => process.stdout.write(text)));
}
