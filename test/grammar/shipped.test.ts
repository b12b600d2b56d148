// Every .hyb text that the repository ships, in files and in its documents, stands in the one canonical layout.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { format } from '../../grammar/index.ts';
import { hasErrors } from '../../grammar/source.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const files = ['std', 'examples'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.hyb'))
    .map((name) => join(folder, name)),
);

describe('hyb fmt would change nothing', () => {
  test.each(files)('%s', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    expect(format({ name: file, text }).value).toBe(text);
  });

  test('the model in README.md', () => {
    const file = 'README.md';
    const blocks = [...readFileSync(join(root, file), 'utf8').matchAll(/```hyb\n([\s\S]*?)```/g)];
    const whole = blocks.flatMap(([, text]) => {
      const formatted = format({ name: file, text: text ?? '' });
      return hasErrors(formatted.diagnostics) ? [] : [{ text, formatted: formatted.value }];
    });
    expect(whole.length).toBeGreaterThan(0);
    for (const { text, formatted } of whole) expect(formatted).toBe(text);
  });
});
