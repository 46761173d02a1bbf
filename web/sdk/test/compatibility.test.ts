import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../..', import.meta.url).pathname;

/** What the last column of each row says. */
const cells = readFileSync(`${ROOT}docs/compatibility.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| name |'))
  .map((line) => line.split(' | ').at(-1)?.replace(/ \|$/, '') ?? '');

test('each row of docs/compatibility.md names its test, and each test that it names exists', () => {
  expect(cells.length).toBeGreaterThan(60);
  expect(cells.filter((cell) => !/^`(web|e2e|crates)\/[\w./-]+`(, `(web|e2e|crates)\/[\w./-]+`)*$/.test(cell))).toEqual([]);
  const named = cells.flatMap((cell) => cell.replaceAll('`', '').split(', '));
  expect(named.filter((file) => !existsSync(`${ROOT}${file}`))).toEqual([]);
});
