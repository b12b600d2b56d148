// How the tests run: two processes that take one file after the other, so that two cores suffice.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/seed.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // No module keeps state, so files may share what is loaded, and compiled by the engine, already.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
