import { expect, test } from 'vitest';
import { EventQueue } from './events';
import { Listeners } from './listeners';

function listening(): { all: Listeners<{ onRinging?: () => void }>; told: string[]; named: (name: string) => { onRinging: () => void } } {
  const told: string[] = [];
  const all = new Listeners<{ onRinging?: () => void }>(new EventQueue(() => undefined));
  return { all, told, named: (name) => ({ onRinging: () => void told.push(name) }) };
}

test('a second listener with the same id takes the place of the first, whether the id is a number or its text', () => {
  const { all, told, named } = listening();
  all.add(7, named('first'));
  all.add('7', named('second'));
  all.add('other', named('third'));
  all.tellNow('onRinging');
  expect(told).toEqual(['second', 'third']);
  all.remove(7);
  told.length = 0;
  all.tellNow('onRinging');
  expect(told).toEqual(['third']);
});

test('it says whether anybody listens to that event', () => {
  const { all, named } = listening();
  all.add(1, {});
  expect(all.tellNow('onRinging')).toBe(false);
  all.add(2, named('one'));
  expect(all.tellNow('onRinging')).toBe(true);
});
