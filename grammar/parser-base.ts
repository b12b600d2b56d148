// What every part of the parser uses: places, contextual words, and resuming after a mistake.
import {
  EmbeddedActionsParser,
  isRecognitionException,
  type IRecognitionException,
  type IToken,
  type TokenType,
} from 'chevrotain';
import type { Name as NameNode, Text } from './ast.ts';
import { explainMismatch } from './explain.ts';
import { nestingTooDeep } from './errors.ts';
import { mismatchMessages } from './parser-messages.ts';
import { atEndOfStatement, isDeclarationStart, isStatementStart } from './resume.ts';
import type { Diagnostic, Source, Span } from './source.ts';
import { decodeString } from './strings.ts';
import { allTokens, LeftBrace, Name, RightBrace, Semicolon } from './tokens.ts';

/** Thrown after its diagnostic was recorded; caught where parsing can resume. */
class SyntaxFailure extends Error {}
/** Thrown where nothing more can be read; the declarations read so far stay. */
export class ParsingStopped extends Error {}

/** How deeply `if … else if …` and stripes may nest; brackets are limited before parsing. */
const maximumNesting = 64;

export abstract class BaseParser extends EmbeddedActionsParser {
  protected source: Source = { name: '', text: '' };
  protected found: Diagnostic[] = [];
  private nesting = 0;
  /** Braces of stripes and imports that are open. */
  private openBraces = 0;

  constructor() {
    super(allTokens, { maxLookahead: 1, recoveryEnabled: false, errorMessageProvider: mismatchMessages });
  }

  /** Makes the parser read these tokens next. */
  protected begin(source: Source, tokens: IToken[], found: Diagnostic[]): void {
    this.source = source;
    this.found = found;
    this.nesting = 0;
    this.openBraces = 0;
    this.input = tokens;
  }

  // -------------------------------------------------------------------------------------------- looking

  protected at(type: TokenType, ahead = 1): boolean {
    return this.LA(ahead).tokenType === type;
  }

  /** Whether the token ahead is this contextual word. */
  protected atWord(word: string, ahead = 1): boolean {
    const token = this.LA(ahead);
    return token.tokenType === Name && token.image === word;
  }

  /** `weight q`: a contextual word is a keyword where a name follows it. */
  protected atWordAndName(word: string): boolean {
    return this.atWord(word) && this.at(Name, 2);
  }

  /** Whether Chevrotain is only recording the grammar, with tokens that are not there. */
  protected get isRecording(): boolean {
    return this.RECORDING_PHASE;
  }

  // -------------------------------------------------------------------------------------------- places

  protected spanOf(token: IToken): Span {
    const end =
      token.endOffset === undefined || Number.isNaN(token.endOffset)
        ? this.source.text.length
        : token.endOffset + 1;
    const start = Number.isNaN(token.startOffset) ? end : token.startOffset;
    return { source: this.source, start, end };
  }

  /** From a first token to the one consumed last. */
  protected spanFrom(first: IToken): Span {
    const last = this.LA(0);
    const end =
      last.endOffset === undefined || Number.isNaN(last.endOffset) ? first.startOffset : last.endOffset + 1;
    return { source: this.source, start: first.startOffset, end };
  }

  /** From where a node starts to the token consumed last. */
  protected spanSince(start: number): Span {
    return { source: this.source, start, end: (this.LA(0).endOffset ?? start - 1) + 1 };
  }

  protected nameOf(token: IToken): NameNode {
    return { text: token.image, span: this.spanOf(token) };
  }

  protected textOf(token: IToken): Text {
    return { kind: 'text', value: decodeString(token.image), span: this.spanOf(token) };
  }

  // -------------------------------------------------------------------------------------------- mistakes

  /** Records a mistake and goes on. */
  protected report(diagnostic: Diagnostic): void {
    if (!this.RECORDING_PHASE) this.found.push(diagnostic);
  }

  /** Records a mistake and leaves the statement. */
  protected fail(diagnostic: Diagnostic): void {
    if (this.RECORDING_PHASE) return;
    this.found.push(diagnostic);
    throw new SyntaxFailure();
  }

  /** Parses a statement; after a mistake, skips to what looks like the next one. */
  protected attempt<T>(parse: () => T, resume: (openBraces: number) => void): T | undefined {
    if (this.RECORDING_PHASE) return parse();
    const { nesting, openBraces } = this;
    const before = this.LA(1);
    try {
      return parse();
    } catch (error) {
      this.explain(error);
      this.nesting = nesting;
      // Without progress the same mistake would be met again.
      if (this.LA(1) === before) this.SKIP_TOKEN();
      const left = this.openBraces - openBraces;
      this.openBraces = openBraces;
      resume(left);
      return undefined;
    }
  }

  private explain(error: unknown): void {
    if (error instanceof SyntaxFailure) return;
    if (!(error instanceof Error) || !isRecognitionException(error)) throw error;
    // Chevrotain's own test says that it is one of its exceptions, but not to the type checker.
    this.found.push(explainMismatch(error as Error & IRecognitionException, this.source));
  }

  /** Parses what stands in braces that are no body, so that resuming knows that one is open. */
  protected inBraces<T>(open: () => void, parse: () => T): T {
    open();
    this.openBraces++;
    const value = parse();
    this.openBraces--;
    return value;
  }

  /** Counts one more level for `parse`, and stops everything where that is too deep. */
  protected nested<T>(parse: () => T): T {
    this.nesting++;
    if (this.nesting > maximumNesting && !this.RECORDING_PHASE) {
      this.found.push(nestingTooDeep(this.spanOf(this.LA(1)), maximumNesting));
      throw new ParsingStopped();
    }
    const value = parse();
    this.nesting--;
    return value;
  }

  // -------------------------------------------------------------------------------------------- resuming

  /** Skips to the next statement of the body we are in, or to its closing brace. */
  protected skipStatement(
    openBraces: number,
    starts: (parser: Lookahead) => boolean = isStatementStart,
  ): void {
    let depth = openBraces;
    for (;;) {
      const token = this.LA(1);
      if (atEndOfStatement(token, depth) || this.atDeclarationStart()) return;
      if (depth === 0 && (token.tokenType === Semicolon || (this.isFirstOnLine() && starts(this.lookahead))))
        return;
      if (token.tokenType === LeftBrace) depth++;
      if (token.tokenType === RightBrace) depth--;
      this.SKIP_TOKEN();
      if (this.LA(1) === token) return;
    }
  }

  /** A view of the tokens ahead for the rules of resuming. */
  protected readonly lookahead: Lookahead = (ahead) => this.LA(ahead);

  protected isFirstOnLine(): boolean {
    const previous = this.LA(0);
    const line = this.LA(1).startLine;
    return previous.endLine === undefined || Number.isNaN(previous.endLine) || previous.endLine !== line;
  }

  /** Whether a new declaration begins here although a body is still open. */
  protected atDeclarationStart(): boolean {
    return isDeclarationStart(this.lookahead, this.isFirstOnLine());
  }
}

export type Lookahead = (ahead: number) => IToken;
