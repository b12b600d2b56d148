// Small pieces of WGSL text that several templates print: numbers, guards, and names of their own.
import type { Code, SharedVariable } from './wgsl.ts';

/** The lowest score: finite, because WGSL implementations may assume that there are no infinities. */
export const LOWEST = '-3.4e38';

/** exp(x) = exp2(x · LOG2_E); exp2 is the accurate one in WGSL. */
export const LOG2_E = Math.LOG2E;

/** An f32 literal: the nearest f32, printed so that WGSL reads a float. */
export function float(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`internal: ${value} is no WGSL number`);
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Fresh names near the hints: `const at = names(code, ['lane', 'part'])`, then `at.lane`. */
export function names<Hint extends string>(
  code: Code,
  hints: readonly Hint[],
): Readonly<Record<Hint, string>> {
  const entries = hints.map((hint) => [hint, code.fresh(hint)] as const);
  // The entries' keys are the hints, which Object.fromEntries forgets.
  return Object.fromEntries(entries) as Record<Hint, string>;
}

/** `body(item)` for the items 0 … count − 1, spread over the `threads` invocations of a workgroup. */
export function forEachItem(
  code: Code,
  threads: number,
  count: number,
  body: (inner: Code, item: string) => void,
  thread = 'local_invocation_index',
): void {
  const whole = Math.floor(count / threads);
  const rest = count % threads;
  const at = (inner: Code, offset: string): void => body(inner, inner.let('item', offset));
  if (whole === 1) code.block('', (inner) => at(inner, thread));
  if (whole > 1)
    code.loop(code.fresh('round'), whole, (inner, round) => at(inner, `${round} * ${threads}u + ${thread}`));
  if (rest > 0)
    code.block(`if (${thread} < ${rest}u)`, (inner) =>
      at(inner, whole === 0 ? thread : `${whole * threads}u + ${thread}`),
    );
}

/** The largest power of two that is at most `value`; 1 for less than 2. */
export function powerOfTwoBelow(value: number): number {
  return value < 2 ? 1 : 2 ** Math.floor(Math.log2(value));
}

/** The smallest power of two that is at least `value`. */
export function powerOfTwoAbove(value: number): number {
  return value <= 1 ? 1 : 2 ** Math.ceil(Math.log2(value));
}

export function counted<Item>(count: number, make: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function product(left: string, right: number): string {
  return right === 1 ? left : `${left} * ${right}u`;
}

/** An array of f32 in workgroup memory. */
export function sharedFloats(name: string, count: number): SharedVariable {
  return { name, type: `array<f32, ${count}>`, bytes: 4 * count };
}
