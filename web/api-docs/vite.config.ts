import { defineConfig } from 'vite';

export default defineConfig({
  // The server serves the page at /docs and the rest of dist/ below it.
  base: '/docs/',
  // The mark.
  publicDir: '../look/public',
  build: {
    target: 'es2022',
    // The first that know light-dark().
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy allows scripts of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The renderer is one file of that size.
    chunkSizeWarningLimit: 1200,
  },
  test: { include: ['{src,guide}/**/*.test.mjs'] },
} as Parameters<typeof defineConfig>[0]);
