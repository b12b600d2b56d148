// The text a string literal stands for, and the literal that stands for a text.

const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', "'": "'" };
const escape = /\\(?:u\{([0-9A-Fa-f]{1,6})\}|([^\r\n]))/g;

/** The value of a literal with its quotes; an unknown escape stands for its character. */
export function decodeString(literal: string): string {
  const inner = literal.slice(1, literal.length > 1 && /["'“”]$/.test(literal) ? -1 : undefined);
  if (!inner.includes('\\')) return inner;
  return inner.replace(escape, (_, code: string | undefined, character: string | undefined) => {
    if (code !== undefined) return fromCodePoint(Number.parseInt(code, 16));
    return named[character ?? ''] ?? character ?? '';
  });
}

/** Where in the literal the escapes are that mean nothing. */
export function unknownEscapes(literal: string): readonly { offset: number; length: number }[] {
  if (!literal.includes('\\')) return [];
  return [...literal.matchAll(escape)].filter((match) => !isKnown(match)).map((match) => place(match));
}

/** The canonical literal for a text. */
export function encodeString(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for.
  return `"${text.replace(/["\\\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]/g, encodeCharacter)}"`;
}

function isKnown(match: RegExpExecArray): boolean {
  if (match[1] !== undefined) return Number.parseInt(match[1], 16) <= 0x10ffff;
  return named[match[2] ?? ''] !== undefined;
}

function place(match: RegExpExecArray): { offset: number; length: number } {
  return { offset: match.index, length: match[0].length };
}

function fromCodePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
}

function encodeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u{${character.charCodeAt(0).toString(16).toUpperCase()}}`;
}
