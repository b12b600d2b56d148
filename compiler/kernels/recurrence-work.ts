// What the schedules of a recurrence's prefill cost, counted: operations, bytes, barriers and workgroups for each dispatch.
import type { ScanAttrs } from '../ir/ops/scan.ts';
import { isRefused } from '../recurrence/affine.ts';
import { isCoupled, type RecurrenceForm, recurrenceForm } from '../recurrence/coupled-form.ts';
import {
  type ChunkedTuning,
  CHUNK_TOKENS,
  chunkedTuning,
  chunkLayout,
  keyQuads,
  rowsOf,
  sourcesOf,
} from './chunk-sizes.ts';
import { recurrenceShape, type RecurrenceShape } from './recurrence-shape.ts';
import { SCAN_SIZES } from './scan-tuning.ts';
import type { Target } from './template.ts';
import { powerOfTwoAbove } from './text.ts';

/** What one dispatch does for a whole run. */
export interface DispatchWork {
  readonly name: string;
  readonly workgroups: number;
  readonly flops: number;
  /** Of memory, each once for the workgroups that share it. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Barriers that one workgroup executes. */
  readonly barriers: number;
  /** Operations and reads that follow each other in one invocation. */
  readonly steps: number;
}

/** `looped`: one token after the other. `chunked`: what does not need the state in parallel over the run's chunks, or over its segments. */
export interface ScheduleWork {
  readonly schedule: 'looped' | 'chunked';
  readonly dispatches: readonly DispatchWork[];
  /** Sums over the dispatches, for the whole run. */
  readonly flops: number;
  readonly bytes: number;
  readonly workgroups: number;
  readonly barriersPerToken: number;
  /** Tokens of one segment where the run is cut into segments that go in parallel. */
  readonly segment?: number;
}

export interface ScheduleWorks {
  readonly looped: ScheduleWork;
  /** Absent where the recurrence has no such schedule, or does not fit the target. */
  readonly chunked?: ScheduleWork;
}

/** Workgroups that a GPU runs at once: fewer leave it idle, more take turns. */
export const FULL_GPU = 128;
/** What a barrier and a dispatch cost, in steps of an invocation. */
const BARRIER_STEPS = 30;
const DISPATCH_STEPS = 4000;

/**
 * The work of a scan for `tokens` tokens by each schedule; nothing where it has no normal form. Chunks of so many tokens may not fit the
 * device at once: they are counted in as many runs as it takes.
 */
export function scanWork(attrs: ScanAttrs, tokens: number, target: Target): ScheduleWorks | undefined {
  const form = recurrenceForm(attrs);
  if (isRefused(form)) return undefined;
  const works = scheduleWorks(form, tokens, target);
  for (let runs = 2; works.chunked === undefined && tokens / runs >= CHUNK_TOKENS; runs *= 2) {
    const { chunked } = scheduleWorks(form, Math.ceil(tokens / runs), target);
    if (chunked !== undefined) return { ...works, chunked: severalRuns(chunked, runs, tokens) };
  }
  return works;
}

function severalRuns(work: ScheduleWork, runs: number, tokens: number): ScheduleWork {
  const dispatches = Array.from({ length: runs }, () => work.dispatches).flat();
  return total(work.schedule, tokens, dispatches, work.segment);
}

export function scheduleWorks(form: RecurrenceForm, tokens: number, target: Target): ScheduleWorks {
  const shape = recurrenceShape(form);
  const elementwise = isElementwise(shape);
  const looped = total('looped', tokens, [elementwise ? tiled(shape, tokens, 1) : rowByRow(shape, tokens)]);
  const chunked =
    form.class === 'D' || isCoupled(form)
      ? segmentedElements(shape, tokens)
      : inChunks(shape, tokens, target);
  return chunked === undefined ? { looped } : { looped, chunked };
}

/** An estimate of the time of a schedule in steps, which counts workgroups that a GPU cannot run at once one after the other. */
export function scheduleSteps({ dispatches }: Pick<ScheduleWork, 'dispatches'>): number {
  return dispatches.reduce(
    (sum, { workgroups, steps, barriers }) =>
      sum + DISPATCH_STEPS + Math.max(1, workgroups / FULL_GPU) * (steps + barriers * BARRIER_STEPS),
    0,
  );
}

