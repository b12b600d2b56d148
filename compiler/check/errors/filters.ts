// Messages about filters: their axes of lags, what they are applied to, and filters by their modes.
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import type { Axis, ValueType } from '../../ir/graph.ts';
import type { BodyContext } from '../elaborate/context.ts';
import { at, error, quoted, showAxes } from './diagnostic.ts';

/** `own` are the filter's axes, `value` those of what is filtered. */
export function notAFilter(
  body: BodyContext,
  span: Span,
  taker: string,
  own: readonly Axis[],
  value: readonly Axis[],
): Diagnostic {
  const named = (axis: Axis): string => showAxes([axis], body).replace(/ \(\d+\)$/, '');
  const [other, ...more] = own.filter(({ name }) => !value.some((axis) => axis.name === name));
  const over = value.length === 0 ? 'channel' : value.map(named).join(' * ');
  return error(
    'not_a_filter',
    span,
    `\`${taker}\` takes a filter, which has an axis \`lag(n)\` or \`taps(n)\`, and this has none.`,
    {
      help: [
        other !== undefined && more.length === 0
          ? `declare its axis as one of lags: \`axis ${named(other)} = lag(${other.size})\``
          : `declare the axis, \`axis time = lag(64)\`, and the filter over it: \`weight filter : ${over} * time\``,
      ],
    },
  );
}

export function filterOfSeveralLags(
  body: BodyContext,
  span: Span,
  taker: string,
  axes: readonly Axis[],
): Diagnostic {
  return error('filter_of_several_lags', span, `\`${taker}\` takes a filter of one axis of lags.`, {
    label: `this has ${showAxes(axes, body)}`,
    help: ['take one index of the other axis, or sum over it'],
  });
}

export function filterVaries(span: Span, taker: string): Diagnostic {
  return error(
    'filter_varies',
    span,
    `\`${taker}\` takes a filter that is the same at every position, and this differs.`,
    {
      help: [
        'make it from weights and constants alone; what differs by position may be a gate before or after',
      ],
    },
  );
}

export function modesVary(span: Span): Diagnostic {
  return error(
    'filter_varies',
    span,
    'The residues and poles of a filter are the same at every position, and this differs.',
    { help: ['a recurrence whose decay differs is a `scan`: `scan h[channel, n] { h = decay * h + x … }`'] },
  );
}

export function filterAxisInValue(span: Span): Diagnostic {
  return error('axis_twice', span, 'The value has the axis of the filter already.', {
    help: ['filter it once, or give the second filter an axis of another name'],
  });
}

/** `reverse` without `from`. */
export function fromMissing(span: Span): Diagnostic {
  return error('from_missing', span, 'A filter of later positions needs the lag where it begins.', {
    label: 'this reads later positions',
    help: ['`from: 0` if its first tap is for the position itself, `from: 1` if it is for the next one'],
  });
}

export function fromWithoutReverse(span: Span): Diagnostic {
  return error(
    'from_without_reverse',
    span,
    '`from` says where the filter in `reverse` begins, and there is none.',
    {
      help: ['leave it out, or give a filter of later positions: `reverse: filter`'],
    },
  );
}

export function skipAxisStray(
  body: BodyContext,
  span: Span,
  stray: readonly Axis[],
  result: ValueType,
  call: Span,
): Diagnostic {
  return error(
    'axis_missing',
    span,
    `\`skip\` has ${showAxes(stray, body)}, which neither the value nor the filter has.`,
    {
      secondary: [at(call, `this gives ${showAxes(result.axes, body)}`)],
      help: ['`skip` is multiplied with the value: its axes are among those of the result'],
    },
  );
}

export function lagIsNoFunction(span: Span): Diagnostic {
  return error('axis_is_no_value', span, '`lag(n)` is an axis, and a value is expected here.', {
    help: ['declare it, `axis time = lag(n)`; `index(time)` then is the lag of each element'],
  });
}

export function modalIsNoValue(span: Span, made: Span): Diagnostic {
  return error(
    'modal_is_no_value',
    span,
    'This is a filter by its poles and residues, and a value is expected here.',
    {
      secondary: made === span ? [] : [at(made, 'made here')],
      help: [
        '`longconv(x, filter)` applies it; `taps(filter, time)` are its taps over an axis `time = lag(n)`',
      ],
    },
  );
}

export function notModal(span: Span): Diagnostic {
  return error('not_modal', span, '`taps` takes a filter by its poles, and this is none.', {
    help: ['make it by `modal(residues, poles)`; another filter has its taps already'],
  });
}

export function notALagAxis(span: Span, axis: Axis & { readonly label?: string }): Diagnostic {
  return error('not_a_lag_axis', span, `The axis ${showAxes([axis])} does not count lags.`, {
    help: [
      'declare it as one: `axis time = lag(64)`, the current position first, or `taps(64)`, the oldest first',
    ],
  });
}

/** Several axes of the modes could be the one that is summed over. */
export function modalAxisUnclear(body: BodyContext, span: Span, axes: readonly Axis[]): Diagnostic {
  const names = axes.map(({ name }) => showAxes([{ name, size: 0 }], body).replace(/ \(\d+\)$/, ''));
  return error('modal_axis_unclear', span, 'It is not clear which axis of this filter counts its modes.', {
    label: `it may be one of ${quoted(names)}`,
    help: [`name it: \`modal(residues, poles, over: ${names.at(-1)})\``],
  });
}

export function modalAxisInValue(
  body: BodyContext,
  span: Span,
  axes: readonly Axis[],
  made: Span,
): Diagnostic {
  return error('axis_twice', span, `The value has ${showAxes(axes, body)}, which the filter sums over.`, {
    secondary: [at(made, 'its modes are here')],
    help: ['give the modes an axis of their own'],
  });
}

export function contextNotYetKnown(span: Span): Diagnostic {
  return error(
    'context_not_yet_known',
    span,
    "The positions are counted once the model's settings, params and consts are known.",
    { help: ['use `model.context` in a mixer, a block, a function, or an axis of the model'] },
  );
}
