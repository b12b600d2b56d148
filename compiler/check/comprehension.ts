// `[value for name in list if condition]`: visits the items of the lists and collects the values, for either evaluator of expressions.
import type { Comprehension, Expression } from '../../grammar/ast.ts';
import type { Diagnostic } from '../../grammar/source.ts';
import { isList, type Constant } from './constant.ts';
import * as errors from './constant-errors.ts';

/** More items than these are a mistake, not a model. */
const mostVisits = 100_000;

/** How an evaluator works: `Context` holds the names, `Stop` is what it answers where there is no value. */
export interface Evaluator<Context, Stop> {
  readonly evaluate: (
    expression: Expression,
    context: Context,
  ) => { readonly value: Constant } | { readonly stop: Stop };
  readonly bind: (context: Context, name: string, value: Constant) => Context;
  readonly fail: (context: Context, diagnostic: Diagnostic) => Stop;
}

type Listed<Stop> = { readonly value: readonly Constant[] } | { readonly stop: Stop };

/** The list, or what the first part without a value answered. */
export function comprehend<Context, Stop>(
  expression: Comprehension,
  outer: Context,
  { evaluate, bind, fail }: Evaluator<Context, Stop>,
): Listed<Stop> {
  let visits = 0;
  const collect = (context: Context, depth: number): Listed<Stop> => {
    const source = expression.sources[depth];
    if (source === undefined) return collectOne(context);
    const list = evaluate(source.list, context);
    if ('stop' in list) return list;
    if (!isList(list.value)) return { stop: fail(context, errors.notAList(source.list.span, list.value)) };
    const found: Constant[] = [];
    for (const item of list.value) {
      visits += 1;
      if (visits > mostVisits) {
        const reason = `it would visit more than ${mostVisits} items`;
        return { stop: fail(context, errors.cannotCompute(expression.span, reason)) };
      }
      const inner = collect(bind(context, source.name.text, item), depth + 1);
      if ('stop' in inner) return inner;
      for (const value of inner.value) found.push(value);
    }
    return { value: found };
  };
  const collectOne = (context: Context): Listed<Stop> => {
    const { condition } = expression;
    const wanted = condition === undefined ? { value: true } : evaluate(condition, context);
    if ('stop' in wanted) return wanted;
    if (typeof wanted.value !== 'boolean' && condition !== undefined) {
      return { stop: fail(context, errors.conditionNotBoolean(condition.span, wanted.value)) };
    }
    if (wanted.value !== true) return { value: [] };
    const value = evaluate(expression.value, context);
    return 'stop' in value ? value : { value: [value.value] };
  };
  return collect(outer, 0);
}
