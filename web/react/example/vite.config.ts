import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: './',
  // What is installed elsewhere is built beside it here.
  resolve: { alias: { 'offhook-react': file('../dist/offhook-react.js'), offhook: file('../../sdk/dist/offhook.mjs') } },
  build: { target: 'es2022', cssTarget: ['chrome123', 'firefox120', 'safari17.5'] },
});
