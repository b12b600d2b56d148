// Matches the arguments of a call with what the callee takes.
import type { Argument } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import * as errors from '../errors.ts';
import { fail, type Frame } from './context.ts';
import { bind } from './expression.ts';
import type { BoundArgument } from './value.ts';

export function bindArguments(frame: Frame, args: readonly Argument[]): readonly BoundArgument[] {
  return args.map((argument) => ({
    ...(argument.name === undefined ? {} : { name: argument.name.text, nameSpan: argument.name.span }),
    span: argument.value.span,
    bound: withOrigin(bind(frame, argument.value), argument),
  }));
}

/** A constant is remembered as written here, so that a message about it points at the user's argument. */
function withOrigin(bound: BoundArgument['bound'], { value }: Argument): BoundArgument['bound'] {
  return bound.value?.kind === 'constant'
    ? { ...bound, value: { ...bound.value, origin: { ...bound.value.origin, span: value.span } } }
    : bound;
}

/** What a callee takes: its parameters in order, and names that only named arguments reach. */
export interface Signature {
  /** `attention`, as messages call it. */
  readonly callee: string;
  readonly positional: readonly string[];
  readonly named?: readonly string[];
  /** Parameters that must be given. */
  readonly required: readonly string[];
  /** Where the callee was declared, for a secondary label. */
  readonly declared?: Span;
}

export interface Matched<T> {
  readonly given: ReadonlyMap<string, T>;
  /** Whether every mistake that was found leaves the call meaningful. */
  readonly complete: boolean;
}

/** The arguments by parameter; mistakes are reported at the argument, or at the call for a missing one. */
export function matchArguments<
  T extends { readonly name?: string; readonly nameSpan?: Span; readonly span: Span },
>(frame: Frame, args: readonly T[], signature: Signature, call: Span): Matched<T> {
  const given = new Map<string, T>();
  const names = [...signature.positional, ...(signature.named ?? [])];
  let next = 0;
  let complete = true;
  for (const argument of args) {
    const name = argument.name ?? signature.positional[next];
    if (argument.name === undefined) next += 1;
    const problem = problemOf(argument, name, names, given, signature);
    if (problem !== undefined) {
      fail(frame, problem);
      complete = false;
    } else if (name !== undefined) {
      given.set(name, argument);
    }
  }
  const missing = signature.required.filter((name) => !given.has(name));
  if (missing.length > 0 && complete)
    fail(frame, errors.missingArgument(call, signature.callee, missing, signature.declared));
  return { given, complete: complete && missing.length === 0 };
}

function problemOf(
  argument: { readonly nameSpan?: Span; readonly span: Span },
  name: string | undefined,
  names: readonly string[],
  given: ReadonlyMap<string, { readonly span: Span }>,
  { callee, positional, declared }: Signature,
) {
  const span = argument.nameSpan ?? argument.span;
  if (name === undefined) return errors.tooManyArguments(span, callee, positional.length);
  if (!names.includes(name)) return errors.unknownArgument(span, callee, name, names, declared);
  const before = given.get(name);
  return before === undefined ? undefined : errors.argumentTwice(span, name, before.span);
}
