// Diagnostics as people read them in a terminal, and as editors read them in JSON.
import { widthOf } from './columns.ts';
import { drawLine, type Mark, type Paint } from './frame.ts';
import { lineAt, positionOf, type Line } from './lines.ts';
import type { Diagnostic, Label, Source, Span } from './source.ts';

export interface RenderOptions {
  /** ANSI colours. */
  readonly color?: boolean;
}

/** The code of a diagnostic ends at this column, unless its message is longer. */
const codeColumn = 94;

/** Every diagnostic with its frames and help, separated by empty lines; ends with a newline unless there are none. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  const paint = options.color === true ? ansi : plain;
  return diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic, paint)}\n`).join('\n');
}

function renderDiagnostic(diagnostic: Diagnostic, paint: Paint): string {
  return [headline(diagnostic, paint), ...frames(diagnostic, paint), ...helpLines(diagnostic, paint)].join(
    '\n',
  );
}

function headline({ severity, message, code }: Diagnostic, paint: Paint): string {
  const text = `${severity}: ${message}`;
  const width = [...text].reduce((sum, character) => sum + widthOf(character), 0);
  const gap = ' '.repeat(Math.max(2, codeColumn - width - code.length - 2));
  return `${paint(`${severity}:`, severity)} ${paint(message, 'message')}${gap}${paint(`[${code}]`, 'code')}`;
}

function helpLines({ help }: Diagnostic, paint: Paint): string[] {
  return (help ?? []).map((text) => `${paint('help:', 'help')} ${text}`);
}

/** One frame for each source that a label lies in, that of the primary label first. */
function frames(diagnostic: Diagnostic, paint: Paint): string[] {
  const labels = labelsOf(diagnostic);
  const sources = [...new Set(labels.map(({ label }) => label.span.source))];
  const numbers = labels.map(({ label }) => lineAt(label.span.source, label.span.start).number);
  const gutter = String(Math.max(1, ...numbers)).length;
  return sources.flatMap((source, index) => {
    const here = labels.filter(({ label }) => label.span.source === source);
    const first = here[0];
    if (first === undefined) return [];
    const corner = index === 0 ? '┌─' : '├─';
    const head = `${' '.repeat(gutter + 2)}${paint(`${corner} ${place(first.label.span)}`, 'frame')}`;
    return [head, ...lines(source, here, gutter, diagnostic.severity, paint)];
  });
}

interface Marked {
  readonly label: Label;
  readonly isPrimary: boolean;
}

function labelsOf({ primary, secondary }: Diagnostic): Marked[] {
  const others = (secondary ?? []).map((label) => ({ label, isPrimary: false }));
  return primary === undefined ? others : [{ label: primary, isPrimary: true }, ...others];
}

function lines(
  source: Source,
  labels: readonly Marked[],
  gutter: number,
  severity: Diagnostic['severity'],
  paint: Paint,
): string[] {
  const byLine = new Map<number, { line: Line; marks: Mark[] }>();
  for (const { label, isPrimary } of labels) {
    const line = lineAt(source, label.span.start);
    const entry = byLine.get(line.number) ?? { line, marks: [] };
    entry.marks.push(markOf(label, isPrimary, line));
    byLine.set(line.number, entry);
  }
  const sorted = [...byLine.values()].toSorted((a, b) => a.line.number - b.line.number);
  return sorted.flatMap(({ line, marks }) => drawLine(line, marks, gutter, severity, paint));
}

/** A label within its line; one that goes over several lines is drawn to the end of its first. */
function markOf(label: Label, isPrimary: boolean, line: Line): Mark {
  const start = Math.max(0, Math.min(label.span.start - line.start, line.text.length));
  const end = Math.max(start, Math.min(label.span.end - line.start, line.text.length));
  return { start, end, text: label.text, isPrimary };
}

function place(span: Span): string {
  const { line, column } = positionOf(span.source, span.start);
  return `${span.source.name}:${line}:${column}`;
}

// -------------------------------------------------------------------------------------------- colours

const colours: Readonly<Record<string, string>> = {
  error: '1;31',
  warning: '1;33',
  message: '1',
  code: '2',
  frame: '36',
  secondary: '34',
  help: '1;32',
};

const plain: Paint = (text) => text;
const ansi: Paint = (text, style) => `\u001B[${colours[style] ?? '0'}m${text}\u001B[0m`;

// -------------------------------------------------------------------------------------------- JSON

export interface DiagnosticJson {
  readonly severity: Diagnostic['severity'];
  readonly code: string;
  readonly message: string;
  readonly labels: readonly LabelJson[];
  readonly help: readonly string[];
}

/** A place from line and column 1; the end is excluded. */
export interface LabelJson {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
  readonly primary: boolean;
}

/** Plain records for `--json` and editors. */
export function diagnosticsToJson(diagnostics: readonly Diagnostic[]): readonly DiagnosticJson[] {
  return diagnostics.map((diagnostic) => ({
    severity: diagnostic.severity,
    code: diagnostic.code,
    message: diagnostic.message,
    labels: labelsOf(diagnostic).map(labelToJson),
    help: diagnostic.help ?? [],
  }));
}

function labelToJson({ label, isPrimary }: Marked): LabelJson {
  const { source, start, end } = label.span;
  const from = positionOf(source, start);
  const to = positionOf(source, end);
  return {
    file: source.name,
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
    text: label.text,
    primary: isPrimary,
  };
}
