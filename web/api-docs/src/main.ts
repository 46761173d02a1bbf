/** Offhook's `/docs`: the document of `/openapi.json`, rendered. Nothing is loaded from elsewhere. */

import 'rapidoc';

import { makeAccessible } from './accessible';
import { coloursOf } from './colours';

const FONT = 'system-ui, -apple-system, "Segoe UI", sans-serif';
const MONOSPACE = 'ui-monospace, SFMono-Regular, Menlo, monospace';

/** What is fixed; `coloursOf` says the rest. */
const SETTINGS: Record<string, string> = {
  'spec-url': '/openapi.json',
  'render-style': 'read',
  'schema-style': 'table',
  'show-header': 'false',
  'allow-spec-url-load': 'false',
  'allow-spec-file-load': 'false',
  'allow-spec-file-download': 'false',
  'allow-server-selection': 'false',
  'allow-advanced-search': 'false',
  'load-fonts': 'false',
  'regular-font': FONT,
  'mono-font': MONOSPACE,
  'show-method-in-nav-bar': 'as-colored-text',
  'use-path-in-nav-bar': 'true',
  'nav-item-spacing': 'relaxed',
  'persist-auth': 'false',
};

function render(page: HTMLElement): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const reference = document.createElement('rapi-doc');
  const set = (attributes: Record<string, string>) => {
    for (const [name, value] of Object.entries(attributes)) reference.setAttribute(name, value);
  };
  const colour = () => set(coloursOf(dark.matches ? 'dark' : 'light'));
  set(SETTINGS);
  colour();
  dark.addEventListener('change', colour);
  const guide = document.createElement('nav');
  guide.slot = 'overview';
  guide.ariaLabel = 'More';
  for (const [name, address] of [
    ['Guide', '/docs/guide/quickstart.html'],
    ['The document (OpenAPI 3.1)', '/openapi.json'],
  ] as const) {
    const link = document.createElement('a');
    link.href = address;
    link.textContent = name;
    guide.append(link);
  }
  reference.append(guide);
  page.append(reference);
  if (reference.shadowRoot !== null) makeAccessible(reference.shadowRoot);
}

const page = document.getElementById('page');
if (page !== null) render(page);
