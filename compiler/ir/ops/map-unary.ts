// Maps of one input.
import { UNARY } from '../../../runtime/functions/scalars.ts';
import type { MapOp } from '../op.ts';
import { wgslErf, wgslGelu, wgslGeluTanh, wgslSilu, wgslSoftplus, wgslWave } from './map-helpers.ts';
import { atom, mapOp, wideSamples } from './map-record.ts';

/** `wgsl` has `$` where the argument goes, once. */
function unary(
  evaluate: (a: number) => number,
  wgsl: string,
  options: {
    readonly cost?: number;
    readonly helpers?: readonly string[];
    readonly samples?: readonly number[];
  } = {},
): MapOp {
  return mapOp(1, {
    evaluate,
    wgsl: ([a]) => wgsl.replace('$', () => atom(a)),
    samples: options.samples?.map((x) => [x]) ?? wideSamples,
    helpers: options.helpers ?? [],
    cost: options.cost ?? 1,
  });
}

const positive = [1e-12, 1e-6, 0.01, 0.25, 0.5, 1, 1.5, 2, 3, 10, 1000, 1e6];
const moderate = [-80, -20, -5, -1, -0.5, -1e-3, 0, 1e-3, 0.5, 1, 5, 20, 80];
const angles = [-1000, -100, -7, -3.2, -1, -1e-3, 0, 1e-3, 0.7, 1.5707964, 3, 6.3, 50, 1000, 20_000];

export const unaryOps = {
  neg: unary(UNARY.neg, '(-$)'),
  abs: unary(UNARY.abs, 'abs($)'),
  exp: unary(UNARY.exp, 'exp($)', { samples: moderate }),
  log: unary(UNARY.log, 'log($)', { samples: positive }),
  sqrt: unary(UNARY.sqrt, 'sqrt($)', { samples: [0, ...positive] }),
  rsqrt: unary(UNARY.rsqrt, 'inverseSqrt($)', { samples: positive, cost: 2 }),
  sin: unary(UNARY.sin, 'op_wave($, 0.0)', { cost: 12, samples: angles, helpers: [wgslWave] }),
  cos: unary(UNARY.cos, 'op_wave($, 1.0)', { cost: 12, samples: angles, helpers: [wgslWave] }),
  tanh: unary(UNARY.tanh, 'tanh(clamp($, -10.0, 10.0))'),
  sigmoid: unary(UNARY.sigmoid, '(1.0 / (1.0 + exp(min(-$, 87.0))))', { cost: 4 }),
  silu: unary(UNARY.silu, 'op_silu($)', { cost: 4, helpers: [wgslSilu] }),
  gelu: unary(UNARY.gelu, 'op_gelu($)', {
    cost: 5,
    helpers: [wgslErf, wgslGelu],
  }),
  gelu_tanh: unary(UNARY.gelu_tanh, 'op_gelu_tanh($)', { cost: 9, helpers: [wgslGeluTanh] }),
  relu: unary(UNARY.relu, 'max($, 0.0)'),
  softplus: unary(UNARY.softplus, 'op_softplus($)', { cost: 4, helpers: [wgslSoftplus] }),
  log_sigmoid: unary(UNARY.log_sigmoid, '(-op_softplus(-$))', { cost: 5, helpers: [wgslSoftplus] }),
  square: unary(UNARY.square, 'op_square($)', {
    helpers: ['fn op_square(x: f32) -> f32 {\n  return x * x;\n}'],
  }),
  recip: unary(UNARY.recip, '(1.0 / $)', { samples: [...positive, ...positive.map((x) => -x)] }),
  erf: unary(UNARY.erf, 'op_erf($)', { helpers: [wgslErf] }),
  not: mapOp(1, {
    evaluate: UNARY.not,
    wgsl: ([a]) => `(!${atom(a)})`,
    samples: [[0], [1]],
    bools: [true],
    result: 'bool',
    cost: 0,
  }),
};
