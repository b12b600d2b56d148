// Maps: the reference meaning, and that the WGSL text computes it in f32.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { ops } from '../../compiler/ir/ops/index.ts';
import { atom } from '../../compiler/ir/ops/map-record.ts';
import { erf } from '../../runtime/functions/special.ts';
import { axis, expectClose, perPosition, randomGiven } from './helpers.ts';
import { evaluateWgsl } from './wgsl-evaluator.ts';

const maps = Object.entries(ops).flatMap(([name, record]) =>
  record.kind === 'map' ? [{ name, record }] : [],
);
type Map = (typeof maps)[number]['record'];

/** The WGSL formula at one point, in f32; bool arguments are given as numbers and passed as bools. */
function inWgsl(record: Map, args: readonly number[]): number {
  const letters = ['a', 'b', 'c'].slice(0, record.arity);
  const bools = boolInputs(record);
  const names = Object.fromEntries(
    letters.map((name, i) => [name, bools[i] === true ? args[i] !== 0 : Math.fround(args[i]!)]),
  );
  return Number(evaluateWgsl(record.wgsl(letters), names, record.helpers));
}

/** Which inputs a map takes as bools, found by asking its inference. */
function boolInputs(record: Map): readonly boolean[] {
  const number = { dtype: 'f32', axes: [], temporal: false } as const;
  const bool = { dtype: 'bool', axes: [], temporal: false } as const;
  return Array.from({ length: record.arity }, (_, i) => {
    const choices = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
      Array.from({ length: record.arity }, (__, j) => ((bits >> j) & 1 ? bool : number)),
    );
    const fits = choices.find((inputs) => {
      try {
        return record.infer(inputs, {}).axes.length === 0;
      } catch {
        return false;
      }
    });
    return fits?.[i]?.dtype === 'bool';
  });
}

/** Both relative and absolute, of the size of a few f32 roundings of the arguments and the result. */
function tolerance(expected: number): number {
  return 4e-7 + 3e-6 * Math.abs(expected);
}

describe.each(maps)('$name', ({ name, record }) => {
  it('has WGSL that agrees with its meaning at its samples', () => {
    for (const sample of record.samples) {
      const args = sample.map(Math.fround);
      const expected = record.evaluate(args[0]!, args[1] ?? 0, args[2] ?? 0);
      const actual = inWgsl(record, sample);
      expect(Math.abs(actual - expected), `${name}(${sample.join(', ')}) = ${actual}`).toBeLessThanOrEqual(
        tolerance(expected),
      );
    }
  });

  it('keeps its WGSL in one piece whatever the arguments are', () => {
    const args = ['a + b', 'c - d', 'e * f'].slice(0, record.arity);
    const text = record.wgsl(args);
    expect(atom(text)).toBe(text);
    for (const call of text.matchAll(/op_\w+/g))
      expect(record.helpers.join('\n')).toContain(`fn ${call[0]}(`);
  });
});

describe('WGSL of activations', () => {
  const smooth = ['sigmoid', 'silu', 'gelu', 'gelu_tanh', 'softplus', 'log_sigmoid', 'tanh', 'erf'] as const;
  it.each(smooth)('%s is finite and close everywhere', (name) => {
    fc.assert(
      fc.property(fc.float({ min: -200, max: 200, noNaN: true }), (x) => {
        const expected = ops[name].evaluate(x, 0, 0);
        expect(Math.abs(inWgsl(ops[name], [x]) - expected)).toBeLessThanOrEqual(tolerance(expected));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the digits of a small softplus', () => {
    for (const x of [-5, -8, -12, -20, -40])
      expect(inWgsl(ops.softplus, [x]) / Math.log1p(Math.exp(x))).toBeCloseTo(1, 5);
  });

  it('has remainders with the divisor’s sign for all whole numbers', () => {
    const whole = fc.integer({ min: -5000, max: 5000 });
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        fc.pre(b !== 0);
        expect(inWgsl(ops.mod, [a, b]) + 0).toBe((((a % b) + b) % b) + 0);
      }),
    );
  });
});

describe('special functions', () => {
  it('knows erf to 1e-15', () => {
    expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15);
    expect(erf(1)).toBeCloseTo(0.8427007929497149, 15);
    expect(erf(-2)).toBeCloseTo(-0.9953222650189527, 15);
    expect(erf(4)).toBeCloseTo(0.9999999845827421, 15);
    expect(erf(7)).toBe(1);
  });
});

describe('broadcasting by name', () => {
  it('matches axes by name in any order, and time', () => {
    const builder = new BodyBuilder('map');
    const [a, b] = [axis('a', 2), axis('b', 3)];
    const x = builder.input('x', perPosition(a, b));
    const w = builder.weight('w', [b, a]);
    const bias = builder.weight('bias', [b]);
    const y = builder.map('sub', [x, w]);
    const chosen = builder.map('where', [builder.map('lt', [bias, x]), w, builder.constant(7)]);
    const outer = builder.map('mul', [builder.weight('left', [a]), bias]);
    const body = builder.finish({
      y,
      chosen,
      outer,
      position: builder.map('add', [builder.position(), bias]),
    });
    expect(builder.typeOf(chosen).axes).toEqual([b, a]);
    expect(builder.typeOf(outer)).toEqual({ dtype: 'f32', axes: [a, b], temporal: false });
    const given = randomGiven(body, 4);
    const results = interpretBody(body, given, [2, 2]);
    const { x: xs } = given.inputs;
    const { w: ws, bias: biases, left } = given.weights;
    const at = (t: number, i: number, j: number): number => xs![t * 6 + i * 3 + j]!;
    const cells = [0, 1, 2, 3].flatMap((t) => [0, 1].flatMap((i) => [0, 1, 2].map((j) => ({ t, i, j }))));
    expectClose(
      results['y']!,
      cells.map(({ t, i, j }) => at(t, i, j) - ws![j * 2 + i]!),
    );
    const turned = [0, 1, 2, 3].flatMap((t) => [0, 1, 2].flatMap((j) => [0, 1].map((i) => ({ t, i, j }))));
    expectClose(
      results['chosen']!,
      turned.map(({ t, i, j }) => (biases![j]! < at(t, i, j) ? ws![j * 2 + i]! : 7)),
    );
    expectClose(
      results['outer']!,
      [0, 1].flatMap((i) => [0, 1, 2].map((j) => left![i]! * biases![j]!)),
    );
    expectClose(
      results['position']!,
      [0, 1, 2, 3].flatMap((t) => [0, 1, 2].map((j) => t + biases![j]!)),
    );
  });
});
