// Compares every kernel of a plan on this device with the reference executor: what each leaves in memory, value by value.
import { createReference, type WeightValues } from '../compiler/ir/interpret.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import { halfFromSingleBits, singleBitsFromHalf } from '../runtime/half.ts';
import type { LoadedModel } from '../runtime/model.ts';
import type { Dispatch, Plan } from '../runtime/plan.ts';
import type { TracedValue } from '../runtime/trace.ts';
import type { SequenceInput } from './engine.ts';
import type { Comparison } from './verify.ts';

export interface KernelCheck {
  /** The graph that the plan was made from. */
  readonly graph: Graph;
  readonly model: LoadedModel;
  readonly weights: WeightValues;
  readonly input: SequenceInput;
}

/** The weights as the plan stores them: those in half precision are rounded, so that only the kernels' own errors show. */
export function roundedAsStored(plan: Plan, weights: WeightValues): WeightValues {
  const halves = new Set(
    plan.weights.filter(({ encoding }) => encoding === 'f16').map(({ name }) => name.replace(/\[\d+\]$/, '')),
  );
  const rounded = new Map<string, Float32Array>();
  return (id) => {
    if (!halves.has(id)) return weights(id);
    const known = rounded.get(id) ?? toHalves(weights(id));
    rounded.set(id, known);
    return known;
  };
}

function toHalves(values: Float32Array | Float64Array): Float32Array {
  const singles = Float32Array.from(values);
  const bits = new Uint32Array(singles.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = singleBitsFromHalf(halfFromSingleBits(bits[i] ?? 0));
  return singles;
}

/** Positions that are also run token by token. */
const DECODED = 8;

/**
 * One line for each kernel: the largest |Δ| among all values it stores in all layers, over the largest such value where that is more
 * than 1. The tokens must fit into one prefill run.
 */
export async function compareKernels(
  { graph, model, weights, input }: KernelCheck,
  progress: (done: number, total: number) => void,
): Promise<readonly Comparison[]> {
  const tokens = Array.from(input);
  const expected = referenceValues(graph, model.plan, weights, input);
  const worst = new Map<string, number>();
  const total =
    storingDispatches(model.plan) + Math.min(DECODED, tokens.length) * model.plan.programs.decode.length;
  let done = 0;
  const visit = (traced: TracedValue): void => {
    const delta = differenceOf(traced, expected.get(keyOf(traced.stored)));
    worst.set(traced.kernel, larger(worst.get(traced.kernel) ?? 0, delta));
    progress(++done, total);
  };
  const session = await model.session();
  try {
    await session.trace(tokens, visit, { program: 'prefill' });
    await session.reset();
    await session.trace(tokens.slice(0, DECODED), visit, { program: 'decode' });
  } finally {
    session.destroy();
  }
  return [...worst].map(([name, delta]) => ({ name, delta }));
}

function keyOf(stored: { readonly call: number; readonly node: number }): string {
  return `${stored.call}:${stored.node}`;
}

function dispatchesOf({ programs }: Plan): readonly Dispatch[] {
  return [...programs.prefill, ...programs.all, ...programs.decode];
}

function storingDispatches({ programs }: Plan): number {
  return [...programs.prefill, ...programs.all].reduce(
    (sum, dispatch) => sum + (dispatch.stores?.length ?? 0),
    0,
  );
}

/** f64 [token, element] of every value that some kernel stores. */
function referenceValues(
  graph: Graph,
  plan: Plan,
  weights: KernelCheck['weights'],
  input: SequenceInput,
): ReadonlyMap<string, Float64Array> {
  const wanted = new Set(dispatchesOf(plan).flatMap(({ stores }) => (stores ?? []).map(keyOf)));
  const values = new Map<string, Float64Array>();
  createReference(graph, weights).run(input, (call, node, all) => {
    const key = keyOf({ call, node: node.id });
    if (wanted.has(key)) values.set(key, all.slice());
  });
  return values;
}

function differenceOf({ stored, values, position }: TracedValue, expected: Float64Array | undefined): number {
  if (expected === undefined) throw new Error(`internal: the reference has no value ${stored.name}`);
  const start = position * stored.elements;
  let largest = 0;
  let scale = 1;
  for (let i = 0; i < values.length; i++) {
    const reference = expected[start + i] ?? Number.NaN;
    scale = Math.max(scale, Math.abs(reference));
    largest = larger(largest, Math.abs((values[i] ?? Number.NaN) - reference));
  }
  return largest / scale;
}

/** The larger one; NaN if one is. */
function larger(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b);
}
