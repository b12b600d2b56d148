// Scans against f64: the elementwise kernel for columns and runs of many sizes, and the general one, with the state carried along.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanElementwise, type ScanSpec } from '../../compiler/kernels/scan-elementwise.ts';
import { DEFAULT_TARGET, type Target, type Templated } from '../../compiler/kernels/template.ts';
import { printKernel, type Binding } from '../../compiler/kernels/wgsl.ts';
import {
  openNullDevice,
  openSoftwareDevice,
  runKernel,
  shaderErrors,
  type TestDevice,
} from '../support/device.ts';
import { control, largestDifference, noise } from './attend-cases.ts';

const SUBGROUPS: Target = { ...DEFAULT_TARGET, subgroups: true };

interface Shape {
  readonly parallel: number;
  readonly column: number;
  readonly tokens: number;
  /** Rows that the buffers have, at least `tokens`. */
  readonly maximum: number;
}

/** S ← exp(d · A) · S + d · x · B + g,  y = Σ C · S + x · D, gated: every kind of operand. */
interface Inputs {
  readonly state: Float32Array<ArrayBuffer>;
  readonly decay: Float32Array<ArrayBuffer>;
  readonly skip: Float32Array<ArrayBuffer>;
  readonly perParallel: Float32Array<ArrayBuffer>;
  readonly perColumn: Float32Array<ArrayBuffer>;
  readonly perBoth: Float32Array<ArrayBuffer>;
}

const TEMPORAL = { d: 0, x: 1, gate: 2 } as const;

function inputsOf({ parallel, column, maximum }: Shape, seed: number): Inputs {
  return {
    state: noise(parallel * column, seed),
    decay: noise(parallel * column, seed + 1).map((value) => value - 1.2),
    skip: noise(parallel, seed + 2),
    perParallel: noise(maximum * 3 * parallel, seed + 3),
    perColumn: noise(maximum * 2 * column, seed + 4),
    perBoth: noise(maximum * parallel * column, seed + 5),
  };
}

function at(values: Float32Array, index: number): number {
  return values[index] ?? NaN;
}

function reference(
  shape: Shape,
  inputs: Inputs,
): { readonly result: Float64Array; readonly state: Float64Array } {
  const { parallel, column, tokens, maximum } = shape;
  const state = Float64Array.from(inputs.state);
  const result = new Float64Array(maximum * parallel).fill(-7);
  for (let token = 0; token < tokens; token++)
    for (let p = 0; p < parallel; p++) {
      const temporal = (which: number): number => at(inputs.perParallel, (token * 3 + which) * parallel + p);
      const [d, x, gate] = [Math.abs(temporal(0)), temporal(1), temporal(2)];
      let y = 0;
      for (let n = 0; n < column; n++) {
        const own = p * column + n;
        const b = at(inputs.perColumn, token * 2 * column + n);
        const c = at(inputs.perColumn, (token * 2 + 1) * column + n);
        const kick = at(inputs.perBoth, token * parallel * column + own);
        const next = Math.exp(d * at(inputs.decay, own)) * (state[own] ?? NaN) + d * x * b + kick;
        state[own] = next;
        y += c * next;
      }
      result[token * parallel + p] = (y + x * at(inputs.skip, p)) * gate;
    }
  return { result, state };
}

const BINDINGS = ['control', 'state', 'decay', 'skip', 'per_parallel', 'per_column', 'per_both', 'result'];

function bindingsOf(inputs: Inputs, results: number): readonly Binding[] {
  const sizes = [
    inputs.state.length,
    inputs.decay.length,
    inputs.skip.length,
    inputs.perParallel.length,
    inputs.perColumn.length,
    inputs.perBoth.length,
    results,
  ];
  return BINDINGS.map((name, index) => {
    if (index === 0) return { name, access: 'read', type: 'array<u32, 16>', bytes: 64 };
    const count = sizes[index - 1] ?? 0;
    const access = name === 'state' || name === 'result' ? 'read_write' : 'read';
    return { name, access, type: `array<f32, ${count}>`, bytes: 4 * count };
  });
}

