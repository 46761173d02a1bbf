// Builds the three forms of the SDK and their types into dist/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'vite';

// Names that others use: the public interface, the wire, the browser and the language. All other properties are ours
// alone and are shortened, which takes a tenth off the file.
const OTHERS = [
  ...['enums', 'face', 'options', 'surface'].map((part) => `src/${part}.ts`),
  ...filesOf('src/generated', /\.ts$/),
  ...filesOf('node_modules/typescript/lib', /^lib\..*\.d\.ts$/),
];
// What is only written about is no name.
const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*/g;
const reserved = [...new Set(OTHERS.flatMap((file) => readFileSync(file, 'utf8').replace(COMMENTS, '').match(/[A-Za-z_$][\w$]*/g) ?? []))];

// Members of the enumerations are written as the values that they are.
const ENUMS = new Map();
for (const [, name, body] of readFileSync('src/enums.ts', 'utf8').matchAll(/^export (?:const|enum) (\w+) (?:= )?\{([\s\S]*?)^\}/gm)) {
  for (const [, member, value] of body.matchAll(/^ {2}(\w+)(?::| =) (.+),$/gm)) ENUMS.set(`${name}.${member}`, value);
}
const inlineEnums = {
  name: 'inline-enums',
  transform: (code, id) =>
    id.endsWith('/enums.ts') ? null : { map: null, code: code.replace(/\b[A-Z]\w+\.[A-Z][A-Z_]*\b(?!:)/g, (name) => ENUMS.get(name) ?? name) },
};

const FORMS = [
  { entry: 'src/entry-module.ts', format: 'es', file: 'offhook.mjs', target: 'es2022' },
  // Bundlers that know no "exports" take this one, and parse it themselves: they know no newer language. They take a
  // name that ends in .cjs for a picture.
  { entry: 'src/index.ts', format: 'cjs', file: 'offhook.common.js', target: 'es2019' },
  // Loaded by a script tag it sets the global.
  {
    entry: 'src/entry-script.ts',
    format: 'iife',
    file: 'offhook.js',
    target: 'es2022',
  },
];

// For pages that can be rung while they are closed: files of their own, which others need not load.
const PUSH = [
  // What a service worker imports is a classic script.
  { entry: 'src/push/worker.ts', format: 'iife', file: 'offhook-sw.js' },
  { entry: 'src/push/register.ts', format: 'es', file: 'offhook-push.mjs' },
];

rmSync('dist', { recursive: true, force: true });
for (const { entry, format, file } of PUSH) {
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      emptyOutDir: false,
      sourcemap: true,
      minify: 'terser',
      lib: { entry, formats: [format], name: 'offhookPushWorker', fileName: () => file },
    },
  });
}
for (const { entry, format, file, target } of FORMS) {
  await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [inlineEnums],
    build: {
      target,
      emptyOutDir: false,
      sourcemap: true,
      minify: 'terser',
      // An older language has class fields by their names in quotes: there names are kept.
      terserOptions: { compress: { passes: 3, keep_fargs: false }, mangle: { properties: target === 'es2022' && { reserved, keep_quoted: true } } },
      lib: { entry, formats: [format], name: 'SendBirdCall', fileName: () => file },
      rolldownOptions: { output: { exports: 'named' } },
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
const register = readFileSync('dist/types/push/register.d.ts', 'utf8').replace(/^import [^\n]*\n|^\/\/# sourceMappingURL.*\n?/gm, '');
writeFileSync('dist/offhook-push.d.mts', register);
rmSync('dist/types', { recursive: true });

function filesOf(folder, name) {
  return readdirSync(folder)
    .filter((file) => name.test(file))
    .map((file) => `${folder}/${file}`);
}
