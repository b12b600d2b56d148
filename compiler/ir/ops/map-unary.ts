// Maps of one input.
import type { MapOp } from '../op.ts';
import { wgslErf, wgslGelu, wgslGeluTanh, wgslSilu, wgslSoftplus, wgslWave } from './map-helpers.ts';
import { atom, mapOp, wideSamples } from './map-record.ts';
import { erf, geluTanh, sigmoid, softplus } from './special.ts';

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
  neg: unary((a) => -a, '(-$)'),
  abs: unary(Math.abs, 'abs($)'),
  exp: unary(Math.exp, 'exp($)', { samples: moderate }),
  log: unary(Math.log, 'log($)', { samples: positive }),
  sqrt: unary(Math.sqrt, 'sqrt($)', { samples: [0, ...positive] }),
  rsqrt: unary((a) => 1 / Math.sqrt(a), 'inverseSqrt($)', { samples: positive, cost: 2 }),
  sin: unary(Math.sin, 'op_wave($, 0.0)', { cost: 12, samples: angles, helpers: [wgslWave] }),
  cos: unary(Math.cos, 'op_wave($, 1.0)', { cost: 12, samples: angles, helpers: [wgslWave] }),
  tanh: unary(Math.tanh, 'tanh(clamp($, -10.0, 10.0))'),
  sigmoid: unary(sigmoid, '(1.0 / (1.0 + exp(min(-$, 87.0))))', { cost: 4 }),
  silu: unary((a) => a * sigmoid(a), 'op_silu($)', { cost: 4, helpers: [wgslSilu] }),
  gelu: unary((a) => 0.5 * a * (1 + erf(a / Math.SQRT2)), 'op_gelu($)', {
    cost: 5,
    helpers: [wgslErf, wgslGelu],
  }),
  gelu_tanh: unary(geluTanh, 'op_gelu_tanh($)', { cost: 9, helpers: [wgslGeluTanh] }),
  relu: unary((a) => Math.max(a, 0), 'max($, 0.0)'),
  softplus: unary(softplus, 'op_softplus($)', { cost: 4, helpers: [wgslSoftplus] }),
  log_sigmoid: unary((a) => -softplus(-a), '(-op_softplus(-$))', { cost: 5, helpers: [wgslSoftplus] }),
  square: unary((a) => a * a, 'op_square($)', {
    helpers: ['fn op_square(x: f32) -> f32 {\n  return x * x;\n}'],
  }),
  recip: unary((a) => 1 / a, '(1.0 / $)', { samples: [...positive, ...positive.map((x) => -x)] }),
  erf: unary(erf, 'op_erf($)', { helpers: [wgslErf] }),
  not: mapOp(1, {
    evaluate: (a) => (a === 0 ? 1 : 0),
    wgsl: ([a]) => `(!${atom(a)})`,
    samples: [[0], [1]],
    bools: [true],
    result: 'bool',
    cost: 0,
  }),
};
