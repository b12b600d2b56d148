// Published models, from their source to logits: the graphs mean what the original implementations compute.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createReference } from '../../compiler/ir/interpret.ts';
import { readTensors, weightValues } from '../support/tensors.ts';
import { configOf, graphOf, root } from './graph-of.ts';

const models: Readonly<Record<string, string>> = {
  llama: 'llama',
  mistral: 'mistral',
  qwen2: 'qwen2',
  qwen3: 'qwen3',
  mamba1: 'mamba1',
  samba_gqa2: 'samba_lit',
  samba_abl_mamba_mlp: 'samba_lit',
  samba_abl_nope: 'samba_lit',
  samba_abl_mamba_swa_mlp: 'samba_lit_triple',
};

test.each(Object.entries(models))('%s', (fixture, model) => {
  const folder = join(root, 'test/fixtures', fixture);
  const text = readFileSync(join(root, 'test/models', `${model}.hyb`), 'utf8');
  const graph = graphOf(text, configOf(join(folder, 'config.json')));
  const weightFile = readdirSync(folder).find(
    (name) => name.endsWith('.safetensors') && !name.startsWith('golden'),
  );
  const golden = readTensors(join(folder, 'golden.safetensors'));
  const tokens = golden.get('input_ids');
  const logits = golden.get('logits_f64') ?? golden.get('logits');
  if (tokens === undefined || logits === undefined) throw new Error('the golden lacks its tensors');
  const time = tokens.shape.at(-1) ?? 0;
  const reference = createReference(graph, weightValues(graph, readTensors(join(folder, weightFile ?? ''))));
  let worst = 0;
  for (let row = 0; row * time < tokens.values.length; row += 1) {
    const ids = [...tokens.values.subarray(row * time, (row + 1) * time)];
    const sequence = reference.fork();
    const split = Math.floor(time / 2);
    const whole = [...sequence.run(ids.slice(0, split)), ...sequence.run(ids.slice(split))];
    const wanted = logits.values.subarray(row * time * graph.vocab, (row + 1) * time * graph.vocab);
    whole.forEach(
      (value, index) => (worst = Math.max(worst, Math.abs(value - (wanted[index] ?? Number.NaN)))),
    );
    expect(whole.length).toBe(wanted.length);
  }
  expect(worst).toBeLessThan(2e-5);
});
