// Builds the hooks and their types into dist/, and the example into example/dist/.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build } from 'vite';

rmSync('dist', { recursive: true, force: true });
await build({
  configFile: false,
  logLevel: 'warn',
  build: {
    target: 'es2022',
    lib: { entry: 'src/offhook-react.ts', formats: ['es'], fileName: () => 'offhook-react.js' },
    rolldownOptions: { external: ['react', 'offhook'] },
  },
});
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.types.json'], { stdio: 'inherit' });
await build({ root: 'example', logLevel: 'warn' });
