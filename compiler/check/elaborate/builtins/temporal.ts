// The primitives that look at other positions: conv, attend, shift.
import * as errors from '../../errors.ts';
import { fail } from '../context.ts';
import { emit } from '../emit.ts';
import { evaluate } from '../expression.ts';
import { failed, typeOf, type TensorValue, type Value } from '../value.ts';
import type { WeightDeclaration } from '../weight.ts';
import { weightTensor } from '../weight-node.ts';
import {
  hasAxes,
  numberArgument,
  isTemporal,
  linearly,
  numberOrNone,
  oneAxisArgument,
  temporalArgument,
  wrong,
  type Builtin,
  type BuiltinCall,
} from './builtin.ts';

export const temporal: Readonly<Record<string, Builtin>> = {
  conv: { parameters: ['x', 'filter'], required: 2, make: conv },
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
      'score',
    ],
    required: 4,
    make: attend,
  },
  shift: { parameters: ['x'], required: 1, make: shift },
};

/** The value at the position before; 0 at the first. */
function shift(call: BuiltinCall): Value {
  return linearly(call, 'x', (value, span) =>
    isTemporal(call, value, span)
      ? emit(call.frame, { op: 'shift', inputs: [value], attrs: { by: 1 }, span: call.span })
      : failed,
  );
}

/** A short causal filter, with its bias. */
function conv(call: BuiltinCall): Value {
  const { frame, span } = call;
  const value = temporalArgument(call, 'x');
  const filter = filterArgument(call);
  if (value === undefined || filter === undefined) return failed;
  const { weight, taps } = filter;
  const others = weight.terms.flatMap(({ axes }) => axes).filter((axis) => axis.kind === 'plain');
  if (!hasAxes(call, value, others, 'filter', 'x')) return failed;
  if (typeOf(value).axes.some((axis) => axis.name === taps))
    return fail(frame, errors.filterAxisInValue(span));
  const tensor = weightTensor(frame, weight, 0, false);
  if (tensor === undefined) return failed;
  const filtered = emit(frame, { op: 'conv', inputs: [value, tensor], attrs: { taps }, span });
  if (!weight.bias || filtered.kind === 'failed') return filtered;
  const bias = weightTensor(frame, weight, 0, true);
  return bias === undefined ? failed : emit(frame, { op: 'add', inputs: [filtered, bias], span });
}

function filterArgument(call: BuiltinCall): { weight: WeightDeclaration; taps: string } | undefined {
  const expression = call.given.get('filter');
  if (expression === undefined) return undefined;
  const value = evaluate(call.frame, expression);
  if (value.kind === 'failed') return undefined;
  const axis =
    value.kind === 'weight'
      ? value.weight.terms.flatMap(({ axes }) => axes).find((each) => each.kind !== 'plain')
      : undefined;
  if (value.kind !== 'weight' || axis === undefined) {
    fail(call.frame, errors.notAFilter(expression.span));
    return undefined;
  }
  if (value.weight.complex) {
    fail(call.frame, errors.realNeeded(expression.span, call.name));
    return undefined;
  }
  if (axis.kind === 'taps') return { weight: value.weight, taps: axis.name };
  fail(call.frame, errors.notCarriedOutYet(expression.span, 'A `conv` with a filter over `lag`'));
  return undefined;
}

function attend(call: BuiltinCall): Value {
  const { frame, given, span } = call;
  for (const planned of ['chunk', 'bias', 'score']) {
    const at = given.get(planned);
    if (at !== undefined)
      return fail(frame, errors.notCarriedOutYet(at.span, `\`${planned}\` of \`attend\``));
  }
  const values = ['q', 'k', 'v'].map((name) => temporalArgument(call, name));
  const over = oneAxisArgument(call, 'over');
  const options = attendOptions(call);
  const [q, k, v] = values;
  if (q === undefined || k === undefined || v === undefined || over === undefined || options === undefined)
    return failed;
  if (!hasAxes(call, q, [over], 'over', 'q') || !hasAxes(call, k, [over], 'over', 'k')) return failed;
  if (!keysFitQueries(call, q, k, v, over.name)) return failed;
  const sink = sinkArgument(call, q, over.name);
  if (sink === undefined) return failed;
  const attrs = { over: over.name, scale: 1 / Math.sqrt(over.size), ...options };
  return emit(frame, { op: 'attend', inputs: [q, k, v, ...sink], attrs, span });
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
  const { frame, given, span } = call;
  const queries = typeOf(q).axes;
  const stray = typeOf(k).axes.find(({ name }) => !queries.some((axis) => axis.name === name));
  if (stray !== undefined) {
    fail(
      frame,
      errors.keyAxisNotInQuery(
        frame.body,
        given.get('k')?.span ?? span,
        stray,
        typeOf(q),
        given.get('q')?.span,
      ),
    );
    return false;
  }
  if (!typeOf(v).axes.some(({ name }) => name === over)) return true;
  fail(
    frame,
    errors.valuesHaveScoreAxis(frame.body, given.get('v')?.span ?? span, over, given.get('over')?.span),
  );
  return false;
}

function attendOptions(call: BuiltinCall): Readonly<Record<string, number>> | undefined {
  const read = {
    window: numberOrNone(
      call,
      'window',
      isWhole(1),
      'a whole number of positions, at least 1 (the position itself counts)',
    ),
    pinned: numberOrNone(call, 'pinned', isWhole(0), 'a whole number of positions'),
    scale: numberOrNone(call, 'scale', () => true, 'a number'),
    softcap: numberOrNone(call, 'softcap', (value) => value > 0, 'a number greater than 0'),
  };
  const options: Record<string, number> = {};
  let fine = true;
  for (const [name, value] of Object.entries(read)) {
    if (typeof value === 'number') options[name] = value;
    else if (value === wrong) fine = false;
  }
  return fine ? options : undefined;
}

function isWhole(least: number): (value: number) => boolean {
  return (value) => Number.isInteger(value) && value >= least;
}
