/** What measurements in a browser share: the machine's name, shares of a series, and the page that keeps the figures. */

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';

import { ROOT } from '../server.mjs';

const DOCUMENT = join(ROOT, 'docs', 'performance.md');

export function machine(browser, build) {
  const [{ model }] = cpus();
  return `${model}, ${cpus().length} cores, Linux ${release()}, ${browser}, server of the ${build} build`;
}

/** Puts the figures of `cargo xtask bench SUBJECT` in the place of those before. */
export function writeFigures(subject, figures) {
  const [begin, end] = [`<!-- figures: cargo xtask bench ${subject} -->`, '<!-- end of figures -->'];
  const text = readFileSync(DOCUMENT, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${DOCUMENT} has no lines ${begin} and ${end}`);
  writeFileSync(DOCUMENT, `${text.slice(0, from + begin.length)}\n\n${figures}\n\n${text.slice(to)}`);
}

/** The value below which that part of a series lies, between its two nearest. */
export function quantile(series, part) {
  const sorted = [...series].sort((one, other) => one - other);
  const place = (sorted.length - 1) * part;
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}
