// Models: settings, parameters, letters, and the statements that only a model has.
import type { ParserMethod } from 'chevrotain';
import type {
  Argument,
  BlockStatement,
  EmbedStatement,
  Expression,
  FitsClause,
  FitsStatement,
  HeadStatement,
  LetterBinding,
  LetterStatement,
  ModelStatement,
  NormStatement,
  OutputStatement,
  Param,
  Setting,
  StripeStatement,
} from './ast.ts';
import { emptyStatement, expectedOption, optionNeedsName, settingWithEquals, unknownFit } from './errors.ts';
import { given } from './given.ts';
import { CheckpointParser } from './parser-checkpoint.ts';
import { closest } from './suggest.ts';
import {
  AnyToken,
  Colon,
  Comma,
  Equals,
  If,
  LeftBrace,
  LeftParenthesis,
  Name,
  RightBrace,
  RightParenthesis,
  Semicolon,
  StringToken,
} from './tokens.ts';
import { unknownStatement } from './unknown-statement.ts';
import { fitKeys, modelWords, settingWords } from './words.ts';

export abstract class ModelParser extends CheckpointParser {
  readonly modelBody: ParserMethod<[], readonly ModelStatement[]> = this.RULE('modelBody', () => {
    const statements: ModelStatement[] = [];
    this.CONSUME(LeftBrace);
    this.MANY({
      GATE: () => this.isInsideBody(),
      DEF: () =>
        this.OR({
          DEF: [
            { ALT: () => this.CONSUME(Semicolon) },
            {
              ALT: () => {
                const statement = this.attempt(
                  () => this.SUBRULE(this.modelStatement),
                  (open) => this.skipStatement(open),
                );
                if (statement !== undefined) statements.push(statement);
              },
            },
          ],
          IGNORE_AMBIGUITIES: true,
        }),
    });
    this.closeBody();
    return statements;
  });

  readonly modelStatement: ParserMethod<[], ModelStatement> = this.RULE(
    'modelStatement',
    (): ModelStatement => {
      this.expectModelStatement();
      return this.OR<ModelStatement>({
        DEF: [
          { GATE: () => this.atLetters(), ALT: () => this.SUBRULE(this.letterStatement) },
          { GATE: () => this.atWord('stripe'), ALT: () => this.SUBRULE(this.stripeStatement) },
          { GATE: () => this.atWord('param'), ALT: () => this.SUBRULE(this.param) },
          { GATE: () => this.atWord('block'), ALT: () => this.SUBRULE(this.blockStatement) },
          { GATE: () => this.atWord('norm'), ALT: () => this.SUBRULE(this.normStatement) },
          { GATE: () => this.atWord('embed'), ALT: () => this.SUBRULE(this.embedStatement) },
          { GATE: () => this.atWord('head'), ALT: () => this.SUBRULE(this.headStatement) },
          { GATE: () => this.atWord('output'), ALT: () => this.SUBRULE(this.outputStatement) },
          { GATE: () => this.atWord('input'), ALT: () => this.SUBRULE(this.inputStatement) },
          { GATE: () => this.atWord('checkpoint'), ALT: () => this.SUBRULE(this.checkpointStatement) },
          { GATE: () => this.atWord('fits'), ALT: () => this.SUBRULE(this.fitsStatement) },
          {
            GATE: () => this.atWord('require') || this.atWord('expect'),
            ALT: () => this.SUBRULE(this.requireStatement),
          },
          { GATE: () => this.atWord('weight'), ALT: () => this.SUBRULE(this.weightStatement) },
          { GATE: () => this.atWord('const'), ALT: () => this.SUBRULE(this.constStatement) },
          { GATE: () => this.atWord('axis'), ALT: () => this.SUBRULE(this.axisStatement) },
          { GATE: () => this.at(Name), ALT: () => this.SUBRULE(this.setting) },
          { ALT: () => this.modelJunk() },
        ],
        IGNORE_AMBIGUITIES: true,
      });
    },
  );

  readonly setting: ParserMethod<[], Setting> = this.RULE('setting', (): Setting => {
    const token = this.CONSUME(Name);
    this.OPTION(() => this.reportEquals(this.CONSUME(Equals), token));
    const value = this.SUBRULE(this.expression);
    return { kind: 'setting', name: this.nameOf(token), value, span: this.spanFrom(token) };
  });

