// Stripes: letters with nesting, repetition, `&`, and the forms driven by lists, patterns and indices.
import type { IToken, ParserMethod } from 'chevrotain';
import type { Expression, Stripe, StripeCase } from './ast.ts';
import {
  equalsInCondition,
  expectedCount,
  expectedLetter,
  layersNeedCommas,
  stripeNeedsElse,
} from './errors.ts';
import { StatementParser } from './parser-statements.ts';
import { decodeString } from './strings.ts';
import { modelWords } from './words.ts';
import {
  Ampersand,
  Colon,
  Comma,
  Dot,
  Else,
  Equals,
  If,
  LeftBrace,
  LeftParenthesis,
  Name,
  NumberToken,
  RightBrace,
  RightParenthesis,
  Star,
  StringToken,
  Then,
  Times,
  WordToken,
} from './tokens.ts';

export abstract class StripeParser extends StatementParser {
  readonly stripe: ParserMethod<[], Stripe> = this.RULE('stripe', (): Stripe => {
    const first = this.LA(1);
    const items: Stripe[] = [];
    this.expectLetter();
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => items.push(this.SUBRULE(this.stripeParallel)) });
    return only(items) ?? { kind: 'stripeList', items, span: this.spanFrom(first) };
  });

  readonly stripeParallel: ParserMethod<[], Stripe> = this.RULE('stripeParallel', (): Stripe => {
    const first = this.LA(1);
    const items: Stripe[] = [];
    this.expectLetter();
    this.AT_LEAST_ONE_SEP({ SEP: Ampersand, DEF: () => items.push(this.SUBRULE(this.stripeRepeat)) });
    return only(items) ?? { kind: 'stripeParallel', items, span: this.spanFrom(first) };
  });

  readonly stripeRepeat: ParserMethod<[], Stripe> = this.RULE('stripeRepeat', (): Stripe => {
    const first = this.LA(1);
    let stripe = this.SUBRULE(this.stripeAtom);
    this.MANY({
      GATE: () => this.atRepetition(),
      DEF: () => {
        const count = this.SUBRULE(this.repetition);
        stripe = { kind: 'stripeRepeat', of: stripe, count, span: this.spanFrom(first) };
      },
    });
    return stripe;
  });

  /** `×3`, `*n`, `x (n - 1)`, and `x3`, which is one word. */
  readonly repetition: ParserMethod<[], Expression> = this.RULE('repetition', (): Expression => {
    const sign = this.OR<IToken>([
      { ALT: () => this.CONSUME(Times) },
      { ALT: () => this.CONSUME(Star) },
      { ALT: () => this.CONSUME(Name) },
    ]);
    if (sign.tokenType === Name && sign.image !== 'x') return this.countInWord(sign);
    this.expectCount();
    return this.OR1<Expression>([
      { ALT: () => this.countNumber() },
      { ALT: () => this.SUBRULE(this.countName) },
      { ALT: () => this.SUBRULE(this.parenthesised) },
    ]);
  });

  /** `n`, `config.layers`: a name with its members, and no call, so that the next line is not taken in. */
  readonly countName: ParserMethod<[], Expression> = this.RULE('countName', (): Expression => {
    const first = this.CONSUME(Name);
    let value: Expression = { kind: 'reference', name: first.image, span: this.spanOf(first) };
    this.MANY(() => {
      this.CONSUME(Dot);
      const member = this.CONSUME1(WordToken);
      value = { kind: 'member', of: value, name: this.nameOf(member), span: this.spanFrom(first) };
    });
    return value;
  });

  readonly stripeAtom: ParserMethod<[], Stripe> = this.RULE('stripeAtom', (): Stripe => {
    this.expectLetter();
    return this.OR<Stripe>({
      DEF: [
        { ALT: () => this.SUBRULE(this.stripeIf) },
        { ALT: () => this.SUBRULE(this.stripeGroup) },
        { GATE: () => this.atLayers(), ALT: () => this.SUBRULE(this.stripeLayers) },
        { GATE: () => this.atCases('from'), ALT: () => this.SUBRULE(this.stripeFrom) },
        { GATE: () => this.atCases('pattern'), ALT: () => this.SUBRULE(this.stripePattern) },
        { ALT: () => this.letterOf(this.CONSUME(Name)) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });

  readonly stripeGroup: ParserMethod<[], Stripe> = this.RULE('stripeGroup', (): Stripe => {
    const first = this.CONSUME(LeftParenthesis);
    const inner = this.SUBRULE(this.stripe);
    this.CONSUME(RightParenthesis);
    return this.ACTION(() => ({ ...inner, span: this.spanFrom(first) }));
  });

  readonly stripeIf: ParserMethod<[], Stripe> = this.RULE('stripeIf', (): Stripe =>
    this.nested(() => {
      const first = this.CONSUME(If);
      const condition = this.SUBRULE(this.expression);
      if (this.at(Equals)) this.fail(equalsInCondition(this.spanOf(this.LA(1)), this.spanOf(first)));
      this.CONSUME(Then);
      const then = this.SUBRULE(this.stripeParallel);
      if (!this.at(Else)) this.fail(stripeNeedsElse(this.spanOf(first), this.spanFrom(first)));
      this.CONSUME(Else);
      const otherwise = this.SUBRULE1(this.stripeParallel);
      return { kind: 'stripeIf', condition, then, else: otherwise, span: this.spanFrom(first) };
    }),
  );

  /** `from layers(n) { … }` */
  readonly stripeLayers: ParserMethod<[], Stripe> = this.RULE('stripeLayers', (): Stripe => {
    const first = this.CONSUME(Name);
    this.CONSUME1(Name);
    this.CONSUME(LeftParenthesis);
    const count = this.SUBRULE(this.expression);
    this.CONSUME(RightParenthesis);
    const body = this.inBraces(
      () => this.CONSUME(LeftBrace),
      () => this.SUBRULE(this.stripe),
    );
    this.CONSUME(RightBrace);
    return { kind: 'stripeLayers', count, body, span: this.spanFrom(first) };
  });

  readonly stripeFrom: ParserMethod<[], Stripe> = this.RULE('stripeFrom', (): Stripe => {
    const first = this.CONSUME(Name);
    const list = this.SUBRULE(this.expression);
    const cases = this.SUBRULE(this.stripeCases);
    return { kind: 'stripeFrom', list, cases, span: this.spanFrom(first) };
  });

  readonly stripePattern: ParserMethod<[], Stripe> = this.RULE('stripePattern', (): Stripe => {
    const first = this.CONSUME(Name);
    const pattern = this.SUBRULE(this.expression);
    const cases = this.SUBRULE(this.stripeCases);
    return { kind: 'stripePattern', pattern, cases, span: this.spanFrom(first) };
  });

  readonly stripeCases: ParserMethod<[], readonly StripeCase[]> = this.RULE('stripeCases', () => {
    const cases: StripeCase[] = [];
    this.inBraces(
      () => this.CONSUME(LeftBrace),
      () =>
        this.MANY(() => {
          cases.push(this.SUBRULE(this.stripeCase));
          this.OPTION(() => this.CONSUME(Comma));
        }),
    );
    this.CONSUME(RightBrace);
    return cases;
  });

  readonly stripeCase: ParserMethod<[], StripeCase> = this.RULE('stripeCase', (): StripeCase => {
    const key = this.CONSUME(StringToken);
    this.CONSUME(Colon);
    const stripe = this.SUBRULE(this.stripeParallel);
    const text = decodeString(key.image);
    return { kind: 'stripeCase', key: text, keySpan: this.spanOf(key), stripe, span: this.spanFrom(key) };
  });

  private atLayers(): boolean {
    return this.atWord('from') && this.atWord('layers', 2) && this.at(LeftParenthesis, 3);
  }

  /** `from` and `pattern` are words of the language where an expression follows, and letters elsewhere. */
  private atCases(word: string): boolean {
    return this.atWord(word) && (this.at(Name, 2) || this.at(StringToken, 2) || this.at(LeftParenthesis, 2));
  }

  private atRepetition(): boolean {
    if (this.at(Times) || this.at(Star)) return true;
    const token = this.LA(1);
    if (token.tokenType !== Name || this.at(Equals, 2)) return false;
    if (/^x\d+$/.test(token.image)) return true;
    return (
      token.image === 'x' && (this.at(NumberToken, 2) || this.at(LeftParenthesis, 2) || this.at(Name, 2))
    );
  }

  private countNumber(): Expression {
    const token = this.CONSUME(NumberToken);
    return { kind: 'number', value: Number(token.image.replaceAll('_', '')), span: this.spanOf(token) };
  }

  /** The 3 of `x3`. */
  private countInWord(token: IToken): Expression {
    const start = token.startOffset + 1;
    const span = { source: this.source, start, end: start + token.image.length - 1 };
    return { kind: 'number', value: Number(token.image.slice(1)), span };
  }

  /** A letter; `SSMx3` is a letter and its repetition, so no letter in capitals ends in `x3`. */
  private letterOf(token: IToken): Stripe {
    const span = this.spanOf(token);
    const joined = /^([A-Z][A-Z0-9_]*)x(\d+)$/.exec(token.image);
    const [, text, digits] = joined ?? [];
    if (text === undefined || digits === undefined)
      return { kind: 'stripeLetter', name: this.nameOf(token), span };
    const letterSpan = { ...span, end: span.start + text.length };
    const of: Stripe = { kind: 'stripeLetter', name: { text, span: letterSpan }, span: letterSpan };
    const count: Expression = {
      kind: 'number',
      value: Number(digits),
      span: { ...span, start: letterSpan.end + 1 },
    };
    return { kind: 'stripeRepeat', of, count, span };
  }

  private expectCount(): void {
    if (this.isRecording || this.at(NumberToken) || this.at(LeftParenthesis)) return;
    if (this.at(Name) && !this.atNextStatement()) return;
    this.fail(expectedCount(this.source, this.LA(1), this.LA(0)));
  }

  /** Letters side by side: on one line, a name that is followed by nothing a statement would have. */
  protected expectEndOfStripe(): void {
    const [before, token, next] = [this.LA(0), this.LA(1), this.LA(2)];
    const isOnLine = !this.isRecording && this.at(Name) && token.startLine === before.endLine;
    const endsThere =
      next.startLine !== token.startLine || [Comma, Times, Star, Ampersand].includes(next.tokenType);
    const isLetter = endsThere || (this.at(Name, 2) && next.startLine === token.startLine);
    if (isOnLine && isLetter && !modelWords.has(token.image))
      this.fail(layersNeedCommas(this.spanOf(token), before.image, token.image));
  }

  private expectLetter(): void {
    if (this.isRecording || this.at(If) || this.at(LeftParenthesis)) return;
    // A name with `=` behind it begins the next statement: `stripe A,` and then `A = …`.
    if (this.at(Name) && !this.at(Equals, 2) && !this.atNextStatement()) return;
    this.fail(expectedLetter(this.source, this.LA(1), this.LA(0)));
  }
}

function only(items: readonly Stripe[]): Stripe | undefined {
  return items.length === 1 ? items[0] : undefined;
}
