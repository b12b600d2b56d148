// Norms, StripedHyena's blocks, H3 and gated state spaces.
import type { CaseModel } from './case-model.ts';

const norm = (found: string, made: string): CaseModel => ({
  golden: 'rmsnorm',
  width: 8,
  layer: 'normed()',
  mixers: `mixer normed() {
  weight scale : width
  return ${made}
}`,
  names: 'X ""',
  input: 'x',
  steps: 3,
  finds: { [found]: 'run' },
});

const striped = {
  block: 'bare',
  mixers: `block striped(f, g) {
  weight pre, post : width
  y = x + f(rms(x, pre, eps: 1e-5))
  return y + g(rms(y, post, eps: 1e-5))
}`,
  input: 'x',
} as const;
const STRIPED_NAMES = `pre "pre_norm.scale", post "post_norm.scale"
    g "mlp." { gate_proj "l1", up_proj "l2", down_proj "l3" }`;

export const blockCases: readonly CaseModel[] = [
  norm('inside_sqrt', 'rms(u, scale, eps: 1e-5)'),
  norm('outside_sqrt', 'rms_beside(u, scale, eps: 1e-6)'),
  {
    ...striped,
    golden: 'sh1_attention_block',
    width: 16,
    layer: 'striped(attention(heads: 4, kv_heads: 2, rope: 500_000), swiglu(hidden: 24))',
    names: `X "" {
    ${STRIPED_NAMES}
    f "inner_mha_cls." {
      "Wqkv.weight" as [q_proj: kv * per * part + k_proj: kv * part + v_proj: kv * value, width]
      o_proj "out_proj"
    }
  }`,
    steps: 7,
    finds: { k_cache_rotated: { value: 'k', axes: ['position', 'kv', 'part'] }, y: 'run' },
  },
  {
    golden: 'gss_block',
    width: 6,
    layer: 'gss(hidden: 10, inner: 4, state: 5)',
    block: 'normed_residual',
    mixers: `block normed_residual(f) {
  weight norm_in : width, bias
  return x + f(layer(x, norm_in))
}`,
    names: `X "" {
      norm_in "norm"
      to_u "to_u.0", to_v "to_v.0"
      Lambda_real "dss.Lambda_real", Lambda_imag "dss.Lambda_imag"
      C_real "dss.C_real", C_imag "dss.C_imag", inner_norm "dss.norm", D "dss.param_D"
    }`,
    input: 'x',
    steps: 9,
    finds: { y: 'run' },
  },
  {
    golden: 'gss_block',
    width: 4,
    layer: 'kernel()',
    mixers: `mixer kernel() {
  axis n = 5
  weight Lambda_real, Lambda_imag : n in f32
  weight C_real, C_imag           : width * n in f32
  const lambda = complex(-exp(Lambda_real), exp(Lambda_imag))
  const pole   = exp(lambda)
  return longconv(u, modal(complex(C_real, C_imag) * (pole - 1) / lambda, pole))
}`,
    names: 'X "dss."',
    input: { impulse: 9 },
    steps: 9,
    finds: { 'kernel_[t,h]': 'run' },
  },
];
