// Expressions: operators, calls, members, indices, lists and conditionals.
import type { IToken, ParserMethod } from 'chevrotain';
import type {
  Argument,
  BinaryOperator,
  Comprehension,
  ComprehensionSource,
  Dtype,
  Expression,
  IndexBinding,
  UnaryOperator,
} from './ast.ts';
import {
  argumentTwice,
  comparisonChain,
  conditionalNeedsElse,
  conditionalNeedsParentheses,
  equalsInCondition,
  expectedExpression,
  indexWithoutAxis,
  numberNeedsZero,
  positionalAfterNamed,
  unknownDtype,
} from './errors.ts';
import { given } from './given.ts';
import { arrange, type RowItem } from './operators.ts';
import { BaseParser } from './parser-base.ts';
import { decodeString } from './strings.ts';
import {
  BinaryOperatorToken,
  Colon,
  Comma,
  Dot,
  Else,
  Equals,
  False,
  For,
  If,
  In,
  LeftBracket,
  LeftParenthesis,
  Minus,
  Name,
  None,
  Not,
  NumberToken,
  PrefixToken,
  RightBracket,
  RightParenthesis,
  StringToken,
  Then,
  True,
  WordToken,
} from './tokens.ts';
import { bodyWords, dtypes, foreignDtypes, modelWords } from './words.ts';

const operandStarts = new Set([
  LeftBracket,
  LeftParenthesis,
  Minus,
  Name,
  None,
  Not,
  NumberToken,
  StringToken,
  True,
  False,
  If,
]);

export abstract class ExpressionParser extends BaseParser {
  readonly expression: ParserMethod<[], Expression> = this.RULE('expression', (): Expression => {
    this.expectOperand();
    return this.OR([
      { ALT: () => this.SUBRULE(this.conditional) },
      { ALT: () => this.SUBRULE(this.operation) },
    ]);
  });

  readonly conditional: ParserMethod<[], Expression> = this.RULE('conditional', (): Expression =>
    this.nested(() => {
      const first = this.CONSUME(If);
      const condition = this.SUBRULE(this.expression);
      this.expectThen(first);
      this.CONSUME(Then);
      const then = this.SUBRULE1(this.expression);
      this.expectElse(first);
      this.CONSUME(Else);
      const otherwise = this.SUBRULE2(this.expression);
      return { kind: 'conditional', condition, then, else: otherwise, span: this.spanFrom(first) };
    }),
  );

  readonly operation: ParserMethod<[], Expression> = this.RULE('operation', (): Expression => {
    const row: RowItem[] = [];
    this.SUBRULE(this.operand, { ARGS: [row] });
    this.MANY({
      GATE: () => !this.atDtype(),
      DEF: () => {
        const sign = this.CONSUME(BinaryOperatorToken);
        this.ACTION(() =>
          row.push({ kind: 'binary', operator: binaryOperator(sign), span: this.spanOf(sign) }),
        );
        this.expectOperand(sign);
        this.SUBRULE1(this.operand, { ARGS: [row] });
      },
    });
    return this.ACTION(() => this.arranged(row));
  });

  readonly operand: ParserMethod<[RowItem[]], void> = this.RULE('operand', (row: RowItem[]): void => {
    this.MANY(() => {
      const sign = this.CONSUME(PrefixToken);
      const operator: UnaryOperator = sign.tokenType === Not ? 'not' : '-';
      this.ACTION(() => row.push({ kind: 'prefix', operator, span: this.spanOf(sign) }));
      this.expectOperand(sign);
    });
    const expression = this.SUBRULE(this.postfix);
    this.ACTION(() => row.push({ kind: 'operand', expression }));
  });

  readonly postfix: ParserMethod<[], Expression> = this.RULE('postfix', (): Expression => {
    const first = this.LA(1);
    let value = this.SUBRULE(this.primary);
    this.MANY(() => {
      value = this.OR([
        { ALT: () => this.member(value, first) },
        { ALT: () => this.call(value, first) },
        { ALT: () => this.index(value, first) },
      ]);
    });
    return value;
  });

  readonly primary: ParserMethod<[], Expression> = this.RULE('primary', (): Expression => {
    this.expectPrimary();
    return this.OR<Expression>([
      { ALT: () => this.reference(this.CONSUME(Name)) },
      { ALT: () => this.number(this.CONSUME(NumberToken)) },
      { ALT: () => this.string(this.CONSUME(StringToken)) },
      { ALT: () => ({ kind: 'boolean', value: true, span: this.spanOf(this.CONSUME(True)) }) },
      { ALT: () => ({ kind: 'boolean', value: false, span: this.spanOf(this.CONSUME(False)) }) },
      { ALT: () => ({ kind: 'none', span: this.spanOf(this.CONSUME(None)) }) },
      { ALT: () => this.SUBRULE(this.parenthesised) },
      { ALT: () => this.SUBRULE(this.list) },
    ]);
  });

