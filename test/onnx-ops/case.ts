// Operator cases of the ONNX backend suite, as models: a case's inputs become rows of the embedding, and every weight of the mixer picks
// one input out of them.
import { readFileSync } from 'node:fs';
import type { Tensor } from '../support/tensors.ts';
import { readTensors } from '../support/tensors.ts';

export interface OperatorCase {
  /** The mixer's file beside this one. */
  readonly mixer: string;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly sequences: readonly OperatorSequence[];
  /** Largest absolute difference that passes: that of the numbers the case is stored in. */
  readonly tolerance: number;
}

/** One row of the case's batch. */
export interface OperatorSequence {
  readonly tokens: readonly number[];
  /** [position, feature]. */
  readonly output: readonly (readonly number[])[];
  readonly past?: StateValues | undefined;
  readonly present: StateValues;
}

/** A state in the operator's layout: sizes of its named axes, outermost first. */
export interface StateValues {
  readonly axes: readonly (readonly [name: string, size: number])[];
  readonly values: Float64Array;
}

interface StoredCase {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly tensor: (name: string) => Tensor | undefined;
}

/** Reads a case of `LinearAttention` or `CausalConvWithState`. */
export function readCase(path: string): OperatorCase {
  const tensors = readTensors(path);
  const { op, attributes } = metadataOf(path);
  const stored: StoredCase = { attributes, tensor: (name) => tensors.get(name) };
  if (op === 'LinearAttention') return linearAttention(stored);
  if (op === 'CausalConvWithState') return causalConv(stored);
  throw new Error(`${path} is a case of ${op}`);
}

function metadataOf(path: string): { readonly op: string; readonly attributes: StoredCase['attributes'] } {
  const bytes = readFileSync(path);
  const header: unknown = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0))));
  const { op, attributes }: { op: string; attributes: string } = Reflect.get(Object(header), '__metadata__');
  return { op, attributes: JSON.parse(attributes) };
}

function input(stored: StoredCase, name: string): Tensor {
  const found = stored.tensor(`input.${name}`);
  if (found === undefined) throw new Error(`the case has no input ${name}`);
  return found;
}

const TOLERANCE: Readonly<Record<string, number>> = { F32: 1e-5, F16: 2e-3 };

// ---------------------------------------------------------------------------------------------- LinearAttention

/** Inputs are packed [batch, time, head · dimension]; the state is [batch, head, key, value]. */
function linearAttention(stored: StoredCase): OperatorCase {
  const given = ['query', 'key', 'value', 'decay', 'beta'].filter((name) => stored.tensor(`input.${name}`));
  const features = given.map((name) => ({ name, tensor: input(stored, name) }));
  const { attributes } = stored;
  const [heads, kv] = [Number(attributes['q_num_heads']), Number(attributes['kv_num_heads'])];
  const [, , query = 0] = input(stored, 'query').shape;
  const [, , values = 0] = input(stored, 'value').shape;
  const [key, value] = [query / heads, values / kv];
  const rule = String(attributes['update_rule'] ?? 'gated_delta');
  const settings = {
    heads,
    kv_heads: kv,
    key,
    value,
    scale: Number(attributes['scale'] ?? 1 / Math.sqrt(key)),
    ...(rule.includes('gated') && { decay_of: widthOf(stored, 'decay') === kv ? 'head' : 'key' }),
    ...(rule.includes('delta') && { beta_of: widthOf(stored, 'beta') === kv ? 'head' : 'all' }),
  };
  const rows = features.map(({ tensor }) => rowsOf(tensor));
  const state = [['kv', kv] as const, ['key', key] as const, ['value', value] as const];
  return modelOf(stored, rule, settings, {
    names: features.map(({ name }) => WEIGHT_OF[name] ?? name),
    rows,
    output: rowsOf(output(stored, 'output')),
    extra: [],
    state,
  });
}

const WEIGHT_OF: Readonly<Record<string, string>> = { query: 'q', key: 'k', value: 'v' };

function widthOf(stored: StoredCase, name: string): number {
  return input(stored, name).shape.at(-1) ?? 0;
}

// ---------------------------------------------------------------------------------------------- CausalConvWithState

