/** Writes the guide into `dist/guide`, beside what Vite built. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { readSummary, renderPage } from './pages.mjs';

const docs = new URL('../../../docs/', import.meta.url);
const dist = new URL('../dist/guide/', import.meta.url);
const look = new URL('../../look/colours.css', import.meta.url);

mkdirSync(dist, { recursive: true });
const parts = readSummary(readFileSync(new URL('SUMMARY.md', docs), 'utf8'));
for (const { file } of parts.flatMap((part) => part.pages)) {
  const text = readFileSync(new URL(file, docs), 'utf8');
  writeFileSync(new URL(file.replace(/\.md$/, '.html'), dist), renderPage(file, text, parts));
}
const style = readFileSync(new URL('guide.css', import.meta.url), 'utf8');
writeFileSync(new URL('guide.css', dist), readFileSync(look, 'utf8') + style);
