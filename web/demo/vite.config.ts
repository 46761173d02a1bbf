import { defineConfig } from 'vite';

export default defineConfig({
  // The server serves the page at /demo and the rest of dist/ below it.
  base: '/demo/',
  // The mark.
  publicDir: '../look/public',
  build: {
    target: 'es2022',
    // The first that know light-dark().
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy allows scripts and styles of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ['src/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