/** Input and output are [batch, channel, time]; the state is [batch, channel, taps − 1], oldest first. */
function causalConv(stored: StoredCase): OperatorCase {
  const weight = input(stored, 'weight');
  const [channels = 0, , taps = 0] = weight.shape;
  const bias = stored.tensor('input.bias');
  const named = String(stored.attributes['activation'] ?? 'none');
  const settings = {
    channels,
    taps,
    activation: named === 'swish' ? 'silu' : named,
    biased: bias !== undefined,
  };
  const filter = tensorOf('layers.0.filter.weight', [channels, taps], weight.values);
  const extra = bias === undefined ? [] : [tensorOf('layers.0.filter.bias', [channels], bias.values)];
  return modelOf(stored, 'causal_conv', settings, {
    names: ['input'],
    rows: [rowsOf(transposed(input(stored, 'input')))],
    output: rowsOf(transposed(output(stored, 'output'))),
    extra: [filter, ...extra],
    state: [
      ['channels', channels],
      ['past', taps - 1],
    ],
  });
}

/** [batch, channel, time] as [batch, time, channel]. */
function transposed({ name, dtype, shape, values }: Tensor): Tensor {
  const [batch = 0, channels = 0, time = 0] = shape;
  const turned = Float64Array.from({ length: values.length }, (_, at) => {
    const [row, rest] = [Math.floor(at / (time * channels)), at % (time * channels)];
    return values[(row * channels + (rest % channels)) * time + Math.floor(rest / channels)] ?? Number.NaN;
  });
  return { name, dtype, shape: [batch, time, channels], values: turned };
}

// ---------------------------------------------------------------------------------------------- the model around an operator

interface Parts {
  /** The weight of the mixer that picks each input out. */
  readonly names: readonly string[];
  /** For each input, its features by batch row and position. */
  readonly rows: readonly (readonly (readonly (readonly number[])[])[])[];
  readonly output: readonly (readonly (readonly number[])[])[];
  readonly extra: readonly Tensor[];
  readonly state: StateValues['axes'];
}

function modelOf(
  stored: StoredCase,
  mixer: string,
  settings: OperatorCase['config'],
  { names, rows, output: expected, extra, state }: Parts,
): OperatorCase {
  const sizes = rows.map(([row]) => row?.[0]?.length ?? 0);
  const width = sizes.reduce((sum, size) => sum + size, 0);
  const [first] = expected;
  const [batch, time, outputs] = [expected.length, first?.length ?? 0, first?.[0]?.length ?? 0];
  const vocab = Math.max(batch * time, outputs);
  const table = Array.from({ length: vocab }, (_, token) =>
    rows.flatMap((input_) => input_[Math.floor(token / time)]?.[token % time] ?? []),
  ).map((row) => (row.length === 0 ? Array.from({ length: width }, () => 0) : row));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const weights = [
    tensorOf('embed.weight', [vocab, width], table.flat()),
    ...names.map((name, i) => selection(`layers.0.${name}.weight`, sizes[i] ?? 0, width, starts[i] ?? 0)),
    ...extra,
    selection('layers.0.output.weight', width, outputs, 0),
    selection('head.weight', vocab, width, 0),
  ];
  const past = stored.tensor('input.past_state');
  return {
    mixer,
    config: { ...settings, vocab, width },
    weights: new Map(weights.map((tensor) => [tensor.name, tensor])),
    sequences: expected.map((rowsOut, row) => ({
      tokens: Array.from({ length: time }, (_, at) => row * time + at),
      output: rowsOut,
      past: past && stateOf(past, row, batch, state),
      present: stateOf(output(stored, 'present_state'), row, batch, state),
    })),
    tolerance: TOLERANCE[output(stored, 'output').dtype] ?? 0,
  };
}

function output(stored: StoredCase, name: string): Tensor {
  const found = stored.tensor(`output.${name}`);
  if (found === undefined) throw new Error(`the case has no output ${name}`);
  return found;
}

function stateOf({ values }: Tensor, row: number, batch: number, axes: StateValues['axes']): StateValues {
  const size = values.length / batch;
  return { axes, values: values.slice(row * size, (row + 1) * size) };
}

/** [batch, time, feature] as nested lists. */
function rowsOf({ shape, values }: Tensor): readonly (readonly (readonly number[])[])[] {
  const [batch = 0, time = 0, features = 0] = shape;
  return Array.from({ length: batch }, (_, row) =>
    Array.from({ length: time }, (_each, at) => [
      ...values.subarray((row * time + at) * features, (row * time + at + 1) * features),
    ]),
  );
}

/** A map, stored [to, from], that gives the inputs from `start` on. */
function selection(name: string, to: number, from: number, start: number): Tensor {
  const values = new Float64Array(to * from);
  for (let i = 0; i < to && start + i < from; i++) values[i * from + start + i] = 1;
  return tensorOf(name, [to, from], values);
}

function tensorOf(name: string, shape: readonly number[], values: ArrayLike<number>): Tensor {
  return { name, dtype: 'F32', shape, values: Float64Array.from(values) };
}
