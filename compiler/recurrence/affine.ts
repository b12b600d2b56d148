// Values that are affine in a recurrence's state: sums of the state, of sums over it, and of what does not depend on it.
import { hasAxis } from '../ir/axes.ts';
import type { BodyBuilder } from '../ir/build.ts';
import type { Axis, NodeId } from '../ir/graph.ts';
import { negated, plus, sumOfProduct, times } from './coefficients.ts';

/** Which value of the state is meant: the one before the position, or the one after it. */
export type StateTime = 'before' | 'after';

/** `factor` ⊙ state, or `factor` · Σ over `over` of `vector` ⊙ state. */
export interface StateTerm {
  readonly of: StateTime;
  readonly factor: NodeId;
  /** Absent where the state itself is meant; `over` is then empty. */
  readonly vector?: NodeId;
  readonly over: readonly Axis[];
}

/** The sum of its terms and of `free`, which is zero where absent. */
export interface Affine {
  readonly terms: readonly StateTerm[];
  readonly free?: NodeId | undefined;
}

/** Why a body is no affine recurrence, as the end of a sentence. */
export interface Refused {
  readonly refused: string;
}

export function isRefused(value: object): value is Refused {
  return 'refused' in value;
}

/** Terms of the same sum over the state become one. */
export function addAffine(builder: BodyBuilder, x: Affine, y: Affine): Affine {
  const terms = [...x.terms];
  for (const term of y.terms) {
    const known = terms.findIndex((other) => isSameRead(other, term));
    const other = terms[known];
    const factor = other && plus(builder, other.factor, term.factor);
    if (other === undefined || factor === undefined) terms.push(term);
    else terms[known] = { ...other, factor };
  }
  return { terms, free: plus(builder, x.free, y.free) };
}

function isSameRead(a: StateTerm, b: StateTerm): boolean {
  const names = (term: StateTerm): string =>
    term.over
      .map(({ name }) => name)
      .toSorted()
      .join(' ');
  return a.of === b.of && a.vector === b.vector && names(a) === names(b);
}

export function mapFactors(x: Affine, change: (factor: NodeId) => NodeId): Affine {
  return {
    terms: x.terms.map((term) => ({ ...term, factor: change(term.factor) })),
    free: x.free === undefined ? undefined : change(x.free),
  };
}

export function negateAffine(builder: BodyBuilder, x: Affine): Affine {
  return mapFactors(x, (factor) => negated(builder, factor));
}

/** Σ over `over` of `by` ⊙ x. */
export function sumAffine(
  builder: BodyBuilder,
  x: Affine,
  by: NodeId,
  over: readonly Axis[],
  state: readonly Axis[],
): Affine | Refused {
  const sums: StateTerm[] = [];
  for (const term of x.terms) {
    const again = over.find(({ name }) => hasAxis(state, name) && !hasAxis(term.over, name));
    if (term.vector === undefined)
      sums.push({ ...term, factor: builder.constant(1), vector: times(builder, by, term.factor), over });
    else if (again === undefined)
      sums.push({ ...term, factor: sumOfProduct(builder, by, term.factor, over) });
    else return { refused: `the state is summed over ${again.name} after another sum` };
  }
  const free = x.free === undefined ? undefined : sumOfProduct(builder, by, x.free, over);
  return sums.reduce<Affine>((sum, term) => addAffine(builder, sum, { terms: [term] }), { terms: [], free });
}
