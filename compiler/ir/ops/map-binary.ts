// Maps of two and three inputs: arithmetic, comparison, logic and choice.
import type { MapOp } from '../op.ts';
import { wgslAtan2, wgslMod, wgslPow } from './map-helpers.ts';
import { atom, mapOp } from './map-record.ts';
import { floorMod } from './special.ts';

const pairs: readonly (readonly number[])[] = [
  [0, 1],
  [1, 1],
  [-1, 2],
  [3, -2],
  [2.5, 0.5],
  [-7, 3],
  [1e-3, 1e3],
  [123.25, 7],
  [1e6, 3],
];
const powers: readonly (readonly number[])[] = [
  [2, 0.5],
  [2, 3],
  [-2, 3],
  [-2, 2],
  [-1.5, 0],
  [0, 0],
  [0, 2],
  [0.3, -2],
  [10, -1.5],
  [10_000, -0.125],
];
const wholes: readonly (readonly number[])[] = [
  [6, 3],
  [7, 3],
  [-7, 3],
  [7, -3],
  [0, 5],
  [5.5, 2],
  [1000, 7],
  [99, 11],
];
const angles: readonly (readonly number[])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [1, -1],
  [-1, -1],
  [-2, 0.5],
  [1e-3, 100],
  [1e-3, -100],
];
const truths: readonly (readonly number[])[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

function operator(sign: string, evaluate: (a: number, b: number) => number, samples = pairs): MapOp {
  return mapOp(2, { evaluate, wgsl: ([a, b]) => `(${atom(a)} ${sign} ${atom(b)})`, samples });
}

function call(name: string, evaluate: (a: number, b: number) => number): MapOp {
  return mapOp(2, { evaluate, wgsl: ([a, b]) => `${name}(${a}, ${b})`, samples: pairs });
}

function comparison(sign: string, holds: (a: number, b: number) => boolean): MapOp {
  return mapOp(2, {
    evaluate: (a, b) => (holds(a, b) ? 1 : 0),
    wgsl: ([a, b]) => `(${atom(a)} ${sign} ${atom(b)})`,
    samples: pairs,
    result: 'bool',
  });
}

function logic(sign: string, holds: (a: number, b: number) => boolean): MapOp {
  return mapOp(2, {
    evaluate: (a, b) => (holds(a, b) ? 1 : 0),
    wgsl: ([a, b]) => `(${atom(a)} ${sign} ${atom(b)})`,
    samples: truths,
    bools: [true, true],
    result: 'bool',
    cost: 0,
  });
}

export const binaryOps = {
  add: operator('+', (a, b) => a + b),
  sub: operator('-', (a, b) => a - b),
  mul: operator('*', (a, b) => a * b),
  div: operator('/', (a, b) => a / b),
  pow: mapOp(2, {
    evaluate: (a, b) => a ** b,
    wgsl: ([a, b]) => `op_pow(${a}, ${b})`,
    helpers: [wgslPow],
    samples: powers,
  }),
  maximum: call('max', (a, b) => Math.max(a, b)),
  minimum: call('min', (a, b) => Math.min(a, b)),
  mod: mapOp(2, {
    evaluate: floorMod,
    wgsl: ([a, b]) => `op_mod(${a}, ${b})`,
    helpers: [wgslMod],
    samples: wholes,
    cost: 3,
  }),
  atan2: mapOp(2, {
    evaluate: (a, b) => Math.atan2(a, b),
    wgsl: ([a, b]) => `op_atan2(${a}, ${b})`,
    helpers: [wgslAtan2],
    samples: angles,
    cost: 8,
  }),
  eq: comparison('==', (a, b) => a === b),
  ne: comparison('!=', (a, b) => a !== b),
  lt: comparison('<', (a, b) => a < b),
  le: comparison('<=', (a, b) => a <= b),
  gt: comparison('>', (a, b) => a > b),
  ge: comparison('>=', (a, b) => a >= b),
  and: logic('&&', (a, b) => a !== 0 && b !== 0),
  or: logic('||', (a, b) => a !== 0 || b !== 0),
};

export const choiceOps = {
  where: mapOp(3, {
    evaluate: (condition, a, b) => (condition === 0 ? b : a),
    wgsl: ([condition, a, b]) => `select(${b}, ${a}, ${condition})`,
    samples: [
      [0, 1.5, -2],
      [1, 1.5, -2],
    ],
    bools: [true, false, false],
    cost: 0,
  }),
};
