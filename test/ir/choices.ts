// Endless small numbers that decide what a random body is made of.
export interface Choices {
  /** A whole number from 0 to below `count`. */
  readonly below: (count: number) => number;
  readonly of: <T>(list: readonly T[]) => T;
  /** One of two: the change, or nothing done. */
  readonly maybe: <T>(value: T, change: (value: T) => T) => T;
}

/** Draws from a list of numbers, again and again. */
export function choicesOf(numbers: readonly number[]): Choices {
  let at = 0;
  const below = (count: number): number => (numbers[at++ % numbers.length] ?? 0) % count;
  return {
    below,
    of: (list) => list[below(list.length)]!,
    maybe: (value, change) => (below(2) === 0 ? value : change(value)),
  };
}
