// Every mistake has a folder, CODE or CODE-VARIANT, with its input and the text that the user reads.
// `UPDATE=1` writes the expected texts anew; read the difference.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decodeSource, hasErrors, parse, renderDiagnostics, type Diagnostic } from '../../grammar/index.ts';
import { checkInput } from './check-input.ts';
import { inputBytes } from './input.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted();

describe('mistakes', () => {
  test.each(folders)('%s', (name) => {
    const folder = join(root, name);
    const found = diagnose(inputBytes(folder), folder);
    const rendered = renderDiagnostics(found);
    const expectedPath = join(folder, 'expected.txt');
    if (process.env['UPDATE'] === '1' || !existsSync(expectedPath)) writeFileSync(expectedPath, rendered);
    expect(rendered).toBe(readFileSync(expectedPath, 'utf8'));
    expect(found.map((diagnostic) => diagnostic.code)).toContain(name.split('-')[0]);
    expect(rendered).not.toMatch(/internal|undefined|\[object/);
    for (const diagnostic of found) expect(diagnostic.help?.length, diagnostic.code).toBeGreaterThan(0);
  });
});

function diagnose(bytes: Uint8Array, folder: string): readonly Diagnostic[] {
  const source = decodeSource('input.hyb', bytes);
  if (source.value === undefined) return source.diagnostics;
  const parsed = parse(source.value);
  if (hasErrors(parsed.diagnostics)) return parsed.diagnostics;
  return checkInput(source.value, folder);
}
