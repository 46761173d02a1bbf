// Fails when what the first screen loads (sign-in, shell, overview) has grown beyond its limit.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 150 * 1024;
/** What the browser asks for before the overview of a signed-in administrator stands. */
const FIRST = ['index.html', 'src/pages/sign-in.tsx', 'src/pages/overview.tsx'];

const manifest = JSON.parse(readFileSync('dist/manifest.json', 'utf8'));
const files = new Set(['index.html']);
const add = (name) => {
  const chunk = manifest[name];
  if (chunk === undefined) throw new Error(`${name} is no part of the build`);
  if (files.has(chunk.file)) return;
  for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
  chunk.imports?.forEach(add);
};
FIRST.forEach(add);

const size = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length, 0);
console.log(`first screen: ${size} bytes gzipped in ${files.size} files, ${LIMIT_BYTES} allowed`);
if (size > LIMIT_BYTES) process.exitCode = 1;
