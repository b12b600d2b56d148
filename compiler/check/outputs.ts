// What a model gives besides logits: values computed from the stream behind the last layer, `output pooled per sequence { … }`.
import type { InputBinding, Model, OutputStatement } from '../../grammar/ast.ts';
import type { Diagnostic, Span } from '../../grammar/source.ts';
import { type EndsJob, bodyOf, endFrame, varies, written } from './ends.ts';
import { emit } from './elaborate/emit.ts';
import { fail } from './elaborate/context.ts';
import { setValue } from './elaborate/scope.ts';
import { typeOf } from './elaborate/value.ts';
import * as errors from './errors.ts';
import { featuresTensor } from './features.ts';
import { streamInput, type ElaboratedBody } from './letter-body.ts';

/** An output of the model; without a body it is the stream. */
export interface ElaboratedOutput {
  readonly name: string;
  readonly per: 'position' | 'sequence';
  readonly body?: ElaboratedBody;
}

/** The name of what a model of features gives where it does not say. */
const usualName = 'output';

/** Whether the model has logits: it says a head, or neither what it gives nor that it takes features. */
export function givesLogits(model: Model, input: InputBinding | undefined): boolean {
  const says = (kind: 'head' | 'output'): boolean =>
    model.statements.some((statement) => statement.kind === kind);
  return says('head') || (input === undefined && !says('output'));
}

export function elaborateOutputs(job: EndsJob): readonly ElaboratedOutput[] {
  const statements = outputStatements(job.model, (diagnostic) => job.program.report(diagnostic));
  if (statements.length === 0 && !givesLogits(job.model, job.input))
    return [{ name: usualName, per: 'position' }];
  return statements.map((statement) => elaborateOutput(job, statement));
}

function outputStatements(
  model: Model,
  report: (diagnostic: Diagnostic) => void,
): readonly OutputStatement[] {
  const head = model.statements.find((statement) => statement.kind === 'head');
  const seen = new Map<string, Span>(head === undefined ? [] : [['logits', head.span]]);
  return model.statements.flatMap((statement) => {
    if (statement.kind !== 'output') return [];
    const { text, span } = statement.name;
    const before = seen.get(text);
    if (before !== undefined) report(errors.outputTwice(span, text, before));
    seen.set(text, before ?? span);
    return before === undefined ? [statement] : [];
  });
}

function elaborateOutput(job: EndsJob, { name, perSequence, body, span }: OutputStatement): ElaboratedOutput {
  const output = { name: name.text, per: perSequence ? 'sequence' : 'position' } as const;
  if (body === undefined) return output;
  const frame = endFrame(job, name.text);
  const stream = streamInput(frame, span);
  if (stream === undefined) return { ...output, body: { context: frame.body } };
  if (job.input === undefined)
    setValue(frame.scope, 'token', emit(frame, { op: 'token', inputs: [], name: 'token', span }));
  else setValue(frame.scope, job.input.name.text, featuresTensor(frame, job.input));
  const value = written(frame, body, ['x', stream], span);
  if (value.kind !== 'tensor') return { ...output, body: { context: frame.body } };
  const checked =
    typeOf(value).dtype === 'f32'
      ? varies(frame, value, span)
      : fail(frame, errors.truthMismatch(span, false));
  return { ...output, body: bodyOf(frame, checked) };
}