function elementwiseSpec({ parallel, column, maximum }: Shape): ScanSpec {
  const perParallel = (which: number) => (_: unknown, token: string, p: string) =>
    `per_parallel[(${token} * 3u + ${which}u) * ${parallel}u + ${p}]`;
  const perColumn = (which: number) => (_: unknown, token: string, __: string, n: string) =>
    `per_column[(${token} * 2u + ${which}u) * ${column}u + ${n}]`;
  return {
    parallel,
    column,
    tokens: { maximum, count: 'control[1]' },
    operands: [
      {
        name: 'decay',
        over: 'both',
        temporal: false,
        read: (_, __, p, n) => `decay[${p} * ${column}u + ${n}]`,
      },
      { name: 'skip', over: 'parallel', temporal: false, read: (_, __, p) => `skip[${p}]` },
      {
        name: 'd',
        over: 'parallel',
        temporal: true,
        read: (c, t, p) => `abs(${perParallel(TEMPORAL.d)(c, t, p)})`,
      },
      { name: 'x', over: 'parallel', temporal: true, read: perParallel(TEMPORAL.x) },
      { name: 'gate', over: 'parallel', temporal: true, read: perParallel(TEMPORAL.gate) },
      { name: 'b', over: 'column', temporal: true, read: perColumn(0) },
      { name: 'c', over: 'column', temporal: true, read: perColumn(1) },
      {
        name: 'kick',
        over: 'both',
        temporal: true,
        read: (_, token, p, n) => `per_both[(${token} * ${parallel}u + ${p}) * ${column}u + ${n}]`,
      },
      { name: 'unused', over: 'none', temporal: true, read: () => 'missing' },
    ],
    states: 1,
    stateRead: (_, __, p, n) => `state[${p} * ${column}u + ${n}]`,
    stateWrite: (code, _, p, n, value) => code.line(`state[${p} * ${column}u + ${n}] = ${value};`),
    update: (_, v, [state]) => [
      `exp(${v['d']} * ${v['decay']}) * ${state} + ${v['d']} * ${v['x']} * ${v['b']} + ${v['kick']}`,
    ],
    readings: 1,
    output: (_, v, [state]) => [`${v['c']} * ${state}`],
    looksBack: false,
    finish: (code, token, p, [y], v) =>
      code.line(`result[${token} * ${parallel}u + ${p}] = (${y} + ${v['x']} * ${v['skip']}) * ${v['gate']};`),
    reserved: BINDINGS,
  };
}

async function run(
  device: GPUDevice,
  made: Templated,
  shape: Shape,
  inputs: Inputs,
): Promise<readonly Float32Array[]> {
  const result = new Float32Array(shape.maximum * shape.parallel).fill(-7);
  const wgsl = printKernel(['A scan'], bindingsOf(inputs, result.length), made.body);
  const data = [
    inputs.state,
    inputs.decay,
    inputs.skip,
    inputs.perParallel,
    inputs.perColumn,
    inputs.perBoth,
    result,
  ];
  const bound = data.map((values, index) => ({
    access: index === 0 || index === 6 ? ('read_write' as const) : ('read' as const),
    data: values,
  }));
  const grid = made.grid.map((extent) => (typeof extent === 'number' ? extent : NaN));
  const after = await runKernel(
    device,
    wgsl,
    [{ access: 'read', data: control(0, shape.tokens) }, ...bound],
    [grid[0] ?? NaN, grid[1] ?? NaN, grid[2] ?? NaN],
  );
  return [new Float32Array(after[7] ?? new ArrayBuffer(0)), new Float32Array(after[1] ?? new ArrayBuffer(0))];
}

const SHAPES: readonly Shape[] = [
  { parallel: 1, column: 1, tokens: 1, maximum: 1 },
  { parallel: 65, column: 1, tokens: 33, maximum: 40 },
  { parallel: 7, column: 3, tokens: 31, maximum: 32 },
  { parallel: 17, column: 8, tokens: 32, maximum: 33 },
  { parallel: 16, column: 16, tokens: 100, maximum: 128 },
  { parallel: 37, column: 16, tokens: 33, maximum: 33 },
  { parallel: 5, column: 33, tokens: 33, maximum: 64 },
  { parallel: 3, column: 130, tokens: 20, maximum: 32 },
];

describe('scans', () => {
  let opened: TestDevice;
  let compiling: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
    compiling = await openNullDevice();
  });
  afterAll(() => {
    opened.close();
    compiling.close();
  });

  for (const shape of SHAPES) {
    const title = `${shape.parallel} columns of ${shape.column}, ${shape.tokens} tokens`;
    const check = async (made: Templated): Promise<void> => {
      const inputs = inputsOf(shape, 5);
      const expected = reference(shape, inputs);
      const [result = new Float32Array(), state = new Float32Array()] = await run(
        opened.device,
        made,
        shape,
        inputs,
      );
      expect(largestDifference(result, expected.result)).toBeLessThan(5e-5);
      expect(largestDifference(state, expected.state)).toBeLessThan(5e-5);
    };
    it(`${title}, elementwise`, () => check(scanElementwise(elementwiseSpec(shape), DEFAULT_TARGET)));
    it(`${title}, elementwise, subgroups`, () => check(scanElementwise(elementwiseSpec(shape), SUBGROUPS)));
  }

  it('has two barriers for 32 tokens and reads only what it uses', () => {
    const shape = { parallel: 384, column: 16, tokens: 256, maximum: 256 };
    for (const target of [DEFAULT_TARGET, SUBGROUPS]) {
      const { body } = scanElementwise(elementwiseSpec(shape), target);
      expect(body.barriers).toBe(2);
      expect(body.code.text()).not.toContain('missing');
      expect(body.shared.reduce((sum, variable) => sum + variable.bytes, 0)).toBeLessThanOrEqual(16_384);
    }
  });

  it('is accepted by the null backend', async () => {
    for (const column of [4, 16, 64, 128])
      for (const target of [DEFAULT_TARGET, SUBGROUPS]) {
        const shape = { parallel: 100, column, tokens: 64, maximum: 64 };
        const { body } = scanElementwise(elementwiseSpec(shape), target);
        const wgsl = printKernel(['A scan'], bindingsOf(inputsOf(shape, 1), 6400), body);
        expect(await shaderErrors(compiling.device, wgsl)).toEqual([]);
      }
  });
});
