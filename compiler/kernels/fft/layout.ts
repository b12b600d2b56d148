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

/** Of which butterfly of a pass an invocation's number is part, and which of it: WGSL expressions. */
export interface Member {
  readonly butterfly: string;
  readonly rank: string;
}

/** An invocation holds whole butterflies, neighbours' being neighbours; or an equal part of one where it is larger than what it holds. */
export function memberOf({ held, threads, points }: FftShape, { radix }: Pass, element: string): Member {
  if (radix === held) return { butterfly: 'thread', rank: element };
  if (radix < held)
    return {
      butterfly: `(thread + ${element} / ${radix}u * ${threads}u)`,
      rank: `${element} % ${radix}u`,
    };
  const columns = points / radix;
  return {
    butterfly: columns === 1 ? '0u' : `thread % ${columns}u`,
    rank: `(${columns === 1 ? 'thread' : `thread / ${columns}u`} * ${held}u + ${element})`,
  };
}

/** Index in the line of a butterfly's first number. */
export function firstOf({ span, stride }: Pass, butterfly: string): string {
  if (stride === 1) return product(butterfly, span);
  return `${butterfly} / ${stride}u * ${span}u + ${butterfly} % ${stride}u`;
}

/** Index in the line of the number that the invocation `thread` holds at `element`, before and after the pass. */
export function placeText(shape: FftShape, pass: Pass, element: string): string {
  const { butterfly, rank } = memberOf(shape, pass, element);
  return `${firstOf(pass, butterfly)} + ${product(rank, pass.stride)}`;
}

/** Statements for each of the numbers that an invocation holds. */
export function eachHeld(
  { held }: FftShape,
  statements: (element: string) => readonly string[],
): readonly string[] {
  return [`for (var e = 0u; e < ${held}u; e++) {`, ...statements('e').map((line) => `  ${line}`), '}'];
}

/** Index in the table of `points` turns of what the number at a place is turned by after the pass (backwards: before it). */
export function turnText({ points }: FftShape, { span, stride }: Pass, place: string): string {
  const inside = span === points ? `(${place})` : `((${place}) % ${span}u)`;
  return product(`(${inside} / ${stride}u) * (${inside} % ${stride}u)`, points / span);
}
