// The two ends of a model: from tokens to the stream, and from the stream to logits. Short forms, or written out.
import type { Argument, EmbedStatement, HeadStatement, InputBinding, Model } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/source.ts';
import { axesMatch } from './elaborate/axes-match.ts';
import { applyMapWeight } from './elaborate/apply-map.ts';
import { bodyAxis } from './elaborate/axes.ts';
import { newBody } from './elaborate/body.ts';
import { asTensor, numberTensor } from './elaborate/coerce.ts';
import { fail, type Frame, type Program } from './elaborate/context.ts';
import { ownWeight } from './elaborate/declare-weight.ts';
import { emit } from './elaborate/emit.ts';
import { evaluate, evaluateCondition } from './elaborate/expression.ts';
import { onStream } from './elaborate/mixer-call.ts';
import { applyNorm } from './elaborate/norm.ts';
import { applyMap } from './elaborate/operators.ts';
import { positionTensor } from './elaborate/position.ts';
import { newScope, setValue } from './elaborate/scope.ts';
import { runStatements } from './elaborate/statement.ts';
import { failed, typeOf, type CheckedAxis, type TensorValue, type Value } from './elaborate/value.ts';
import type { WeightDeclaration } from './elaborate/weight.ts';
import { weightTensor } from './elaborate/weight-node.ts';
import * as errors from './errors.ts';
import { featuresTensor } from './features.ts';
import { streamInput, type ElaboratedBody } from './letter-body.ts';
import { modelOwner, type ModelScope } from './model-scope.ts';

export interface EndsJob {
  readonly model: Model;
  readonly scope: ModelScope;
  readonly program: Program;
  readonly layerCount: number;
  /** What the model is given where that is no token. */
  readonly input: InputBinding | undefined;
}

export function elaborateEmbed(job: EndsJob): ElaboratedBody {
  const statement = statementOf<EmbedStatement>(job, 'embed');
  const frame = endFrame(job, 'embed');
  const span = statement?.span ?? job.model.name.span;
  const [name, given] =
    job.input === undefined
      ? (['token', emit(frame, { op: 'token', inputs: [], name: 'token', span })] as const)
      : ([job.input.name.text, featuresTensor(frame, job.input)] as const);
  const rows = (): Value =>
    job.input === undefined ? tokenRows(frame, given, span) : asStream(frame, given, job.input);
  const stream =
    statement?.body === undefined
      ? usualEmbed(frame, statement?.options ?? [], rows())
      : written(frame, statement.body, [name, given], span);
  const checked = stream.kind === 'tensor' ? onStream(frame, stream, span) : stream;
  const { meta } = job.scope.sizes;
  const whole =
    meta === undefined || checked.kind !== 'tensor' ? checked : afterPrefix(frame, checked, meta, span);
  return bodyOf(frame, varies(frame, whole, span));
}

/** The first positions are learned vectors, whatever token stands there. */
function afterPrefix(frame: Frame, stream: TensorValue, length: number, span: Span): Value {
  const width = axisOf(frame, 'width');
  if (width === undefined) return failed;
  const prefix: CheckedAxis = { ...bodyAxis(frame.body, 'meta', length), label: 'meta', kind: 'plain' };
  const weight = ownWeight(
    frame,
    { text: 'meta', span },
    {
      role: 'plain',
      terms: [{ axes: [prefix, width] }],
    },
  );
  const table = weight && weightTensor(frame, weight, 0, false);
  const position = positionTensor(frame, span);
  const end = numberTensor(frame, length, span);
  if (table === undefined || position.kind === 'failed' || end.kind === 'failed') return failed;
  const attrs = { axes: [prefix.name], clamp: true };
  const learned = emit(frame, { op: 'gather', inputs: [table, position], attrs, name: 'meta', span });
  const before = emit(frame, { op: 'lt', inputs: [position, end], span });
  if (learned.kind === 'failed' || before.kind === 'failed') return failed;
  return emit(frame, { op: 'where', inputs: [before, learned, stream], span });
}

export function elaborateHead(job: EndsJob): ElaboratedBody {
  const statement = statementOf<HeadStatement>(job, 'head');
  const frame = endFrame(job, 'head');
  const span = statement?.span ?? job.model.name.span;
  const stream = streamInput(frame, span);
  if (stream === undefined) return { context: frame.body };
  if (job.input !== undefined)
    return bodyOf(frame, fail(frame, errors.headWithoutVocabulary(span, job.input.span)));
  if (statement?.body === undefined) return bodyOf(frame, usualHead(frame, statement, stream, span));
  const logits = written(frame, statement.body, ['x', stream], span);
  const vocab = axisOf(frame, 'vocab');
  if (logits.kind !== 'tensor' || vocab === undefined) return { context: frame.body };
  const type = typeOf(logits);
  if (type.dtype !== 'f32') return bodyOf(frame, fail(frame, errors.truthMismatch(span, false)));
  if (axesMatch(type.axes, [vocab], [vocab])) return bodyOf(frame, varies(frame, logits, span));
  return bodyOf(frame, fail(frame, errors.returnsWrongAxes(frame.body, span, type, [vocab])));
}

