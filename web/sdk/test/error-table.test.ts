import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ErrorCode } from '../src/enums';

const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const [ofTheServer = '', ofTheSdks = ''] = text.split('## Codes of the SDKs');
const codesIn = (part: string) => [...part.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
const published = Object.values(ErrorCode).filter((code): code is ErrorCode => typeof code === 'number');

test('docs/errors.md says of each code of the SDK, once, when it is met', () => {
  const [table = '', beyond = ''] = ofTheSdks.split('Beyond the published ones');
  expect(codesIn(table)).toEqual(published.filter((code) => code >= 1_800_000).sort());
  expect(codesIn(beyond)).toEqual([1_800_801, 1_800_802, 1_800_803]);
});

test('the codes that the SDK names of the server are in the table of the server', () => {
  const named = published.filter((code) => code < 1_800_000);
  expect(named).toContain(1_400_105);
  expect(codesIn(ofTheServer)).toEqual(expect.arrayContaining(named));
});
