// Shapes: sums of products of axes, as weights, inputs and stored tensors write them.
import type { ParserMethod } from 'chevrotain';
import type { FilterFactor, Shape, ShapeFactor, ShapeTerm, StoredShape } from './ast.ts';
import { expectedAxis, groupOutsideStored, numberAsAxis } from './errors.ts';
import { ExpressionParser } from './parser-expressions.ts';
import {
  Colon,
  Comma,
  LeftBracket,
  LeftParenthesis,
  Name,
  NumberToken,
  Plus,
  RightBracket,
  RightParenthesis,
  Star,
  Times,
} from './tokens.ts';

export abstract class ShapeParser extends ExpressionParser {
  /** `stored` shapes may have bare numbers, bare `taps` and groups. */
  readonly shape: ParserMethod<[boolean], Shape> = this.RULE('shape', (stored: boolean): Shape => {
    const first = this.LA(1);
    const terms = [this.SUBRULE(this.shapeTerm, { ARGS: [stored] })];
    this.MANY(() => {
      this.CONSUME(Plus);
      terms.push(this.SUBRULE1(this.shapeTerm, { ARGS: [stored] }));
    });
    return { kind: 'shape', terms, span: this.spanFrom(first) };
  });

  readonly shapeTerm: ParserMethod<[boolean], ShapeTerm> = this.RULE(
    'shapeTerm',
    (stored: boolean): ShapeTerm => {
      const first = this.LA(1);
      const label = this.OPTION({
        GATE: () => this.at(Colon, 2),
        DEF: () => {
          const token = this.CONSUME(Name);
          this.CONSUME(Colon);
          return this.nameOf(token);
        },
      });
      const factors = [this.SUBRULE(this.shapeFactor, { ARGS: [stored] })];
      this.MANY(() => {
        this.OR([{ ALT: () => this.CONSUME(Star) }, { ALT: () => this.CONSUME(Times) }]);
        factors.push(this.SUBRULE1(this.shapeFactor, { ARGS: [stored] }));
      });
      const span = this.spanFrom(first);
      return label === undefined
        ? { kind: 'shapeTerm', factors, span }
        : { kind: 'shapeTerm', label, factors, span };
    },
  );

  readonly shapeFactor: ParserMethod<[boolean], ShapeFactor> = this.RULE(
    'shapeFactor',
    (stored: boolean): ShapeFactor => {
      this.expectAxis(stored);
      return this.OR<ShapeFactor>({
        DEF: [
          { GATE: () => this.atFilter(stored), ALT: () => this.SUBRULE(this.filterFactor) },
          { ALT: () => this.axisFactor() },
          { ALT: () => this.sizeFactor() },
          { ALT: () => this.SUBRULE(this.groupFactor, { ARGS: [stored] }) },
        ],
        IGNORE_AMBIGUITIES: true,
      });
    },
  );

  readonly filterFactor: ParserMethod<[], FilterFactor> = this.RULE('filterFactor', (): FilterFactor => {
    const word = this.CONSUME(Name);
    const orientation = word.image === 'lag' ? 'lag' : 'taps';
    const size = this.OPTION(() => {
      this.CONSUME(LeftParenthesis);
      const value = this.SUBRULE(this.expression);
      this.CONSUME(RightParenthesis);
      return value;
    });
    const span = this.spanFrom(word);
    return size === undefined
      ? { kind: 'filterFactor', orientation, span }
      : { kind: 'filterFactor', orientation, size, span };
  });

  readonly groupFactor: ParserMethod<[boolean], ShapeFactor> = this.RULE(
    'groupFactor',
    (stored: boolean): ShapeFactor =>
      this.nested(() => {
        const first = this.CONSUME(LeftParenthesis);
        const shape = this.SUBRULE(this.shape, { ARGS: [stored] });
        this.CONSUME(RightParenthesis);
        if (!stored) this.report(groupOutsideStored(this.spanFrom(first)));
        return { kind: 'groupFactor', shape, span: this.spanFrom(first) };
      }),
  );

  readonly storedShape: ParserMethod<[], StoredShape> = this.RULE('storedShape', (): StoredShape => {
    const first = this.CONSUME(LeftBracket);
    const dimensions: Shape[] = [];
    this.MANY(() => {
      dimensions.push(this.SUBRULE(this.shape, { ARGS: [true] }));
      if (!this.at(RightBracket)) this.CONSUME(Comma);
    });
    this.CONSUME(RightBracket);
    return { kind: 'storedShape', dimensions, span: this.spanFrom(first) };
  });

  private axisFactor(): ShapeFactor {
    const token = this.CONSUME(Name);
    return { kind: 'axisFactor', name: this.nameOf(token), span: this.spanOf(token) };
  }

  private sizeFactor(): ShapeFactor {
    const token = this.CONSUME(NumberToken);
    return { kind: 'sizeFactor', size: Number(token.image.replaceAll('_', '')), span: this.spanOf(token) };
  }

  private atFilter(stored: boolean): boolean {
    if (!this.atWord('taps') && !this.atWord('lag')) return false;
    return stored || this.at(LeftParenthesis, 2);
  }

  private expectAxis(stored: boolean): void {
    if (this.isRecording || this.at(Name) || this.at(LeftParenthesis)) return;
    if (!this.at(NumberToken)) this.fail(expectedAxis(this.source, this.LA(1), this.LA(0)));
    if (!stored) this.report(numberAsAxis(this.spanOf(this.LA(1)), this.LA(1).image));
  }
}
