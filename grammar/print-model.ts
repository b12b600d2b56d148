// Statements of a model as pieces for the printer.
import type {
  Argument,
  CheckpointEntry,
  EmbedStatement,
  FitsClause,
  HeadStatement,
  LetterStatement,
  ModelStatement,
  NormStatement,
  OutputStatement,
  TensorName,
} from './ast.ts';
import { bodyBlock } from './bodies.ts';
import { concat, flat, type Doc } from './layout.ts';
import type { Block, Piece } from './piece.ts';
import { printArgument, printExpression, printStored } from './print-expressions.ts';
import {
  commas,
  named,
  names,
  printAxis,
  printConst,
  printRequire,
  printStatement,
  printWeight,
} from './print-statements.ts';
import { printStripe } from './print-stripes.ts';
import { encodeString } from './strings.ts';

/** Any statement of a model. */
export function printModelStatement(statement: ModelStatement): Piece {
  const { span } = statement;
  switch (statement.kind) {
    case 'setting':
      return {
        span,
        align: 'setting',
        head: `${statement.name.text} `,
        tail: printExpression(statement.value),
      };
    case 'param': {
      const tail = concat(['= ', printExpression(statement.value)]);
      return { span, align: 'param', head: `param ${statement.name.text} `, tail };
    }
    case 'stripe':
      return { span, align: 'setting', head: 'stripe ', tail: printStripe(statement.stripe) };
    case 'letters':
      return printLetters(statement);
    case 'modelBlock':
      return { span, head: 'block ', tail: printExpression(statement.value) };
    case 'modelNorm':
      return printNorm(statement);
    case 'embed':
      return printEmbed(statement);
    case 'head':
      return printHead(statement);
    case 'output':
      return printOutput(statement);
    case 'input':
      return printStatement(statement);
    case 'checkpoint': {
      const blocks = [bodyBlock('', statement.entries.map(printEntry), span)];
      return { span, head: 'checkpoint ', tail: '', blocks };
    }
    case 'fits': {
      const clauses = statement.clauses.flatMap(printClause);
      return { span, align: 'fits', head: 'fits ', tail: commas(clauses) };
    }
    case 'require':
      return printRequire(statement);
    case 'weight':
      return printWeight(statement);
    case 'const':
      return printConst(statement);
    case 'axis':
      return printAxis(statement);
  }
}

/** `model_type "a", "b"`: the word stands before the first of its values. */
function printClause({ key, values }: FitsClause): readonly Doc[] {
  return values.map(({ value }, index) => `${index === 0 ? `${key} ` : ''}${encodeString(value)}`);
}

/** One letter is aligned with its neighbours; several stand on one line as they were written. */
function printLetters({ span, shared, sets, letters }: LetterStatement): Piece {
  const count = sets === undefined ? '' : `(${flat(printExpression(sets))})`;
  const word = shared ? `shared${count} ` : '';
  const [first] = letters;
  if (letters.length === 1 && first !== undefined) {
    const tail = concat(['= ', printExpression(first.value)]);
    return { span, align: 'letter', head: `${word}${first.name.text} `, tail };
  }
  return { span, head: word, tail: commas(letters.map(({ name, value }) => named(name, value))) };
}

function printNorm({ span, value, bias }: NormStatement): Piece {
  return { span, head: 'norm ', tail: concat([printExpression(value), bias ? ', bias' : '']) };
}

function printEmbed({ span, options, body }: EmbedStatement): Piece {
  const tail = commas(options.map(printArgument));
  return { span, head: 'embed ', tail: withSpace(tail, options, body), ...optionalBody(body, span, options) };
}

function printHead({ span, tied, condition, options, body }: HeadStatement): Piece {
  const words: Doc[] = [];
  if (tied !== undefined) words.push(tied ? 'tied' : 'untied');
  if (condition !== undefined) words.push(' if ', printExpression(condition));
  const parts = [...(words.length === 0 ? [] : [concat(words)]), ...options.map(printArgument)];
  const last = options.at(-1)?.span.end ?? condition?.span.end;
  const after = last === undefined ? options : [{ span: { ...span, end: last } }];
  return {
    span,
    head: 'head ',
    tail: withSpace(commas(parts), parts, body),
    ...optionalBody(body, span, after),
  };
}

function printOutput({ span, name, perSequence, body }: OutputStatement): Piece {
  const tail = `${name.text}${perSequence ? ' per sequence' : ''}${body === undefined ? '' : ' '}`;
  return { span, head: 'output ', tail, ...optionalBody(body, span, [name]) };
}

/** A space before the brace of a body, unless the head's own stands there. */
function withSpace(tail: Doc, parts: readonly unknown[], body: unknown): Doc {
  return body !== undefined && parts.length > 0 ? concat([tail, ' ']) : tail;
}

function optionalBody(
  body: EmbedStatement['body'],
  span: Piece['span'],
  options: readonly Pick<Argument, 'span'>[],
): { blocks?: readonly Block[] } {
  if (body === undefined) return {};
  return { blocks: [bodyBlock('', body.map(printStatement), span, options.at(-1)?.span.end)] };
}

function printEntry(entry: CheckpointEntry): Piece {
  const { span, entries, also } = entry;
  const head = entryHead(entry);
  const rest = [entryRest(entry), ...also.map((other) => concat([entryHead(other), entryRest(other)]))];
  const tail = commas(rest);
  // Without a subject there is no column to align.
  if (entries.length === 0) return head === '' ? { span, head, tail } : { span, align: 'entry', head, tail };
  const after = [entry, ...also].flatMap(({ patterns, stored, fold }) => [
    ...patterns.map((pattern) => pattern.span.end),
    stored?.span.end ?? 0,
    fold?.span.end ?? 0,
  ]);
  const start = Math.max(span.start, ...after);
  const hasRest =
    entry.patterns.length + also.length > 0 || entry.stored !== undefined || entry.fold !== undefined;
  const blocks = [bodyBlock('', entries.map(printEntry), span, start)];
  return hasRest && head !== ''
    ? { span, align: 'entry', head, tail: concat([tail, ' ']), blocks }
    : { span, head, tail: hasRest ? concat([tail, ' ']) : '', blocks };
}

/** `MLP, MOE ` or `layer i `: what stands before the tensor's name. */
function entryHead({ mode, subjects }: CheckpointEntry): string {
  const word = mode === 'plain' ? '' : `${mode} `;
  const text = subjects
    .map(names)
    .map((dotted) => dotted.replaceAll(', ', '.'))
    .join(', ');
  return text === '' ? word : `${word}${text} `;
}

/** `"a" | "b" as [x, y] = f(it)` */
function entryRest({ patterns, stored, fold }: CheckpointEntry): Doc {
  const parts: Doc[] = [];
  if (patterns.length > 0) parts.push(patterns.map(printTensorName).join(' | '));
  if (stored !== undefined) parts.push(concat(['as ', printStored(stored)]));
  if (fold !== undefined) parts.push(concat(['= ', printExpression(fold)]));
  return concat(parts.flatMap((part, index) => (index === 0 ? [part] : [' ', part])));
}

/** `"a"` or `"a" + "b"` */
function printTensorName({ value, and = [] }: TensorName): string {
  return [value, ...and.map((other) => other.value)].map(encodeString).join(' + ');
}
