// One loop nest: a scalar function at every index, in f64, or what it combines to over the innermost loops.
import { scalarOf } from '../functions/scalars.ts';
import type { Scalar } from '../functions/scalars.ts';
import type { LoopStep } from '../plan.ts';
import { operandIn, placeIn, sizesIn } from './operands.ts';
import type { Arrays, Block, Operand } from './operands.ts';
import { sumProducts } from './products.ts';
import { isSumOfProducts } from './steps.ts';

const NOTHING: Operand = { values: new Float64Array(1), offset: 0, strides: [] };

export function runLoop(step: LoopStep, arrays: Arrays, block: Block | undefined): void {
  const sizes = sizesIn(step, block);
  const out = placeIn(step.out, arrays, block);
  const [a = NOTHING, b = NOTHING, c = NOTHING] = step.operands.map((operand) =>
    operandIn(operand, sizes, arrays, block),
  );
  const reduced = step.reduce?.loops ?? 0;
  const kept = sizes.length - reduced;
  if (isSumOfProducts(step)) return sumProducts({ sizes, kept, out, a, b });
  const f = scalarOf(step.function) ?? copy;
  const loops = joined(sizes, kept, [out, a, b, c]);
  if (step.reduce === undefined)
    return visit(loops, rowOf(step), 0, out, out.offset, a, a.offset, b, b.offset, c, c.offset);
  combineAll({ loops, out, a, b, c, f, combine: step.reduce.combine === 'sum' ? add : Math.max });
}

/** A loop with the strides of out, a, b and c along it. */
interface Loop {
  readonly size: number;
  readonly kept: boolean;
  readonly strides: readonly [number, number, number, number];
}

/** Loops that go on where the next ones begin are one loop. A short last loop changes places with the longest. */
function joined(sizes: readonly number[], kept: number, operands: readonly Operand[]): readonly Loop[] {
  const loops: Loop[] = [];
  sizes.forEach((size, at) => {
    if (size === 1) return;
    const [out = 0, a = 0, b = 0, c = 0] = operands.map(({ strides }) => strides[at] ?? 0);
    const loop: Loop = { size, kept: at < kept, strides: [out, a, b, c] };
    const before = loops.at(-1);
    const continues =
      before !== undefined &&
      before.kept === loop.kept &&
      before.strides.every((stride, i) => stride === size * (loop.strides[i] ?? 0));
    if (continues) loops[loops.length - 1] = { ...loop, size: before.size * size };
    else loops.push(loop);
  });
  return shortestOutside(loops);
}

const SHORT = 16;

function shortestOutside(loops: readonly Loop[]): readonly Loop[] {
  const last = loops.at(-1);
  if (last === undefined || last.size >= SHORT) return loops;
  const same = loops.filter(({ kept }) => kept === last.kept);
  const longest = same.reduce((best, loop) => (loop.size > best.size ? loop : best), last);
  return longest === last ? loops : [...loops.filter((loop) => loop !== longest), longest];
}

/** A row of results; each operand goes on by its stride. */
type Row = (
  count: number,
  out: Float64Array,
  at: number,
  step: number,
  a: Float64Array,
  atA: number,
  stepA: number,
  b: Float64Array,
  atB: number,
  stepB: number,
  c: Float64Array,
  atC: number,
  stepC: number,
) => void;

function visit(
  loops: readonly Loop[],
  row: Row,
  level: number,
  out: Operand,
  at: number,
  a: Operand,
  atA: number,
  b: Operand,
  atB: number,
  c: Operand,
  atC: number,
): void {
  const loop = loops[level];
  if (loop === undefined)
    return row(1, out.values, at, 0, a.values, atA, 0, b.values, atB, 0, c.values, atC, 0);
  const { size, strides } = loop;
  const [step, stepA, stepB, stepC] = strides;
  if (level === loops.length - 1)
    return row(size, out.values, at, step, a.values, atA, stepA, b.values, atB, stepB, c.values, atC, stepC);
  for (let i = 0; i < size; i++)
    visit(
      loops,
      row,
      level + 1,
      out,
      at + i * step,
      a,
      atA + i * stepA,
      b,
      atB + i * stepB,
      c,
      atC + i * stepC,
    );
}

const copy: Scalar = (a) => a;
const add = (a: number, b: number): number => a + b;

/** The commonest functions have rows of their own, so that nothing is called for each element. */
const ROWS: Readonly<Record<string, Row>> = {
  copy: (count, out, at, step, a, atA, stepA) => {
    for (let i = 0; i < count; i++) out[at + i * step] = a[atA + i * stepA]!;
  },
  add: (count, out, at, step, a, atA, stepA, b, atB, stepB) => {
    for (let i = 0; i < count; i++) out[at + i * step] = a[atA + i * stepA]! + b[atB + i * stepB]!;
  },
  sub: (count, out, at, step, a, atA, stepA, b, atB, stepB) => {
    for (let i = 0; i < count; i++) out[at + i * step] = a[atA + i * stepA]! - b[atB + i * stepB]!;
  },
  mul: (count, out, at, step, a, atA, stepA, b, atB, stepB) => {
    for (let i = 0; i < count; i++) out[at + i * step] = a[atA + i * stepA]! * b[atB + i * stepB]!;
  },
};

function rowOf({ function: name, operands }: LoopStep): Row {
  const own = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
  if (own !== undefined) return own;
  const f = scalarOf(name) ?? copy;
  if (operands.length === 1)
    return (count, out, at, step, a, atA, stepA) => {
      for (let i = 0; i < count; i++) out[at + i * step] = f(a[atA + i * stepA]!, 0, 0);
    };
  return (count, out, at, step, a, atA, stepA, b, atB, stepB, c, atC, stepC) => {
    for (let i = 0; i < count; i++)
      out[at + i * step] = f(a[atA + i * stepA]!, b[atB + i * stepB]!, c[atC + i * stepC]!);
  };
}

interface Combination {
  readonly loops: readonly Loop[];
  readonly out: Operand;
  readonly a: Operand;
  readonly b: Operand;
  readonly c: Operand;
  readonly f: Scalar;
  readonly combine: (a: number, b: number) => number;
}

function combineAll({ loops, out, a, b, c, f, combine }: Combination): void {
  const start = combine === add ? 0 : -Infinity;
  const over = loops.filter(({ kept }) => !kept);
  const [inner, ...outer] = over.toReversed();
  const { size, strides } = inner ?? { size: 1, strides: [0, 0, 0, 0] as const };
  const total = (level: number, from: number, atA: number, atB: number, atC: number): number => {
    let sum = from;
    const loop = outer[level];
    if (loop === undefined) {
      for (let i = 0; i < size; i++)
        sum = combine(
          sum,
          f(
            a.values[atA + i * strides[1]]!,
            b.values[atB + i * strides[2]]!,
            c.values[atC + i * strides[3]]!,
          ),
        );
      return sum;
    }
    const [, stepA, stepB, stepC] = loop.strides;
    for (let i = 0; i < loop.size; i++)
      sum = total(level + 1, sum, atA + i * stepA, atB + i * stepB, atC + i * stepC);
    return sum;
  };
  const row: Row = (count, values, at, step, _a, atA, stepA, _b, atB, stepB, _c, atC, stepC) => {
    for (let i = 0; i < count; i++)
      values[at + i * step] = total(0, start, atA + i * stepA, atB + i * stepB, atC + i * stepC);
  };
  const kept = loops.filter((loop) => loop.kept);
  visit(kept, row, 0, out, out.offset, a, a.offset, b, b.offset, c, c.offset);
}
