// The layers beside this file: the cases that each is of, and where the quantities of a case are found in it.

/** A value that the layer computes: its axes in the quantity's order, of which one may be `position`; so many of the outermost axis. */
interface Computed {
  readonly value: string;
  readonly axes: readonly string[];
  readonly first?: number;
}

/**
 * What the layer remembers behind the run: the rows of values, the last of them innermost and the values side by side within the outermost
 * axis; or a scan's state, times values that do not change with time.
 */
interface Kept {
  readonly rows?: readonly string[];
  readonly last?: number;
  readonly state?: string;
  readonly axes: readonly string[];
  readonly times?: readonly string[];
}

/** Σ over lags j of the weight at place p - j times the value j positions before the last: what a register remembers that values are shifted through. */
interface Register {
  readonly shifted: string;
  readonly weight: string;
}

/** The layer's output over the run, or so many channels of it from the first on; its output at the step behind the run; or what is inside. */
export type Place =
  'run' | 'step' | { readonly from: number; readonly channels: number } | Computed | Kept | Register;

export interface Layer {
  readonly file: string;
  readonly cases: readonly string[];
  /** The parameter that goes in; if not said, `x`. A filter by itself is given 1 at the first position, and answers with its taps. */
  readonly input?: 'z' | 'impulse';
  /** The quantity has the output's axes [position, channel] the other way round. */
  readonly transposed?: boolean;
  readonly finds: Readonly<Record<string, Place>>;
}

const hyena = (stored: readonly string[]): Layer['finds'] => ({
  pos_emb_z: { value: 'read', axes: ['time', 'feature'], first: 10 },
  'filter_k_[t,chan]': { value: 'faded', axes: ['time', ...stored], first: 10 },
  y: 'run',
});

const filter = { input: 'impulse', transposed: true } as const;
const channels = ['both', 'block', 'group', 'member'];

export const layers: readonly Layer[] = [
  { file: 'rmsnorm_inside', cases: ['rmsnorm'], finds: { inside_sqrt: 'run' } },
  { file: 'rmsnorm_outside', cases: ['rmsnorm'], finds: { outside_sqrt: 'run' } },
  {
    file: 'sh1_attention_block',
    cases: ['sh1_attention_block'],
    finds: { k_cache_rotated: { rows: ['k'], axes: ['position', 'kv', 'part'] }, y: 'run' },
  },
  {
    file: 'sh1_hyena_block',
    cases: ['sh1_hyena_block'],
    finds: {
      'fir_state_[3D,2]': { rows: ['x2', 'x1', 'v'], last: 2, axes: [...channels, 'position'] },
      'iir_state_[D,S]': { state: 'mode', axes: [...channels, 'n'] },
      y_block_prefill: 'run',
      y_block_decode_pos_L: 'step',
    },
  },
  {
    file: 'sh1_hyena_filter',
    cases: ['sh1_hyena_block'],
    input: 'impulse',
    finds: { 'filter_h_[t,d]': 'run' },
  },
  {
    file: 'sh2_mixers',
    cases: ['sh2_mixers'],
    input: 'z',
    finds: {
      LI_y: { from: 0, channels: 8 },
      'LI_state_[D,S]': { state: 'mode', axes: ['group', 'pair', 'member', 'n'] },
      MR_y: { from: 8, channels: 8 },
      SE_y: { from: 16, channels: 8 },
    },
  },
  {
    file: 'hyena_by_order',
    cases: ['hyena_operator_order2_n/a', 'hyena_operator_order3_o_major'],
    finds: hyena(['stage', 'width']),
  },
  {
    file: 'hyena_by_channel',
    cases: ['hyena_operator_order3_v_major'],
    finds: hyena(['width', 'stage']),
  },
  {
    file: 'h3_layer',
    cases: ['h3_layer'],
    finds: {
      shift_state: { shifted: 'k', weight: 'shift_B' },
      diag_state: {
        state: 'mode',
        axes: ['copy', 'system', 'row', 'column', 'n'],
        times: ['B', 'gain'],
      },
      y_prefill: 'run',
      y_decode_pos_L: 'step',
    },
  },
  { file: 'h3_filter', cases: ['h3_layer'], input: 'impulse', finds: { 'diag_kernel_[t,d]': 'run' } },
  {
    file: 'm2_bert_layer',
    cases: ['m2_bert_layer'],
    finds: { mixer_y: { value: 'mixed', axes: ['position', 'width'] }, layer_y: 'run' },
  },
  { file: 's4d_zoh', cases: ['s4_kernels'], ...filter, finds: { s4d_zoh_kernel: 'run' } },
  { file: 's4d_bilinear', cases: ['s4_kernels'], ...filter, finds: { s4d_bilinear_kernel: 'run' } },
  { file: 's4_dplr', cases: ['s4_kernels'], ...filter, finds: { s4_dplr_kernel: 'run' } },
  { file: 'dss_softmax', cases: ['dss_kernels'], ...filter, finds: { softmax_kernel: 'run' } },
  {
    file: 'dss_exp',
    cases: ['dss_kernels'],
    ...filter,
    finds: { 'exp_kernel(Lambda_log_neg_re=Lambda_re)': 'run' },
  },
  {
    file: 's5_layer',
    cases: ['s5_layer'],
    finds: { ssm_y: { value: 'y', axes: ['position', 'width'] }, layer_y: 'run' },
  },
  {
    file: 'mega_layer',
    cases: ['mega_layer_softmax_rotary_chunk4', 'mega_layer_laplace_simple_full'],
    finds: {
      'ema_state_[D,N]': { state: 'mode', axes: ['width', 'n'], times: ['step', 'damp'] },
      y: 'run',
    },
  },
  { file: 'gss_block', cases: ['gss_block'], finds: { y: 'run' } },
  { file: 'gss_kernel', cases: ['gss_block'], input: 'impulse', finds: { 'kernel_[t,h]': 'run' } },
  { file: 'bigs_layer', cases: ['bigs_layer'], finds: { y: 'run' } },
  { file: 'bigs_kernel', cases: ['bigs_layer'], ...filter, finds: { fs4_kernel: 'run' } },
];
