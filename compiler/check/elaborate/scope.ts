// Scopes with the language's three name spaces: values, axes, callables.
import type { Callable, CheckedAxis, ConstantValue, Value } from './value.ts';
import type { Span } from '../../../grammar/source.ts';

export interface Scope {
  readonly outer?: Scope;
  readonly values: Map<string, Value>;
  readonly axes: Map<string, readonly CheckedAxis[]>;
  /** Numbers by name: they stay usable as axes when a value of the same name hides them. */
  readonly numbers: Map<string, ConstantValue>;
  readonly callables: Map<string, Callable>;
  /** Where weights, parts, norms and inputs, and axes, were declared in this very scope. */
  readonly declared: Map<string, Span>;
  readonly declaredAxes: Map<string, Span>;
}

export function newScope(outer?: Scope): Scope {
  return {
    ...(outer === undefined ? {} : { outer }),
    values: new Map(),
    axes: new Map(),
    numbers: new Map(),
    callables: new Map(),
    declared: new Map(),
    declaredAxes: new Map(),
  };
}

/** Sets a value; a number is also kept for its use as an axis. */
export function setValue(scope: Scope, name: string, value: Value): void {
  scope.values.set(name, value);
  if (value.kind === 'constant' && typeof value.value === 'number') scope.numbers.set(name, value);
}

export function findValue(scope: Scope, name: string): Value | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const value = at.values.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function findCallable(scope: Scope, name: string): Callable | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const callable = at.callables.get(name);
    if (callable !== undefined) return callable;
  }
  return undefined;
}

/** An axis that was declared or passed, or the number that may be used as one; the nearest scope wins, and in it the axis. */
export function findAxis(scope: Scope, name: string): readonly CheckedAxis[] | ConstantValue | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const found = at.axes.get(name) ?? at.numbers.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every name that can be said here in one of the name spaces. */
export function namesIn(scope: Scope, space: 'values' | 'axes' | 'callables'): readonly string[] {
  const names = new Set<string>();
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    for (const name of at[space].keys()) names.add(name);
    if (space === 'axes') for (const name of at.numbers.keys()) names.add(name);
  }
  return [...names];
}
