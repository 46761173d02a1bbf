import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { coloursOf } from './colours';

test('both faces have the colours that all pages have', () => {
  const look = readFileSync(new URL('../../look/colours.css', import.meta.url), 'utf8');
  for (const [name, attribute] of [
    ['paper', 'bg-color'],
    ['surface', 'nav-bg-color'],
    ['ink', 'text-color'],
    ['accent-fill', 'primary-color'],
  ]) {
    const pair = `--${name}: light-dark(${coloursOf('light')[attribute]}, ${coloursOf('dark')[attribute]})`;
    expect(look).toContain(pair);
  }
});
