// The models of the library: each says what it fits, no two the same, and the README's table names every one.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import { chooseModel } from '../../compiler/import/choose.ts';
import { models } from '../models/models.ts';
import { tableModels } from '../zoo/support-table.ts';

/** A config that has these fields; a dot leads into a field of fields. */
function withFields(paths: readonly string[]): ConstantObject {
  const names = [...new Set(paths.map((path) => path.split('.')[0] ?? ''))];
  const inside = (name: string) =>
    paths.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
  return Object.fromEntries(
    names.map((name) => [name, inside(name).length === 0 ? 1 : withFields(inside(name))]),
  );
}

/** Every way of fitting of every model, as the checkpoint that it describes at the least. */
const ways = models().flatMap(({ model }) =>
  model.statements.flatMap((statement) => {
    if (statement.kind !== 'fits') return [];
    const of = (key: string) =>
      statement.clauses.flatMap((clause) =>
        clause.key === key ? clause.values.map(({ value }) => value) : [],
      );
    const [architectures, types] = [of('architectures'), of('model_type')];
    const configs = [
      ...architectures.map((name) => ({ architectures: [name] })),
      ...types.map((name) => ({ model_type: name })),
      ...(architectures.length + types.length === 0 ? [{}] : []),
    ];
    const tensors = new Set(of('tensors'));
    const fields = withFields(of('fields'));
    return configs.map((names) => {
      const config = { ...fields, ...names };
      return [`${model.name.text} ${JSON.stringify(config)}`, model.name.text, { config, tensors }] as const;
    });
  }),
);

describe('a checkpoint', () => {
  test.each(ways)('%s is run by one model', (_, name, facts) => {
    const choice = chooseModel(models(), facts);
    expect(choice.kind).toBe('one');
    expect(choice.kind === 'one' && choice.known.model.name.text).toBe(name);
  });
});

describe('a model of the library', () => {
  test.each(models().map(({ model, file }) => [model.name.text, model, file] as const))(
    '%s',
    (name, model, file) => {
      expect(file.source.name).toBe(`std/models/${name}.hyb`);
      expect(model.doc).toMatch(/^\w/);
      expect(model.fromConfig).toBe(true);
      expect(model.statements.some(({ kind }) => kind === 'fits')).toBe(true);
      expect(model.statements.some(({ kind }) => kind === 'checkpoint')).toBe(true);
    },
  );
});

test('the README names every model', () => {
  const named = tableModels(readFileSync('README.md', 'utf8'));
  expect(named).toEqual(models().map(({ file }) => file.source.name));
});
