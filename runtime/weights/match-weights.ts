// Which stored tensor each weight of the plan is read from; every disagreement is found before anything is uploaded.
import { weightsMismatch } from '../errors.ts';
import type { Plan, WeightPlan } from '../plan.ts';
import type { StoredTensor } from './checkpoint.ts';

export interface MatchedWeight {
  readonly plan: WeightPlan;
  readonly tensor: StoredTensor;
}

const READABLE = ['F32', 'F16', 'BF16'];

/** Throws `weights_mismatch` with every tensor that is missing, extra or of another shape or dtype. */
export function matchWeights(
  plan: Pick<Plan, 'weights' | 'ignored'>,
  tensors: ReadonlyMap<string, StoredTensor>,
): readonly MatchedWeight[] {
  const matched: MatchedWeight[] = [];
  const problems = new Set<string>();
  for (const weight of plan.weights) {
    const tensor = firstOf(weight.tensors, tensors);
    if (tensor === undefined) {
      if (!weight.optional) problems.add(missing(weight));
      continue;
    }
    const problem = disagreement(weight, tensor);
    if (problem === null) matched.push({ plan: weight, tensor });
    else problems.add(problem);
  }
  for (const line of extras(plan, tensors)) problems.add(line);
  if (problems.size > 0) throw weightsMismatch([...problems]);
  return matched;
}

function firstOf(
  names: readonly string[],
  tensors: ReadonlyMap<string, StoredTensor>,
): StoredTensor | undefined {
  const found = names.find((name) => tensors.has(name));
  return found === undefined ? undefined : tensors.get(found);
}

function missing(weight: WeightPlan): string {
  const [first = '', ...others] = weight.tensors;
  const also = others.length === 0 ? '' : ` (nor ${others.map((name) => `\`${name}\``).join(', ')})`;
  return `missing: \`${first}\` [${weight.shape.join(', ')}]${also}`;
}

function disagreement(weight: WeightPlan, tensor: StoredTensor): string | null {
  const stored = tensor.shape.join(', ');
  const wanted = weight.shape.join(', ');
  if (stored !== wanted)
    return `shape: \`${tensor.name}\` is [${stored}] in the file, and [${wanted}] in the model`;
  if (!READABLE.includes(tensor.dtype))
    return `dtype: \`${tensor.name}\` is ${tensor.dtype}, and only ${READABLE.join(', ')} can be read`;
  return null;
}

function extras(
  plan: Pick<Plan, 'weights' | 'ignored'>,
  tensors: ReadonlyMap<string, StoredTensor>,
): readonly string[] {
  const known = new Set(plan.weights.flatMap((weight) => weight.tensors));
  const ignored = plan.ignored.map(wildcard);
  return [...tensors.values()]
    .filter(({ name }) => !known.has(name) && !ignored.some((pattern) => pattern.test(name)))
    .map(
      ({ name, shape }) =>
        `extra: \`${name}\` [${shape.join(', ')}] is in the file, and the model has no such weight`,
    );
}

/** `*` stands for any run of characters; all else for itself. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
