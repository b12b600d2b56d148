// Where reading can resume after a mistake: what looks like the start of a statement, entry or declaration.
import { EOF, type IToken } from 'chevrotain';
import {
  Comma,
  Equals,
  For,
  If,
  LeftBrace,
  LeftParenthesis,
  Name,
  Return,
  RightBrace,
  RightParenthesis,
  StringToken,
} from './tokens.ts';
import { bodyWords, declarationWords, modelWords } from './words.ts';

type Lookahead = (ahead: number) => IToken;

/** The body we are in ends here, or the file does. */
export function atEndOfStatement(token: IToken, depth: number): boolean {
  return token.tokenType === EOF || (depth === 0 && token.tokenType === RightBrace);
}

/** `return`, `for`, `if`, `weight q`, `x = …`, `x, z = …`, `vocab …`. */
export function isStatementStart(look: Lookahead): boolean {
  const first = look(1);
  if (first.tokenType === Return || first.tokenType === For || first.tokenType === If) return true;
  if (first.tokenType !== Name) return false;
  if (look(2).tokenType === Name && bodyWords.has(first.image)) return true;
  if (modelWords.has(first.image) && look(2).tokenType !== Comma) return true;
  return isAssignmentStart(look);
}

function isAssignmentStart(look: Lookahead): boolean {
  let ahead = 2;
  while (look(ahead).tokenType === Comma && look(ahead + 1).tokenType === Name) ahead += 2;
  return look(ahead).tokenType === Equals;
}

/** A name or a string at the start of a line. */
export function isEntryStart(look: Lookahead): boolean {
  return look(1).tokenType === Name || look(1).tokenType === StringToken;
}

/** `model m`, `mixer m`, `function f`, and `block b(…) {`, which differs from a model's `block b` by its brace. */
export function isDeclarationStart(look: Lookahead, firstOnLine: boolean): boolean {
  const first = look(1);
  if (!firstOnLine || first.tokenType !== Name || !declarationWords.has(first.image)) return false;
  if (look(2).tokenType !== Name) return false;
  if (first.image !== 'block') return true;
  return look(afterParentheses(look, 3)).tokenType === LeftBrace;
}

function afterParentheses(look: Lookahead, from: number): number {
  if (look(from).tokenType !== LeftParenthesis) return from;
  let depth = 0;
  for (let ahead = from; look(ahead).tokenType !== EOF; ahead++) {
    if (look(ahead).tokenType === LeftParenthesis) depth++;
    if (look(ahead).tokenType === RightParenthesis) depth--;
    if (depth === 0) return ahead + 1;
  }
  return from;
}
