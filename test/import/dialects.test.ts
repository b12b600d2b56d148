// One checkpoint, its config in the words of other years: the same graph.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../compiler/check/index.ts';
import { readConfig } from '../../compiler/check/config.ts';
import { chooseModel } from '../../compiler/import/choose.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { lower } from '../../compiler/lower/index.ts';
import { renderDiagnostics } from '../../grammar/index.ts';
import { factsOf, fixtures, models, readLibrary } from '../models/models.ts';

type Json = Readonly<Record<string, unknown>>;

const prelude = readLibrary();

describe.each(fixtures.map(({ name, folder }) => [name, folder] as const))('%s', (_, folder) => {
  const text = readFileSync(`${folder}config.json`, 'utf8');

  test('in the older dialect', () => {
    expect(graphOf(older(text), folder)).toBe(graphOf(text, folder));
  });

  test('inside a model of several parts', () => {
    expect(graphOf(nested(text), folder)).toBe(graphOf(text, folder));
  });
});

/** The graph of the model that is chosen, without the places in its source. */
function graphOf(text: string, folder: string): string {
  const { value: config, diagnostics } = readConfig(text, 'config.json');
  if (config === undefined) throw new Error(renderDiagnostics(diagnostics));
  const choice = chooseModel(models(), { ...factsOf(folder), config });
  if (choice.kind !== 'one') throw new Error(`${choice.kind} fits`);
  const checked = check({
    source: choice.known.file.source,
    resolve: () => undefined,
    prelude,
    config,
  });
  if (checked.value === undefined) throw new Error(renderDiagnostics(checked.diagnostics));
  return printGraph(lower(checked.value));
}

/** As transformers 4 wrote it: flat rotary fields, bare `Infinity`, the older names of kinds of layers. */
function older(text: string): string {
  const { rope_parameters: parameters, ...rest }: Json = JSON.parse(text);
  const flat = isRecord(parameters) && 'rope_theta' in parameters ? flatRotary(parameters) : {};
  const kept = parameters === undefined || 'rope_theta' in flat ? {} : { rope_parameters: parameters };
  return JSON.stringify({ ...rest, ...flat, ...kept })
    .replaceAll('{"__float__":"Infinity"}', 'Infinity')
    .replaceAll('"linear_attention"', isHybrid(rest) ? '"mamba"' : '"linear_attention"')
    .replaceAll('"full_attention"', isHybrid(rest) ? '"attention"' : '"full_attention"');
}

/** Families whose older configs call their kinds of layers `mamba` and `attention`. */
function isHybrid(config: Json): boolean {
  return Object.keys(config).some((name) => name.startsWith('mamba_'));
}

function flatRotary({ rope_theta, partial_rotary_factor, rope_type, ...scaling }: Json): Json {
  return {
    rope_theta,
    ...(partial_rotary_factor !== undefined && { partial_rotary_factor }),
    rope_scaling: rope_type === undefined || rope_type === 'default' ? null : { type: rope_type, ...scaling },
  };
}

/** As models that also see keep it: the text's fields under `text_config`, the names outside. */
function nested(text: string): string {
  const { architectures, model_type, ...rest }: Json = JSON.parse(text);
  return JSON.stringify({ architectures, model_type, text_config: { ...rest, model_type: 'some_text' } });
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
