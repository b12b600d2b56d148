// Pointwise functions: every map of the op table, by its name.
import { binaryOps, choiceOps } from '../../../ir/ops/map-binary.ts';
import { unaryOps } from '../../../ir/ops/map-unary.ts';
import { evaluate } from '../expression.ts';
import { applyMap } from '../operators.ts';
import type { Builtin } from './builtin.ts';

const parameterNames = ['a', 'b', 'c'] as const;

export const maps: Readonly<Record<string, Builtin>> = Object.fromEntries(
  Object.entries({ ...unaryOps, ...binaryOps, ...choiceOps }).map(([name, { arity }]) => [
    name,
    mapFunction(name, arity),
  ]),
);

function mapFunction(op: string, arity: number): Builtin {
  const parameters = parameterNames.slice(0, arity);
  return {
    parameters,
    required: arity,
    make: ({ frame, given, span }) => {
      const expressions = parameters.flatMap((parameter) => given.get(parameter) ?? []);
      const values = expressions.map((expression) => evaluate(frame, expression));
      const spans = expressions.map((expression) => expression.span);
      return applyMap(frame, op, values, spans, span);
    },
  };
}
