// The same recurrence as ONNX Runtime's operator LinearAttention, and its inputs from the bench's tables.
import { operatorModel } from '../onnx/operator-model.ts';
import { ROWS } from './model.ts';
import type { BenchRecurrence, Sizes } from './recurrences.ts';
import type { BenchTensor } from './values.ts';

export interface OnnxJob {
  readonly model: Uint8Array<ArrayBuffer>;
  /** f32 [1, tokens, features] by the input's name. */
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array<ArrayBuffer>;
  }[];
}

const OPERANDS: readonly (readonly [input: string, operand: string] | null)[] = [
  ['query', 'q'],
  ['key', 'k'],
  ['value', 'v'],
  null,
  ['decay', 'g'],
  ['beta', 'b'],
];

/** Nothing where the operator has no such recurrence. */
export function onnxJob(
  { onnx }: BenchRecurrence,
  { heads, key, value }: Sizes,
  tensors: ReadonlyMap<string, BenchTensor>,
  tokens: number,
): OnnxJob | undefined {
  if (onnx === undefined) return undefined;
  const given = OPERANDS.map((pair) => {
    const table = pair === null ? undefined : tensors.get(pair[1]);
    return pair === null || table === undefined ? null : ([pair[0], repeated(table, tokens)] as const);
  });
  // Inputs that are left out at the end are not written at all.
  const last = given.findLastIndex((each) => each !== null);
  const shown = given.slice(0, last + 1);
  const model = operatorModel({
    type: 'LinearAttention',
    domain: 'com.microsoft',
    version: 1,
    inputs: shown.map((each) => each && ([each[0], each[1].shape] as const)),
    outputs: [
      ['output', [1, tokens, heads * value]],
      ['present_state', [1, heads, key, value]],
    ],
    attributes: {
      q_num_heads: heads,
      kv_num_heads: heads,
      update_rule: onnx.rule,
      scale: { float: 1 },
    },
  });
  return { model, inputs: shown.flatMap((each) => (each === null ? [] : [{ name: each[0], ...each[1] }])) };
}

function repeated({ shape, data }: BenchTensor, tokens: number): Omit<OnnxJob['inputs'][number], 'name'> {
  const features = shape.slice(1).reduce((product, size) => product * size, 1);
  const all = new Float32Array(tokens * features);
  for (let at = 0; at < tokens; at += ROWS)
    all.set(data.subarray(0, Math.min(ROWS, tokens - at) * features), at * features);
  return { shape: [1, tokens, features], data: all };
}
