// Rotary position embedding (Su et al. 2021, arXiv:2104.09864), with the scalings that published configs name.
import * as errors from '../../errors.ts';
import { bodyAxis } from '../axes.ts';
import { parameterTensor } from '../coerce.ts';
import { fail } from '../context.ts';
import { emit } from '../emit.ts';
import { positionTensor } from '../position.ts';
import { failed, type CheckedAxis, type TensorValue, type Value } from '../value.ts';
import {
  badArgument,
  constantArgument,
  hasAxes,
  numberArgument,
  numberOrNone,
  oneAxisArgument,
  originOf,
  wrong,
  type Builtin,
  type BuiltinCall,
} from './builtin.ts';
import { rotaryFrequencies, rotaryStyles } from './rotary.ts';

export const rotations: Readonly<Record<string, Builtin>> = {
  rotate: {
    parameters: ['x', 'axis', 'base', 'scaling', 'dims', 'style', 'original'],
    required: 2,
    make: rotate,
  },
};

/** The default base of published models. */
const usualBase = 10_000;

function rotate(call: BuiltinCall): Value {
  const value = numberArgument(call, 'x');
  const axis = oneAxisArgument(call, 'axis');
  const base = call.given.has('base')
    ? numberOrNone(call, 'base', (number) => number > 0, 'a number greater than 0')
    : usualBase;
  if (value === undefined || axis === undefined || base === wrong) return failed;
  if (!hasAxes(call, value, [axis], 'axis', 'x')) return failed;
  if (value.graph.kind === 'scan') return fail(call.frame, errors.temporalInScan(call.span, call.name));
  return base === null ? value : turn(call, value, axis, base);
}

function turn(call: BuiltinCall, value: TensorValue, axis: CheckedAxis, base: number): Value {
  const { frame, span } = call;
  const dims = dimsOf(call, axis);
  const style = constantArgument(call, 'style', 'half');
  const scaling = constantArgument(call, 'scaling');
  if (dims === undefined || style === wrong || scaling === wrong) return failed;
  if (typeof style !== 'string' || !rotaryStyles.includes(style)) {
    const demand = rotaryStyles.map((name) => `"${name}"`).join(' or ');
    return fail(frame, badArgument(call, 'style', style, demand));
  }
  const original = numberOrNone(call, 'original', (number) => number > 0, 'a number of positions');
  if (original === wrong) return failed;
  const { planned, context } = frame.body.program.model.positions;
  const rotary = { base, dims, planned, context, original: original ?? undefined };
  const frequencies = rotaryFrequencies(rotary, scaling);
  if ('unknown' in frequencies) {
    const { unknown, known } = frequencies;
    return fail(frame, errors.scalingUnknown(originOf(call, 'scaling'), unknown, known));
  }
  if ('wrongLength' in frequencies) {
    const { wrongLength, length } = frequencies;
    return fail(
      frame,
      errors.scalingLength(originOf(call, 'scaling'), wrongLength, length, frequencies.pairs),
    );
  }
  if ('missing' in frequencies) {
    return fail(frame, errors.scalingLacks(originOf(call, 'scaling'), frequencies.missing));
  }
  const pairs = dims / 2;
  const pair = bodyAxis(frame.body, 'pair', pairs);
  const rows = frame.body.occurrences.map(() => frequencies.values);
  const table = parameterTensor(frame, 'frequencies', [{ name: pair.name, size: pairs }], rows, span);
  const position = positionTensor(frame, span);
  if (table.kind === 'failed' || position.kind === 'failed') return failed;
  const attrs = { axis: axis.name, style, pairs, scale: frequencies.scale };
  return emit(frame, { op: 'rotate', inputs: [value, table, position], attrs, span });
}

/** How many entries turn: an even number, all of the axis unless said. */
function dimsOf(call: BuiltinCall, axis: CheckedAxis): number | undefined {
  const dims = numberOrNone(call, 'dims', () => true, 'a number');
  if (dims === wrong) return undefined;
  const number = dims ?? axis.size;
  if (Number.isInteger(number) && number >= 2 && number % 2 === 0 && number <= axis.size) return number;
  const at = call.given.has('dims') ? originOf(call, 'dims') : (call.given.get('axis')?.span ?? call.span);
  fail(call.frame, errors.rotaryDims(at, number, axis));
  return undefined;
}
