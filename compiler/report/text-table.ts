// Tables and paragraphs for a terminal.

/** What the terminal does to words; each returns its text with marks that take no room. */
export interface Paint {
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
}

/** Changes nothing. */
export const PLAIN: Paint = { heading: (text) => text, faint: (text) => text, good: (text) => text };

/** Columns padded to the widest cell, the first to the left and the others to the right; the first row is the head. */
export function textTable(rows: readonly (readonly string[])[], paint: Paint): string {
  const columns = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row, index) => {
    const cells = columns.map((width, column) =>
      column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width),
    );
    const line = `  ${cells.join('  ')}`.trimEnd();
    return index === 0 ? paint.faint(line) : line;
  });
  return `${lines.join('\n')}\n`;
}

/** The pieces with `separator` between them, in lines of at most `width` columns that begin with `indent`. */
export function wrapped(pieces: readonly string[], separator: string, indent: string, width: number): string {
  const words = pieces
    .map((piece, index) => (index < pieces.length - 1 ? `${piece}${separator}` : piece))
    .flatMap((piece) => piece.split(' '));
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((text) => `${indent}${text}\n`).join('');
}
