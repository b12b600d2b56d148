// A derived program while it is written: arrays are added, steps go before the blocks, into them, or behind them.
import type { DerivedStep, FunctionStep, LoopStep } from '../../runtime/plan.ts';
import { type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import type { Blocks } from './derive-blocks.ts';
import { type Found, numberView, operandOf, placeOf, type View, wholeView } from './derive-views.ts';

/** An array, before it is known for which call. */
export interface ProgramArray {
  readonly elements: number;
  /** The weight or parameter that it holds. */
  readonly source?: NodeId;
  /** The value whose place it is written to. */
  readonly output?: NodeId;
}

export type Phase = 'before' | 'block' | 'after';

export interface Draft {
  readonly arrays: ProgramArray[];
  /** Of the blocks, loops alone. */
  readonly steps: {
    readonly before: DerivedStep[];
    readonly block: LoopStep[];
    readonly after: DerivedStep[];
  };
  readonly blocks: Blocks | undefined;
}

export function newDraft(blocks: Blocks | undefined): Draft {
  return { arrays: [], steps: { before: [], block: [], after: [] }, blocks };
}

export function addArray(draft: Draft, array: ProgramArray): number {
  return draft.arrays.push(array) - 1;
}

/** The axes with as many rows as a block has. */
export function blockAxes({ blocks }: Draft, axes: readonly Axis[]): readonly Axis[] {
  return axes.map((axis) => (axis.name === blocks?.axis.name ? { ...axis, size: blocks.rows } : axis));
}

/** An array for a value on the axes; in a block, of the block's rows, unless it is `kept` for what comes behind the blocks. */
export function makeView(draft: Draft, phase: Phase, axes: readonly Axis[], kept = false): View {
  const blocked = phase === 'block' && !kept && axes.some(({ name }) => name === draft.blocks?.axis.name);
  const own = blocked ? blockAxes(draft, axes) : axes;
  return wholeView(addArray(draft, { elements: elementCount(own) }), own, blocked);
}

export interface Loop {
  readonly function: string;
  readonly operands: readonly (View | Found)[];
  /** The axes of the result, outermost first. */
  readonly axes: readonly Axis[];
  readonly reduce?: { readonly combine: 'sum' | 'max'; readonly over: readonly Axis[] };
}

/** Adds the loops that write `out`. */
export function addLoop(draft: Draft, phase: Phase, loop: Loop, out: View): void {
  const { axes, reduce } = loop;
  const rows = phase === 'block' ? draft.blocks?.axis.name : undefined;
  const all = [...axes, ...(reduce?.over ?? [])];
  const loops = phase === 'block' ? blockAxes(draft, all) : all;
  const along = loops.findIndex(({ name }) => name === rows);
  draft.steps[phase].push({
    kind: 'loop',
    function: loop.function,
    sizes: loops.map(({ size }) => size),
    operands: loop.operands.map((operand) => operandOf(operand, loops, rows)),
    ...(reduce !== undefined && { reduce: { combine: reduce.combine, loops: reduce.over.length } }),
    out: placeOf(out, loops.slice(0, axes.length), rows),
    ...(along >= 0 && { along }),
  });
}

/** What loops over the axes compute, in an array of its own. */
export function computed(draft: Draft, phase: Phase, loop: Loop, kept = false): View {
  const out = makeView(draft, phase, loop.axes, kept);
  addLoop(draft, phase, loop, out);
  return out;
}

/** A number that JSON may not be able to say. */
export function constantView(draft: Draft, value: number): View {
  if (Number.isFinite(value)) return numberView(value);
  const operands = [numberView(Math.sign(value)), numberView(0)];
  return computed(draft, 'before', { function: 'div', operands, axes: [] });
}

/** The value as an array of its own, row-major over the axes. */
export function copied(draft: Draft, phase: Phase, view: View, axes: readonly Axis[], kept = false): View {
  return computed(draft, phase, { function: 'copy', operands: [view], axes }, kept);
}

/** A function of whole arrays, which are made of the inputs row-major over their axes; its result is an array of these `axes`. */
export function called(
  draft: Draft,
  phase: 'before' | 'after',
  call: Pick<FunctionStep, 'function' | 'sizes'>,
  inputs: readonly { readonly view: View; readonly axes: readonly Axis[] }[],
  axes: readonly Axis[],
): View {
  const arrays = inputs.map(({ view, axes: own }) => placeOf(copied(draft, phase, view, own), own).array);
  const out = makeView(draft, phase, axes);
  draft.steps[phase].push({ kind: 'function', ...call, inputs: arrays, out: placeOf(out, axes).array });
  return out;
}

/** All steps in order. */
export function stepsOf({ steps, blocks }: Draft): readonly DerivedStep[] {
  if (blocks === undefined || steps.block.length === 0) return [...steps.before, ...steps.after];
  const { axis, rows } = blocks;
  return [...steps.before, { kind: 'blocks', count: axis.size, rows, steps: steps.block }, ...steps.after];
}
