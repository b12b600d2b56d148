// The runtime in a real headless Chromium, built by vite as a page's author would.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { expect } from 'vitest';
import { openBrowser, serveFolders } from '../support/browser.ts';
import { expectedTokens, WEIGHTS } from './bigram.ts';
import { testOnDevice } from './on-device.ts';

testOnDevice('loads from an address, a File and memory, generates and revives a session', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hyb-page-'));
  const served = await serveFolders([folder]);
  const browser = await openBrowser();
  try {
    await buildPage(folder);
    const page = await browser.newPage();
    await page.goto(served.address);
    // As text, because the test runner rewrites imports.
    const result = await page.evaluate(
      `import('/page.js').then((page) => page.runInPage('model.safetensors'))`,
    );
    const expected = expectedTokens([3, 1, 4, 1, 5], 12);
    expect(result).toEqual({
      generated: [expected, expected, expected],
      revived: expected,
      refused: expect.stringMatching(/^HybError: this GPU lacks `no-such-feature`/),
    });
  } finally {
    await browser.close();
    await served.close();
    await rm(folder, { recursive: true });
  }
});

async function buildPage(folder: string): Promise<void> {
  const entry = join(import.meta.dirname, 'page.ts');
  await build({
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder, lib: { entry, formats: ['es'], fileName: 'page' } },
  });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'model.safetensors'), WEIGHTS);
}
