// What a step of a derived program reads and writes.
import type { DerivedOperand, DerivedStep, LoopStep } from '../plan.ts';

/** How many elements loops of these sizes go over. */
export function extentOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

/** The arrays that an operand is read from. */
export function arraysOf(operand: DerivedOperand): readonly number[] {
  if ('lookup' in operand) return [operand.table.array, operand.at.array];
  return 'array' in operand ? [operand.array] : [];
}

export function readsOf(step: DerivedStep): readonly number[] {
  if (step.kind === 'blocks') return step.steps.flatMap(readsOf);
  if (step.kind === 'spectra') return step.filters.map(({ array }) => array);
  return step.kind === 'function' ? step.inputs : step.operands.flatMap(arraysOf);
}

export function writesOf(step: DerivedStep): readonly number[] {
  if (step.kind === 'blocks') return step.steps.flatMap(writesOf);
  return [step.kind === 'loop' ? step.out.array : step.out];
}

/** Whether a step is a sum of products, which has a way of its own. */
export function isSumOfProducts(step: LoopStep): boolean {
  return step.function === 'mul' && step.reduce?.combine === 'sum';
}
