// Builds the three forms of the SDK and their types into dist/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'vite';

const FORMS = [
  { entry: 'src/entry-module.ts', format: 'es', file: 'offhook.mjs' },
  { entry: 'src/index.ts', format: 'cjs', file: 'offhook.cjs' },
  // Loaded by a script tag it sets the global; bundlers that know no "exports" take it as CommonJS.
  {
    entry: 'src/entry-script.ts',
    format: 'iife',
    file: 'offhook.js',
    footer: "if(typeof module==='object'&&module.exports)module.exports=SendBirdCall;",
  },
];

rmSync('dist', { recursive: true, force: true });
for (const { entry, format, file, footer } of FORMS) {
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      // Old bundlers parse the files themselves.
      target: 'es2019',
      emptyOutDir: false,
      sourcemap: true,
      minify: 'oxc',
      lib: { entry, formats: [format], name: 'SendBirdCall', fileName: () => file },
      rolldownOptions: { output: { exports: 'named', footer } },
    },
  });
}

execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' });
mkdirSync('dist', { recursive: true });
const names = ['enums', 'options', 'surface', 'face'].map((part) => readFileSync(`dist/types/${part}.d.ts`, 'utf8'));
// One file: what the parts import from each other is all in it.
const declarations = names
  .join('\n')
  .replace(/^import [\s\S]*?;\n/gm, '')
  .replace(/^\/\/# sourceMappingURL.*\n?/gm, '');
for (const [file, self] of [['index.d.ts', './index'], ['index.d.mts', './index.mjs']]) {
  writeFileSync(`dist/${file}`, `${declarations}\nexport * as default from '${self}';\nexport as namespace SendBirdCall;\n`);
}
rmSync('dist/types', { recursive: true });
