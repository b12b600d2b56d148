// Expands a stripe into its layers, each a list of letters.
import type { Expression, Name, Stripe, StripeCase, StripeFrom, StripePattern } from '../../grammar/ast.ts';
import type { Checked, Diagnostic } from '../../grammar/source.ts';
import { constantScope, isList, type Constant, type ConstantScope } from './constant.ts';
import * as errors from './constant-errors.ts';
import { evaluateConstant } from './evaluate.ts';

/** One layer: a letter, or several that were joined by `&`, in order. */
export interface ExpandedLayer {
  readonly letters: readonly Name[];
}

/** More layers than any model has; a larger stripe is a slip of the keyboard. */
export const mostLayers = 10_000;

/** The layers of the stripe, in order; `letters` are the names that are bound. No value after an error. */
export function expandStripe(
  stripe: Stripe,
  scope: ConstantScope,
  letters: ReadonlySet<string>,
): Checked<readonly ExpandedLayer[]> {
  const diagnostics: Diagnostic[] = [];
  const context = {
    scope,
    letters,
    report: (diagnostic: Diagnostic) => void diagnostics.push(diagnostic),
    depth: 0,
  };
  const layers = expand(stripe, context);
  if (layers?.length === 0) context.report(errors.emptyStripe(stripe.span));
  const unique = withoutRepeats(diagnostics);
  return layers === undefined || unique.length > 0
    ? { diagnostics: unique }
    : { value: layers, diagnostics: [] };
}

/** A mistake in the body of `layers(n)` is met once for each layer, and said once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, primary, message }) => {
    const key = `${code} ${primary?.span.start} ${primary?.span.end} ${code === 'no_case' ? message : ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

interface Context {
  readonly scope: ConstantScope;
  readonly letters: ReadonlySet<string>;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly depth: number;
}

type Layers = readonly ExpandedLayer[] | undefined;

/** Brackets nested deeper than this are no model. */
const deepest = 500;

function expand(stripe: Stripe, outer: Context): Layers {
  if (outer.depth > deepest) return fail(outer, errors.expressionTooDeep(stripe.span));
  const context = { ...outer, depth: outer.depth + 1 };
  switch (stripe.kind) {
    case 'stripeLetter':
      return expandLetter(stripe.name, context);
    case 'stripeList':
      return joinInOrder(
        stripe,
        stripe.items.map((item) => expand(item, context)),
        context,
      );
    case 'stripeParallel':
      return expandParallel(stripe.items, context);
    case 'stripeRepeat':
      return expandRepeat(stripe, expand(stripe.of, context), stripe.count, context);
    case 'stripeIf':
      return expandIf(stripe.condition, stripe.then, stripe.else, context);
    case 'stripeFrom':
      return expandFrom(stripe, context);
    case 'stripePattern':
      return expandPattern(stripe, context);
    case 'stripeLayers':
      return expandLayers(stripe, stripe.count, stripe.body, context);
  }
}

function fail(context: Context, diagnostic: Diagnostic): undefined {
  context.report(diagnostic);
  return undefined;
}

function expandLetter(name: Name, context: Context): Layers {
  return context.letters.has(name.text)
    ? [{ letters: [name] }]
    : fail(context, errors.unknownLetter(name.span, name.text, [...context.letters]));
}

function joinInOrder(stripe: Stripe, parts: readonly Layers[], context: Context): Layers {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  const count = known.reduce((sum, part) => sum + part.length, 0);
  return count > mostLayers
    ? fail(context, errors.tooManyLayers(stripe.span, count, mostLayers))
    : known.flat();
}

/** Layer by layer; a side of one layer joins every layer of the other. */
function expandParallel(items: readonly Stripe[], context: Context): Layers {
  const sides = items.map((item) => ({ span: item.span, layers: expand(item, context) }));
  let joined: readonly ExpandedLayer[] = [{ letters: [] }];
  let widest = sides[0]?.span;
  for (const { span, layers } of sides) {
    if (layers === undefined) return undefined;
    const length = Math.max(joined.length, layers.length);
    if (Math.min(joined.length, layers.length) !== 1 && joined.length !== layers.length) {
      return fail(context, errors.lengthsDiffer(span, [joined.length, layers.length], widest ?? span));
    }
    if (layers.length > joined.length) widest = span;
    const before = joined;
    joined = Array.from({ length }, (_, at) => ({
      letters: [...lettersAt(before, at), ...lettersAt(layers, at)],
    }));
  }
  return joined;
}

