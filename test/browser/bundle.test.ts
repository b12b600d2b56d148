// A standalone bundle in a real browser: the folder is served as it is, and the page writes the reference's own first words.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hyb } from '../cli/support.ts';
import { openBrowser, serveFolders } from '../support/browser.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';

const EXAMPLE = 'examples/samba-stories';
const PROMPT = 'There was a big dog who';
const missing =
  softwareAdapterMissing() ?? (existsSync('dist/runtime') ? undefined : 'dist/ is not built: npm run build');

describe.skipIf(skipFor(missing))(`a standalone bundle in Chromium (${missing ?? 'from npm'})`, () => {
  test('writes text', async () => {
    const bundle = mkdtempSync(join(tmpdir(), 'hyb-bundle-'));
    const { code, error } = await hyb('compile', `${EXAMPLE}/samba.hyb`, '--out', bundle, '--standalone');
    expect(code, error).toBe(0);
    const server = await serveFolders([bundle, EXAMPLE]);
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${server.address}?weights=model.safetensors`);
      await page.fill('[name=prompt]', PROMPT);
      await page.fill('[name=maxTokens]', '6');
      await page.fill('[name=temperature]', '0');
      await page.click('button');
      await page.waitForSelector('body[data-state=done], body[data-state=error]', { timeout: 240_000 });
      expect(await page.textContent('#status')).toContain('6 tokens');
      const text = (await page.textContent('#text')) ?? '';
      expect(text.length).toBeGreaterThan(PROMPT.length + 6);
      expect(readFileSync(`${EXAMPLE}/expected.txt`, 'utf8').startsWith(text), text).toBe(true);
    } finally {
      await browser.close();
      await server.close();
      rmSync(bundle, { recursive: true, force: true });
    }
  }, 300_000);
});
