// Which stored tensor each weight of the plan is read from; every disagreement is found before anything is uploaded.
import { TENSORS_JOINED } from '../plan.ts';
import type { Plan, ReadEncoding, WeightPlan } from '../plan.ts';
import type { StoredTensor } from './checkpoint.ts';
import { isReadable } from './decode-elements.ts';
import { joinTensors } from './join-tensors.ts';
import { mismatch } from './mismatch.ts';
import { elementCount } from './safetensors.ts';

/** A weight as it is read, into a buffer of the GPU or an array of a derived program. */
type Wanted = WeightPlan<ReadEncoding>;

export interface MatchedWeight {
  readonly plan: Wanted;
  readonly tensor: StoredTensor;
}

/** What a model reads, and may read instead. */
export interface WantedWeights {
  readonly weights: readonly Wanted[];
  readonly otherwise?: readonly Wanted[] | undefined;
  readonly ignored: Plan['ignored'];
}

/** Throws `weights_mismatch` with every tensor that is missing, extra or of another shape or dtype. */
export function matchWeights(
  whole: WantedWeights,
  tensors: ReadonlyMap<string, StoredTensor>,
): readonly MatchedWeight[] {
  const plan = { ...whole, weights: inFile(whole, tensors) };
  const matched: MatchedWeight[] = [];
  const missing: Wanted[] = [];
  const wrong: { weight: Wanted; tensor: StoredTensor }[] = [];
  for (const weight of plan.weights) {
    const found = firstOf(weight.tensors, tensors);
    const tensor = found === undefined ? undefined : joinTensors(found);
    if (tensor === undefined) {
      if (!weight.optional) missing.push(weight);
    } else if (fits(weight, tensor)) matched.push({ plan: weight, tensor });
    else wrong.push({ weight, tensor });
  }
  const extra = extras(plan, tensors);
  if (missing.length + wrong.length + extra.length > 0)
    throw mismatch({ missing, wrong, extra, wanted: plan.weights.length });
  return matched;
}

/** One number is one number, with axes of size 1 or without any. */
function fits({ shape }: Wanted, { shape: stored, dtype }: StoredTensor): boolean {
  const isOne = elementCount(stored) === 1 && elementCount(shape) === 1;
  return (stored.join() === shape.join() || isOne) && isReadable(dtype, elementCount(stored));
}

/** Every weight in the layout that the file has; the first one where it has neither. */
function inFile(
  { weights, otherwise = [] }: WantedWeights,
  tensors: ReadonlyMap<string, StoredTensor>,
): readonly Wanted[] {
  if (otherwise.length === 0) return weights;
  const [first, second] = [weights, otherwise].map(byWeight);
  const has = (parts: readonly Wanted[]) =>
    parts.every((part) => firstOf(part.tensors, tensors) !== undefined);
  return [...(first ?? [])].flatMap(([name, parts]) => {
    const others = second?.get(name);
    return others !== undefined && !has(parts) && has(others) ? others : parts;
  });
}

/** The parts of a weight are numbered in brackets. */
function byWeight(parts: readonly Wanted[]): ReadonlyMap<string, readonly Wanted[]> {
  const found = new Map<string, Wanted[]>();
  for (const part of parts) {
    const name = part.name.replace(/\[\d+\]$/, '');
    const known = found.get(name);
    if (known === undefined) found.set(name, [part]);
    else known.push(part);
  }
  return found;
}

/** The tensors of the first name, mostly one, that are all there. */
function firstOf(
  names: readonly string[],
  tensors: ReadonlyMap<string, StoredTensor>,
): readonly StoredTensor[] | undefined {
  for (const name of names) {
    const whole = tensors.get(name);
    if (whole !== undefined) return [whole];
    const parts = name.split(TENSORS_JOINED).map((part) => tensors.get(part));
    const there = parts.filter((part) => part !== undefined);
    if (there.length === parts.length) return there;
  }
  return undefined;
}

function extras(plan: WantedWeights, tensors: ReadonlyMap<string, StoredTensor>): readonly StoredTensor[] {
  const known = new Set(plan.weights.flatMap(namesOf));
  const ignored = plan.ignored.map(wildcard);
  return [...tensors.values()].filter(
    ({ name }) => !known.has(name) && !ignored.some((pattern) => pattern.test(name)),
  );
}

function namesOf({ tensors }: Wanted): readonly string[] {
  return tensors.flatMap((name) => [name, ...name.split(TENSORS_JOINED)]);
}

/** `*` stands for any run of characters; all else for itself. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
