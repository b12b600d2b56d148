// Runs a derived program: its steps in order, in f64, freeing each array after the last step that reads it.
import { arrayFunctionOf } from '../functions/arrays.ts';
import type { BlocksStep, DerivedPlan, DerivedStep, FunctionStep } from '../plan.ts';
import { fillSpectra } from './fill-spectra.ts';
import { runLoop } from './loops.ts';
import { readsOf, writesOf } from './steps.ts';

/** One value as it goes to its place. */
export interface DerivedValue {
  readonly buffer: number;
  readonly byteOffset: number;
  readonly values: Float32Array<ArrayBuffer>;
}

/**
 * The values of all targets, given what was read into arrays, by index. `pause` is awaited between pieces of work, with the share that
 * is done.
 */
export async function evaluateDerived(
  plan: DerivedPlan,
  given: ReadonlyMap<number, Float64Array>,
  pause: (share: number) => Promise<void>,
): Promise<readonly DerivedValue[]> {
  const arrays: Float64Array[] = [];
  const lasts = lastUses(plan);
  const done: DerivedValue[] = [];
  const make = (array: number): Float64Array => {
    const { elements, values } = plan.arrays[array] ?? { elements: 0 };
    return (
      given.get(array) ?? (values === undefined ? new Float64Array(elements) : Float64Array.from(values))
    );
  };
  for (const [at, step] of plan.steps.entries()) {
    for (const array of usesOf(step)) arrays[array] ??= make(array);
    const share = (within: number): Promise<void> => pause((at + within) / plan.steps.length);
    await runStep(step, arrays, share);
    for (const array of usesOf(step)) {
      if (lasts.get(array) !== at) continue;
      const target = plan.arrays[array]?.target;
      // A copy, so that the f64 array can go.
      if (target !== undefined) done.push({ ...target, values: new Float32Array(arrays[array] ?? []) });
      delete arrays[array];
    }
  }
  return done;
}

/** For each array, the last step that has to do with it. */
function lastUses({ steps }: DerivedPlan): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (const [at, step] of steps.entries()) for (const array of usesOf(step)) last.set(array, at);
  return last;
}

function usesOf(step: DerivedStep): ReadonlySet<number> {
  return new Set([...readsOf(step), ...writesOf(step)]);
}

async function runStep(
  step: DerivedStep,
  arrays: readonly Float64Array[],
  pause: (share: number) => Promise<void>,
): Promise<void> {
  if (step.kind === 'blocks') return runBlocks(step, arrays, pause);
  if (step.kind === 'function') return callByRows(step, arrays, pause);
  if (step.kind === 'loop') runLoop(step, arrays, undefined);
  else for (const share of fillSpectra(step, arrays)) await pause(share);
  return pause(1);
}

async function callByRows(
  { function: name, sizes, inputs, out }: FunctionStep,
  arrays: readonly Float64Array[],
  pause: (share: number) => Promise<void>,
): Promise<void> {
  const found = arrayFunctionOf(name);
  if (found === undefined) return;
  const { rows = 0 } = sizes;
  const one = { ...sizes, rows: 1 };
  const elements = found.elements(one);
  const rowOf = (array: number, row: number, size: number): Float64Array =>
    (arrays[array] ?? new Float64Array(0)).subarray(row * size, (row + 1) * size);
  for (let row = 0; row < rows; row++) {
    const operands = inputs.map((input, at) => rowOf(input, row, elements.inputs[at] ?? 0));
    found.evaluate(operands, rowOf(out, row, elements.out), one);
    await pause((row + 1) / rows);
  }
}

async function runBlocks(
  { count, rows, steps }: BlocksStep,
  arrays: readonly Float64Array[],
  pause: (share: number) => Promise<void>,
): Promise<void> {
  for (let begin = 0; begin < count; begin += rows) {
    const block = { begin, rows: Math.min(rows, count - begin) };
    for (const step of steps) runLoop(step, arrays, block);
    await pause((begin + block.rows) / count);
  }
}
