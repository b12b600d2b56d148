// The models of the tests with the published checkpoints, small ones, that they run.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { check } from '../../compiler/check/index.ts';
import { readConfig } from '../../compiler/check/config.ts';
import { lower } from '../../compiler/lower/index.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { hasErrors, renderDiagnostics, type Source } from '../../grammar/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Which model runs which checkpoint: paths in test/models and test/fixtures. */
export const fixtures: readonly (readonly [model: string, checkpoint: string])[] = [
  ['llama', 'llama'],
  ['mistral', 'mistral'],
  ['qwen2', 'qwen2'],
  ['qwen3', 'qwen3'],
  ['mamba1', 'mamba1'],
  ['samba_lit', 'samba_gqa2'],
  ['samba_lit', 'samba_abl_mamba_mlp'],
  ['samba_lit', 'samba_abl_nope'],
  ['samba_lit', 'samba_abl_attn_pos1'],
  ['samba_lit', 'samba_abl_llama_full'],
  ['samba_lit', 'samba_abl_mistral_half_full'],
  ['samba_lit', 'samba_abl_mlp_for_mamba'],
  ['samba_lit_triple', 'samba_abl_mamba_swa_mlp'],
];

export function modelPath(model: string): string {
  return `${root}test/models/${model}.hyb`;
}

export function fixtureFile(checkpoint: string, file: string): string {
  return `${root}test/fixtures/${checkpoint}/${file}`;
}

/** Every file of the library. */
export function readLibrary(): readonly Source[] {
  return readdirSync(`${root}std`)
    .filter((name) => name.endsWith('.hyb'))
    .toSorted()
    .map((name) => ({ name: `std/${name}`, text: readFileSync(`${root}std/${name}`, 'utf8') }));
}

/** The graph of a .hyb file under the config in another; mistakes in either fail the test. */
export function graphOf(hybPath: string, configPath: string): Graph {
  const config = readConfig(readFileSync(configPath, 'utf8'), 'config.json');
  if (config.value === undefined) throw new Error(renderDiagnostics(config.diagnostics));
  const { value, diagnostics } = check({
    source: { name: hybPath, text: readFileSync(hybPath, 'utf8') },
    resolve: () => undefined,
    prelude: readLibrary(),
    config: config.value,
  });
  if (value === undefined || hasErrors(diagnostics)) throw new Error(renderDiagnostics(diagnostics));
  return lower(value);
}
