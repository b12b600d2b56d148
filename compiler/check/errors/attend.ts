// Messages about `attend`: axes that do not fit, biases, and what scores become.
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import type { Axis, ValueType } from '../../ir/graph.ts';
import type { BodyContext } from '../elaborate/context.ts';
import { at, error, showAxes } from './diagnostic.ts';

export function keyAxisNotInQuery(
  body: BodyContext,
  span: Span,
  stray: Axis,
  query: ValueType,
  queries?: Span,
): Diagnostic {
  const message = `The keys have the axis ${showAxes([stray], body)}, which the queries lack.`;
  const help = 'every axis of the keys is one of the queries; queries may have more, which share keys';
  return strayAxis(body, span, message, query, queries, help);
}

export function sinkAxisNotOfHeads(
  body: BodyContext,
  span: Span,
  stray: Axis,
  query: ValueType,
  queries?: Span,
): Diagnostic {
  const message = `The sink has the axis ${showAxes([stray], body)}, which is none of the heads'.`;
  const help =
    'a sink is one score for every head: its axes are those of the queries without the one in `over`';
  return strayAxis(body, span, message, query, queries, help);
}

export function biasAxisNotOfHeads(
  body: BodyContext,
  span: Span,
  stray: Axis,
  query: ValueType,
  queries?: Span,
): Diagnostic {
  const message = `The bias has the axis ${showAxes([stray], body)}, which is none of the heads'.`;
  const help = 'besides its axis of lags a bias may have axes of the queries, without the one in `over`';
  return strayAxis(body, span, message, query, queries, help);
}

/** An axis that has to be one of the queries. */
function strayAxis(
  body: BodyContext,
  span: Span,
  message: string,
  query: ValueType,
  queries: Span | undefined,
  help: string,
): Diagnostic {
  return error('axis_missing', span, message, {
    secondary: [at(queries, `the queries have ${showAxes(query.axes, body)}`)],
    help: [help],
  });
}

export function valuesHaveScoreAxis(body: BodyContext, span: Span, over: string, at_?: Span): Diagnostic {
  const axis = showAxes([{ name: over, size: 0 }], body).replace(/ \(\d+\)$/, '');
  return error(
    'values_have_score_axis',
    span,
    `The values have the axis \`${axis}\`, which the scores sum over.`,
    {
      secondary: [at(at_, 'scores sum over this')],
      help: [`give it another name: \`rename(v, ${axis}: value)\``],
    },
  );
}

export function biasVaries(span: Span): Diagnostic {
  return error('bias_varies', span, 'A bias goes by the lag, and this differs from position to position.', {
    help: [
      'compute it from weights, numbers and `index(axis)` alone; what differs by position can be part of q or k',
    ],
  });
}

export function biasWithoutLag(
  body: BodyContext,
  span: Span,
  name: string,
  type: ValueType,
  lags: number,
): Diagnostic {
  const nearest = name === 'bias' ? 'the position itself' : 'the next position';
  const has = lags === 0 ? 'no axis that counts lags' : `${lags} axes that count lags`;
  return error(
    'bias_without_lag',
    span,
    `\`${name}\` of \`attend\` needs one axis of lags, and this has ${has}.`,
    {
      label: `this has ${type.axes.length === 0 ? 'no axes' : showAxes(type.axes, body)}`,
      help: [`declare it: \`axis back = lag(64)\`, ${nearest} first, or \`taps(64)\`, ${nearest} last`],
    },
  );
}

export function biasLagOfQueries(body: BodyContext, span: Span, lag: Axis, queries?: Span): Diagnostic {
  const shown = showAxes([lag], body);
  const name = shown.replace(/ \(\d+\)$/, '');
  return error(
    'bias_lag_of_queries',
    span,
    `The bias goes by the lags of \`${name}\`, which the queries have as well.`,
    {
      secondary: [at(queries, `these have ${shown}`)],
      help: [`sum the queries over \`${name}\`, or rename that axis in them: \`rename(q, ${name}: part)\``],
    },
  );
}

export function aheadOfCausal(span: Span): Diagnostic {
  return error('ahead_of_causal', span, 'These are biases of later positions, and none is seen here.', {
    help: ['add `causal: false` to see them, or leave `ahead` out'],
  });
}

export function pinnedWith(span: Span, other: string, at_: Span): Diagnostic {
  const why = other === 'chunk' ? 'only its own block' : 'no position that is not near';
  return error('pinned_not_seen', span, `Positions are pinned here, and a position sees ${why}.`, {
    secondary: [at(at_ === span ? undefined : at_, 'because of this')],
    help: [`leave out \`pinned\` or \`${other}\``],
  });
}

export function sinkWithoutSoftmax(span: Span, score: Span): Diagnostic {
  return error('sink_without_softmax', span, 'A sink takes its share of a softmax, and there is none here.', {
    secondary: [at(score, 'weights come from this function')],
    help: ['leave out `sink`, or `score` for a softmax'],
  });
}

export function scoreIsNoFunction(span: Span): Diagnostic {
  return error(
    'score_not_function',
    span,
    'The `score` of `attend` is "softmax" or a function of one score.',
    {
      help: ['declare one: `function squared(score) { return relu(score) * relu(score) }`, and name it here'],
    },
  );
}

export function scoreReadsMore(span: Span, name: string): Diagnostic {
  return error('score_reads_more', span, `\`${name}\` reads more than a score and numbers.`, {
    help: [
      'a score becomes a weight by itself; what differs by position or head can be part of q, k or the bias',
    ],
  });
}
