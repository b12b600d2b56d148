// Maps of two and three inputs: arithmetic, comparison, logic and choice.
import { BINARY, TERNARY } from '../../../runtime/functions/scalars.ts';
import type { MapOp } from '../op.ts';
import { wgslAtan2, wgslMod, wgslPow } from './map-helpers.ts';
import { atom, mapOp } from './map-record.ts';

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

function comparison(sign: string, evaluate: (a: number, b: number) => number): MapOp {
  return mapOp(2, {
    evaluate,
    wgsl: ([a, b]) => `(${atom(a)} ${sign} ${atom(b)})`,
    samples: pairs,
    result: 'bool',
  });
}

function logic(sign: string, evaluate: (a: number, b: number) => number): MapOp {
  return mapOp(2, {
    evaluate,
    wgsl: ([a, b]) => `(${atom(a)} ${sign} ${atom(b)})`,
    samples: truths,
    bools: [true, true],
    result: 'bool',
    cost: 0,
  });
}

export const binaryOps = {
  add: operator('+', BINARY.add),
  sub: operator('-', BINARY.sub),
  mul: operator('*', BINARY.mul),
  div: operator('/', BINARY.div),
  pow: mapOp(2, {
    evaluate: BINARY.pow,
    wgsl: ([a, b]) => `op_pow(${a}, ${b})`,
    helpers: [wgslPow],
    samples: powers,
  }),
  maximum: call('max', BINARY.maximum),
  minimum: call('min', BINARY.minimum),
  mod: mapOp(2, {
    evaluate: BINARY.mod,
    wgsl: ([a, b]) => `op_mod(${a}, ${b})`,
    helpers: [wgslMod],
    samples: wholes,
    cost: 3,
  }),
  atan2: mapOp(2, {
    evaluate: BINARY.atan2,
    wgsl: ([a, b]) => `op_atan2(${a}, ${b})`,
    helpers: [wgslAtan2],
    samples: angles,
    cost: 8,
  }),
  eq: comparison('==', BINARY.eq),
  ne: comparison('!=', BINARY.ne),
  lt: comparison('<', BINARY.lt),
  le: comparison('<=', BINARY.le),
  gt: comparison('>', BINARY.gt),
  ge: comparison('>=', BINARY.ge),
  and: logic('&&', BINARY.and),
  or: logic('||', BINARY.or),
};

export const choiceOps = {
  where: mapOp(3, {
    evaluate: TERNARY.where,
    wgsl: ([condition, a, b]) => `select(${b}, ${a}, ${condition})`,
    samples: [
      [0, 1.5, -2],
      [1, 1.5, -2],
    ],
    bools: [true, false, false],
    cost: 0,
  }),
};
