// Bundles the benches into one file for Node, so that a machine with nothing but Node and a driver can run them.
import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    ssr: 'bench/main.ts',
    outDir: '.cache/bench',
    emptyOutDir: true,
    target: 'node20',
    // All in one folder: the library is looked for from there.
    rollupOptions: { output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' } },
  },
  ssr: {
    noExternal: true,
    // Native code, and what only the part with a browser needs.
    external: ['webgpu', '@sparticuz/chromium', 'playwright-core', 'vite', 'tar-fs'],
  },
});
