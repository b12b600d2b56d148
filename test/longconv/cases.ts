// Long convolutions of every shape that kernels have to take: lengths around tiles, groups that share a filter, several filters, lags that begin late.
import { BodyBuilder } from '../../compiler/ir/build.ts';
import type { Axis, Graph } from '../../compiler/ir/graph.ts';
import type { LongConvForm } from '../../compiler/kernels/longconv-kernels.ts';
import { axis, perPosition } from '../ir/helpers.ts';
import { bodyGraph } from '../plan/body-graph.ts';

export interface LongConvCase {
  readonly name: string;
  readonly channels: readonly Axis[];
  readonly filters: readonly FilterCase[];
  /** Positions that the plan has room for. */
  readonly context: number;
  /** Whether x is a product, and the sum is gated and has a skip. */
  readonly gated?: boolean;
  /** Positions of a run, where not the usual ones. */
  readonly chunk?: number;
}

interface FilterCase {
  readonly taps: number;
  /** Its axes but the lags'; the channels' unless given. */
  readonly axes?: readonly Axis[];
  readonly first?: number;
  readonly oldestFirst?: boolean;
}

const D = axis('d', 6);

export const LONG_CONV_CASES: readonly LongConvCase[] = [
  { name: 'one tap', channels: [D], filters: [{ taps: 1 }], context: 40 },
  { name: 'a short filter', channels: [D], filters: [{ taps: 7 }], context: 40 },
  { name: 'a ring that wraps', channels: [axis('d', 19)], filters: [{ taps: 12 }], context: 64, gated: true },
  { name: 'as long as the sequence', channels: [D], filters: [{ taps: 40 }], context: 40, gated: true },
  { name: 'longer than the sequence', channels: [D], filters: [{ taps: 50 }], context: 33 },
  {
    name: 'a filter for a group',
    channels: [axis('g', 3), axis('m', 5)],
    filters: [{ taps: 20, axes: [axis('g', 3)] }],
    context: 48,
    gated: true,
  },
  {
    name: 'a filter for all channels',
    channels: [axis('m', 9)],
    filters: [{ taps: 17, axes: [] }],
    context: 48,
  },
  {
    name: 'groups inside channels',
    channels: [axis('m', 3), axis('g', 4)],
    filters: [{ taps: 20, axes: [axis('g', 4)] }],
    context: 48,
  },
  {
    name: 'runs of several blocks',
    channels: [axis('m', 5)],
    filters: [{ taps: 90, axes: [] }],
    context: 200,
    chunk: 171,
  },
  { name: 'late lags', channels: [D], filters: [{ taps: 11, first: 3 }], context: 40, gated: true },
  { name: 'two filters', channels: [D], filters: [{ taps: 5 }, { taps: 14, first: 1 }], context: 40 },
  { name: 'oldest first', channels: [D], filters: [{ taps: 13, oldestFirst: true }], context: 40 },
];

/** Filters too long to be summed up for each token. */
export const PENDING_CASES: readonly (LongConvCase & { readonly forms: readonly LongConvForm[] })[] = [
  {
    name: 'all positions to come',
    forms: ['direct'],
    channels: [axis('d', 3)],
    filters: [{ taps: 300 }],
    context: 300,
    gated: true,
  },
  {
    name: 'large tiles by transforms',
    forms: ['blocks'],
    channels: [axis('g', 3), axis('m', 3)],
    filters: [{ taps: 640, axes: [axis('g', 3)] }],
    context: 640,
    gated: true,
  },
  {
    name: 'a ring of positions to come',
    forms: ['window', 'blocks'],
    channels: [axis('g', 2), axis('m', 10)],
    filters: [{ taps: 261, axes: [axis('g', 2)], first: 1 }],
    context: 560,
  },
];

/** A model around one long convolution. */
export function longConvGraph({ channels, filters, context, gated = false }: LongConvCase): Graph {
  const builder = new BodyBuilder('body');
  const input = builder.input('x', perPosition(...channels));
  const gate = builder.input('gate', perPosition(...channels));
  const x = gated ? builder.map('mul', [input, gate]) : input;
  const weights = filters.map(({ taps, axes = channels }, i) =>
    builder.weight(`filter_${i}`, [...axes, axis(`lag_${i}`, taps)]),
  );
  const attrs = filters.map(({ first = 0, oldestFirst = false }, i) => ({
    axis: `lag_${i}`,
    ahead: false,
    first,
    ...(oldestFirst && { oldestFirst }),
  }));
  const y = builder.longconv(x, weights, { filters: attrs });
  const skip = builder.weight('skip', channels);
  const skipped = builder.map('add', [y, builder.map('mul', [skip, x])]);
  const out = gated ? builder.map('mul', [skipped, gate]) : y;
  return { ...bodyGraph(builder.finish({ out })), context };
}
