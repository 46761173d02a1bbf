/** The examples of a document, by the name behind the language of their fence. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './server.mjs';

/** Reads the examples of a file of `docs`. Asking for one that is not there fails. */
export function snippetsOf(file) {
  const text = readFileSync(join(ROOT, 'docs', file), 'utf8');
  const found = new Map([...text.matchAll(/^```\w+ (.+)\n([^]*?)^```$/gm)].map(([, name, code]) => [name, code]));
  return (name) => {
    const code = found.get(name);
    if (code === undefined) {
      throw new Error(`${file} has no example named ${name}`);
    }
    return code;
  };
}
