// The long convolutions that are counted and timed, and the recurrence of modes that stands beside them.
import type { LongConvShape } from '../../compiler/kernels/longconv/shape.ts';
import type { BenchRecurrence, Sizes } from '../scan/recurrences.ts';

export interface ConvCase {
  readonly name: string;
  readonly shape: LongConvShape;
  /** Layers of a whole model of this shape, for its sums. */
  readonly layers: number;
}

/** Channels of the cases by length, each with a filter of its own. */
export const CHANNELS = 64;

/** Complex modes of a channel. */
export const MODES = 8;

/** A filter as long as the sequence, which is one run. */
export function causalCase(length: number): ConvCase {
  return { name: 'causal', shape: shapeOf(CHANNELS, length, 0), layers: 1 };
}

/** Long-range arena's Path-X as a bidirectional S4 has it: 128 × 128 pixels, 256 channels, six layers. */
export const PATH_X: ConvCase = {
  name: 'Path-X, both ways',
  shape: shapeOf(256, 16_384, 16_383),
  layers: 6,
};

function shapeOf(channels: number, length: number, ahead: number): LongConvShape {
  const repeats = { inner: 1, count: channels };
  return { channels, members: 1, repeats, back: length - 1, ahead, maximum: length };
}

export const MODAL: BenchRecurrence = {
  class: 'modal',
  name: 'a sum of damped oscillations',
  body: `axis channel = heads * value
  weight x    : width -> channel
  weight a, b, c, d : channel * state
  weight out  : channel -> width
  const pole    = exp(complex(-0.01 - 0.1 * abs(a), b))
  const residue = complex(c, d)
  scan h[channel, state] = 0 in complex {
    h = pole * h + x(u)
    o = re(sum(residue * h, state))
  }`,
};

export const MODAL_SIZES: Sizes = { heads: 1, key: 1, value: CHANNELS, state: MODES };
