// Which numbers of a line each invocation holds between the passes of a transform.
import { product } from '../text.ts';
import type { FftShape } from './shape.ts';

/** One pass: sub-transforms of `span` numbers, whose butterflies take every `stride`-th. */
export interface Pass {
  readonly radix: number;
  readonly span: number;
  readonly stride: number;
}

export function passesOf({ points, radices }: FftShape): readonly Pass[] {
  let span = points;
  return radices.map((radix) => {
    const pass = { radix, span, stride: span / radix };
    span = pass.stride;
    return pass;
  });
}

/** Of which butterfly of a pass an invocation's number is part, as text, and which of it. */
export interface Member {
  /** Index among the butterflies that the invocation has a part in. */
  readonly group: number;
  /** The butterfly's number in the line. */
  readonly butterfly: string;
  /** Which of the butterfly's numbers: a constant, or text where invocations share a butterfly. */
  readonly rank: number | string;
}

/** An invocation holds whole butterflies, neighbours' being neighbours; or an equal part of one where it is larger than what it holds. */
export function memberOf(shape: FftShape, { radix }: Pass, element: number, thread: string): Member {
  const { held, threads, points } = shape;
  if (radix > held) {
    const columns = points / radix;
    return {
      group: 0,
      butterfly: columns === 1 ? '0u' : `${thread} % ${columns}u`,
      rank: `${columns === 1 ? thread : `${thread} / ${columns}u`} * ${held}u + ${element}u`,
    };
  }
  const group = Math.floor(element / radix);
  return {
    group,
    butterfly: group === 0 ? thread : `(${thread} + ${group * threads}u)`,
    rank: element % radix,
  };
}

/** Index in the line of a butterfly's first number. */
export function firstOf({ span, stride }: Pass, butterfly: string): string {
  if (stride === 1) return product(butterfly, span);
  return `${butterfly} / ${stride}u * ${span}u + ${butterfly} % ${stride}u`;
}

/** Index in the line of the number that an invocation holds at `element`, before and after the pass. */
export function placeText(shape: FftShape, pass: Pass, element: number, thread: string): string {
  const { butterfly, rank } = memberOf(shape, pass, element, thread);
  const first = firstOf(pass, butterfly);
  if (rank === 0) return first;
  if (typeof rank === 'number') return `${first} + ${pass.stride * rank}u`;
  return `${first} + ${product(`(${rank})`, pass.stride)}`;
}

/** Index in the table of `points` turns of what the number at a place is turned by after the pass (backwards: before it). */
export function turnText({ points }: FftShape, { span, stride }: Pass, place: string): string {
  const inside = span === points ? `(${place})` : `((${place}) % ${span}u)`;
  return product(`(${inside} / ${stride}u) * (${inside} % ${stride}u)`, points / span);
}