/** What the ends give differs from position to position. */
export function varies(frame: Frame, value: Value, span: Span): Value {
  const constant = value.kind === 'tensor' && !typeOf(value).temporal;
  return constant ? fail(frame, errors.streamIsConstant(span)) : value;
}

export function bodyOf(frame: Frame, value: Value): ElaboratedBody {
  return value.kind === 'tensor' ? { context: frame.body, result: value } : { context: frame.body };
}

export function endFrame(job: EndsJob, name: string): Frame {
  const body = newBody(job.program, name, [{ site: 0 }], job.layerCount, job.scope.scratch);
  return { body, scope: newScope(job.scope.own), owner: modelOwner, depth: 0, model: false };
}

function statementOf<T extends EmbedStatement | HeadStatement>(job: EndsJob, kind: T['kind']): T | undefined {
  const all = job.model.statements.filter((statement): statement is T => statement.kind === kind);
  const [first, second] = all;
  if (first !== undefined && second !== undefined)
    job.program.report(errors.statementTwice(second.span, kind, first.span));
  return first;
}

/** A body that the model writes out, with the one value that it starts from. */
export function written(
  frame: Frame,
  body: NonNullable<EmbedStatement['body']>,
  [name, value]: readonly [string, Value],
  span: Span,
): Value {
  setValue(frame.scope, name, value);
  const returned = runStatements(frame, body);
  if (returned === undefined) return fail(frame, errors.returnsNothing(span, frame.body.name, 'body', span));
  return asTensor(frame, returned.value, returned.span);
}

function axisOf(frame: Frame, name: 'width' | 'vocab'): CheckedAxis | undefined {
  return frame.body.program.model.scope.axes.get(name)?.[0];
}

/** The table of embeddings, as the map that a tied head applies: from the width to the vocabulary. */
function vocabularyMap(frame: Frame, name: string, bias: boolean, span: Span): WeightDeclaration | undefined {
  const [width, vocab] = [axisOf(frame, 'width'), axisOf(frame, 'vocab')];
  if (width === undefined || vocab === undefined) return undefined;
  return ownWeight(
    frame,
    { text: name, span },
    {
      role: 'map',
      inputs: [width],
      terms: [{ axes: [vocab] }],
      map: true,
      bias,
    },
  );
}

/** The table's row of each token. */
function tokenRows(frame: Frame, token: Value, span: Span): Value {
  const weight = vocabularyMap(frame, 'embed', false, span);
  const table = weight && weightTensor(frame, weight, 0, false);
  if (table === undefined || token.kind !== 'tensor') return failed;
  return emit(frame, {
    op: 'gather',
    inputs: [table, token],
    attrs: { axes: ['vocab'] },
    name: 'embed',
    span,
  });
}

/** Features may be the stream as they are. */
function asStream(frame: Frame, features: Value, input: InputBinding): Value {
  const width = axisOf(frame, 'width');
  if (features.kind !== 'tensor' || width === undefined) return failed;
  const { axes } = typeOf(features);
  if (axesMatch(axes, [width], [width])) return features;
  return fail(frame, errors.featuresNotStream(frame.body, input.span, input.name.text, axes, width));
}

function usualEmbed(frame: Frame, options: readonly Argument[], rows: Value): Value {
  const given = readOptions(frame, 'embed', options, ['scale', 'positions']);
  if (given === undefined) return failed;
  const scaled = scaledBy(frame, rows, given.get('scale'));
  const positions = given.get('positions');
  if (positions === undefined || scaled.kind !== 'tensor') return scaled;
  return addPositions(frame, scaled, positions);
}

/** Learned positions: one row for each of so many positions. */
function addPositions(frame: Frame, value: TensorValue, option: Argument): Value {
  const { span } = option.value;
  const count = evaluate(frame, option.value);
  const width = axisOf(frame, 'width');
  if (count.kind === 'failed' || width === undefined) return failed;
  // Where there are none, the table is declared all the same, so that its line of the checkpoint section is no mistake.
  const given = count.kind === 'constant' ? count.value : undefined;
  const size = given ?? (given === null ? 1 : undefined);
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size >= 2 ** 31) {
    return fail(frame, errors.tableTooShort(span));
  }
  const axis = bodyAxis(frame.body, 'positions', size);
  const weight = ownWeight(
    frame,
    { text: 'positions', span },
    {
      role: 'plain',
      terms: [{ axes: [axis, width] }],
    },
  );
  if (given === null) return value;
  const table = weightTensor(frame, weight, 0, false);
  const position = positionTensor(frame, span);
  if (table === undefined || position.kind === 'failed') return failed;
  const rows = emit(frame, {
    op: 'gather',
    inputs: [table, position],
    attrs: { axes: [axis.name] },
    name: 'positions',
    span,
  });
  return applyMap(frame, 'add', [value, rows], [span, span], span);
}

