// Complex values: what every operation makes of random ones, against arithmetic written out here, and where complex weights are stored.
import { expect, test } from 'vitest';
import { elementCount } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { randomValues } from '../ir/helpers.ts';
import { graphOf } from './graph-of.ts';

interface Complex {
  readonly re: number;
  readonly im: number;
}

const WIDTH = 4;
const complex = (re: number, im = 0): Complex => ({ re, im });
const plus = (a: Complex, b: Complex): Complex => complex(a.re + b.re, a.im + b.im);
const scaled = (a: Complex, by: number): Complex => complex(a.re * by, a.im * by);
const times = (a: Complex, b: Complex): Complex =>
  complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
const conj = (a: Complex): Complex => complex(a.re, -a.im);
const size = (a: Complex): number => Math.hypot(a.re, a.im);
const over = (a: Complex, b: Complex): Complex => scaled(times(a, conj(b)), 1 / size(b) ** 2);
const polar = (r: number, angle: number): Complex => complex(r * Math.cos(angle), r * Math.sin(angle));
const exp = (a: Complex): Complex => polar(Math.exp(a.re), a.im);
const sum = (all: readonly Complex[]): Complex => all.reduce(plus);

type Meaning = (at: number, z: readonly Complex[], w: readonly Complex[], x: readonly number[]) => Complex;

/** `z` and `w` are complex and `x` is real, all on the width. */
const cases: readonly (readonly [expression: string, meaning: Meaning])[] = [
  ['z + w', (i, z, w) => plus(z[i]!, w[i]!)],
  ['z - w', (i, z, w) => plus(z[i]!, scaled(w[i]!, -1))],
  ['z * w', (i, z, w) => times(z[i]!, w[i]!)],
  ['z / w', (i, z, w) => over(z[i]!, w[i]!)],
  ['-z', (i, z) => scaled(z[i]!, -1)],
  ['x + z', (i, z, _, x) => plus(complex(x[i]!), z[i]!)],
  ['x - z', (i, z, _, x) => plus(complex(x[i]!), scaled(z[i]!, -1))],
  ['2 * z * x', (i, z, _, x) => scaled(z[i]!, 2 * x[i]!)],
  ['z / x', (i, z, _, x) => scaled(z[i]!, 1 / x[i]!)],
  ['x / z', (i, z, _, x) => over(complex(x[i]!), z[i]!)],
  ['conj(z)', (i, z) => conj(z[i]!)],
  ['conj(x)', (i, _, __, x) => complex(x[i]!)],
  ['abs(z)', (i, z) => complex(size(z[i]!))],
  ['re(z) + complex(0, 1) * im(z)', (i, z) => z[i]!],
  ['exp(z)', (i, z) => exp(z[i]!)],
  ['exp(complex(0, x))', (i, _, __, x) => polar(1, x[i]!)],
  ['exp(x in complex)', (i, _, __, x) => complex(Math.exp(x[i]!))],
  ['polar(2, x)', (i, _, __, x) => polar(2, x[i]!)],
  ['polar(x, 0)', (i, _, __, x) => complex(x[i]!)],
  ['square(z)', (i, z) => times(z[i]!, z[i]!)],
  ['z ^ 3', (i, z) => times(z[i]!, times(z[i]!, z[i]!))],
  ['z ^ 0', () => complex(1)],
  ['recip(z)', (i, z) => over(complex(1), z[i]!)],
  ['where(x > 0, z, x)', (i, z, _, x) => (x[i]! > 0 ? z[i]! : complex(x[i]!))],
  ['z * sum(w, width)', (i, z, w) => times(z[i]!, sum(w))],
  ['sum(z * w, width) * x', (_, z, w, x) => scaled(sum(z.map((each, i) => times(each, w[i]!))), x[_]!)],
  [
    'mean(x + complex(0, 2), width) * x',
    (i, _, __, x) => scaled(complex(sum(x.map((each) => complex(each))).re / WIDTH, 2), x[i]!),
  ],
  ['rename(rename(z, width: other), other: width)', (i, z) => z[i]!],
  ['z[width = 1] * x', (i, z, _, x) => scaled(z[1]!, x[i]!)],
];

test.each(cases)('%s', (expression, meaning) => {
  const pinned = expression.replace(/\((\w+) in complex\)/, '(y)');
  const graph = graphOf(`mixer mine() {
  weight z, w : width in complex
  weight x : width
  y = x in complex
  r = ${pinned}
  return re(r) + 3 * im(r) + 0 * u
}
model own {
  vocab 5
  width ${WIDTH}
  stripe X
  X = mine()
  block bare
}`);
  const ids = Object.keys(graph.weights);
  const weight = (id: string): Float64Array =>
    randomValues(3 * ids.indexOf(id) + 1, elementCount(graph.weights[id]!.axes), 1);
  let found: Float64Array | undefined;
  createReference(graph, weight).run([1], (call, node, values) => {
    if (call === 1 && graph.bodies[graph.calls[call]!.body]?.outputs['stream'] === node.id) found = values;
  });
  const read = (name: string): readonly number[] => {
    const id = `layers.0.X.${name}`;
    return graph.weights[id] === undefined ? Array<number>(WIDTH).fill(NaN) : [...weight(id)];
  };
  const pair = (name: string): readonly Complex[] =>
    read(`${name}.re`).map((re, i) => complex(re, read(`${name}.im`)[i]));
  const [z, w, x] = [pair('z'), pair('w'), read('x')];
  for (let i = 0; i < WIDTH; i += 1) {
    const { re, im } = meaning(i, z, w, x);
    expect(found?.[i]).toBeCloseTo(re + 3 * im, 10);
  }
});

function text(line: string): string {
  return `mixer mine(n = 3) {
  weight z : width * n in complex
  return re(sum(z * z, n)) * u
}
model own {
  vocab 5
  width ${WIDTH}
  stripe X
  X = mine()
  block bare
  checkpoint { X "" { ${line} } }
}`;
}

function views(line: string): readonly unknown[] {
  const { weights } = graphOf(text(line));
  return ['re', 'im'].map((part) => {
    const [view] = weights[`layers.0.X.z.${part}`]?.views ?? [];
    return [view?.tensors[0], view?.shape, view?.offset, view?.strides];
  });
}

test('a complex weight has its parts side by side in one tensor, or in two', () => {
  const besides = [
    ['layers.0.z', [4, 3, 2], 0, [6, 2]],
    ['layers.0.z', [4, 3, 2], 1, [6, 2]],
  ];
  expect(views('z "z" as [width, n, re + im]')).toEqual(besides);
  expect(views('z "z" as [n, 1, (im + re) * width]')).toEqual([
    ['layers.0.z', [3, 1, 8], 4, [1, 8]],
    ['layers.0.z', [3, 1, 8], 0, [1, 8]],
  ]);
  expect(views('z.re "z_real", z.im "z_imag"').map(String)).toEqual([
    'layers.0.z_real,4,3,0,3,1',
    'layers.0.z_imag,4,3,0,3,1',
  ]);
  expect(views('').map(String)).toEqual(['layers.0.z,4,3,2,0,6,2', 'layers.0.z,4,3,2,1,6,2']);
});
