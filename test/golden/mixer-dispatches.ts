// How many dispatches a layer of each recurrent mixer costs in decode. A dispatch ends where the next one needs all of what it computes:
// before and behind each projection of the model's width, and around what is mixed with the token before.
export interface MixerDispatches {
  readonly name: string;
  /** In a model of the width 512. */
  readonly large: string;
  /** In a model of the width 24, of the same structure. */
  readonly small: string;
  readonly dispatches: number;
}

function mixer(name: string, dispatches: number, large: string, small: string): MixerDispatches {
  return { name, dispatches, large: `${name}(${large})`, small: `${name}(${small})` };
}

export const MIXER_DISPATCHES: readonly MixerDispatches[] = [
  mixer('mamba', 4, 'state: 16', 'state: 4'),
  mixer('mamba2', 3, 'heads: 16, state: 64', 'heads: 4, state: 5'),
  mixer('mamba2', 3, 'heads: 16, state: 64, groups: 2', 'heads: 4, state: 5, groups: 2'),
  mixer('retnet', 3, 'heads: 4', 'heads: 3'),
  mixer('gla', 3, 'heads: 4', 'heads: 2, rank: 3'),
  mixer('hgrn2', 3, 'heads: 4', 'heads: 3'),
  mixer('lightning_attention', 3, 'heads: 8', 'heads: 3'),
  mixer('linear_attention', 3, 'heads: 8', 'heads: 3'),
  mixer('delta_net', 3, 'heads: 4, gate: true', 'heads: 3, gate: true'),
  mixer('gated_delta_net', 3, 'heads: 4, key: 64', 'heads: 3, key: 5'),
  mixer(
    'gated_delta_net',
    3,
    'heads: 4, value_heads: 8, key: 64, value: 64',
    'heads: 2, value_heads: 4, key: 6, value: 5',
  ),
  mixer('kda', 3, 'heads: 4, rank: 64', 'heads: 3, rank: 4'),
  mixer('rg_lru', 3, 'heads: 4', 'heads: 3'),
  mixer('short_conv', 2, '', ''),
  mixer('rwkv4', 4, '', ''),
  mixer('rwkv5', 4, 'heads: 8', 'heads: 3'),
  mixer('rwkv6', 6, 'heads: 8', 'heads: 3, rank: 4, decay_rank: 5'),
  mixer('rwkv7', 4, 'heads: 8', 'heads: 3, w_rank: 4, a_rank: 5, v_rank: 3, g_rank: 6'),
  mixer('rwkv_mlp', 3, 'hidden: 1024', 'hidden: 40'),
];
