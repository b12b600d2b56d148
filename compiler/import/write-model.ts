// Writes the source of a checkpoint's model: the library's, with the config's values in the place of its fields.
import type { Declaration, File, Model, ModelStatement } from '../../grammar/ast.ts';
import { print } from '../../grammar/index.ts';
import { field, type ConstantObject } from '../check/constant.ts';
import { mentionsRoom } from '../check/room-asked.ts';
import { fillIn, literal } from './fill-in.ts';
import type { KnownModel } from './choose.ts';
import { withoutLetters, withoutUnusedParams } from './prune.ts';
import { shortStripe } from './short-stripe.ts';

export interface WriteInput {
  readonly known: KnownModel;
  readonly config: ConstantObject;
  /** The letters of each layer, as the check of the model with this config found them. */
  readonly layers: readonly (readonly string[])[];
  /** Lines for the top of the file, without slashes. */
  readonly header: readonly string[];
}

/** The text, in the canonical layout; it needs no config. */
export function writeModel({ known, config, layers, header }: WriteInput): string {
  const { file, model } = known;
  const filled = fillIn(model, config);
  const own = filled.statements.filter((statement) => !isSettled(statement));
  const statements = withContext(own, config).map((statement) => settled(statement, layers));
  const used = new Set(layers.flat());
  const written: Model = { ...filled, fromConfig: false, statements: withoutLetters(statements, used) };
  const declarations: readonly Declaration[] = file.declarations.map((declaration) =>
    declaration === model ? written : fillIn(declaration, config),
  );
  const result: File = withoutUnusedParams({ ...file, declarations });
  const comments = commentsKept(file, model, keptStatements(result, model.name.text));
  const lines = header.map((line) => `// ${line}`.trimEnd());
  return `${lines.map((line) => `${line}\n`).join('')}${print({ ...result, comments })}`;
}

/** What says which checkpoints a model is for; how long a sequence may be is still to be seen, and a warning stays one. */
function isSettled(statement: ModelStatement): boolean {
  if (statement.kind !== 'require') return statement.kind === 'fits';
  const { condition, isExpected } = statement;
  const warns = isExpected && condition.kind === 'boolean' && !condition.value;
  return !warns && !mentionsRoom(condition);
}

/** A config's context counts where the model says none; the text has no config, so it says it. */
function withContext(
  statements: readonly ModelStatement[],
  config: ConstantObject,
): readonly ModelStatement[] {
  const context = field(config, 'max_position_embeddings');
  const said = statements.some(
    (statement) => statement.kind === 'setting' && statement.name.text === 'context',
  );
  const width = statements.findIndex(
    (statement) => statement.kind === 'setting' && statement.name.text === 'width',
  );
  const after = statements[width];
  if (said || typeof context !== 'number' || after === undefined) return statements;
  const { span } = after;
  const setting: ModelStatement = {
    kind: 'setting',
    name: { text: 'context', span },
    value: literal(context, span),
    span,
  };
  return [...statements.slice(0, width + 1), setting, ...statements.slice(width + 1)];
}

/** What a config decides is said outright: the stripe's layers, and whether the head is tied. */
function settled(statement: ModelStatement, layers: WriteInput['layers']): ModelStatement {
  if (statement.kind === 'stripe' && isChosen(statement.stripe))
    return { ...statement, stripe: shortStripe(layers, statement.span) };
  if (statement.kind === 'head' && statement.condition?.kind === 'boolean') {
    const { condition, ...head } = statement;
    return { ...head, tied: (statement.tied ?? true) === condition.value };
  }
  return statement;
}

/** Whether a stripe chooses its layers by conditions or lists. */
function isChosen(stripe: object): boolean {
  if (
    'kind' in stripe &&
    ['stripeIf', 'stripeFrom', 'stripePattern', 'stripeLayers'].includes(String(stripe.kind))
  )
    return true;
  return Object.entries(stripe).some(
    ([key, part]: [string, unknown]) =>
      !key.endsWith('pan') && typeof part === 'object' && part !== null && isChosen(part),
  );
}

function keptStatements(file: File, name: string): readonly ModelStatement[] {
  const model = file.declarations.find(
    (declaration) => declaration.kind === 'model' && declaration.name.text === name,
  );
  return model?.kind === 'model' ? model.statements : [];
}

/** Without the comments above and in statements that were left out. */
function commentsKept(file: File, model: Model, kept: readonly ModelStatement[]): File['comments'] {
  const starts = new Set(kept.map(({ span }) => span.start));
  let before = model.name.span.end;
  const gone: (readonly [number, number])[] = [];
  for (const { span } of model.statements) {
    if (!starts.has(span.start)) gone.push([endOfLine(file, before), span.end]);
    before = span.end;
  }
  return file.comments.filter(
    ({ span }) => !gone.some(([start, end]) => span.start >= start && span.end <= end),
  );
}

function endOfLine({ source }: File, offset: number): number {
  const end = source.text.indexOf('\n', offset);
  return end < 0 ? source.text.length : end;
}
