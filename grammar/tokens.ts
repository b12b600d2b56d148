// The words and signs of the language, as Chevrotain token types.
import { createToken, Lexer, type TokenType } from 'chevrotain';

/** Everything, so that an error production can swallow any token. */
export const AnyToken = category('any token', []);
/** What stands between two operands. */
export const BinaryOperatorToken = category('an operator', [AnyToken]);
/** What stands before an operand. */
export const PrefixToken = category('a sign', [AnyToken]);

/** Names and reserved words: what may stand behind a `.`, as the fields of a config do. */
export const WordToken = category('a word', [AnyToken]);

export const Name = createToken({
  name: 'a name',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: [WordToken],
});

/** Words that are never names, because an expression may be followed by a name. All other words are contextual. */
const reservedWords = ['if', 'then', 'else', 'for', 'true', 'false', 'none', 'return'] as const;
const reserved = new Map(reservedWords.map((word) => [word, reservedWord(word, [WordToken])]));
export const If = reservedToken('if');
export const Then = reservedToken('then');
export const Else = reservedToken('else');
export const For = reservedToken('for');
export const True = reservedToken('true');
export const False = reservedToken('false');
export const None = reservedToken('none');
export const Return = reservedToken('return');
export const In = reservedWord('in', [BinaryOperatorToken, WordToken]);
export const And = reservedWord('and', [BinaryOperatorToken, WordToken]);
export const Or = reservedWord('or', [BinaryOperatorToken, WordToken]);
export const Not = reservedWord('not', [PrefixToken, WordToken]);

export const NumberToken = sign('a number', /\d(?:_?\d)*(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d+)?/);
export const StringToken = sign('a string', /"(?:[^"\\\r\n]|\\[^\r\n])*"/);
export const UnterminatedString = sign('an unterminated string', /"(?:[^"\\\r\n]|\\[^\r\n])*\\?/);

export const LeftParenthesis = sign('`(`', /\(/);
export const RightParenthesis = sign('`)`', /\)/);
export const LeftBracket = sign('`[`', /\[/);
export const RightBracket = sign('`]`', /\]/);
export const LeftBrace = sign('`{`', /\{/);
export const RightBrace = sign('`}`', /\}/);
export const Comma = sign('`,`', /,/);
export const Colon = sign('`:`', /:/);
export const Semicolon = sign('`;`', /;/);
export const Range = sign('`..`', /\.\./);
export const Dot = sign('`.`', /\./);
export const Arrow = sign('`->`', /->/);
export const Equals = sign('`=`', /=/);
export const Ampersand = sign('`&`', /&/);

export const Times = operator('`×`', /×/);
export const Star = operator('`*`', /\*/);
export const EqualTo = operator('`==`', /==/);
export const NotEqualTo = operator('`!=`', /!=/);
export const AtMost = operator('`<=`', /<=/);
export const AtLeast = operator('`>=`', />=/);
export const LessThan = operator('`<`', /</);
export const MoreThan = operator('`>`', />/);
export const Plus = operator('`+`', /\+/);
export const Minus = createToken({
  name: '`-`',
  pattern: /-/,
  categories: [BinaryOperatorToken, PrefixToken],
});
export const Slash = operator('`/`', /\//);
export const Percent = operator('`%`', /%/);
export const Caret = operator('`^`', /\^/);
export const Bar = operator('`|`', /\|/);

/** What other languages write; each becomes a diagnostic and, where it has one, the sign that was meant. */
export const Foreign = sign(
  'a sign of another language',
  /\*\*|&&|\|\||===|!==|=>|:=|[-+*/%]=|!(?!=)|#[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|'(?:[^'\\\r\n]|\\[^\r\n])*'|[≤≥≠→−·÷@]|[“”„][^"“”„\r\n]*[“”"]/,
);

export const Comment = createToken({ name: 'a comment', pattern: /\/\/[^\r\n]*/, group: 'comments' });
// Control characters count as white space here: the lexer reports them by itself, once.
export const WhiteSpace = createToken({
  name: 'white space',
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for.
  pattern: /[\s\uFEFF\u0000-\u001F\u007F-\u009F]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});

/** In the order in which the lexer tries them. */
export const allTokens: TokenType[] = [
  WhiteSpace,
  Comment,
  Foreign,
  ...reserved.values(),
  In,
  And,
  Or,
  Not,
  Name,
  NumberToken,
  StringToken,
  UnterminatedString,
  LeftParenthesis,
  RightParenthesis,
  LeftBracket,
  RightBracket,
  LeftBrace,
  RightBrace,
  Comma,
  Colon,
  Semicolon,
  Range,
  Dot,
  Arrow,
  EqualTo,
  NotEqualTo,
  AtMost,
  AtLeast,
  Equals,
  LessThan,
  MoreThan,
  Ampersand,
  Times,
  Star,
  Plus,
  Minus,
  Slash,
  Percent,
  Caret,
  Bar,
  AnyToken,
  BinaryOperatorToken,
  PrefixToken,
  WordToken,
];

function category(name: string, categories: TokenType[]): TokenType {
  return createToken({ name, pattern: Lexer.NA, categories });
}

function sign(name: string, pattern: RegExp): TokenType {
  return createToken({ name, pattern, categories: [AnyToken] });
}

function operator(name: string, pattern: RegExp): TokenType {
  return createToken({ name, pattern, categories: [BinaryOperatorToken] });
}

function reservedWord(word: string, categories: TokenType[]): TokenType {
  return createToken({ name: `\`${word}\``, pattern: new RegExp(word), longer_alt: Name, categories });
}

function reservedToken(word: (typeof reservedWords)[number]): TokenType {
  const token = reserved.get(word);
  if (token === undefined) throw new Error(`internal: no token for ${word}`);
  return token;
}
