// The one canonical layout of a file: two spaces of indent, aligned columns, every comment kept.
import type { Declaration, File, Import, Parameter, Text } from './ast.ts';
import { bodyBlock } from './bodies.ts';
import { isDoc } from './docs.ts';
import { concat, group, type Doc } from './layout.ts';
import { parse } from './parse.ts';
import type { Piece } from './piece.ts';
import { printExpression } from './print-expressions.ts';
import { printModelStatement } from './print-model.ts';
import { names, printStatement } from './print-statements.ts';
import { hasErrors, type Checked, type Source } from './source.ts';
import { encodeString } from './strings.ts';
import { writePieces } from './write.ts';

/** The canonical text of a source, or what keeps it from being read. */
export function format(source: Source): Checked<string> {
  const { value, diagnostics } = parse(source);
  return hasErrors(diagnostics) ? { diagnostics } : { value: print(value), diagnostics };
}

/** The canonical text of a file. Parsing it gives the same tree, but for the places. */
export function print(file: File): string {
  const pieces = [...file.imports.map(printImport), ...file.declarations.map(printDeclaration)];
  const docs = new Map(
    file.declarations.map((declaration) => [declaration.span.start, declaration.doc] as const),
  );
  const comments = file.comments.filter((comment) => !isDocOf(comment, file, docs));
  return writePieces(file.source, pieces, comments);
}

/** Whether a comment is printed as part of the documentation of a declaration. */
function isDocOf(comment: Text, file: File, docs: ReadonlyMap<number, string | undefined>): boolean {
  if (!isDoc(comment, file.source)) return false;
  const next = file.declarations.find((declaration) => declaration.span.start >= comment.span.end);
  if (next === undefined || docs.get(next.span.start) === undefined) return false;
  return !file.source.text
    .slice(comment.span.end, next.span.start)
    .split(/\r\n|\r|\n/)
    .some(isCode);
}

function isCode(line: string): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('//');
}

function printImport({ span, names: all, path }: Import): Piece {
  if (all === undefined) return { span, head: 'import ', tail: encodeString(path) };
  const list = all.length === 0 ? '{ }' : `{ ${names(all)} }`;
  return { span, head: 'import ', tail: `${list} from ${encodeString(path)}` };
}

function printDeclaration(declaration: Declaration): Piece {
  const { span, name, kind } = declaration;
  const doc = docLines(declaration.doc);
  if (kind === 'model') {
    const head = `${doc}model ${name.text} ${declaration.fromConfig ? 'from config ' : ''}`;
    return {
      span,
      head,
      tail: '',
      blocks: [bodyBlock('', declaration.statements.map(printModelStatement), span)],
    };
  }
  const after = Math.max(name.span.end, ...declaration.parameters.map((parameter) => parameter.span.end));
  const tail = concat([group('(', declaration.parameters.map(printParameter), ')'), ' ']);
  const blocks = [bodyBlock('', declaration.body.map(printStatement), span, after)];
  return { span, head: `${doc}${kind} ${name.text}`, tail, blocks };
}

function docLines(doc: string | undefined): string {
  if (doc === undefined) return '';
  return doc
    .split('\n')
    .map((line) => `${`/// ${line}`.trimEnd()}\n`)
    .join('');
}

function printParameter(parameter: Parameter): Doc {
  const { name } = parameter;
  if (parameter.default === undefined) return name.text;
  return concat([`${name.text} = `, printExpression(parameter.default)]);
}
