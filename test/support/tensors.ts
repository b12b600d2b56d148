// Safetensors files read whole, and a graph's weights taken from them through their views.
import { readFileSync } from 'node:fs';
import { type Graph, type GraphWeight, inOtherLayout, type TensorView } from '../../compiler/ir/graph.ts';
import { TENSORS_JOINED } from '../../runtime/plan.ts';
import { recordOf } from '../../compiler/ir/ops/index.ts';
import { decodeElements } from '../../runtime/weights/decode-elements.ts';
import { headerLength, parseHeader } from '../../runtime/weights/safetensors.ts';

export interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** The names in a file's header. */
export function tensorNames(path: string): readonly string[] {
  const bytes = new Uint8Array(readFileSync(path));
  const length = headerLength(bytes.subarray(0, 8), bytes.length, path);
  return parseHeader(bytes.subarray(8, 8 + length), bytes.length, path).map(({ name }) => name);
}

/** Every tensor of the file, by name; I32, F32, F16 and BF16. */
export function readTensors(path: string): ReadonlyMap<string, Tensor> {
  const bytes = new Uint8Array(readFileSync(path));
  const length = headerLength(bytes.subarray(0, 8), bytes.length, path);
  const headers = parseHeader(bytes.subarray(8, 8 + length), bytes.length, path);
  return new Map(
    headers.map(({ name, dtype, shape, begin, end }) => {
      const data = bytes.slice(begin, end);
      return [name, { name, dtype, shape, values: decode(data, dtype) }];
    }),
  );
}

function decode(data: Uint8Array, dtype: string): Float64Array {
  if (dtype === 'I32') return Float64Array.from(new Int32Array(data.buffer));
  if (dtype === 'I64') return Float64Array.from(new BigInt64Array(data.buffer), Number);
  if (dtype === 'F64') return new Float64Array(data.buffer);
  return Float64Array.from(decodeElements(data, dtype, new Float32Array(data.length)));
}

/** The weight of that id, row-major over its axes. */
export function weightValues(
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
): (id: string) => Float64Array {
  return (id) => {
    const weight = graph.weights[id];
    if (weight === undefined) throw new Error(`no weight ${id}`);
    const has = ({ views }: GraphWeight) => views.every((view) => find(view.tensors, tensors));
    const other = inOtherLayout(weight);
    const found = other !== undefined && !has(weight) && has(other) ? other : weight;
    return fold(found, gather(found, tensors));
  };
}

function gather(weight: GraphWeight, tensors: ReadonlyMap<string, Tensor>): Float64Array {
  const { axes, each } = weight;
  const inner = axes.filter((axis) => axis.name !== each);
  const at = axes.findIndex((axis) => axis.name === each);
  const size = axes.reduce((product, axis) => product * axis.size, 1);
  const before = axes.slice(0, Math.max(at, 0)).reduce((product, axis) => product * axis.size, 1);
  const values = new Float64Array(size);
  weight.views.forEach((view, index) => {
    const part = readView(view, inner, tensors);
    const after = part.length / before;
    for (let row = 0; row < before; row += 1) {
      const from = part.subarray(row * after, (row + 1) * after);
      values.set(from, (row * weight.views.length + index) * after);
    }
  });
  return values;
}

/** The first name that is there; `a + b` is two tensors, one after the other. */
function find(names: readonly string[], tensors: ReadonlyMap<string, Tensor>): Tensor | undefined {
  for (const name of names) {
    const parts = tensors.has(name) ? [name] : name.split(TENSORS_JOINED);
    const found = parts.flatMap((part) => tensors.get(part) ?? []);
    const [first] = found;
    if (first === undefined || found.length < parts.length) continue;
    if (found.length === 1) return first;
    return { ...first, values: Float64Array.from(found.flatMap(({ values }) => [...values])) };
  }
  return undefined;
}

function readView(
  view: TensorView,
  axes: GraphWeight['axes'],
  tensors: ReadonlyMap<string, Tensor>,
): Float64Array {
  const tensor = find(view.tensors, tensors);
  if (tensor === undefined) throw new Error(`no tensor ${view.tensors.join(' | ')}`);
  const size = axes.reduce((product, axis) => product * axis.size, 1);
  return Float64Array.from({ length: size }, (_, flat) => {
    let rest = flat;
    let position = view.offset;
    for (let axis = axes.length - 1; axis >= 0; axis -= 1) {
      const length = axes[axis]?.size ?? 1;
      position += (rest % length) * (view.strides[axis] ?? 0);
      rest = Math.floor(rest / length);
    }
    return tensor.values[position] ?? Number.NaN;
  });
}

function fold(weight: GraphWeight, values: Float64Array): Float64Array {
  let result: Float64Array = values;
  for (const op of weight.fold) {
    const record = recordOf(op);
    if (record.kind !== 'map') throw new Error(`${op} is no map`);
    result = result.map((value) => record.evaluate(value, 0, 0));
  }
  return result;
}
