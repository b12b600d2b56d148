// The models of the tests with the published checkpoints, small ones, that they run.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
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
  ['samba_lit', 'samba_abl_sliding_retnet'],
  ['mamba2', 'mamba2_g1'],
  ['falcon_mamba', 'falcon_mamba'],
  ['recurrent_gemma', 'recurrent_gemma'],
  ['lfm2', 'lfm2'],
  ['rwkv4', 'rwkv4'],
];

/** Checkpoints that may be used but not copied into this repository: paths in test/models and in `uncopiedFolder`. */
export const uncopied: readonly (readonly [model: string, checkpoint: string])[] = [
  ['fla_retnet', 'fla_retnet'],
  ['fla_gla', 'fla_gla'],
  ['fla_hgrn2', 'fla_hgrn2'],
  ['fla_delta_net', 'fla_delta_net'],
  ['fla_gated_deltanet', 'fla_gated_deltanet'],
  ['fla_kda', 'fla_kda'],
  ['fla_rwkv6', 'fla_rwkv6'],
  ['fla_rwkv7', 'fla_rwkv7'],
  ['rwkv4_pth', 'rwkv-trained/4v0'],
  ['rwkv5_pth', 'rwkv-trained/5v1'],
  ['rwkv5_pth', 'rwkv-trained/5v2'],
  ['rwkv7_pth', 'rwkv-trained/7v0'],
];

/** Where those lie: beside the repository, unless the environment says otherwise. */
export const uncopiedFolder: string =
  process.env['HYB_FIXTURES'] ?? resolve(root, '..', 'shared', 'fixtures');

/** Why such a checkpoint is not run, or undefined where it is there. */
export function uncopiedMissing(checkpoint: string): string | undefined {
  return existsSync(`${uncopiedFolder}/${checkpoint}`)
    ? undefined
    : `${checkpoint} is not beside the repository; HYB_FIXTURES says where it is`;
}

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