/** Tokens of a segment, a multiple of `unit`, such that the segments fill a GPU; nothing where too few would. */
export function segmentTokens(workgroups: number, tokens: number, unit: number): number | undefined {
  const length = unit * Math.ceil((tokens * workgroups) / FULL_GPU / unit);
  return tokens / length >= LEAST_SEGMENTS ? length : undefined;
}

/** With fewer segments, what they do twice is more than what they gain. */
const LEAST_SEGMENTS = 4;

/** Whether an element of the state needs no other one: there are no corrections. */
export function isElementwise(shape: RecurrenceShape): boolean {
  return shape.corrections === 0;
}

function total(
  schedule: ScheduleWork['schedule'],
  tokens: number,
  dispatches: readonly DispatchWork[],
  segment?: number,
): ScheduleWork {
  const sum = (of: (work: DispatchWork) => number): number =>
    dispatches.reduce((all, work) => all + of(work), 0);
  return {
    schedule,
    dispatches,
    flops: sum(({ flops }) => flops),
    bytes: sum(({ bytesRead, bytesWritten }) => bytesRead + bytesWritten),
    workgroups: sum(({ workgroups }) => workgroups),
    barriersPerToken: sum(({ barriers }) => barriers) / tokens,
    ...(segment === undefined ? {} : { segment }),
  };
}

/** Operations on one element of the state for one token: its decay, what is added, what is read. */
function elementFlops(shape: RecurrenceShape): number {
  const decays = shape.decay === 'none' ? 0 : 2 * shape.states - 1;
  const each = decays + 2 * (shape.corrections + sourcesOf(shape));
  return shape.steps * each + 2 * (rowsOf(shape) - shape.corrections);
}

function stateElements({ states, heads, keys, values }: RecurrenceShape): number {
  return states * heads * keys * values;
}

function operandBytes(shape: RecurrenceShape, tokens: number): number {
  return 4 * tokens * shape.operands;
}

function resultBytes(shape: RecurrenceShape, tokens: number): number {
  return 4 * tokens * shape.results;
}

/** Every element by itself, in registers; `segments` of the run in parallel. */
function tiled(shape: RecurrenceShape, tokens: number, segments: number): DispatchWork {
  const { workgroup, most, tokens: tile } = SCAN_SIZES;
  const lanes = Math.min(workgroup, powerOfTwoAbove(Math.ceil((shape.states * shape.keys) / most)));
  const columns = Math.ceil((shape.heads * shape.values * lanes) / workgroup);
  const each = shape.states * Math.ceil(shape.keys / lanes);
  const perElement =
    elementFlops(shape) + rowsOf(shape) + sourcesOf(shape) + (shape.decay === 'none' ? 0 : 1);
  const length = tokens / segments;
  return {
    name: 'walk',
    workgroups: columns * segments,
    flops: tokens * stateElements(shape) * elementFlops(shape),
    bytesRead: operandBytes(shape, tokens) + 4 * segments * stateElements(shape),
    bytesWritten: resultBytes(shape, tokens) + 4 * stateElements(shape),
    barriers: 2 * Math.ceil(length / tile),
    steps: length * (each * perElement + 8),
  };
}

/** States of one invocation that stay in registers where each has a whole column. */
export const ROW_STATES = 64;

/** One invocation for each column of the state, which it walks once for what is looked at before the update, and once for the update. */
function rowByRow(shape: RecurrenceShape, tokens: number): DispatchWork {
  const rows = shape.heads * shape.values;
  const inMemory = shape.keys > ROW_STATES;
  const perElement = elementFlops(shape) + 2 * (rowsOf(shape) + sourcesOf(shape) + 1) + (inMemory ? 12 : 2);
  return {
    name: 'walk',
    workgroups: Math.ceil(rows / 64),
    flops: tokens * stateElements(shape) * elementFlops(shape),
    bytesRead: operandBytes(shape, tokens) + (inMemory ? 8 * tokens : 4) * stateElements(shape),
    bytesWritten: resultBytes(shape, tokens) + (inMemory ? 4 * tokens : 4) * stateElements(shape),
    barriers: 0,
    steps: tokens * shape.keys * perElement,
  };
}

