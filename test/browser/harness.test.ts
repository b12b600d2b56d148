// The browser harness itself: a page served from this machine gets a WebGPU adapter.
import { describe, expect, test } from 'vitest';
import { openBrowser, serveFolders } from '../support/browser.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';

const missing = softwareAdapterMissing();

describe.skipIf(skipFor(missing))(`headless Chromium (${missing ?? 'from npm'})`, () => {
  test('has WebGPU', async () => {
    const folder = await serveFolders([import.meta.dirname]);
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${folder.address}blank.html`);
      const architecture = await page.evaluate(async () => {
        const adapter = await navigator.gpu.requestAdapter();
        return adapter?.info.architecture;
      });
      expect(architecture).toBe('swiftshader');
    } finally {
      await browser.close();
      await folder.close();
    }
  });
});