function lettersAt(layers: readonly ExpandedLayer[], at: number): readonly Name[] {
  return layers[layers.length === 1 ? 0 : at]?.letters ?? [];
}

function expandRepeat(stripe: Stripe, of: Layers, count: Expression, context: Context): Layers {
  const times = evaluateCount(count, context, 'A repetition');
  if (times === undefined) return undefined;
  if (times < 1) return fail(context, errors.repeatNotPositive(count.span, times));
  if (of === undefined) return undefined;
  if (of.length * times > mostLayers) {
    return fail(context, errors.tooManyLayers(stripe.span, of.length * times, mostLayers));
  }
  return Array.from({ length: times }, () => of).flat();
}

function evaluateCount(count: Expression, context: Context, what: string): number | undefined {
  const value = evaluateConstant(count, context.scope, context.report);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return fail(context, errors.countNotWhole(count.span, value, what));
  }
  return value;
}

function expandIf(condition: Expression, then: Stripe, otherwise: Stripe, context: Context): Layers {
  const value = evaluateConstant(condition, context.scope, context.report);
  if (value === undefined) return undefined;
  if (typeof value !== 'boolean') return fail(context, errors.conditionNotBoolean(condition.span, value));
  return expand(value ? then : otherwise, context);
}

function expandFrom(stripe: StripeFrom, context: Context): Layers {
  const list = evaluateConstant(stripe.list, context.scope, context.report);
  if (list === undefined) return undefined;
  if (!isList(list)) return fail(context, errors.notAList(stripe.list.span, list));
  return expandItems(stripe, list, stripe.cases, 'item', context);
}

function expandPattern(stripe: StripePattern, context: Context): Layers {
  const pattern = evaluateConstant(stripe.pattern, context.scope, context.report);
  if (pattern === undefined) return undefined;
  if (typeof pattern !== 'string') return fail(context, errors.patternNotText(stripe.pattern.span, pattern));
  for (const { key, keySpan } of stripe.cases) {
    if ([...key].length !== 1) return fail(context, errors.patternKeyNotCharacter(keySpan, key));
  }
  return expandItems(stripe, [...pattern], stripe.cases, 'character', context);
}

/** Each item's case, once for each item; a case may hold several layers. */
function expandItems(
  stripe: StripeFrom | StripePattern,
  items: readonly Constant[],
  cases: readonly StripeCase[],
  what: 'item' | 'character',
  context: Context,
): Layers {
  const known = expandCases(cases, context);
  const place = stripe.kind === 'stripeFrom' ? stripe.list.span : stripe.pattern.span;
  const absent = items.findIndex((item) => !known.has(String(item)));
  if (absent >= 0) {
    const keys = cases.map((each) => each.key);
    return fail(context, errors.listItemWithoutCase(place, items[absent] ?? null, absent, keys, what));
  }
  if (items.length > mostLayers) return fail(context, errors.tooManyLayers(place, items.length, mostLayers));
  return joinInOrder(
    stripe,
    items.map((item) => known.get(String(item))),
    context,
  );
}

function expandCases(cases: readonly StripeCase[], context: Context): ReadonlyMap<string, Layers> {
  const known = new Map<string, Layers>();
  for (const each of cases) {
    const first = cases.find((other) => other.key === each.key);
    if (first !== undefined && first !== each)
      context.report(errors.caseTwice(each.keySpan, each.key, first.keySpan));
    else known.set(each.key, expand(each.stripe, context));
  }
  return known;
}

/** The body once for each `i` from 0. */
function expandLayers(stripe: Stripe, count: Expression, body: Stripe, context: Context): Layers {
  const times = evaluateCount(count, context, 'The number of layers');
  if (times === undefined) return undefined;
  if (times < 1) return fail(context, errors.repeatNotPositive(count.span, times));
  if (times > mostLayers) return fail(context, errors.tooManyLayers(count.span, times, mostLayers));
  const parts: Layers[] = [];
  for (let i = 0; i < times; i += 1) {
    const part = expand(body, { ...context, scope: constantScope({ i }, context.scope) });
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return joinInOrder(stripe, parts, context);
}
