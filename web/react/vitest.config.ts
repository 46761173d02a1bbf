import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: {
      'offhook-react': fileURLToPath(new URL('src/offhook-react.ts', import.meta.url)),
      offhook: fileURLToPath(new URL('src/fake-sdk.ts', import.meta.url)),
    },
  },
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'happy-dom' },
});
