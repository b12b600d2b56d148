// Text that may be broken over lines: where a line is too long, its outermost brackets open first.

/** A text, a sequence, a bracketed list, or a place where a line may end. */
export type Doc = string | Sequence | Group | Break | Steps;
interface Sequence {
  readonly kind: 'sequence';
  readonly parts: readonly Doc[];
}
/** On one line `(a, b)`, otherwise one item to a line with a comma behind each. */
interface Group {
  readonly kind: 'group';
  readonly open: string;
  readonly items: readonly Doc[];
  readonly close: string;
}
/** An operator that may begin a new line. */
interface Break {
  readonly kind: 'break';
  readonly text: string;
}

/** `if a then b else c`: on one line, or each part on a line of its own. */
interface Steps {
  readonly kind: 'steps';
  readonly parts: readonly Doc[];
}

/** Lines longer than this are broken where they can be. */
export const lineWidth = 110;
const step = '  ';

export function concat(parts: readonly Doc[]): Doc {
  return { kind: 'sequence', parts };
}

export function group(open: string, items: readonly Doc[], close: string): Doc {
  return { kind: 'group', open, items, close };
}

export function broken(text: string): Doc {
  return { kind: 'break', text };
}

export function steps(parts: readonly Doc[]): Doc {
  return { kind: 'steps', parts };
}

/** All on one line. */
export function flat(doc: Doc): string {
  const texts: string[] = [];
  const stack: Doc[] = [doc];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (next.kind === 'break') texts.push(next.text);
    else if (next.kind === 'sequence') stack.push(...next.parts.toReversed());
    else if (next.kind === 'steps') stack.push(...spaced(next.parts).toReversed());
    else stack.push(next.close, ...separated(next.items).toReversed(), next.open);
  }
  return texts.join('');
}

/** The lines of a statement whose first line begins at `column` and whose others are indented by `indent`. */
export function lay(doc: Doc, indent: string, column: number): string {
  const whole = flat(doc);
  if (column + whole.length <= lineWidth) return whole;
  return new Layout(indent, column).write(doc);
}

function spaced(parts: readonly Doc[]): Doc[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [' ', part]));
}

function separated(items: readonly Doc[]): Doc[] {
  return items.flatMap((item, index) => (index === 0 ? [item] : [', ', item]));
}

/** Writes a document that does not fit on its line; it lives for one statement. */
class Layout {
  private text = '';
  private column: number;
  private indent: string;

  constructor(indent: string, column: number) {
    this.indent = indent;
    this.column = column;
  }

  write(doc: Doc): string {
    this.add(doc, 0);
    return this.text;
  }

  /** `rest` is the width of what must follow on the same line. */
  private add(doc: Doc, rest: number): void {
    if (typeof doc === 'string') return this.put(doc);
    if (doc.kind === 'break') return this.put(doc.text);
    if (doc.kind === 'group') return this.addGroup(doc, rest);
    if (doc.kind === 'steps') return this.addSteps(doc, rest);
    doc.parts.forEach((part, index) => this.addPart(part, doc.parts.slice(index + 1), rest));
  }

  private addPart(part: Doc, after: readonly Doc[], rest: number): void {
    const next = firstPiece(after);
    if (
      typeof part !== 'string' &&
      part.kind === 'break' &&
      this.column + part.text.length + next > lineWidth
    ) {
      this.newLine(`${this.indent}${step}${step}`);
      return this.put(part.text.trimStart());
    }
    this.add(part, after.length === 0 ? rest : 0);
  }

  private addGroup(doc: Group, rest: number): void {
    const whole = flat(doc);
    if (this.column + whole.length + rest <= lineWidth || doc.items.length === 0) return this.put(whole);
    const outer = this.indent;
    this.put(doc.open.trimEnd());
    this.indent = `${outer}${step}`;
    for (const [index, item] of doc.items.entries()) {
      this.newLine(this.indent);
      this.add(item, 1);
      if (index < doc.items.length - 1) this.put(',');
    }
    this.indent = outer;
    this.newLine(outer);
    this.put(doc.close.trimStart());
  }

  /** Parts of a broken line go below its first where that begins the line, otherwise a step further in. */
  private addSteps(doc: Steps, rest: number): void {
    const whole = flat(doc);
    if (this.column + whole.length + rest <= lineWidth) return this.put(whole);
    const outer = this.indent;
    if (this.column > outer.length) this.indent = `${outer}${step}`;
    for (const [index, part] of doc.parts.entries()) {
      if (index > 0) this.newLine(this.indent);
      this.add(part, index === doc.parts.length - 1 ? rest : 0);
    }
    this.indent = outer;
  }

  private put(text: string): void {
    this.text += text;
    this.column += text.length;
  }

  private newLine(indent: string): void {
    this.text += `\n${indent}`;
    this.column = indent.length;
  }
}

/** The width up to the next place where a line may end. */
function firstPiece(parts: readonly Doc[]): number {
  let width = 0;
  for (const part of parts) {
    if (typeof part !== 'string' && part.kind === 'break') return width;
    width += flat(part).length;
  }
  return width;
}
