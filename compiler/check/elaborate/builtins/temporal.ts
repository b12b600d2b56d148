// The primitives that look at other positions: shift and flip here, attention, and filters.
import { emit } from '../emit.ts';
import { failed, type Value } from '../value.ts';
import { attendFunctions } from './attend.ts';
import { isTemporal, linearly, type Builtin, type BuiltinCall } from './builtin.ts';
import { filters } from './filters.ts';
import { modes } from './modal.ts';

export const temporal: Readonly<Record<string, Builtin>> = {
  ...filters,
  ...modes,
  ...attendFunctions,
  shift: { parameters: ['x'], required: 1, make: (call) => moved(call, 'shift', { by: 1 }) },
  flip: { parameters: ['x'], required: 1, make: (call) => moved(call, 'flip', {}) },
};

/** The value at the position before, 0 at the first; or the whole sequence from its last position to its first. */
function moved(call: BuiltinCall, op: string, attrs: Readonly<Record<string, unknown>>): Value {
  return linearly(call, 'x', (value, span) =>
    isTemporal(call, value, span)
      ? emit(call.frame, { op, inputs: [value], attrs, span: call.span })
      : failed,
  );
}
