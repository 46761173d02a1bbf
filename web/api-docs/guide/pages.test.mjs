import { expect, test } from 'vitest';

import { readSummary, renderPage } from './pages.mjs';

const SUMMARY = '# Start\n\n- [Quickstart](quickstart.md)\n\n# Run\n\n- [Tokens](tokens.md)\n';

test('the summary has parts with pages', () => {
  expect(readSummary(SUMMARY)).toEqual([
    { title: 'Start', pages: [{ title: 'Quickstart', file: 'quickstart.md' }] },
    { title: 'Run', pages: [{ title: 'Tokens', file: 'tokens.md' }] },
  ]);
});

test('links lead to pages, and words of links to other files of the tree stay words', () => {
  const text = '# Q & A\n\n[a](tokens.md#two-kinds) [b](../deploy/README.md) [c](https://example.org) [d](openapi.json)\n';
  const page = renderPage('quickstart.md', text, readSummary(SUMMARY));
  expect(page).toContain('<a href="tokens.html#two-kinds">a</a> b <a href="https://example.org">c</a> <a href="/docs">d</a>');
  expect(page).toContain('<title>Q &amp; A · Offhook</title>');
  expect(page).toContain('<a href="quickstart.html" aria-current="page">');
  expect(page).not.toContain('<script');
});

test('headings can be linked to', () => {
  const page = renderPage('tokens.md', '# Tokens\n\n## Two `kinds` of them\n', readSummary(SUMMARY));
  expect(page).toContain('<h2 id="two-kinds-of-them">Two <code>kinds</code> of them</h2>');
});
