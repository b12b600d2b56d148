// One case of the matrix products' conformance suite: hooks, data, and the f64 reference.
import { quadsOf, type ContractSpec, type Rider, type TokenRange } from '../../compiler/kernels/contract.ts';
import { ENCODINGS } from '../../compiler/kernels/encodings.ts';
import type { GridExtent, Templated } from '../../compiler/kernels/template.ts';
import { printKernel, type Binding, type Code } from '../../compiler/kernels/wgsl.ts';
import type { WeightEncoding } from '../../runtime/plan.ts';
import { runKernel } from '../support/device.ts';
import { exactHalves, packHalves } from '../support/half.ts';

/** What surrounds the product: a prologue is a gain on the input, an epilogue bias, SiLU and residual. */
export type Surroundings = 'plain' | 'prologue' | 'epilogue' | 'two streams' | 'three streams' | 'rider';

export interface ContractCase {
  readonly rows: number;
  readonly depth: number;
  /** Tokens of the run, and how many the buffers hold (none: the one-token product). */
  readonly tokens: number;
  readonly maximum?: number;
  readonly encoding: WeightEncoding;
  readonly surroundings: Surroundings;
}

export function caseName(it: ContractCase): string {
  return `${it.rows} rows × ${it.depth} deep, ${it.tokens} tokens, ${it.encoding}, ${it.surroundings}`;
}

export function streamsOf(it: ContractCase): number {
  return it.surroundings === 'two streams' ? 2 : it.surroundings === 'three streams' ? 3 : 1;
}

const EPSILON = 1e-5;
const RESERVED = ['weights', 'inputs', 'gains', 'biases', 'residuals', 'control', 'outputs', 'visits'];

/** The spec whose hooks read the bindings of `bindingsOf`. */
export function specOf<Tokens extends 'one' | TokenRange>(it: ContractCase, tokens: Tokens): SpecOf<Tokens> {
  const quads = quadsOf(it.depth);
  const riders = it.surroundings === 'rider' ? [SQUARES(quads)] : [];
  return {
    rows: it.rows,
    depth: it.depth,
    streams: streamsOf(it),
    weight: (_code, stream, row, quad) =>
      ENCODINGS[it.encoding].readQuad('weights', `(${stream * it.rows}u + ${row}) * ${quads}u + ${quad}`),
    input: (code, token, quad) => {
      const raw = `inputs[${token} * ${quads}u + ${quad}]`;
      return it.surroundings === 'prologue' ? code.let('gained', `${raw} * gains[${quad}]`) : raw;
    },
    riders,
    finish: (code, token, row, sums, totals) => writeResult(code, it, token, row, sums, totals),
    tokens,
    reserved: RESERVED,
    // Only the one-token cases have a rider, so that a product of many tokens gets the empty list its type asks for.
  } as SpecOf<Tokens>;
}

type SpecOf<Tokens> = ContractSpec & { readonly tokens: Tokens } & (Tokens extends 'one'
    ? unknown
    : { readonly riders: readonly [] });

const SQUARES = (quads: number): Rider => ({
  name: 'squares',
  term: (code, token, quad) => {
    const raw = code.let('raw', `inputs[${token} * ${quads}u + ${quad}]`);
    return `dot(${raw}, ${raw})`;
  },
});

function writeResult(
  code: Code,
  it: ContractCase,
  token: string,
  row: string,
  sums: readonly string[],
  totals: readonly string[],
): void {
  const at = code.let('at', `(${token}) * ${it.rows}u + ${row}`);
  const [first, second, third] = sums;
  const value = code.let(
    'value',
    {
      plain: `${first}`,
      prologue: `${first}`,
      epilogue: `${first} + biases[${row}]`,
      'two streams': `${first} / (1.0 + exp(-${first})) * ${second}`,
      'three streams': `${first} * ${second} - ${third}`,
      rider: `${first} * inverseSqrt(${totals[0]} / ${it.depth}.0 + ${EPSILON})`,
    }[it.surroundings],
  );
  const isEpilogue = it.surroundings === 'epilogue';
  code.line(
    `outputs[${at}] = ${isEpilogue ? `${value} / (1.0 + exp(-${value})) + residuals[${at}]` : value};`,
  );
  code.line(`atomicAdd(&visits[${at}], 1u);`);
}

interface CaseData {
  readonly weights: Float32Array;
  readonly inputs: Float32Array;
  readonly gains: Float32Array;
  readonly biases: Float32Array;
  readonly residuals: Float32Array;
}

function dataOf(it: ContractCase): CaseData {
  const seed = it.rows * 31 + it.depth * 7 + it.tokens;
  const maximum = it.maximum ?? 1;
  return {
    weights: padded(exactHalves(streamsOf(it) * it.rows * it.depth, seed), it.depth),
    inputs: withStaleTokens(padded(exactHalves(maximum * it.depth, seed + 1), it.depth), it),
    gains: padded(exactHalves(it.depth, seed + 2), it.depth),
    biases: exactHalves(it.rows, seed + 3),
    residuals: exactHalves(maximum * it.rows, seed + 4),
  };
}

/** Past the run's tokens lies what an earlier run left there, which must not reach any result. */
function withStaleTokens(inputs: Float32Array, it: ContractCase): Float32Array {
  return inputs.fill(3e30, it.tokens * quadsOf(it.depth) * 4);
}

