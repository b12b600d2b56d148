// `--check`: runs a sequence through the reference executor and names the first value that single precision cannot hold.
import type { AnyNode, BodyCall } from '../compiler/ir/graph.ts';
import { describePlace } from '../compiler/ir/describe-ahead.ts';
import { needsSource, valuesNotFinite } from './errors.ts';
import type { SequenceInput } from './engine.ts';
import type { OpenedModel } from './open-model.ts';
import type { Terminal } from './terminal.ts';

const LARGEST = 3.4028234663852886e38;

/** Throws a UsageError that names the weight, or the layer and line, whose value first leaves the range of f32; else says that none does. */
export async function checkFinite(
  { graph, weights }: OpenedModel,
  input: SequenceInput,
  terminal: Terminal,
): Promise<void> {
  if (graph === undefined) throw needsSource('--check', 'this');
  const { createReference } = await import('../compiler/ir/interpret.ts');
  const { readReferenceWeights } = await import('./reference-weights.ts');
  const reference = createReference(graph, await readReferenceWeights(graph, weights));
  reference.evaluate(input, (index, node, values) => {
    const call = graph.calls[index];
    if (call !== undefined && !values.every((value) => Math.abs(value) <= LARGEST)) throw found(call, node);
  });
  terminal.error('check: every value of the sequence is finite in the reference executor\n');
}

function found(call: BodyCall, node: AnyNode): Error {
  if (node.op === 'weight') {
    const name = 'name' in node.attrs ? String(node.attrs.name) : '';
    return valuesNotFinite(
      `the weight \`${call.weights[name] ?? name}\` holds a value that is not finite in f32`,
      ['look at its tensor in the file of weights: the kernels compute with it as it is'],
    );
  }
  const place = describePlace({ call, node });
  return valuesNotFinite(
    `not finite in f32: the value \`${node.name ?? node.op}\` in ${place} is the first`,
    [
      'what it is computed from is finite: a state grows where its factor, or a pole, is larger than 1; an `exp` or a division may leave the range',
    ],
  );
}
