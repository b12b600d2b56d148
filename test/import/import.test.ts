// `hyb import`: the text it writes needs no config, is canonical, and means what the library's model means under the config.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../compiler/check/config.ts';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import { check } from '../../compiler/check/index.ts';
import { writeModel } from '../../compiler/import/write-model.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { lower } from '../../compiler/lower/index.ts';
import { format, renderDiagnostics, type Source } from '../../grammar/index.ts';
import { fixtures, models, readLibrary, uncopied } from '../models/models.ts';

const prelude = readLibrary();

describe('an imported model', () => {
  test.each([...fixtures, ...uncopied].map((each) => [each.name, each] as const))(
    '%s',
    (_, { folder, model }) => {
      const config = configOf(folder);
      const known = models().find((each) => each.model.name.text === model);
      if (known === undefined) throw new Error(`no model ${model}`);
      const expected = checked(known.file.source, config);
      const text = writeModel({ known, config, layers: expected.layers, header: ['Written by a test.'] });
      expect(text).not.toMatch(/config\.\w|from config/);
      expect(format({ name: 'imported.hyb', text }).value).toBe(text);
      const imported = checked({ name: 'imported.hyb', text });
      expect(withoutPlaces(printGraph(lower(imported)))).toBe(withoutPlaces(printGraph(lower(expected))));
      expect(imported.context).toBe(expected.context);
    },
  );
});

function configOf(folder: string): ConstantObject {
  const { value } = readConfig(readFileSync(`${folder}config.json`, 'utf8'), 'config.json');
  if (value === undefined) throw new Error(`${folder} has no config`);
  return value;
}

function checked(source: Source, config?: ConstantObject) {
  const input = { source, resolve: () => undefined, prelude };
  const { value, diagnostics } = check(config === undefined ? input : { ...input, config });
  if (value === undefined) throw new Error(`${renderDiagnostics(diagnostics)}\n${source.text}`);
  expect(diagnostics).toEqual([]);
  return value;
}

/** Lines and columns of the source differ. */
function withoutPlaces(text: string): string {
  return text.replaceAll(/\b(?:\S+\.hyb):\d+(?::\d+)?/g, '');
}
