// Messages about what bodies do: values of the wrong kind, unpacking, scans, returns.
import type { Name } from '../../../grammar/ast.ts';
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import type { Axis, ValueType } from '../../ir/graph.ts';
import { describeKind, type Constant } from '../constant.ts';
import type { BodyContext } from '../elaborate/context.ts';
import type { CheckedAxis } from '../elaborate/value.ts';
import { at, error, showAxes } from './diagnostic.ts';

export function notCarriedOutYet(span: Span, what: string): Diagnostic {
  return error(
    'not_carried_out_yet',
    span,
    `${what} is part of the language, but this compiler does not carry it out yet.`,
    { help: ['leave it out, or write the model without it'] },
  );
}

export function notConstant(span: Span, what: string): Diagnostic {
  return error('not_constant', span, `${what} must be known before the model runs.`, {
    help: ['it may use numbers, parameters and the config, not values or what differs between layers'],
  });
}

export function constVaries(span: Span): Diagnostic {
  return error('const_varies', span, 'This differs from position to position, and a constant does not.', {
    help: ['write it without `const`'],
  });
}

export function conditionVaries(span: Span): Diagnostic {
  return error(
    'condition_varies',
    span,
    'This condition differs from position to position, and `if` chooses before the model runs.',
    {
      help: ['`where(condition, a, b)` chooses for each position'],
    },
  );
}

export function conditionDiffersByLayer(span: Span): Diagnostic {
  return error(
    'condition_differs_by_layer',
    span,
    'This condition differs between the layers of one letter.',
    {
      label: 'not the same in every layer',
      help: ['use two letters, one for each side; all layers of a letter share one body'],
    },
  );
}

export function notAValue(span: Span, value: Constant): Diagnostic {
  return error('not_a_value', span, `A value is expected here, and this is ${describeKind(value)}.`, {
    help: [
      value === null
        ? 'ask first: `if name != none then … else …`'
        : 'a value is a number, a weight, or what is made from the stream',
    ],
  });
}

export function notFinite(span: Span, value: number): Diagnostic {
  return error(
    'not_finite',
    span,
    `This number is ${value > 0 ? 'infinite' : 'minus infinity'}, and a model computes with finite ones.`,
    {
      help: ['use a large number, such as 1e30'],
    },
  );
}

/** What goes back to the stream differs from position to position. */
export function streamIsConstant(span: Span): Diagnostic {
  return error(
    'stream_is_constant',
    span,
    'What goes back to the stream is the same at every position here.',
    {
      help: ['make it from the stream: `u` in a mixer, `x` in a block'],
    },
  );
}

export function axisIsNoValue(span: Span, axes: readonly CheckedAxis[]): Diagnostic {
  return error(
    'axis_is_no_value',
    span,
    `This is an axis, ${showAxes(axes)}, and a value is expected here.`,
    {
      help: ['`size(axis)` is its number of elements'],
    },
  );
}

export function callableIsNoValue(span: Span): Diagnostic {
  return error(
    'callable_is_no_value',
    span,
    'This is something to be called, and a value is expected here.',
    {
      help: ['apply it to a value: `name(u)`'],
    },
  );
}

export function notAssignable(span: Span, kind: string): Diagnostic {
  const what = kind === 'axes' ? 'An axis' : 'A mixer or a function';
  return error('not_assignable', span, `${what} cannot be given a name by \`=\`.`, {
    help: [kind === 'axes' ? 'write `axis name = …`' : 'write `part name = …`'],
  });
}

/** A truth where a number is expected, or the other way round. */
export function truthMismatch(span: Span, truth: boolean): Diagnostic {
  return error(
    'truth_mismatch',
    span,
    truth
      ? 'A comparison is expected here, and this is a number.'
      : 'A number is expected here, and this is true or false.',
    { help: [truth ? 'compare it: `x > 0`' : 'choose by it: `where(condition, 1, 0)`'] },
  );
}

/** A complex value where a real one is needed; `taker` is what takes it, where that has a name. */
export function realNeeded(span: Span, taker?: string): Diagnostic {
  const what = taker === undefined ? 'A real value is expected here' : `\`${taker}\` takes real values`;
  return error('real_needed', span, `${what}, and this is complex.`, {
    help: ['take its real part by `re(…)`, its imaginary part by `im(…)`, or its size by `abs(…)`'],
  });
}

export function stateIsReal(span: Span, name: string): Diagnostic {
  return error('state_is_real', span, `The state '${name}' is real, and its new value is complex.`, {
    help: ['write `in complex` before the brace of the scan, or give it a real part: `re(…)`'],
  });
}

export function complexPower(span: Span, most: number): Diagnostic {
  return error('complex_power', span, `A complex value is raised to whole powers from 0 to ${most} only.`, {
    help: ['`polar(abs(z) ^ p, p * angle)` is a power of what was made by `polar`'],
  });
}

export function indexNotPosition(span: Span): Diagnostic {
  return error('index_not_whole', span, 'An index into a table is a token or a position.', {
    help: ['`token` is what the embedding starts from, `position` the index of each position'],
  });
}

