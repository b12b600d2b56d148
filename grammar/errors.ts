// Every message about the text of a .hyb file, one function for each code. Here are those about characters,
// brackets and files; those about statements and expressions follow in errors-statements.ts.
import type { IToken } from 'chevrotain';
import type { Name } from './ast.ts';
import { found, placeOf } from './found.ts';
import { error } from './mistake.ts';
import type { Diagnostic, Label, Source, Span } from './source.ts';

export * from './errors-statements.ts';

// -------------------------------------------------------------------------------------------- characters

export function notUtf8(span: Span, offset: number): Diagnostic {
  return error('not_utf8', 'This file is not UTF-8 text.', span, {
    label: `the byte at offset ${offset} is no part of a UTF-8 character`,
    help: ['save the file as UTF-8'],
  });
}

export function controlCharacter(span: Span, code: number): Diagnostic {
  const name = code === 0 ? 'a NUL character' : `the control character ${codePoint(code)}`;
  return error('control_character', `There is ${name} in the text.`, span, {
    label: 'nothing is seen here, but it is in the file',
    help: ['delete it; in a string write it as an escape, such as `\\u{0}`'],
  });
}

export function unexpectedCharacter(span: Span, text: string): Diagnostic {
  const code = text.codePointAt(0) ?? 0;
  const isLetter = /^[\p{L}\p{M}]/u.test(text);
  return error(
    'unexpected_character',
    `The character \`${text}\` (${codePoint(code)}) means nothing here.`,
    span,
    {
      label: isLetter ? 'no letter of a name' : 'not a sign of the language',
      help: [
        isLetter
          ? 'names are made of a–z, A–Z, 0–9 and `_`'
          : 'remove it, or put it into a string or a comment',
      ],
    },
  );
}

export function unterminatedString(span: Span): Diagnostic {
  return error('unterminated_string', 'This string has no end.', span, {
    label: 'no closing `"` before the end of the line',
    help: ['close it with `"`; a line break inside a string is written `\\n`'],
  });
}

export function unknownEscape(span: Span, escape: string): Diagnostic {
  return error('unknown_escape', `\`${escape}\` is not an escape of a string.`, span, {
    help: [
      'the escapes are `\\"`, `\\\\`, `\\n`, `\\t`, `\\r` and `\\u{1F600}`; write `\\\\` for a backslash',
    ],
  });
}

export function malformedNumber(span: Span, text: string): Diagnostic {
  return error('malformed_number', `\`${text}\` is neither a number nor a name.`, span, {
    help: [
      ...(/^[\d._]+[ij]$/.test(text) ? ['an imaginary number is `complex(0, b)`'] : []),
      'a number looks like `16`, `10_000`, `0.5` or `1e-5`, a name begins with a letter, a product needs `*`',
    ],
  });
}

export function numberTooLarge(span: Span, text: string): Diagnostic {
  return error('number_too_large', `\`${text}\` is larger than any number the language has.`, span, {
    help: ['the largest is about 1.8e308'],
  });
}

export function numberNeedsZero(span: Span, digits: string): Diagnostic {
  return error('malformed_number', 'A number begins with a digit.', span, {
    help: [`write \`0.${digits}\``],
  });
}

export function foreignSign(span: Span, sign: string, help: string): Diagnostic {
  return error('foreign_syntax', `\`${sign}\` is not a sign of the language.`, span, { help: [help] });
}

export function foreignComment(span: Span): Diagnostic {
  return error('foreign_syntax', 'A comment begins with `//`.', span, {
    help: ['begin each line of the comment with `//`, or with `///` to document a declaration'],
  });
}

export function sourceTooLong(span: Span, length: number, limit: number): Diagnostic {
  return error('source_too_long', `This file has ${length} characters; the most is ${limit}.`, span, {
    help: ['move parts of it to other files and `import` them'],
  });
}

// -------------------------------------------------------------------------------------------- brackets

export function nestingTooDeep(span: Span, limit: number): Diagnostic {
  return error('nesting_too_deep', `This nests more than ${limit} levels deep.`, span, {
    label: 'the limit is reached here',
    help: ['give inner values names of their own, or use a function, a part or a letter for what repeats'],
  });
}

export function unclosedBracket(open: Span, sign: string, close: string, other?: Label): Diagnostic {
  return error('unclosed_bracket', `This \`${sign}\` is never closed.`, open, {
    label: `needs a \`${close}\``,
    ...(other === undefined ? {} : { secondary: [other] }),
    help: [`add the missing \`${close}\``],
  });
}

export function unexpectedClosing(span: Span, sign: string): Diagnostic {
  return error('unexpected_closing_bracket', `This \`${sign}\` closes nothing.`, span, {
    help: [`remove it, or open the bracket it should close`],
  });
}

export function nestedDeclaration(keyword: Name, name: Name): Diagnostic {
  return error(
    'nested_declaration',
    `\`${keyword.text} ${name.text}\` stands inside another declaration.`,
    keyword.span,
    {
      label: 'begins while the one above is still open',
      help: ['declarations stand side by side: close the one above with `}` first'],
    },
  );
}

// -------------------------------------------------------------------------------------------- the file

export function importAfterDeclaration(span: Span, earlier: Name): Diagnostic {
  return error('import_after_declaration', 'Imports stand before the first declaration.', span, {
    secondary: [{ span: earlier.span, text: 'the first declaration' }],
    help: ['move the import to the top of the file'],
  });
}

export function importNeedsFrom(source: Source, token: IToken, previous: IToken): Diagnostic {
  return error(
    'unexpected_token',
    `An import of names goes on with \`from\`, not with ${found(token)}.`,
    placeOf(source, token, previous),
    {
      help: ['an import is written `import { a, b } from "gates.hyb"`'],
    },
  );
}

export function parameterTwice(name: Name, earlier: Name): Diagnostic {
  return error('parameter_twice', `There are two parameters called \`${name.text}\`.`, name.span, {
    secondary: [{ span: earlier.span, text: 'the first one' }],
    help: ['rename or remove one of them'],
  });
}

function codePoint(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
