// Builds the element as one file for a script tag, as a module for bundlers, and its types, into dist/.
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { build } from 'vite';

rmSync('dist', { recursive: true, force: true });
for (const [format, file] of [['iife', 'offhook-element.js'], ['es', 'offhook-element.mjs']]) {
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      // The first that know light-dark().
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      emptyOutDir: false,
      lib: { entry: 'src/offhook-element.ts', formats: [format], name: 'OffhookElement', fileName: () => file },
    },
  });
}
// What the others export is for the element alone, and its public side names the SDK's types only.
execFileSync('node_modules/.bin/tsc', ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', 'dist/types'], {
  stdio: 'inherit',
});
copyFileSync('dist/types/element/src/offhook-element.d.ts', 'dist/offhook-element.d.ts');
rmSync('dist/types', { recursive: true });
