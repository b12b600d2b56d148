// What must hold of derived programs that come from a file: every step stays inside its arrays, and what it names is known.
import { badBundle } from '../errors.ts';
import { arrayFunctionOf } from '../functions/arrays.ts';
import { arityOf } from '../functions/scalars.ts';
import type {
  BlocksStep,
  DerivedLookup,
  DerivedPlan,
  DerivedPlace,
  DerivedStep,
  FunctionStep,
  LoopStep,
  SpectraStep,
} from '../plan.ts';
import { filledElements } from './fill-spectra.ts';
import { extentOf } from './steps.ts';

const NOWHERE: DerivedLookup = { sizes: [], strides: [], clamp: false };

/** Throws `bad_bundle` where a program contradicts itself. Targets and weights are looked at by the plan's own checks. */
export function checkDerived(plan: DerivedPlan): void {
  const what = `what \`${plan.name}\` derives`;
  for (const { elements, values } of plan.arrays)
    if (!isCount(elements) || (values !== undefined && values.length !== elements))
      throw badBundle(`${what} has an array of ${elements} elements`);
  for (const step of plan.steps) checkStep(plan, step, what);
}

function checkStep(plan: DerivedPlan, step: DerivedStep, what: string): void {
  if (step.kind === 'loop') checkLoop(plan, step, undefined, what);
  else if (step.kind === 'function') checkFunction(plan, step, what);
  else if (step.kind === 'spectra') checkSpectra(plan, step, what);
  else if (step.kind === 'blocks') {
    if (![step.count, step.rows].every((size) => isCount(size) && size > 0))
      throw badBundle(`${what} goes in blocks of ${step.rows} of ${step.count} rows`);
    for (const inner of step.steps) checkLoop(plan, inner, step, what);
  } else throw badBundle(`${what} has a step that is not known here`);
}

function checkFunction(plan: DerivedPlan, step: FunctionStep, what: string): void {
  const found = arrayFunctionOf(step.function);
  if (found === undefined) throw badBundle(`${what} calls \`${step.function}\`, which is not known here`);
  const { inputs, out } = found.elements(step.sizes);
  const wanted = [...inputs, out];
  const given = [...step.inputs, step.out].map((array) => plan.arrays[array]?.elements);
  if (given.length !== wanted.length || given.some((elements, i) => elements !== wanted[i]))
    throw badBundle(`${what} gives \`${step.function}\` arrays of [${given.join(', ')}] elements`);
}

function checkSpectra(plan: DerivedPlan, step: SpectraStep, what: string): void {
  const { sizes, filters, out } = step;
  const count = extentOf(sizes);
  const known = step.plan.rows.every((row) => row.every((filter) => isCount(filter) && filter < count));
  const room = plan.arrays[out]?.elements ?? -1;
  const fits = filters.every(({ lags, first }) => isCount(lags) && lags > 0 && Number.isSafeInteger(first));
  if (!sizes.every(isCount) || !fits || !known || room < filledElements(step))
    throw badBundle(`${what} has spectra that do not fit their arrays`);
  for (const { array, strides, lags } of filters)
    checkReach(plan, { array, offset: 0, strides }, { over: [...sizes, lags], what });
}

function checkLoop(plan: DerivedPlan, step: LoopStep, blocks: BlocksStep | undefined, what: string): void {
  const { sizes, operands, along, reduce } = step;
  const arity = step.function === 'copy' ? 1 : arityOf(step.function);
  if (arity === undefined) throw badBundle(`${what} calls \`${step.function}\`, which is not known here`);
  if (operands.length !== arity)
    throw badBundle(`${what} gives \`${step.function}\` ${operands.length} operands`);
  const loops = reduce?.loops ?? 0;
  const rows = along === undefined ? undefined : sizes[along];
  if (!sizes.every((size) => isCount(size) && size > 0) || !isCount(loops) || loops > sizes.length)
    throw badBundle(`${what} loops over [${sizes.join(', ')}]`);
  if (reduce !== undefined && reduce.combine !== 'sum' && reduce.combine !== 'max')
    throw badBundle(`${what} combines by \`${String(reduce.combine)}\``);
  if (along !== undefined && (blocks === undefined || rows !== Math.min(blocks.rows, blocks.count)))
    throw badBundle(`${what} loops over ${rows} rows of a block`);
  // The last row of all is where the last block ends, whatever rows that block has.
  const rowsBefore = blocks === undefined ? 0 : Math.max(0, blocks.count - (rows ?? 1));
  const inside = (place: DerivedPlace, over: readonly number[], looked?: DerivedLookup): void =>
    checkReach(plan, place, { over, looked, rowsBefore, what });
  inside(step.out, sizes.slice(0, sizes.length - loops));
  for (const operand of operands) {
    if ('lookup' in operand) {
      const { lookup, table, at } = operand;
      if (
        !lookup.sizes.every((size) => isCount(size) && size > 0) ||
        lookup.strides.length !== lookup.sizes.length
      )
        throw badBundle(`${what} looks into a table of [${lookup.sizes.join(', ')}]`);
      inside(table, sizes, lookup);
      inside(at, sizes);
    } else if ('array' in operand) inside(operand, sizes);
    else if (![operand.first, ...operand.strides].every(Number.isFinite))
      throw badBundle(`${what} has a constant that is no number`);
  }
}

interface Reach {
  /** Sizes of the loops. */
  readonly over: readonly number[];
  readonly looked?: DerivedLookup | undefined;
  readonly rowsBefore?: number;
  readonly what: string;
}

/** Throws where some index of the loops lies outside the array. */
function checkReach(
  plan: DerivedPlan,
  { array, offset, strides, advance = 0 }: DerivedPlace,
  { over, looked = NOWHERE, rowsBefore = 0, what }: Reach,
): void {
  const elements = plan.arrays[array]?.elements;
  if (elements === undefined) throw badBundle(`${what} has no array ${array}`);
  const all = [...strides.slice(0, over.length), ...looked.strides, advance];
  if (strides.length < over.length || ![offset, ...all].every(Number.isSafeInteger))
    throw badBundle(`${what} has a stride that is no whole number`);
  const reach = [...over, ...looked.sizes, rowsBefore + 1].map((size, i) => (size - 1) * (all[i] ?? 0));
  const last = reach.reduce((sum, steps) => sum + Math.max(0, steps), offset);
  const first = reach.reduce((sum, steps) => sum + Math.min(0, steps), offset);
  if (first < 0 || last >= elements) throw badBundle(`${what} goes beyond an array of ${elements} elements`);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
