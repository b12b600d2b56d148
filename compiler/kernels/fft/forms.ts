// The Fourier forms of a long convolution: what each needs, before a kernel is printed.
import { internal } from '../../ir/internal.ts';
import type { Target } from '../template.ts';
import { counted, powerOfTwoAbove } from '../text.ts';
import { type ConvForm, type ConvProblem, filterRows, pairsOf, type PairTile } from './problem.ts';
import { fftShape, type FftShape, type FftWay, filledShape, HELD_OF_BLOCKS, mostPoints } from './shape.ts';

/** Most bytes of one binding by WebGPU's default limits, with room for the turns that lie before spectra. */
const MOST_BYTES = 134_217_728 - 2 ** 20;

/** Lines side by side where there are channels for them: neighbours in memory are read together. */
const LINES = 16;

/**
 * The points of a circular convolution in which no lag is taken for another. Where filters read ahead, the run is the whole
 * sequence, so nothing lies before it.
 */
export function windowPoints({ back, ahead, maximum }: ConvProblem): number {
  return Math.max(2, powerOfTwoAbove(maximum + Math.max(back, ahead)));
}

/** Positions before the first wanted one that may be read. */
function pastOf({ back, ahead }: ConvProblem): number {
  return ahead > 0 ? 0 : back;
}

/** One workgroup for the whole window of a few lines; none where it does not fit one. */
export function windowForm(problem: ConvProblem, target: Target, way: FftWay): ConvForm | undefined {
  const points = windowPoints(problem);
  if (points > mostPoints(target)) return undefined;
  const shape = shapeOf(problem, points, target, way);
  return {
    ...formOf(problem, 'window', [shape], [wholeFilter(problem)], 0),
    turns: [{ of: points, step: 1, count: points }],
  };
}

/**
 * Blocks of positions, each transformed once with as many zeroes behind it; an output block is the second half of what its
 * sum of products with the filter's segments goes back to. `block` is a power of two.
 */
export function blocksForm(
  problem: ConvProblem,
  target: Target,
  way: FftWay,
  block: number,
): ConvForm | undefined {
  if (2 * block > mostPoints(target)) return undefined;
  const shape = shapeOf(problem, 2 * block, target, way, HELD_OF_BLOCKS);
  const history = Math.ceil(pastOf(problem) / block);
  const later = Math.ceil(problem.maximum / block);
  return {
    ...formOf(problem, 'blocks', [shape], blockSegments(problem, block), (history + later) * 2 * block),
    turns: [{ of: 2 * block, step: 1, count: 2 * block }],
    block,
    history,
  };
}

/** The lowest and the highest distance of blocks at which a filter has taps, counted in blocks. */
export function distances({ back, ahead }: ConvProblem, block: number): readonly [number, number] {
  return [-Math.ceil(ahead / block), Math.ceil(back / block)];
}

function blockSegments(problem: ConvProblem, block: number): ConvForm['spectra']['segments'] {
  const [lowest, highest] = distances(problem, block);
  return counted(highest - lowest + 1, (i) => {
    const origin = (lowest + i - 1) * block;
    return { from: origin, to: origin + 2 * block, origin };
  });
}

/** The window as a matrix: transforms of its columns, then of its rows, each small enough for a workgroup. */
export function fourStepForm(problem: ConvProblem, target: Target, way: FftWay): ConvForm | undefined {
  const points = Math.max(4, windowPoints(problem));
  const columns = 2 ** Math.floor(Math.log2(points) / 2);
  const rows = points / columns;
  if (rows > mostPoints(target)) return undefined;
  const shapes = [columns, rows].map((size) => shapeOf(problem, size, target, way));
  const fine = columns;
  return {
    ...formOf(problem, 'four-step', shapes, [wholeFilter(problem)], points),
    turns: [
      { of: columns, step: 1, count: columns },
      { of: rows, step: 1, count: rows },
      { of: points, step: fine, count: points / fine },
      { of: points, step: 1, count: fine },
    ],
  };
}

/**
 * The form of tiles, which `writeTile` prints, in workgroups of so many invocations with 32 bytes of workgroup memory each for it. The spectra are
 * those of `blocksForm` for the same problem and block. None where they would need several bindings.
 */
export function tileForm(problem: ConvProblem, block: number, invocations: number): ConvForm | undefined {
  const shape = filledShape(2 * block, invocations, HELD_OF_BLOCKS, 'radix');
  const form = formOf(problem, 'blocks', [shape], blockSegments(problem, block), 0);
  if (form.tiles.length > 1) return undefined;
  return { ...form, turns: [{ of: 2 * block, step: 1, count: 2 * block }], block };
}

function shapeOf(problem: ConvProblem, points: number, target: Target, way: FftWay, held?: number): FftShape {
  return fftShape(points, Math.min(LINES, powerOfTwoAbove(pairsOf(problem))), target, way, held);
}

function wholeFilter({ back, ahead }: ConvProblem): ConvForm['spectra']['segments'][number] {
  return { from: -ahead, to: back + 1, origin: 0 };
}

/** A form with so many complex numbers of scratch memory for each pair, in as few tiles as bindings allow. */
function formOf(
  problem: ConvProblem,
  kind: ConvForm['kind'],
  shapes: readonly FftShape[],
  segments: ConvForm['spectra']['segments'],
  scratch: number,
): Omit<ConvForm, 'turns'> {
  const pairs = pairsOf(problem);
  const { rows, own, differences } = filterRows(problem);
  const radices = shapes.flatMap((shape) => shape.radices);
  const points = radices.reduce((all, radix) => all * radix, 1);
  const perRow = points * segments.length * (differences ? 2 : 1);
  const most = Math.floor(MOST_BYTES / (8 * Math.max(scratch, own ? perRow : 0, 1)));
  if (most < 1) internal(`a filter of ${points} points fits no binding`);
  const width = most >= pairs ? pairs : most;
  const tiles: readonly PairTile[] = counted(Math.ceil(pairs / width), (i) => ({
    first: i * width,
    pairs: Math.min(width, pairs - i * width),
  }));
  return {
    kind,
    problem,
    shapes,
    spectra: { radices, segments, rows, tile: own ? width : rows.length, differences },
    scratch: scratch * width,
    tiles,
    past: pastOf(problem),
    block: 0,
    history: 0,
  };
}
