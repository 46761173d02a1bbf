// Fails when the one-file build has grown beyond its limit.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 25 * 1024;
const size = gzipSync(readFileSync('dist/offhook.js'), { level: 9 }).length;
console.log(`dist/offhook.js: ${size} bytes gzipped, ${LIMIT_BYTES} allowed`);
if (size > LIMIT_BYTES) process.exitCode = 1;