  readonly parenthesised: ParserMethod<[], Expression> = this.RULE('parenthesised', (): Expression => {
    const first = this.CONSUME(LeftParenthesis);
    const inner = this.SUBRULE(this.expression);
    this.CONSUME(RightParenthesis);
    // The parentheses belong to the place, so that an operation on it is underlined whole.
    return this.ACTION(() => ({ ...inner, span: this.spanFrom(first) }));
  });

  readonly list: ParserMethod<[], Expression> = this.RULE('list', (): Expression => {
    const first = this.CONSUME(LeftBracket);
    const items: Expression[] = [];
    this.MANY(() => {
      items.push(this.SUBRULE(this.expression));
      if (!this.at(RightBracket) && !this.at(For)) this.CONSUME(Comma);
    });
    const made = this.OPTION({
      GATE: () => items.length === 1,
      DEF: () => this.SUBRULE(this.comprehension),
    });
    this.CONSUME(RightBracket);
    const [value] = items;
    return made === undefined || value === undefined
      ? { kind: 'list', items, span: this.spanFrom(first) }
      : { kind: 'comprehension', value, ...made, span: this.spanFrom(first) };
  });

  /** What follows the value of `[value for name in list if condition]`. */
  readonly comprehension: ParserMethod<[], Pick<Comprehension, 'sources' | 'condition'>> = this.RULE(
    'comprehension',
    () => {
      const sources: ComprehensionSource[] = [];
      this.AT_LEAST_ONE(() => sources.push(this.SUBRULE(this.comprehensionSource)));
      const condition = this.OPTION(() => {
        this.CONSUME(If);
        return this.SUBRULE(this.expression);
      });
      return { sources, ...given({ condition }) };
    },
  );

  readonly comprehensionSource: ParserMethod<[], ComprehensionSource> = this.RULE(
    'comprehensionSource',
    (): ComprehensionSource => {
      const first = this.CONSUME(For);
      const name = this.CONSUME(Name);
      this.CONSUME(In);
      const list = this.SUBRULE(this.expression);
      return { kind: 'comprehensionSource', name: this.nameOf(name), list, span: this.spanFrom(first) };
    },
  );

  readonly callArguments: ParserMethod<[], readonly Argument[]> = this.RULE('callArguments', () => {
    const found: Argument[] = [];
    this.CONSUME(LeftParenthesis);
    this.MANY(() => {
      found.push(this.SUBRULE(this.argument));
      if (!this.at(RightParenthesis)) this.CONSUME(Comma);
    });
    this.CONSUME(RightParenthesis);
    this.ACTION(() => this.checkArguments(found));
    return found;
  });

  readonly argument: ParserMethod<[], Argument> = this.RULE('argument', (): Argument => {
    const first = this.LA(1);
    const name = this.OPTION({
      GATE: () => this.at(Colon, 2),
      DEF: () => {
        const token = this.CONSUME(Name);
        this.CONSUME(Colon);
        return this.nameOf(token);
      },
    });
    const value = this.SUBRULE(this.expression);
    const span = this.spanFrom(first);
    return name === undefined ? { kind: 'argument', value, span } : { kind: 'argument', name, value, span };
  });

