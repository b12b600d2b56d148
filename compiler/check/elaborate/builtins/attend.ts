// `attend`: scores of queries and keys, what is added to them, and what they become.
import * as errors from '../../errors.ts';
import { fail } from '../context.ts';
import { emit } from '../emit.ts';
import { evaluate } from '../expression.ts';
import { failed, typeOf, type TensorValue, type Value } from '../value.ts';
import { attendScore } from './attend-score.ts';
import { biasArgument, type Bias } from './attend-bias.ts';
import {
  badArgument,
  constantArgument,
  hasAxes,
  numberArgument,
  numberOrNone,
  oneAxisArgument,
  temporalArgument,
  wrong,
  type Builtin,
  type BuiltinCall,
} from './builtin.ts';

export const attendFunctions: Readonly<Record<string, Builtin>> = {
  attend: {
    parameters: [
      'q',
      'k',
      'v',
      'over',
      'window',
      'pinned',
      'scale',
      'softcap',
      'sink',
      'chunk',
      'bias',
      'ahead',
      'score',
      'causal',
    ],
    required: 4,
    make: attend,
  },
};

function attend(call: BuiltinCall): Value {
  const { frame, span } = call;
  const values = ['q', 'k', 'v'].map((name) => temporalArgument(call, name));
  const over = oneAxisArgument(call, 'over');
  const options = attendOptions(call);
  const [q, k, v] = values;
  if (q === undefined || k === undefined || v === undefined || over === undefined || options === undefined)
    return failed;
  if (!hasAxes(call, q, [over], 'over', 'q') || !hasAxes(call, k, [over], 'over', 'k')) return failed;
  if (!keysFitQueries(call, q, k, v, over.name)) return failed;
  const sink = sinkArgument(call, q, over.name);
  const biases = biasArguments(call, q, over.name, options['causal'] !== false);
  const body = attendScore(call);
  if (sink === undefined || biases === undefined || body === 'failed') return failed;
  if (body !== undefined && sink.length > 0)
    return fail(frame, errors.sinkWithoutSoftmax(spanOf(call, 'sink'), spanOf(call, 'score')));
  const attrs = {
    over: over.name,
    scale: 1 / Math.sqrt(over.size),
    ...options,
    ...(biases.length > 0 && { biases: biases.map(({ table }) => table) }),
    ...(body !== undefined && { body }),
  };
  const tables = biases.map(({ value }) => value);
  return emit(frame, { op: 'attend', inputs: [q, k, v, ...tables, ...sink], attrs, span });
}

function spanOf({ given, span }: BuiltinCall, name: string) {
  return given.get(name)?.span ?? span;
}

/** Biases behind and ahead, as far as they are given; undefined after a reported mistake. */
function biasArguments(
  call: BuiltinCall,
  q: TensorValue,
  over: string,
  causal: boolean,
): readonly Bias[] | undefined {
  const found = [biasArgument(call, 'bias', q, over), biasArgument(call, 'ahead', q, over)];
  if (!found.every((list) => list !== undefined)) return undefined;
  const [, ahead = []] = found;
  if (ahead.length === 0 || !causal) return found.flat();
  fail(call.frame, errors.aheadOfCausal(spanOf(call, 'ahead')));
  return undefined;
}

/** One more score for every head, on axes of the heads; none without it. */
function sinkArgument(call: BuiltinCall, q: TensorValue, over: string): readonly TensorValue[] | undefined {
  const { frame, given } = call;
  const at = given.get('sink');
  const value = at === undefined ? undefined : evaluate(frame, at);
  if (at === undefined || (value?.kind === 'constant' && value.value === null)) return [];
  const sink = numberArgument(call, 'sink');
  if (sink === undefined) return undefined;
  const stray = typeOf(sink).axes.find(
    ({ name }) => name === over || !typeOf(q).axes.some((axis) => axis.name === name),
  );
  if (stray === undefined) return [sink];
  fail(frame, errors.sinkAxisNotOfHeads(frame.body, at.span, stray, typeOf(q), given.get('q')?.span));
  return undefined;
}

/** Every axis of the keys is the queries', and the values do not have the axis that the scores sum over. */
function keysFitQueries(
  call: BuiltinCall,
  q: TensorValue,
  k: TensorValue,
  v: TensorValue,
  over: string,
): boolean {
  const { frame, given } = call;
  const { body } = frame;
  const queries = typeOf(q).axes;
  const stray = typeOf(k).axes.find(({ name }) => !queries.some((axis) => axis.name === name));
  if (stray !== undefined) {
    fail(frame, errors.keyAxisNotInQuery(body, spanOf(call, 'k'), stray, typeOf(q), given.get('q')?.span));
    return false;
  }
  if (!typeOf(v).axes.some(({ name }) => name === over)) return true;
  fail(frame, errors.valuesHaveScoreAxis(body, spanOf(call, 'v'), over, given.get('over')?.span));
  return false;
}

/** The options that are numbers or truths, by the names of the op's attributes; undefined after a reported mistake. */
function attendOptions(call: BuiltinCall): Readonly<Record<string, number | boolean>> | undefined {
  const positions = 'a whole number of positions';
  const read = {
    window: numberOrNone(call, 'window', isWhole(1), `${positions}, at least 1 (the position itself counts)`),
    pinned: numberOrNone(call, 'pinned', isWhole(0), positions),
    scale: scaleArgument(call),
    softcap: numberOrNone(call, 'softcap', (value) => value > 0, 'a number greater than 0'),
    chunk: numberOrNone(call, 'chunk', isWhole(1), `${positions}, at least 1`),
    causal: causalArgument(call),
  };
  const options: Record<string, number | boolean> = {};
  let fine = true;
  for (const [name, value] of Object.entries(read)) {
    if (value === wrong) fine = false;
    else if (value === perVisible) Object.assign(options, { scale: 1, perVisible: true });
    else if (typeof value === 'number' || value === false) options[name] = value;
  }
  if (!fine || !pinnedFits(call, options)) return undefined;
  return options;
}

const perVisible = 'count';

function scaleArgument(call: BuiltinCall): number | null | typeof wrong | typeof perVisible {
  const value = constantArgument(call, 'scale');
  if (value === perVisible || value === wrong) return value;
  return numberOrNone(
    call,
    'scale',
    () => true,
    'a number, or "count": one over how many positions are seen',
  );
}

/** False where later positions are seen, else nothing. */
function causalArgument(call: BuiltinCall): false | null | typeof wrong {
  const value = constantArgument(call, 'causal');
  if (value === wrong || value === false) return value;
  if (value === null || value === true) return null;
  fail(call.frame, badArgument(call, 'causal', value, 'true, or false where later positions are to be seen'));
  return wrong;
}

function pinnedFits(call: BuiltinCall, options: Readonly<Record<string, number | boolean>>): boolean {
  if (options['pinned'] === undefined || options['pinned'] === 0) return true;
  const other = options['chunk'] === undefined ? 'causal' : 'chunk';
  if (other === 'causal' && options['causal'] !== false) return true;
  fail(call.frame, errors.pinnedWith(spanOf(call, 'pinned'), other, spanOf(call, other)));
  return false;
}

function isWhole(least: number): (value: number) => boolean {
  return (value) => Number.isInteger(value) && value >= least;
}