  readonly param: ParserMethod<[], Param> = this.RULE('param', (): Param => {
    const first = this.CONSUME(Name);
    const name = this.CONSUME1(Name);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.expression);
    return { kind: 'param', name: this.nameOf(name), value, span: this.spanFrom(first) };
  });

  readonly stripeStatement: ParserMethod<[], StripeStatement> = this.RULE(
    'stripeStatement',
    (): StripeStatement => {
      const first = this.CONSUME(Name);
      this.OPTION(() => this.reportEquals(this.CONSUME(Equals), first));
      const stripe = this.SUBRULE(this.stripe);
      this.expectEndOfStripe();
      return { kind: 'stripe', stripe, span: this.spanFrom(first) };
    },
  );

  readonly letterStatement: ParserMethod<[], LetterStatement> = this.RULE(
    'letterStatement',
    (): LetterStatement => {
      const first = this.LA(1);
      let shared = false;
      let sets: Expression | undefined;
      this.OPTION({
        GATE: () => this.atShared(),
        DEF: () => {
          this.CONSUME(Name);
          shared = true;
          sets = this.OPTION1(() => {
            this.CONSUME(LeftParenthesis);
            const count = this.SUBRULE(this.expression);
            this.CONSUME(RightParenthesis);
            return count;
          });
        },
      });
      const letters: LetterBinding[] = [];
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => letters.push(this.SUBRULE(this.letterBinding)) });
      return { kind: 'letters', shared, ...given({ sets }), letters, span: this.spanFrom(first) };
    },
  );

  readonly letterBinding: ParserMethod<[], LetterBinding> = this.RULE('letterBinding', (): LetterBinding => {
    const name = this.CONSUME(Name);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.expression);
    return { kind: 'letter', name: this.nameOf(name), value, span: this.spanFrom(name) };
  });

  readonly blockStatement: ParserMethod<[], BlockStatement> = this.RULE(
    'blockStatement',
    (): BlockStatement => {
      const first = this.CONSUME(Name);
      const value = this.SUBRULE(this.expression);
      return { kind: 'modelBlock', value, span: this.spanFrom(first) };
    },
  );

  readonly normStatement: ParserMethod<[], NormStatement> = this.RULE('normStatement', (): NormStatement => {
    const first = this.CONSUME(Name);
    const value = this.SUBRULE(this.expression);
    let bias = false;
    this.OPTION({
      GATE: () => this.atWord('bias', 2),
      DEF: () => {
        this.CONSUME(Comma);
        this.CONSUME1(Name);
        bias = true;
      },
    });
    return { kind: 'modelNorm', value, bias, span: this.spanFrom(first) };
  });

  readonly embedStatement: ParserMethod<[], EmbedStatement> = this.RULE(
    'embedStatement',
    (): EmbedStatement => {
      const first = this.CONSUME(Name);
      const options = this.optionsHere();
      const body = this.OPTION1(() => this.SUBRULE(this.body));
      if (options.length === 0 && body === undefined) this.fail(emptyStatement(this.nameOf(first)));
      return { kind: 'embed', options, ...given({ body }), span: this.spanFrom(first) };
    },
  );

  readonly headStatement: ParserMethod<[], HeadStatement> = this.RULE('headStatement', (): HeadStatement => {
    const first = this.CONSUME(Name);
    let tied: boolean | undefined;
    let condition: Expression | undefined;
    this.OPTION2({
      GATE: () => (this.atWord('tied') || this.atWord('untied')) && !this.at(Colon, 2),
      DEF: () => {
        tied = this.CONSUME1(Name).image === 'tied';
        condition = this.OPTION3(() => {
          this.CONSUME(If);
          return this.SUBRULE(this.expression);
        });
        this.OPTION4(() => this.CONSUME(Comma));
      },
    });
    if (this.at(Comma, 0) && !this.atOption()) this.fail(expectedOption(this.source, this.LA(1), this.LA(0)));
    const options = this.optionsHere();
    const body = this.OPTION1(() => this.SUBRULE(this.body));
    if (options.length === 0 && body === undefined && tied === undefined)
      this.fail(emptyStatement(this.nameOf(first)));
    return {
      kind: 'head',
      ...given({ tied, condition }),
      options,
      ...given({ body }),
      span: this.spanFrom(first),
    };
  });

  readonly outputStatement: ParserMethod<[], OutputStatement> = this.RULE(
    'outputStatement',
    (): OutputStatement => {
      const first = this.CONSUME(Name);
      const name = this.CONSUME1(Name);
      let perSequence = false;
      this.OPTION({
        GATE: () => this.atWord('per') && this.atWord('sequence', 2),
        DEF: () => {
          this.CONSUME2(Name);
          this.CONSUME3(Name);
          perSequence = true;
        },
      });
      const body = this.OPTION1(() => this.SUBRULE(this.body));
      return {
        kind: 'output',
        name: this.nameOf(name),
        perSequence,
        ...given({ body }),
        span: this.spanFrom(first),
      };
    },
  );

  readonly fitsStatement: ParserMethod<[], FitsStatement> = this.RULE('fitsStatement', (): FitsStatement => {
    const first = this.CONSUME(Name);
    const clauses: FitsClause[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => clauses.push(this.SUBRULE(this.fitsClause)) });
    return { kind: 'fits', clauses, span: this.spanFrom(first) };
  });

  /** `architectures "A", "B"`; a comma goes on with the next value or, before a word, with the next clause. */
  readonly fitsClause: ParserMethod<[], FitsClause> = this.RULE('fitsClause', (): FitsClause => {
    const word = this.CONSUME(Name);
    const key = fitKeys.find((known) => known === word.image);
    if (key === undefined) this.fail(unknownFit(this.nameOf(word), closest(word.image, fitKeys), fitKeys));
    const values = [this.textOf(this.CONSUME(StringToken))];
    this.MANY({
      GATE: () => this.at(StringToken, 2),
      DEF: () => {
        this.CONSUME1(Comma);
        values.push(this.textOf(this.CONSUME1(StringToken)));
      },
    });
    // A word that is no key was reported and left the statement.
    return { kind: 'fitsClause', key: key ?? 'tensors', values, span: this.spanFrom(word) };
  });

  /** `scale: 2, positions: 1024` */
  readonly options: ParserMethod<[], readonly Argument[]> = this.RULE('options', () => {
    const found: Argument[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => found.push(this.SUBRULE(this.argument)) });
    this.ACTION(() => {
      for (const option of found) if (option.name === undefined) this.report(optionNeedsName(option.span));
    });
    return found;
  });

  private optionsHere(): readonly Argument[] {
    let found: readonly Argument[] = [];
    this.OPTION({
      GATE: () => this.atOption(),
      DEF: () => {
        found = this.SUBRULE(this.options);
      },
    });
    return found;
  }

  private atOption(): boolean {
    return this.at(Name) && this.at(Colon, 2);
  }

  /** The word before a letter, or before the number of its sets of weights. */
  private atShared(): boolean {
    return this.atWordAndName('shared') || (this.atWord('shared') && this.at(LeftParenthesis, 2));
  }

  /** A name with `=`; the words of the model take none. */
  private atLetters(): boolean {
    if (this.atShared()) return true;
    return this.at(Name) && this.at(Equals, 2) && !isModelWord(this.LA(1).image);
  }

  private modelJunk(): never {
    const token = this.CONSUME(AnyToken);
    this.fail(unknownStatement(this.source, 'model', token, this.LA(1), this.LA(2)));
    // While the grammar is recorded nothing fails, and nobody looks at the value.
    return undefined as never;
  }

  private reportEquals(sign: { startOffset: number }, word: { image: string }): void {
    if (this.isRecording) return;
    const span = { source: this.source, start: sign.startOffset, end: sign.startOffset + 1 };
    this.report(settingWithEquals(span, word.image));
  }

  /** A value, or `=` by mistake; a word of the model on the next line is none. */
  private atSettingValue(): boolean {
    if (this.at(Equals, 2)) return true;
    const isNextLine = this.LA(2).startLine !== this.LA(1).endLine;
    return this.atExpression(2) && !(isNextLine && modelWords.has(this.LA(2).image));
  }

  private expectModelStatement(): void {
    if (this.isRecording || this.at(RightBrace) || !this.at(Name) || this.atLetters()) return;
    const word = this.LA(1).image;
    if (modelWords.has(word)) {
      if (word === 'param' && !this.at(Name, 2)) this.fail(emptyStatement(this.nameOf(this.LA(1))));
      if (word === 'output' && !this.at(Name, 2)) this.fail(emptyStatement(this.nameOf(this.LA(1))));
      if (word === 'fits' && (!this.at(Name, 2) || modelWords.has(this.LA(2).image)))
        this.fail(emptyStatement(this.nameOf(this.LA(1))));
      if ((word === 'require' || word === 'expect') && !this.atExpression(2))
        this.fail(emptyStatement(this.nameOf(this.LA(1))));
      if (word === 'shared') this.fail(emptyStatement(this.nameOf(this.LA(1))));
      if (settingWords.has(word) && !this.atSettingValue()) {
        this.fail(emptyStatement(this.nameOf(this.LA(1))));
      }
      return;
    }
    const unknown = unknownStatement(this.source, 'model', this.LA(1), this.LA(2), this.LA(3));
    // A word that resembles none of ours may be a setting that a later stage knows.
    if (this.atSettingValue() && unknown.code === 'unknown_setting') return;
    this.fail(unknown);
  }
}

function isModelWord(word: string): boolean {
  return modelWords.has(word) && word !== 'shared';
}
