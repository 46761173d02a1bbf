import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoggerLevel } from './enums';
import { Logger } from './logger';

const written: string[] = [];

beforeEach(() => {
  written.length = 0;
  for (const name of ['error', 'warn', 'info'] as const) vi.spyOn(console, name).mockImplementation((text) => void written.push(`${name} ${text}`));
});
afterEach(() => void vi.restoreAllMocks());

/** What of everything reaches the console. */
function heard(logger: Logger): string[] {
  written.length = 0;
  logger.error('e');
  logger.warn('w');
  logger.info('i');
  return written.map((line) => line.split(' ')[0] as string);
}

test.each<[LoggerLevel, string[]]>([
  ['NONE', []],
  ['ERROR', ['error']],
  ['WARNING', ['error', 'warn']],
  ['INFO', ['error', 'warn', 'info']],
])('at the level %s the console is told %j', (level, names) => {
  const logger = new Logger();
  expect(logger.setLevel(level)).toBe(level);
  expect(heard(logger)).toEqual(names);
});

test('without a level chosen, errors alone are told, and say whose they are', () => {
  expect(heard(new Logger())).toEqual(['error']);
  expect(written).toEqual(['error [offhook] e']);
});

test.each(['LOUD', 'toString', '', undefined, 3])('%j is no level, and changes nothing', (level) => {
  const logger = new Logger();
  logger.setLevel('WARNING');
  expect(logger.setLevel(level as never)).toBe('WARNING');
  expect(heard(logger)).toEqual(['error', 'warn']);
});
