// The table of built-in functions. Nothing else lists them.
import type { Call, Expression } from '../../../../grammar/ast.ts';
import { constantFunctions, groupFunction, groupOf } from '../../constant-functions.ts';
import type { Constant } from '../../constant.ts';
import * as constantErrors from '../../constant-errors.ts';
import * as errors from '../../errors.ts';
import { matchArguments } from '../arguments.ts';
import { fail, type Frame } from '../context.ts';
import { evaluate } from '../expression.ts';
import { foldConstants } from '../operators.ts';
import { failed, type Value } from '../value.ts';
import { aboutAxes } from './about-axes.ts';
import type { Builtin } from './builtin.ts';
import { choices } from './choices.ts';
import { complexFunctions } from './complex-functions.ts';
import { maps } from './maps.ts';
import { moves, rename } from './moves.ts';
import { reductions } from './reductions.ts';
import { rotations } from './rotations.ts';
import { temporal } from './temporal.ts';

const builtins: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    ...maps,
    ...reductions,
    ...choices,
    ...moves,
    ...aboutAxes,
    ...rotations,
    ...temporal,
    ...complexFunctions,
  }),
);

/** Functions that the language has and that are not carried out yet. */
const planned: ReadonlySet<string> = new Set('cumsum split'.split(' '));

export const builtinNames: readonly string[] = [
  ...builtins.keys(),
  'rename',
  groupFunction,
  ...planned,
  ...constantFunctions.keys(),
];

/** The value of the call, or undefined where no built-in function has the name. */
export function callBuiltin(frame: Frame, name: string, call: Call): Value | undefined {
  if (name === 'rename') return rename(frame, call);
  if (name === groupFunction) return groupConstants(frame, call);
  const builtin = builtins.get(name);
  const folded = constantFunctions.has(name)
    ? callOnConstants(frame, name, call, builtin !== undefined)
    : undefined;
  if (folded !== undefined) return folded;
  if (builtin !== undefined) return callRecord(frame, name, builtin, call);
  if (name === 'lag') return fail(frame, errors.lagIsNoFunction(call.span));
  return planned.has(name)
    ? fail(frame, errors.notCarriedOutYet(call.callee.span, `\`${name}\``))
    : undefined;
}

/** Functions of constants are folded; undefined where an argument is no constant and a built-in function of tensors may take it. */
function callOnConstants(frame: Frame, name: string, call: Call, otherwise: boolean): Value | undefined {
  const known = constantFunctions.get(name);
  const unnamed = call.arguments.every((argument) => argument.name === undefined);
  const fits =
    known !== undefined && call.arguments.length >= known.least && call.arguments.length <= known.most;
  if (known === undefined || (otherwise && !(unnamed && fits))) return undefined;
  if (!unnamed || !fits) {
    return fail(
      frame,
      constantErrors.constantFunctionArguments(call.span, name, known, call.arguments.length),
    );
  }
  const values = call.arguments.map((argument) => evaluate(frame, argument.value));
  if (values.some((value) => value.kind === 'failed')) return failed;
  const apply = (constants: readonly Constant[]) => known.apply(...constants);
  const folded = foldConstants(frame, values, call.span, apply);
  if (folded !== undefined || otherwise) return folded?.kind === 'failed' ? failed : folded;
  return fail(frame, errors.notConstant(call.span, `What \`${name}\` takes`));
}

/** A group of constants, such as `fields(type: "linear", factor: 2)`. */
function groupConstants(frame: Frame, call: Call): Value {
  const nameless = call.arguments.find((argument) => argument.name === undefined);
  if (nameless !== undefined) return fail(frame, constantErrors.fieldWithoutName(nameless.span));
  const values = call.arguments.map((argument) => evaluate(frame, argument.value));
  if (values.some((value) => value.kind === 'failed')) return failed;
  const apply = (constants: readonly Constant[]) => ({ value: groupOf(call, constants) });
  const folded = foldConstants(frame, values, call.span, apply);
  return folded ?? fail(frame, errors.notConstant(call.span, `What \`${groupFunction}\` takes`));
}

function callRecord(frame: Frame, name: string, builtin: Builtin, call: Call): Value {
  const rest: Expression[] = [];
  const args = call.arguments.flatMap((argument) => {
    if (builtin.variadic === true && argument.name === undefined) {
      rest.push(argument.value);
      return [];
    }
    const named =
      argument.name === undefined ? {} : { name: argument.name.text, nameSpan: argument.name.span };
    return [{ ...named, span: argument.value.span, value: argument.value }];
  });
  const { given, complete } = matchArguments(
    frame,
    args,
    { callee: name, positional: builtin.parameters, required: builtin.parameters.slice(0, builtin.required) },
    call.span,
  );
  if (!complete) return failed;
  const expressions = new Map([...given].map(([parameter, argument]) => [parameter, argument.value]));
  return builtin.make({ frame, name, span: call.span, given: expressions, rest, call });
}
