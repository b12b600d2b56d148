// Hyena and M2's layer.
import type { CaseModel } from './case-model.ts';

const NETWORK = `first "0"
        inner "{2 + 2 * level}.weight" as [to, from]
        inner_bias "{2 + 2 * level}.bias" as [to]`;

function hyena(golden: string, options: string, packed: string): CaseModel {
  return {
    golden,
    width: 6,
    layer: `hyena(length: 12, features: 5, hidden: 7, trained_rates: false, ${options})`,
    names: `X "" {
      short_filter "short_filter.weight" as [gate * width, 1, taps] { bias "short_filter.bias" as [gate * width] }
      D "filter_fn.bias" as [${packed}]
      freq "filter_fn.implicit_filter.1.freq" as [1, from]
      network "filter_fn.implicit_filter." {
        ${NETWORK}
        last "6.weight" as [${packed}, from]
      }
    }`,
    input: 'x',
    steps: 10,
    finds: {
      pos_emb_z: { value: 'read', axes: ['time', 'feature'], first: 10 },
      'filter_k_[t,chan]': { value: 'bent', axes: ['time', ...packed.split(' * ')], first: 10 },
      y: 'run',
    },
  };
}

const FILTER = (which: string): string => `${which} "${which}." {
        D "bias"
        freq "implicit_filter.1.freq" as [1, from]
        behind "implicit_filter." {
        ${NETWORK}
        last "6" }
        ahead "implicit_filter_rev." {
        ${NETWORK}
        last "6" }
      }`;

const m2Mixer = `f "attention." {
      short_filter "short_filter.weight" as [gate * width, 1, taps] { bias "short_filter.bias" as [gate * width] }
      ${FILTER('filter_fn')}
      ${FILTER('filter_fn2')}
    }`;
const m2Conv = 'monarch_mixer(implicit_conv(length: 12, features: 5, hidden: 6, trained_rates: false))';
const m2Blocks = `mixer m2_layer(f, g) {
  part f = f, g = g
  weight layernorm : width, bias
  a = f(u)
  return layer(a + g(a), layernorm, eps: 1e-12)
}
mixer m2_mixer(f) {
  part f = f
  return f(u)
}`;
const m2 = { golden: 'm2_bert_layer', width: 8, mixers: m2Blocks, input: 'x', steps: 10 };

export const hyenaCases: readonly CaseModel[] = [
  hyena('hyena_operator_order2_n/a', 'shift: 0.05', 'stage * width'),
  hyena('hyena_operator_order3_o_major', 'order: 3, shift: 0.05', 'stage * width'),
  hyena('hyena_operator_order3_v_major', 'order: 3, packing: "channel"', 'width * stage'),
  { ...m2, layer: `m2_mixer(${m2Conv})`, names: `X "" { ${m2Mixer} }`, finds: { mixer_y: 'run' } },
  {
    ...m2,
    layer: `m2_layer(${m2Conv}, monarch_mlp(hidden: 16))`,
    names: `X "" {
    ${m2Mixer}
    layernorm "mlp.layernorm"
    g "mlp." {
      gated_layers "gated_layers.weight" as [block, piece, part]
      wo "wo.weight" as [block, part, share] { bias "wo.bias" as [block * part] }
    }
  }`,
    finds: { layer_y: 'run' },
  },
];