/** Two passes over the elements of each segment, and what is carried from segment to segment between them. */
function segmentedElements(shape: RecurrenceShape, tokens: number): ScheduleWork | undefined {
  if (!isElementwise(shape)) return undefined;
  const { workgroups } = tiled(shape, tokens, 1);
  const length = segmentTokens(workgroups, tokens, SCAN_SIZES.tokens);
  if (length === undefined) return undefined;
  const segments = Math.ceil(tokens / length);
  const whole = tiled(shape, tokens, segments);
  const local: DispatchWork = {
    ...whole,
    name: 'local',
    flops: tokens * stateElements(shape) * (2 * shape.states + 2 * shape.writes),
    bytesRead: operandBytes(shape, tokens),
    bytesWritten: 8 * segments * stateElements(shape),
  };
  return total('chunked', tokens, [local, carry(shape, segments, 1), whole], length);
}

/** One invocation for each element of the state, or for `each` of them. */
function carry(shape: RecurrenceShape, segments: number, each: number): DispatchWork {
  const elements = stateElements(shape);
  return {
    name: 'carry',
    workgroups: Math.ceil(elements / shape.states / each / 64),
    flops: 2 * segments * elements * shape.states,
    bytesRead: 8 * segments * elements,
    bytesWritten: 4 * segments * elements,
    barriers: 0,
    steps: segments * 16 * shape.states,
  };
}

/** What can be said of each chunk without the state; then the state's walk over the chunks, or over those of each segment at once. */
function inChunks(shape: RecurrenceShape, tokens: number, target: Target): ScheduleWork | undefined {
  const tuning = shape.decay === 'value' ? undefined : chunkedTuning(shape, target, tokens);
  if (tuning === undefined) return undefined;
  const { tokens: chunk, whole: own, walk } = tuning;
  const chunks = Math.ceil(tokens / own);
  const tiles = shape.heads * Math.ceil(shape.values / walk.columns);
  const segment = shape.corrections > 0 ? undefined : segmentTokens(tiles, tokens, own);
  const segments = segment === undefined ? 1 : Math.ceil(tokens / segment);
  const quads = keyQuads(shape);
  const elements = stateElements(shape);
  const scratch = 16 * chunks * shape.heads * chunkLayout(shape, chunk).size;
  const [rows, sources] = [rowsOf(shape), sourcesOf(shape)];
  const found = 2 * rows * (4 * quads + shape.writes * chunk);
  const added = 8 * quads * sources;
  const lookSteps = ((chunk * walk.columns) / walk.workgroup) * rows * (3 * quads + shape.writes * chunk);
  const addSteps = ((quads * walk.columns) / walk.workgroup) * sources * chunk * 6;
  const whole: DispatchWork = {
    name: 'walk',
    workgroups: tiles * segments,
    flops: tokens * shape.steps * shape.heads * shape.values * (found + added),
    bytesRead: scratch + 4 * segments * elements,
    bytesWritten: resultBytes(shape, tokens) + 4 * elements,
    barriers: (3 * chunks) / segments,
    steps: (chunks / segments) * (lookSteps + addSteps),
  };
  const prepared = prepare(shape, tokens, tuning);
  if (segment === undefined) return total('chunked', tokens, [prepared, whole]);
  const local: DispatchWork = {
    ...whole,
    name: 'local',
    flops: tokens * shape.steps * shape.heads * shape.values * added,
    bytesRead: scratch / 2,
    bytesWritten: 4 * segments * elements,
    barriers: (2 * chunks) / segments,
    steps: (chunks / segments) * addSteps,
  };
  return total('chunked', tokens, [prepared, local, carry(shape, segments, 4), whole], segment);
}

function prepare(shape: RecurrenceShape, tokens: number, tuning: ChunkedTuning): DispatchWork {
  const { tokens: chunk, whole } = tuning;
  const { workgroup, slices } = tuning.prepare;
  const chunks = Math.ceil(tokens / whole);
  const [rows, sources] = [rowsOf(shape), sourcesOf(shape)];
  const keyDecay = shape.decay === 'key' ? 1 : 0;
  const pairs = rows * sources * chunk * chunk * shape.keys * (2 + keyDecay);
  const decayed = (rows + sources) * chunk * shape.keys * 2;
  const solved = shape.corrections * rows * chunk * chunk * (shape.keys + shape.writes * chunk);
  return {
    name: 'prepare',
    workgroups: chunks * shape.heads,
    flops: chunks * shape.heads * (pairs + decayed + solved),
    bytesRead: operandBytes(shape, tokens),
    bytesWritten: 16 * chunks * shape.heads * chunkLayout(shape, chunk).size,
    barriers: 2 * slices + 2 + (shape.corrections > 0 ? 2 : 0),
    steps: (1.5 * pairs + 3 * decayed + 2 * solved) / workgroup,
  };
}
