// `hyb run --check`: runs the prompt through the reference executor and names the first value that single precision cannot hold.
import { createReference } from '../compiler/ir/interpret.ts';
import { needsSource } from './errors.ts';
import type { OpenedModel } from './open-model.ts';
import { readReferenceWeights } from './reference-weights.ts';

const LARGEST = 3.4028234663852886e38;

/** One sentence: which layer and value first leaves the range of f32, or that none does. */
export async function explainValues(opened: OpenedModel, prompt: readonly number[]): Promise<string> {
  const { graph, weights } = opened;
  if (graph === undefined) throw needsSource('--check', 'this');
  const reference = createReference(graph, await readReferenceWeights(graph, weights));
  let found: string | undefined;
  reference.run(prompt, (index, node, values) => {
    if (found !== undefined || values.every((value) => Math.abs(value) <= LARGEST)) return;
    const call = graph.calls[index];
    const where = call?.layer === undefined ? `\`${call?.label}\`` : `layer ${call.layer} (${call.label})`;
    found = `not finite in f32: the value \`${node.name ?? node.op}\` in ${where} is the first`;
  });
  return found ?? 'check: every value of the prompt is finite in the reference executor';
}
