// Where the weights of a shared letter are: at the first place that runs it, or, of several sets that take turns, at the first of each.
import type { Diagnostic } from '../../grammar/source.ts';
import type { ConstantScope } from './constant.ts';
import * as errors from './constant-errors.ts';
import { evaluateConstant } from './evaluate.ts';
import { lettersRun, type Letter, type Place } from './letters.ts';

export interface SharedPlace {
  /** The layer of the first place with the same set of weights. */
  readonly layer: number;
  /** The how-many-eth place that set is, from 0. */
  readonly set: number;
  /** The how-many-eth place that runs the letter this one is, from 0. */
  readonly turn: number;
}

/** Finds, for a shared letter that a place runs, on its own or inside another, where its weights are. */
export type FindShared = (letter: string, at: Partial<Omit<Place, 'name'>>) => SharedPlace | undefined;

export function sharedPlaces(
  letters: ReadonlyMap<string, Letter>,
  places: readonly Place[],
  scope: ConstantScope,
  report: (diagnostic: Diagnostic) => void,
): FindShared {
  const running = new Map(
    [...letters.values()]
      .filter(({ shared }) => shared)
      .map((letter) => {
        const here = places.filter((place) => lettersRun(letters, [place.letter]).has(letter.name));
        return [letter.name, { here, sets: countSets(letter, scope, report) }] as const;
      }),
  );
  return (letter, at) => {
    const { here, sets } = running.get(letter) ?? { here: [], sets: 1 };
    const turn = here.findIndex(
      (place) => place.layer === at.layer && place.letter === at.letter && place.site === at.site,
    );
    const first = here[turn % sets];
    return turn < 0 || first === undefined ? undefined : { layer: first.layer, set: turn % sets, turn };
  };
}

function countSets({ sets }: Letter, scope: ConstantScope, report: (diagnostic: Diagnostic) => void): number {
  const value = sets === undefined ? 1 : evaluateConstant(sets, scope, report);
  if (sets === undefined || value === undefined) return 1;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    report(errors.countNotWhole(sets.span, value, 'The number of sets of weights'));
    return 1;
  }
  if (value < 1) report(errors.setsNotPositive(sets.span, value));
  return Math.max(1, value);
}
