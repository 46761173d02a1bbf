import { defineConfig } from 'vite';

export default defineConfig({
  // The server serves the page at /dashboard and the rest of dist/ below it.
  base: '/dashboard/',
  // The mark.
  publicDir: '../look/public',
  build: {
    target: 'es2022',
    // The first that know light-dark().
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy allows scripts and styles of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    rolldownOptions: {
      // React Query marks its modules for servers that render; here none does.
      onLog: (level, log, tell) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
      },
    },
  },
  // While one works on the pages, a server of one's own answers.
  server: { proxy: { '/admin': 'http://127.0.0.1:8080', '/sdk': 'http://127.0.0.1:8080' } },
  // A test's limit speaks of a hang, never of a busy machine.
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'happy-dom', testTimeout: 60_000 },
} as Parameters<typeof defineConfig>[0]);
