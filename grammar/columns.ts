// How wide text is on a terminal, and how a line of source is shown there.

/** Columns between tab stops. */
const tabWidth = 4;

/** Columns that a character takes: 0 for combining marks, 2 for wide ones, 1 otherwise. */
export function widthOf(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x1100 && isWide(code) ? 2 : 1;
}

/** Hangul, CJK, kana, full-width forms and emoji. */
function isWide(code: number): boolean {
  return (
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** A line as it is shown, and for each UTF-16 offset of it the column where it begins. */
export interface ShownLine {
  readonly cells: readonly { readonly text: string; readonly column: number; readonly width: number }[];
  /** One more than the offsets of the line: the last is the column behind it. */
  readonly columns: readonly number[];
}

/** Lays a line out in columns: tabs reach the next stop, control characters are shown by their pictures. */
export function layOut(line: string): ShownLine {
  const cells: { text: string; column: number; width: number }[] = [];
  const columns: number[] = [];
  let column = 0;
  for (const character of line) {
    for (let unit = 0; unit < character.length; unit++) columns.push(column);
    const text = shown(character, column);
    const width = character === '\t' ? text.length : text === '' ? 0 : widthOf(character);
    cells.push({ text, column, width });
    column += width;
  }
  columns.push(column);
  return { cells, columns };
}

function shown(character: string, column: number): string {
  if (character === '\t') return ' '.repeat(tabWidth - (column % tabWidth));
  const code = character.codePointAt(0) ?? 0;
  if (code === 0xfeff) return '';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  // Characters that reorder or hide text must not do so in a message about them.
  if (
    (code >= 0x80 && code <= 0x9f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
    return '�';
  if (code >= 0xd800 && code <= 0xdfff) return '�';
  return character;
}
