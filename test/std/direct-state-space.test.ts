// Complex state spaces of std/, run by the reference executor, against their formulas and against the published code's output.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createReference } from '../../compiler/ir/interpret.ts';
import { graphOf, root } from '../check/graph-of.ts';
import { largestDifference } from '../ir/helpers.ts';
import { readTensors, type Tensor, weightValues } from '../support/tensors.ts';
import * as direct from './direct-state-space.ts';
import { expectSame, runLayer } from './run-layer.ts';

const s4d = { modes: 3, disc: 'zoh', exponential: false, sign: -1, learned: true, glu: true };
test.each([
  ['s4d(state: 6)', s4d],
  ['s4d(state: 4, disc: "bilinear", dt: "exp")', { ...s4d, modes: 2, disc: 'bilinear', exponential: true }],
  [
    's4d(state: 2, sign: 1, learned_input: false, glu: false)',
    { ...s4d, modes: 1, sign: 1, learned: false, glu: false },
  ],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.s4d(u, options, w));
});

const dss = { modes: 5, version: 'exp', separate: true, glu: false };
test.each([
  ['dss(state: 5)', dss],
  [
    'dss(state: 3, version: "exp-no-scale", separate_dt: false)',
    { ...dss, modes: 3, version: 'exp-no-scale', separate: false },
  ],
  ['dss(state: 4, version: "clip", glu: true)', { ...dss, modes: 4, version: 'clip', glu: true }],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.dss(u, options, w));
});

const s5 = { modes: 4, disc: 'zoh', pairs: true, activation: 'half_glu1' };
test.each([
  ['s5(state: 8)', s5],
  [
    's5(state: 3, pairs: false, disc: "bilinear", activation: "full_glu")',
    { modes: 3, disc: 'bilinear', pairs: false, activation: 'full_glu' },
  ],
  ['s5(state: 4, activation: "half_glu2")', { ...s5, modes: 2, activation: 'half_glu2' }],
  ['s5(state: 4, activation: "gelu")', { ...s5, modes: 2, activation: 'gelu' }],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.s5(u, options, w));
});

const mamba3 = { groups: 1, per: 4, part: 6, pairs: 3, moving: 1, heavy: true };
test.each([
  ['mamba3(heads: 4, state: 6)', mamba3],
  [
    'mamba3(heads: 4, state: 8, groups: 2, expand: 1, turned: 0.75, heavy_tail: false)',
    { groups: 2, per: 2, part: 3, pairs: 4, moving: 3, heavy: false },
  ],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.mamba3(u, options, w));
});

// ---------------------------------------------------------------------------------------------- published code

const WIDTH = 6;

interface Published {
  readonly fixture: string;
  readonly letter: string;
  readonly lines: string;
  /** What the layer does to its input, and to the mixer's output. */
  readonly before?: (x: readonly number[], tensors: ReadonlyMap<string, Tensor>) => readonly number[];
  readonly residual?: boolean;
  /** Brings tensors into a form that a stored shape can speak of. */
  readonly prepare?: (tensor: Tensor) => Tensor;
}

const published: readonly Published[] = [
  {
    fixture: 'lc_s4d-zoh',
    letter: 's4d(state: 10)',
    lines: `A_real "layer.kernel.A_real", A_imag "layer.kernel.A_imag"
      B "layer.kernel.B" as [1, width, n, re + im]
      C "layer.kernel.C" as [1, width, n, re + im]
      inv_dt "layer.kernel.inv_dt" as [width, 1]
      D "layer.D" as [1, width]
      output_gated "output_linear.0"`,
    prepare: (tensor) => (/A_real|A_imag|\.B$/.test(tensor.name) ? repeated(tensor) : tensor),
  },
  {
    fixture: 'lc_s4d-minimal',
    letter: 's4d(state: 10, sign: 1, dt: "exp", learned_input: false)',
    lines: `A_real "kernel.log_A_real", A_imag "kernel.A_imag", C "kernel.C", inv_dt "kernel.log_dt"
      output_gated "output_linear.0" as [a: width + b: width, width, 1]`,
  },
  {
    fixture: 'lc_s5-halfglu1-bn',
    letter: 's5(state: 12)',
    lines: `Lambda_re "seq.Lambda_re", Lambda_im "seq.Lambda_im", D "seq.D"
      log_step "seq.log_step" as [n, 1]
      B "seq.B" as [n, width, re + im]
      C "seq.C" as [width, n, re + im]
      out2 "out2.kernel" as [width, width], out2.bias "out2.bias"`,
    before: (x, tensors) => {
      const of = (name: string, i: number): number => tensors.get(name)?.values[i] ?? NaN;
      return x.map((value, i) => {
        const spread = Math.sqrt(of('batch_stats.norm.var', i) + 1e-5);
        return ((value - of('batch_stats.norm.mean', i)) / spread) * of('norm.scale', i) + of('norm.bias', i);
      });
    },
    residual: true,
    // Here the input comes first, and both axes have one name.
    prepare: (tensor) => (tensor.name === 'out2.kernel' ? transposed(tensor) : tensor),
  },
];

