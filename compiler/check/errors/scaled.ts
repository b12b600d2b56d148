// Messages about scans whose states are kept divided by exp(m).
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import type { Axis } from '../../ir/graph.ts';
import type { BodyContext } from '../elaborate/context.ts';
import { at, error, showAxes } from './diagnostic.ts';

/** `why` completes "Here …". */
export function stabiliserNotDerived(
  span: Span,
  stabiliser: string,
  declared: Span,
  why: string,
  help: string,
): Diagnostic {
  return error('stabiliser_not_derived', span, `\`${stabiliser}\` cannot be found: ${why}.`, {
    secondary: [at(declared, 'the states are kept divided by its exponential')],
    help: [help],
  });
}

export function stabiliserAssigned(span: Span, name: string, declared: Span): Diagnostic {
  return error(
    'stabiliser_assigned',
    span,
    `\`${name}\` follows from the updates of the states, and is not assigned.`,
    {
      secondary: [at(declared, 'the states are kept divided by its exponential')],
      help: [
        `leave the line out: \`${name}\` becomes the greatest exponent of the terms`,
        'or make it a state of its own, and write every exponent out',
      ],
    },
  );
}

export function stabiliserAxes(
  body: BodyContext,
  span: Span,
  name: string,
  axes: readonly Axis[],
  state: { readonly name: string; readonly axes: readonly Axis[]; readonly span: Span },
): Diagnostic {
  return error(
    'stabiliser_axes',
    span,
    `\`${name}\` lies on ${showAxes(axes, body)}, and the state \`${state.name}\` that it scales only on ${showAxes(state.axes, body)}.`,
    {
      secondary: [at(state.span, `this has ${showAxes(state.axes, body)}`)],
      help: ['a stabiliser has some of the axes that all of its states have'],
    },
  );
}
