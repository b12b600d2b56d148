// The Fourier forms of a long convolution as entries of the table: which fit, what they cost, and their kernels from the convolution's own hooks.
import { blocksForm, fourStepForm, tileForm, windowForm } from '../fft/forms.ts';
import { printConv } from '../fft/print.ts';
import { type ConvForm, type ConvProblem, pairsOf } from '../fft/problem.ts';
import { type FftShape, type FftWay, mostPoints } from '../fft/shape.ts';
import { transformBarriers } from '../fft/transform.ts';
import type { DispatchWork } from '../recurrence-work.ts';
import type { GridExtent, NamedKernel, Target } from '../template.ts';
import type { LongConvShape } from './shape.ts';
import type { FourierMemory, LongConvSpec } from './spec.ts';
import { STEP, TILE } from './tuning.ts';
import { formSteps } from './work.ts';

/** Fewer positions of a block are not worth their transforms. */
const LEAST_BLOCK = 64;

export function windowPlan(shape: LongConvShape, target: Target, way: FftWay): ConvForm | undefined {
  const problem = problemOf(shape);
  return problem === undefined ? undefined : windowForm(problem, target, way);
}

/** With blocks of the size that takes fewest steps. */
export function blocksPlan(shape: LongConvShape, target: Target, way: FftWay): ConvForm | undefined {
  const problem = problemOf(shape);
  if (problem === undefined) return undefined;
  const forms: ConvForm[] = [];
  for (let block = LEAST_BLOCK; 2 * block <= mostPoints(target); block *= 2) {
    const form = blocksForm(problem, target, way, block);
    if (form !== undefined) forms.push(form);
  }
  return forms.toSorted((a, b) => stepsOf(a) - stepsOf(b))[0];
}

function stepsOf(form: ConvForm): number {
  return formSteps(fourierWork(form));
}

export function fourStepPlan(shape: LongConvShape, target: Target, way: FftWay): ConvForm | undefined {
  const problem = problemOf(shape);
  return problem === undefined ? undefined : fourStepForm(problem, target, way);
}

/**
 * The form of a token's large tiles, as a part of its kernel: by blocks, of the prefill's size where that has such, so that the spectra are one.
 * Nothing where filters are too short for it, or read ahead.
 */
export function tilePlan(shape: LongConvShape, prefill: ConvForm | undefined): ConvForm | undefined {
  const problem = problemOf(shape);
  if (problem === undefined || shape.ahead > 0) return undefined;
  const own = prefill?.kind === 'blocks' && prefill.shapes[0]?.way === 'radix' ? prefill.block : TILE.block;
  const block = Math.min(own, TILE.most);
  return shape.back < TILE.least * block ? undefined : tileForm(problem, block, STEP.workgroup);
}

function problemOf({ channels, repeats, back, ahead, maximum }: LongConvShape): ConvProblem | undefined {
  return repeats === undefined ? undefined : { channels, filters: repeats, back, ahead, maximum };
}

export function printFourier(
  form: ConvForm,
  spec: LongConvSpec,
  memory: FourierMemory,
): readonly NamedKernel[] {
  const made = printConv(form, { ...spec, ...memory });
  if (!spec.beyond) return made;
  // What is wanted is then not a run's tokens, so nothing says how many there are.
  const fixed = (extent: GridExtent): GridExtent =>
    typeof extent === 'number' ? extent : extent.times * Math.ceil(spec.maximum / extent.tile);
  return made.map(
    ([
      part,
      {
        grid: [x, y, z],
        ...rest
      },
    ]) => [part, { ...rest, grid: [fixed(x), fixed(y), fixed(z)] }],
  );
}

/** Complex numbers of the spectra of one of the form's tiles. */
export function spectraOfTile({ spectra, tiles }: ConvForm, tile: number): number {
  const { radices, segments, rows, differences } = spectra;
  const points = radices.reduce((all, radix) => all * radix, 1);
  const own = rows.length > spectra.tile ? tiles[tile]!.pairs : rows.length;
  return points * segments.length * own * (differences ? 2 : 1);
}

/** All tiles' spectra, in bytes. */
export function spectraBytes(form: ConvForm): number {
  const { radices, segments, rows, differences } = form.spectra;
  const points = radices.reduce((all, radix) => all * radix, 1);
  return 8 * points * segments.length * rows.length * (differences ? 2 : 1);
}

// ---------------------------------------------------------------------------------------------- work

