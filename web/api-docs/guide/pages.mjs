/** The pages of `docs/` as HTML: those that `docs/SUMMARY.md` lists, with its list beside each. */

import { marked } from 'marked';

/** A line of the summary. */
const ENTRY = /^\s*(?:[-*] )?\[(?<title>[^\]]+)\]\((?<file>[\w-]+\.md)\)/;
/** A heading of the summary. */
const PART = /^# (?<title>.+)$/;

/** Reads the summary: parts, each with its pages. */
export function readSummary(text) {
  const parts = [];
  for (const line of text.split('\n')) {
    const part = PART.exec(line)?.groups;
    const entry = ENTRY.exec(line)?.groups;
    if (part !== undefined) parts.push({ title: part.title, pages: [] });
    if (entry !== undefined) parts.at(-1)?.pages.push({ title: entry.title, file: entry.file });
  }
  return parts.filter((part) => part.pages.length > 0);
}

/** Renders a page. */
export function renderPage(file, text, parts) {
  const known = new Set(parts.flatMap((part) => part.pages.map((page) => page.file)));
  const title = /^# (.+)$/m.exec(text)?.[1] ?? file;
  const markdown = marked.setOptions({ gfm: true });
  const renderer = new markdown.Renderer();
  renderer.heading = function heading({ tokens, depth }) {
    const words = this.parser.parseInline(tokens);
    return `<h${depth} id="${anchor(words)}">${words}</h${depth}>\n`;
  };
  renderer.link = function link({ href, tokens }) {
    const words = this.parser.parseInline(tokens);
    const address = addressOf(href, known);
    return address === undefined ? words : `<a href="${escape(address)}">${words}</a>`;
  };
  renderer.table = wrapped(renderer.table);
  // What scrolls sideways can be reached by the keyboard.
  const content = markdown.parse(text, { renderer }).replaceAll('<pre>', '<pre tabindex="0">');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <title>${escape(title)} · Offhook</title>
    <link rel="icon" type="image/svg+xml" href="/docs/mark.svg" />
    <link rel="stylesheet" href="/docs/guide/guide.css" />
  </head>
  <body>
    <header><a class="brand" href="/docs/guide/quickstart.html">Offhook</a><a href="/docs">Platform API</a></header>
    <div class="columns">
      <nav aria-label="Pages">${parts.map((part) => renderPart(part, file)).join('')}</nav>
      <main>${content}</main>
    </div>
  </body>
</html>
`;
}

/** Where a link leads: another page, elsewhere, or nowhere, if it is a file that only the tree has. */
function addressOf(href, known) {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const [file, fragment] = href.split('#');
  if (file === 'openapi.json') return '/docs';
  if (!known.has(file)) return undefined;
  return file.replace(/\.md$/, '.html') + (fragment === undefined ? '' : `#${fragment}`);
}

/** Wide tables scroll by themselves, and by keyboard. */
function wrapped(table) {
  return function scrolling(token) {
    return `<div class="wide" tabindex="0">${table.call(this, token)}</div>`;
  };
}

function renderPart(part, current) {
  const items = part.pages.map(({ title, file }) => {
    const mark = file === current ? ' aria-current="page"' : '';
    return `<li><a href="${file.replace(/\.md$/, '.html')}"${mark}>${escape(title)}</a></li>`;
  });
  return `<h2>${escape(part.title)}</h2><ul>${items.join('')}</ul>`;
}

function anchor(words) {
  const text = words.replace(/<[^>]*>/g, '').toLowerCase();
  return text.replace(/&\w+;/g, '').replace(/[^\w\s-]/g, '').trim().replace(/\s+/g, '-');
}

function escape(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
