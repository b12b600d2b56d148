// Regions of GPU buffers that are made as one image: all weights whose destinations interleave or share a word.
import { badBundle } from '../errors.ts';
import type { ReadEncoding, WeightPlan } from '../plan.ts';
import { extent } from './box.ts';
import type { MatchedWeight } from './match-weights.ts';

export interface Region {
  readonly buffer: number;
  /** Bytes of the buffer, multiples of 4. */
  readonly begin: number;
  readonly end: number;
  readonly weights: readonly MatchedWeight[];
}

/** All regions, in the order in which their first weight lies in the files, so that files are read once and forwards. */
export function regionsOf(weights: readonly MatchedWeight[]): readonly Region[] {
  const spans = weights
    .filter(({ plan }) => !plan.dimensions.some(({ size }) => size === 0))
    .map((weight): Region => ({ ...span(weight.plan), weights: [weight] }))
    .toSorted((a, b) => a.buffer - b.buffer || a.begin - b.begin);
  const regions: Region[] = [];
  for (const next of spans) {
    const last = regions.at(-1);
    if (last !== undefined && last.buffer === next.buffer && next.begin < last.end)
      regions[regions.length - 1] = {
        ...last,
        end: Math.max(last.end, next.end),
        weights: [...last.weights, ...next.weights],
      };
    else regions.push(next);
  }
  return regions.map(inFileOrder).toSorted(byFilePlace);
}

const BYTES: Readonly<Record<ReadEncoding, number>> = { f16: 2, f32: 4, f64: 8 };

/** Bytes of one element at its destination. */
export function encodedBytes({ encoding }: Pick<WeightPlan<ReadEncoding>, 'encoding'>): number {
  return BYTES[encoding];
}

function span(plan: WeightPlan<ReadEncoding>): Pick<Region, 'buffer' | 'begin' | 'end'> {
  const bytes = encodedBytes(plan);
  if (plan.targetByteOffset % bytes !== 0)
    throw badBundle(`weight \`${plan.name}\` does not begin on an element`);
  const end = plan.targetByteOffset + extent(plan.dimensions, 'target') * bytes;
  return {
    buffer: plan.buffer,
    begin: Math.floor(plan.targetByteOffset / 4) * 4,
    end: Math.ceil(end / 4) * 4,
  };
}

function inFileOrder(region: Region): Region {
  return { ...region, weights: region.weights.toSorted(compareWeights) };
}

function byFilePlace(a: Region, b: Region): number {
  const [first] = a.weights;
  const [second] = b.weights;
  return first === undefined || second === undefined ? 0 : compareWeights(first, second);
}

function compareWeights(a: MatchedWeight, b: MatchedWeight): number {
  return (
    a.tensor.file.index - b.tensor.file.index ||
    a.tensor.begin - b.tensor.begin ||
    a.plan.sourceOffset - b.plan.sourceOffset
  );
}