/** Rows that channels share by turns, as many as there are channels. */
function repeated({ shape, values, ...rest }: Tensor): Tensor {
  const rows = shape.findIndex((size) => size > 1);
  const each = values.length / (shape[rows] ?? 1);
  const whole = Float64Array.from({ length: WIDTH * each }, (_, at) => values[at % values.length] ?? NaN);
  return { ...rest, shape: shape.map((size, at) => (at === rows ? WIDTH : size)), values: whole };
}

function transposed(tensor: Tensor): Tensor {
  const values = tensor.values.map((_, at, all) => all[(at % WIDTH) * WIDTH + Math.floor(at / WIDTH)] ?? NaN);
  return { ...tensor, values };
}

describe.each(published)('$fixture', ({ fixture, letter, lines, before, residual, prepare }) => {
  const folder = join(root, 'test/fixtures', fixture);
  const golden = readTensors(join(folder, 'golden.safetensors'));
  const stored = readTensors(join(folder, 'model.safetensors'));
  const tensors = new Map([...stored].map(([name, tensor]) => [name, prepare?.(tensor) ?? tensor]));

  test('is what the published code makes of the input', () => {
    const [batch = 0, length = 0] = golden.get('input')?.shape ?? [];
    const rows = batch * length;
    const graph = graphOf(`model one {
  vocab ${rows}
  width ${WIDTH}
  stripe X
  X = ${letter}
  block bare
  checkpoint { layer i "" X "" { ${lines} } }
}`);
    const row = (name: string, at: number): readonly number[] =>
      [...(golden.get(name)?.values ?? [])].slice(at * WIDTH, (at + 1) * WIDTH);
    const inputs = Array.from({ length: rows }, (_, at) => row('input', at));
    const embedded = Float64Array.from(inputs.flatMap((x) => before?.(x, tensors) ?? x));
    const stand: Tensor = { name: 'embed', dtype: 'F32', shape: [rows, WIDTH], values: embedded };
    const ones: Tensor = {
      name: 'norm',
      dtype: 'F32',
      shape: [WIDTH],
      values: new Float64Array(WIDTH).fill(1),
    };
    const all = new Map(tensors);
    for (const { id, views } of Object.values(graph.weights))
      if (!id.startsWith('layers.'))
        for (const name of views[0]?.tensors ?? []) all.set(name, id === 'final_norm' ? ones : stand);
    const weight = weightValues(graph, all);
    const values = new Map(Object.keys(graph.weights).map((id) => [id, weight(id)]));
    for (let sequence = 0; sequence < batch; sequence += 1) {
      let found: Float64Array | undefined;
      const tokens = Array.from({ length }, (_, t) => sequence * length + t);
      createReference(graph, (id) => values.get(id) ?? new Float64Array()).run(
        tokens,
        (call, node, value) => {
          if (call === 1 && graph.bodies[graph.calls[call]!.body]?.outputs['stream'] === node.id)
            found = value;
        },
      );
      const expected = tokens.flatMap((at) =>
        row('output', at).map((value, i) => value - (residual === true ? inputs[at]![i]! : 0)),
      );
      expect(largestDifference(found ?? [], expected)).toBeLessThan(1e-5);
    }
  });
});