export function unpackCount(span: Span, count: number, names: readonly Name[]): Diagnostic {
  const values = count === 1 ? 'one value' : `${count} values`;
  const last = names.at(-1);
  return error('unpack_count', span, `This is ${values}, and there are ${names.length} names for it.`, {
    label: values,
    secondary: [at(last?.span, `name ${names.length} of ${names.length}`)],
    help: [
      count === 1
        ? 'a sum of axes on the right of the arrow gives several values: `a -> b + c`'
        : `give it ${count} names, or one for the whole`,
    ],
  });
}

export function boundNotWhole(span: Span): Diagnostic {
  return error(
    'loop_bound',
    span,
    'The bounds of a loop are whole numbers that are known before the model runs.',
    { help: ['for example `for j in 0..4 { … }`'] },
  );
}

export function loopTooLong(span: Span, rounds: number, most: number): Diagnostic {
  return error(
    'loop_too_long',
    span,
    `This loop has ${rounds.toLocaleString('en-US')} rounds; the most is ${most.toLocaleString('en-US')}.`,
    {
      help: ['every round is written out; give the values an axis instead'],
    },
  );
}

export function modelTooLarge(span: Span): Diagnostic {
  return error(
    'model_too_large',
    span,
    'The model becomes too large here: everything is written out before it runs.',
    {
      help: ['shorten its loops, or call functions less often'],
    },
  );
}

export function notInScan(span: Span): Diagnostic {
  return error('not_in_scan', span, 'This has no place in the body of a scan.', {
    help: ['declare axes, weights and parts before the scan, and return after it'],
  });
}

export function mixerInScan(span: Span): Diagnostic {
  return error('not_in_scan', span, 'A mixer cannot run inside a scan.', {
    help: ['run it before the scan'],
  });
}

export function temporalInScan(span: Span, name: string): Diagnostic {
  return error(
    'temporal_in_scan',
    span,
    `\`${name}\` looks at other positions, and this value is made position by position in a scan.`,
    {
      help: ['use it on what the scan gives, after the scan'],
    },
  );
}

export function notTemporal(span: Span, name: string): Diagnostic {
  return error(
    'not_temporal',
    span,
    `\`${name}\` looks at other positions, and this value is the same at all of them.`,
    {
      help: [
        'use it on what is made from the stream, `u` or `x`',
        ...(name === 'flip' ? ['`reverse(filter, axis)` turns an axis of a filter round'] : []),
      ],
    },
  );
}

export function stateNotAssigned(span: Span, name: string, scan: Span): Diagnostic {
  return error('state_not_assigned', span, `The state \`${name}\` is never assigned in its scan.`, {
    secondary: [at({ ...scan, end: Math.min(scan.end, scan.start + 4) }, 'this scan')],
    help: [`assign it: \`${name} = decay * ${name} + …\``],
  });
}

export function returnsNothing(span: Span, name: string, kind: string, call: Span): Diagnostic {
  return error('returns_nothing', span, `The ${kind} \`${name}\` never returns a value.`, {
    secondary: [at(call, 'its value is needed here')],
    help: ['end it with `return …`'],
  });
}

export function returnsWrongAxes(
  body: BodyContext,
  span: Span,
  type: ValueType,
  wanted: readonly Axis[],
  name?: Name,
): Diagnostic {
  const twin = type.axes.find((axis) => !wanted.some((other) => other.name === axis.name));
  const same = twin !== undefined && wanted.some((axis) => axis.size === twin.size);
  const subject = name === undefined ? 'What goes back to the stream' : `What \`${name.text}\` returns`;
  return error(
    'returns_wrong_axes',
    span,
    `${subject} must lie on ${showAxes(wanted, body)}, and it has ${showAxes(type.axes, body)}.`,
    {
      label: `this has ${showAxes(type.axes, body)}`,
      help: [
        same
          ? 'two axes of one size are still two axes: rename one, or use one name for both'
          : 'map it back with a weight, `weight out : … -> width`',
      ],
    },
  );
}

export function inputAxesDiffer(
  body: BodyContext,
  span: Span,
  name: string,
  type: ValueType,
  wanted: readonly Axis[],
  declared?: Span,
): Diagnostic {
  return error(
    'input_axes_differ',
    span,
    `The input \`${name}\` lies on ${showAxes(wanted, body)}, and this value has ${showAxes(type.axes, body)}.`,
    {
      label: `this has ${showAxes(type.axes, body)}`,
      secondary: [at(declared, `\`${name}\` is expected on ${showAxes(wanted, body)}`)],
      help: ['axes agree by name and by size'],
    },
  );
}

export function blockInBlock(span: Span, name: string): Diagnostic {
  return error('block_in_block', span, `\`${name}\` is a block, and a mixer is expected here.`, {
    help: ['a block wraps mixers; bind it to a letter of its own'],
  });
}

export function featuresNotStream(
  body: BodyContext,
  span: Span,
  name: string,
  axes: readonly Axis[],
  width: Axis,
): Diagnostic {
  return error(
    'features_not_stream',
    span,
    `\`${name}\` has ${showAxes(axes, body)}, and the stream ${showAxes([width], body)}.`,
    {
      label: 'nothing says how it becomes the stream',
      help: [`map it: \`embed { weight into : … -> width  return into(${name}) }\``],
    },
  );
}
