// State spaces: S4, DSS, S5 and BiGS.
import type { CaseModel } from './case-model.ts';

/** A filter alone, as it answers an impulse. */
const kernels = (golden: string, width: number, steps: number) =>
  ({ golden, width, input: { impulse: steps }, steps, transposed: true }) as const;

const oneSide = 'axis side = 1, channel = 1, copy = 1, system = size(width), place = copy * system';
const s4Names = `B "B" as [1, system, n, re + im], C "C" as [side * channel, copy * system, n, re + im]
      inv_dt "inv_dt" as [copy * system, each]`;
const s4Options = `state: 8, side: side, channel: channel, copy: copy, system: system, bidirectional: false, tied: true,
    decay: "exp", frequency: none, sign: -1, dt: "softplus"`;

const s4d = (rule: string): CaseModel => ({
  ...kernels('s4_kernels', 3, 16),
  layer: 'kernel()',
  mixers: `mixer kernel() {
  ${oneSide}
  part filter = s4d_filter(${s4Options}, disc: "${rule}", learned_input: true)
  y = filter(rename(u, width: place))
  return rename(y[channel = 0], place: width)
}`,
  names: `X "" { filter "" { ${s4Names} } }`,
  finds: { [`s4d_${rule}_kernel`]: 'run' },
});

const s4: CaseModel = {
  ...kernels('s4_kernels', 3, 16),
  layer: 'kernel()',
  mixers: `mixer kernel() {
  ${oneSide}
  part filter = s4_filter(state: 8, side: side, channel: channel, copy: copy, system: system, rank: 1, length: 16,
    bidirectional: false, dt: "softplus", decay: "exp", frequency: none, sign: -1)
  y = filter(rename(u, width: place))
  return rename(y[channel = 0], place: width)
}`,
  names: `X "" { filter "" { ${s4Names.replace(', each]', ']').replace('inv_dt" as [copy * system]', 'inv_dt" as [copy * system, 1]')}
    P "P" as [r, system, n, re + im] } }`,
  finds: { s4_dplr_kernel: 'run' },
};

const dss = (version: string, names: string, found: string): CaseModel => ({
  ...kernels('dss_kernels', 3, 12),
  layer: 'kernel()',
  mixers: `mixer kernel() {
  axis side = 1, channel = 1
  part filter = dss_filter(state: 4, side: side, channel: channel, bidirectional: false, version: "${version}",
    separate_dt: true, largest: 0.0001, epsilon: 1e-7, length: none)
  y = filter(u)
  return y[channel = 0]
}`,
  names: `X "" { filter "" {
    "log_dt" as [width, log_dt: 1 + log_dt_im: 1]
    W "W" as [side * channel, width, n, re + im]
    ${names}
  } }`,
  finds: { [found]: 'run' },
});

const s5Names = `Lambda_re "Lambda_re", Lambda_im "Lambda_im", D "D"
      log_step "log_step" as [n, 1]
      B "B" as [n, width, re + im]
      C "C1" as [width, n, re + im]
      C2 "C2" as [width, n, re + im]
      out2 "out2.kernel" as [width, outer] { bias "out2.bias" as [outer] }`;
const s5 = {
  golden: 's5_layer',
  width: 5,
  input: 'x',
  steps: 9,
  mixers: `mixer normed(f, residual) {
  part f = f
  weight scale, bias, mean, var : width
  found = f((u - mean) * rsqrt(var + 1e-5) * scale + bias)
  return if residual then u + found else found
}`,
  names: `X "" {
    scale "norm.scale", bias "norm.bias", mean "norm.mean", var "norm.var"
    f "" {
      ${s5Names}
    }
  }`,
} as const;

const bigsFilter = (which: string): string => `${which} "${which}." {
      C "kernel.C" as [n, re + im], A_re "kernel.A_re", A_im "kernel.A_im", log_step "kernel.log_step"
    }`;

export const stateSpaceCases: readonly CaseModel[] = [
  s4d('zoh'),
  s4d('bilinear'),
  s4,
  dss('softmax', 'Lambda "Lambda_re" + "Lambda_im" as [part * n]', 'softmax_kernel'),
  dss(
    'exp',
    'Lambda_log_neg_re "Lambda_re", Lambda_im "Lambda_im"',
    'exp_kernel(Lambda_log_neg_re=Lambda_re)',
  ),
  {
    ...s5,
    layer: 'normed(s5(state: 8, bidirectional: true), residual: true)',
    finds: { ssm_y: { value: 'y', axes: ['position', 'width'] }, layer_y: 'run' },
  },
  {
    golden: 'bigs_layer',
    width: 6,
    layer: 'bigs(hidden: 10, state: 5)',
    block: 'normed_residual',
    mixers: `block normed_residual(f) {
  weight LayerNorm : width, bias
  return x + f(layer(x, LayerNorm, eps: 1e-12))
}`,
    names: `X "" { ${bigsFilter('fs4')}
    ${bigsFilter('bs4')}
    }`,
    input: 'x',
    steps: 9,
    finds: { y: 'run' },
  },
  {
    ...kernels('bigs_layer', 1, 9),
    layer: 'shared_modes(state: 5, skip: false)',
    names: `X "fs4." { C "kernel.C" as [n, re + im], A_re "kernel.A_re", A_im "kernel.A_im", log_step "kernel.log_step" }`,
    finds: { fs4_kernel: 'run' },
  },
];