function scaledBy(frame: Frame, value: Value, option: Argument | undefined): Value {
  if (option === undefined || value.kind !== 'tensor') return value;
  const scale = evaluate(frame, option.value);
  if (scale.kind === 'constant' && scale.value === null) return value;
  return applyMap(frame, 'mul', [value, scale], [option.span, option.value.span], option.span);
}

function usualHead(
  frame: Frame,
  statement: HeadStatement | undefined,
  stream: TensorValue,
  span: Span,
): Value {
  const given = readOptions(frame, 'head', statement?.options ?? [], ['scale', 'softcap', 'norm', 'bias']);
  if (given === undefined) return failed;
  const tied = isTied(frame, statement);
  const bias = given.get('bias');
  const withBias = bias === undefined ? false : evaluateCondition(frame, bias.value);
  const normed = finalNorm(frame, given.get('norm'), stream, span);
  if (normed.kind !== 'tensor' || withBias === undefined || tied === undefined) return failed;
  const weight = vocabularyMap(frame, tied ? 'embed' : 'head', withBias, span);
  if (weight === undefined) return failed;
  const logits = applyMapWeight(frame, weight, normed, span, span);
  return softcapped(frame, scaledBy(frame, logits, given.get('scale')), given.get('softcap'));
}

/** Untied unless the model says otherwise; a condition decides for both words. */
function isTied(frame: Frame, statement: HeadStatement | undefined): boolean | undefined {
  if (statement === undefined) return false;
  const said = statement.tied ?? false;
  if (statement.condition === undefined) return said;
  const holds = evaluateCondition(frame, statement.condition);
  return holds === undefined ? undefined : holds === said;
}

function finalNorm(frame: Frame, option: Argument | undefined, stream: TensorValue, span: Span): Value {
  if (option !== undefined) {
    const value = evaluate(frame, option.value);
    if (value.kind === 'constant' && value.value === null) return stream;
    if (value.kind === 'failed') return failed;
    return fail(
      frame,
      errors.notCarriedOutYet(option.value.span, 'A final norm other than the norm of the model'),
    );
  }
  const width = axisOf(frame, 'width');
  const { norm } = frame.body.program.model;
  if (width === undefined || norm === undefined) return failed;
  const weight = ownWeight(
    frame,
    { text: 'final_norm', span },
    {
      role: 'norm',
      terms: [{ axes: [width] }],
      bias: norm.bias,
    },
  );
  return applyNorm(frame, { kind: 'norm', weight }, stream, span, span);
}

/** c · tanh(logits / c). */
function softcapped(frame: Frame, logits: Value, option: Argument | undefined): Value {
  if (option === undefined || logits.kind !== 'tensor') return logits;
  const { span } = option.value;
  const cap = evaluate(frame, option.value);
  if (cap.kind === 'constant' && cap.value === null) return logits;
  if (cap.kind === 'failed') return failed;
  if (cap.kind !== 'constant' || typeof cap.value !== 'number' || !(cap.value > 0)) {
    return fail(
      frame,
      errors.argumentValue(
        span,
        'softcap',
        'head',
        cap.kind === 'constant' ? cap.value : null,
        'a number greater than 0',
      ),
    );
  }
  const number = numberTensor(frame, cap.value, span);
  const spans = [span, span];
  const inner = applyMap(frame, 'div', [logits, number], spans, span);
  return applyMap(frame, 'mul', [applyMap(frame, 'tanh', [inner], spans, span), number], spans, span);
}

function readOptions(
  frame: Frame,
  what: string,
  options: readonly Argument[],
  names: readonly string[],
): ReadonlyMap<string, Argument> | undefined {
  const given = new Map<string, Argument>();
  let fine = true;
  for (const option of options) {
    const { name } = option;
    const before = name && given.get(name.text);
    const problem =
      name === undefined
        ? errors.unlabelledOption(option.span, what, names)
        : !names.includes(name.text)
          ? errors.unknownOption(name.span, what, name.text, names)
          : before !== undefined
            ? errors.argumentTwice(name.span, name.text, before.span)
            : undefined;
    if (problem !== undefined) frame.body.program.report(problem);
    if (problem !== undefined) fine = false;
    if (name !== undefined) given.set(name.text, option);
  }
  return fine ? given : undefined;
}
