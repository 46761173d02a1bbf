import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../..', import.meta.url).pathname;

test('each test that docs/compatibility.md names exists', () => {
  const text = readFileSync(`${ROOT}docs/compatibility.md`, 'utf8');
  const named = [...text.matchAll(/`((?:web|e2e)\/[\w./-]+)` \|$/gm)].map(([, file]) => file);
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((file) => !existsSync(`${ROOT}${file}`))).toEqual([]);
});