/** The work of each of the form's dispatches, over all tiles. */
export function fourierWork(form: ConvForm): readonly DispatchWork[] {
  switch (form.kind) {
    case 'window':
      return [windowWork(form)];
    case 'blocks':
      return blocksWork(form);
    case 'four-step':
      return fourStepWork(form);
  }
}

/** Steps of an invocation for a transform: by passes of small transforms in registers, or by products with their matrices. */
function transformSteps({ held, points, radices, way }: FftShape): number {
  const exchanged = 8 * held * (radices.length - 1);
  if (way === 'radix') return 5 * held * Math.log2(points) + 12 * held * (radices.length - 1) + exchanged;
  return radices.reduce((sum, radix) => sum + 12 * held * radix, 0) + exchanged;
}

function transformFlops({ points, radices, way }: FftShape): number {
  if (way === 'radix') return 5 * points * Math.log2(points);
  return radices.reduce((sum, radix) => sum + 8 * points * radix, 6 * points * (radices.length - 1));
}

/** Complex products for each number, and reading the spectra. */
function productSteps({ spectra }: ConvForm): number {
  return spectra.differences ? 24 : 10;
}

function windowWork(form: ConvForm): DispatchWork {
  const { problem, past } = form;
  const shape = form.shapes[0]!;
  const pairs = pairsOf(problem);
  return {
    name: 'window',
    workgroups: Math.ceil(pairs / shape.lines),
    flops: pairs * (2 * transformFlops(shape) + shape.points * (form.spectra.differences ? 16 : 6)),
    bytesRead: 4 * problem.channels * (problem.maximum + past) + spectraBytes(form),
    bytesWritten: 4 * problem.channels * problem.maximum,
    barriers: 2 * transformBarriers(shape),
    steps: 2 * transformSteps(shape) + shape.held * (16 + productSteps(form)),
  };
}

function blocksWork(form: ConvForm): readonly DispatchWork[] {
  const { problem, block, history } = form;
  const shape = form.shapes[0]!;
  const pairs = pairsOf(problem);
  const groups = Math.ceil(pairs / shape.lines);
  const outs = Math.ceil(problem.maximum / block);
  // Half of what may lie before a run does, on average.
  const blocks = outs + history / (history * block < 4 * problem.maximum ? 1 : 2);
  const met = Math.min(blocks, form.spectra.segments.length);
  const numbers = pairs * 2 * block;
  return [
    {
      name: 'transforms',
      workgroups: groups * blocks,
      flops: pairs * blocks * transformFlops(shape),
      bytesRead: 4 * problem.channels * blocks * block,
      bytesWritten: 8 * numbers * blocks,
      barriers: transformBarriers(shape),
      steps: transformSteps(shape) + 12 * shape.held,
    },
    {
      name: 'products',
      workgroups: groups * outs,
      flops: pairs * outs * (transformFlops(shape) + 2 * block * met * (form.spectra.differences ? 18 : 8)),
      bytesRead: spectraBytes(form) + 8 * numbers * met * outs,
      bytesWritten: 4 * problem.channels * problem.maximum,
      barriers: transformBarriers(shape),
      steps: transformSteps(shape) + shape.held * (8 + met * (productSteps(form) + 8)),
    },
  ];
}

function fourStepWork(form: ConvForm): readonly DispatchWork[] {
  const { problem, past } = form;
  const [columns, rows] = [form.shapes[0]!, form.shapes[1]!];
  const pairs = pairsOf(problem);
  const [tall, wide] = [columns.points, rows.points];
  const numbers = pairs * tall * wide;
  const column = {
    workgroups: Math.ceil(pairs / columns.lines) * wide,
    barriers: transformBarriers(columns),
    flops: pairs * wide * (transformFlops(columns) + 6 * tall),
    steps: transformSteps(columns) + 20 * columns.held,
  };
  return [
    {
      name: 'columns',
      ...column,
      bytesRead: 4 * problem.channels * (problem.maximum + past),
      bytesWritten: 8 * numbers,
    },
    {
      name: 'rows',
      workgroups: Math.ceil(pairs / rows.lines) * tall,
      flops: pairs * tall * (2 * transformFlops(rows) + wide * (form.spectra.differences ? 16 : 6)),
      bytesRead: 8 * numbers + spectraBytes(form),
      bytesWritten: 8 * numbers,
      barriers: 2 * transformBarriers(rows),
      steps: 2 * transformSteps(rows) + rows.held * (16 + productSteps(form)),
    },
    {
      name: 'results',
      ...column,
      bytesRead: 8 * numbers,
      bytesWritten: 4 * problem.channels * problem.maximum,
    },
  ];
}