/** Rows of `depth` padded with zeroes to whole quads. */
function padded(values: Float32Array, depth: number): Float32Array {
  const width = quadsOf(depth) * 4;
  const result = new Float32Array((values.length / depth) * width);
  values.forEach((value, index) => {
    result[Math.floor(index / depth) * width + (index % depth)] = value;
  });
  return result;
}

const UNTOUCHED = -12_345;

/** All bindings with what they hold at the start; every kernel of a case gets the same ones. */
function bindingsOf(it: ContractCase): readonly (Binding & { readonly data: ArrayBufferView })[] {
  const data = dataOf(it);
  const results = (it.maximum ?? 1) * it.rows;
  const stored = it.encoding === 'f16' ? packHalves(data.weights) : data.weights;
  const quads = (name: string, values: Float32Array) =>
    binding(name, 'read', `array<vec4<f32>, ${values.length / 4}>`, values);
  const control = new Uint32Array(16);
  control[1] = it.tokens;
  return [
    binding('weights', 'read', ENCODINGS[it.encoding].storage(data.weights.length / 4), stored),
    quads('inputs', data.inputs),
    quads('gains', data.gains),
    binding('biases', 'read', `array<f32, ${it.rows}>`, data.biases),
    binding('residuals', 'read', `array<f32, ${results}>`, data.residuals),
    binding('control', 'read', 'array<u32, 16>', control),
    binding('outputs', 'read_write', `array<f32, ${results}>`, new Float32Array(results).fill(UNTOUCHED)),
    binding('visits', 'read_write', `array<atomic<u32>, ${results}>`, new Uint32Array(results)),
  ];
}

function binding(
  name: string,
  access: 'read' | 'read_write',
  type: string,
  data: ArrayBufferView,
): Binding & { readonly data: ArrayBufferView } {
  return { name, access, type, bytes: data.byteLength, data };
}

/** The whole kernel's text. */
export function kernelText(it: ContractCase, made: Templated): string {
  return printKernel([caseName(it)], bindingsOf(it), made.body);
}

/** Runs the kernel; throws with the first wrong element: too far off, not visited once, or touched past the run's tokens. */
export async function checkCase(device: GPUDevice, it: ContractCase, made: Templated): Promise<void> {
  const grid = made.grid.map((extent) => workgroups(extent, it.tokens));
  const [x = 1, y = 1, z = 1] = grid;
  const wgsl = kernelText(it, made);
  const after = await runKernel(device, wgsl, bindingsOf(it), [x, y, z]);
  const [visits, outputs] = [after.at(-1), after.at(-2)];
  if (visits === undefined || outputs === undefined) throw new Error('a case has two results');
  compare(it, new Float32Array(outputs), new Uint32Array(visits));
}

function workgroups(extent: GridExtent, tokens: number): number {
  return typeof extent === 'number' ? extent : extent.times * Math.ceil(tokens / extent.tile);
}

function compare(it: ContractCase, outputs: Float32Array, visits: Uint32Array): void {
  const reference = referenceOf(it);
  const tolerance = 4e-6 * Math.sqrt(it.depth) * Math.max(1, ...reference.map(Math.abs));
  outputs.forEach((value, index) => {
    const expected = reference[index];
    const where = `token ${Math.floor(index / it.rows)}, row ${index % it.rows}`;
    const times = expected === undefined ? 0 : 1;
    if (visits[index] !== times)
      throw new Error(`${where} was finished ${visits[index]} times instead of ${times}`);
    const right = expected === undefined ? value === UNTOUCHED : Math.abs(value - expected) <= tolerance;
    if (!right) throw new Error(`${where} is ${value} instead of ${expected} (± ${tolerance})`);
  });
}

/** What the kernel should give, in f64, for the run's tokens. */
function referenceOf(it: ContractCase): readonly number[] {
  const data = dataOf(it);
  const width = quadsOf(it.depth) * 4;
  const input = (token: number, depth: number): number => data.inputs[token * width + depth] ?? 0;
  const gain = (depth: number): number => (it.surroundings === 'prologue' ? (data.gains[depth] ?? 0) : 1);
  const total = (term: (depth: number) => number): number => {
    let sum = 0;
    for (let depth = 0; depth < it.depth; depth++) sum += term(depth);
    return sum;
  };
  return Array.from({ length: it.tokens * it.rows }, (_, index) => {
    const [token, row] = [Math.floor(index / it.rows), index % it.rows];
    const sum = (stream: number): number =>
      total(
        (at) =>
          (data.weights[(stream * it.rows + row) * width + at] ?? 0) *
          Math.fround(input(token, at) * gain(at)),
      );
    return finished(it, data, index, sum, () => total((at) => input(token, at) ** 2));
  });
}

function finished(
  it: ContractCase,
  data: CaseData,
  index: number,
  sum: (stream: number) => number,
  squares: () => number,
): number {
  if (it.surroundings === 'epilogue')
    return silu(sum(0) + (data.biases[index % it.rows] ?? 0)) + (data.residuals[index] ?? 0);
  if (it.surroundings === 'two streams') return silu(sum(0)) * sum(1);
  if (it.surroundings === 'three streams') return sum(0) * sum(1) - sum(2);
  if (it.surroundings === 'rider') return sum(0) / Math.sqrt(squares() / it.depth + EPSILON);
  return sum(0);
}

function silu(value: number): number {
  return value / (1 + Math.exp(-value));
}