  readonly indexBinding: ParserMethod<[], IndexBinding> = this.RULE('indexBinding', (): IndexBinding => {
    if (!this.at(Equals, 2)) this.fail(indexWithoutAxis(this.spanOf(this.LA(1))));
    const axis = this.CONSUME(Name);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.expression);
    return { kind: 'indexBinding', axis: this.nameOf(axis), value, span: this.spanFrom(axis) };
  });

  /** `in f32` after a value; consumes nothing where there is none. */
  readonly dtype: ParserMethod<[], Dtype | undefined> = this.RULE('dtype', () =>
    this.OPTION({
      GATE: () => this.atDtype(),
      DEF: () => {
        this.CONSUME(In);
        return this.dtypeOf(this.CONSUME(Name));
      },
    }),
  );

  protected atExpression(ahead = 1): boolean {
    return operandStarts.has(this.LA(ahead).tokenType);
  }

  /** `in` before a number type is no operator. */
  protected atDtype(): boolean {
    if (!this.at(In) || !this.at(Name, 2)) return false;
    const name = this.LA(2).image;
    return foreignDtypes.has(name) || dtypes.some((known) => known === name);
  }

  /** `, g(u), h(u)` after the value of several names makes a list of as many values. */
  protected valueList(first: Expression, others: readonly Expression[], start: IToken): Expression {
    if (others.length === 0) return first;
    return { kind: 'list', items: [first, ...others], span: this.spanFrom(start) };
  }

  protected dtypeOf(token: IToken): Dtype | undefined {
    const known = dtypes.find((name) => name === token.image);
    if (known === undefined) this.report(unknownDtype(this.nameOf(token), foreignDtypes.get(token.image)));
    return known;
  }

  protected expectOperand(after?: IToken): void {
    if (this.isRecording || (this.atExpression() && !this.atNextStatement())) return;
    if (this.at(Dot) && this.at(NumberToken, 2))
      this.fail(numberNeedsZero(this.spanOf(this.LA(1)), this.LA(2).image));
    this.fail(expectedExpression(this.source, this.LA(1), this.LA(0), after));
  }

  /** Whether the name ahead begins the next statement: `y = u +` at the end of a line, and then `z = …`. */
  protected atNextStatement(): boolean {
    if (!this.at(Name) || !this.isFirstOnLine()) return false;
    if (this.at(Equals, 2)) return true;
    const isWord = bodyWords.has(this.LA(1).image) || modelWords.has(this.LA(1).image);
    return (
      isWord && this.LA(2).startLine === this.LA(1).startLine && (this.at(Name, 2) || this.at(NumberToken, 2))
    );
  }

  private expectPrimary(): void {
    if (this.at(If)) this.fail(conditionalNeedsParentheses(this.spanOf(this.LA(1))));
  }

  private expectThen(first: IToken): void {
    if (this.at(Equals)) this.fail(equalsInCondition(this.spanOf(this.LA(1)), this.spanOf(first)));
  }

  private expectElse(first: IToken): void {
    if (this.isRecording || this.at(Else)) return;
    if (this.at(Equals)) return;
    this.fail(conditionalNeedsElse(this.spanOf(first), this.spanFrom(first)));
  }

  private member(of: Expression, first: IToken): Expression {
    this.CONSUME(Dot);
    const name = this.CONSUME1(WordToken);
    return { kind: 'member', of, name: this.nameOf(name), span: this.spanFrom(first) };
  }

  private call(callee: Expression, first: IToken): Expression {
    const found = this.SUBRULE(this.callArguments);
    return { kind: 'call', callee, arguments: found, span: this.spanFrom(first) };
  }

  private index(of: Expression, first: IToken): Expression {
    const indices: IndexBinding[] = [];
    this.CONSUME(LeftBracket);
    if (!this.at(Name)) this.fail(indexWithoutAxis(this.spanOf(this.LA(1))));
    this.MANY1(() => {
      indices.push(this.SUBRULE(this.indexBinding));
      if (!this.at(RightBracket)) this.CONSUME(Comma);
    });
    this.CONSUME(RightBracket);
    return { kind: 'index', of, indices, span: this.spanFrom(first) };
  }

  private arranged(row: readonly RowItem[]): Expression {
    const { tree, chained } = arrange(row);
    for (const [first, second] of chained) this.report(comparisonChain(first, second));
    return tree;
  }

  private checkArguments(found: readonly Argument[]): void {
    const seen = new Map<string, Argument>();
    for (const argument of found) {
      const last = [...seen.values()].at(-1)?.name;
      if (argument.name === undefined) {
        if (last !== undefined) this.report(positionalAfterNamed(argument.span, last));
        continue;
      }
      const earlier = seen.get(argument.name.text)?.name;
      if (earlier !== undefined) this.report(argumentTwice(argument.name, earlier));
      seen.set(argument.name.text, argument);
    }
  }

  private reference(token: IToken): Expression {
    return { kind: 'reference', name: token.image, span: this.spanOf(token) };
  }

  private number(token: IToken): Expression {
    return { kind: 'number', value: Number(token.image.replaceAll('_', '')), span: this.spanOf(token) };
  }

  private string(token: IToken): Expression {
    return { kind: 'string', value: decodeString(token.image), span: this.spanOf(token) };
  }
}

function binaryOperator(token: IToken): BinaryOperator {
  // Every token of the category is spelled as its operator, but for the times sign.
  return token.image === '×' ? '*' : (token.image as BinaryOperator);
}
