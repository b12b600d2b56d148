// The statements of mixers, blocks and functions, and the bodies they stand in.
import type { IToken, ParserMethod } from 'chevrotain';
import type {
  Assignment,
  For as ForNode,
  If as IfNode,
  Name as NameNode,
  RequireStatement,
  Return as ReturnNode,
  Scan,
  ScanState,
  Statement,
} from './ast.ts';
import { equalsInCondition, forNeedsRange, nestedDeclaration, returnsOneValue } from './errors.ts';
import { given } from './given.ts';
import { DeclaratorParser } from './parser-declarators.ts';
import { unknownStatement } from './unknown-statement.ts';
import { bodyWords } from './words.ts';
import {
  AnyToken,
  Comma,
  Else,
  Equals,
  For,
  If,
  In,
  LeftBrace,
  LeftBracket,
  Name,
  Range,
  Return,
  RightBrace,
  RightBracket,
  Semicolon,
  StringToken,
} from './tokens.ts';

export abstract class StatementParser extends DeclaratorParser {
  /** Whether the brackets of the file do not match, which is reported before parsing. */
  protected isUnbalanced = false;
  /** Closing braces that will be left over after a declaration inside another. */
  protected surplusBraces = 0;

  readonly body: ParserMethod<[], readonly Statement[]> = this.RULE('body', () => {
    const statements: Statement[] = [];
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
                  () => this.SUBRULE(this.statement),
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

  readonly statement: ParserMethod<[], Statement> = this.RULE('statement', (): Statement => {
    this.expectStatement();
    return this.OR<Statement>({
      DEF: [
        { ALT: () => this.SUBRULE(this.ifStatement) },
        { ALT: () => this.SUBRULE(this.forStatement) },
        { ALT: () => this.SUBRULE(this.returnStatement) },
        { GATE: () => this.atAssignment(), ALT: () => this.SUBRULE(this.assignment) },
        { GATE: () => this.atWord('weight'), ALT: () => this.SUBRULE(this.weightStatement) },
        { GATE: () => this.atWord('axis'), ALT: () => this.SUBRULE(this.axisStatement) },
        { GATE: () => this.atWord('scan'), ALT: () => this.SUBRULE(this.scan) },
        { GATE: () => this.atWord('const'), ALT: () => this.SUBRULE(this.constStatement) },
        { GATE: () => this.atWord('norm'), ALT: () => this.SUBRULE(this.normInstances) },
        { GATE: () => this.atWord('part'), ALT: () => this.SUBRULE(this.partStatement) },
        { GATE: () => this.atWord('input'), ALT: () => this.SUBRULE(this.inputStatement) },
        { GATE: () => this.atWord('expose'), ALT: () => this.SUBRULE(this.exposeStatement) },
        { GATE: () => this.atWord('require'), ALT: () => this.SUBRULE(this.requireStatement) },
        { ALT: () => this.junk() },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });

  readonly assignment: ParserMethod<[], Assignment> = this.RULE('assignment', (): Assignment => {
    const first = this.LA(1);
    const names: NameNode[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => names.push(this.nameOf(this.CONSUME(Name))) });
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.values);
    const dtype = this.SUBRULE(this.dtype);
    return { kind: 'assignment', names, value, ...given({ dtype }), span: this.spanFrom(first) };
  });

  readonly scan: ParserMethod<[], Scan> = this.RULE('scan', (): Scan => {
    const first = this.CONSUME(Name);
    const states: ScanState[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => states.push(this.SUBRULE(this.scanState)) });
    const scaledBy = this.OPTION({
      GATE: () => this.atWord('scaled') && this.atWord('by', 2),
      DEF: () => {
        this.CONSUME1(Name);
        this.CONSUME2(Name);
        return this.SUBRULE1(this.scanState);
      },
    });
    const dtype = this.SUBRULE(this.dtype);
    const body = this.SUBRULE(this.body);
    return { kind: 'scan', states, ...given({ scaledBy, dtype }), body, span: this.spanFrom(first) };
  });

  readonly scanState: ParserMethod<[], ScanState> = this.RULE('scanState', (): ScanState => {
    const token = this.CONSUME(Name);
    const axes: NameNode[] = [];
    this.OPTION(() => {
      this.CONSUME(LeftBracket);
      this.MANY(() => {
        axes.push(this.nameOf(this.CONSUME1(Name)));
        if (!this.at(RightBracket)) this.CONSUME(Comma);
      });
      this.CONSUME(RightBracket);
    });
    const initial = this.OPTION1(() => {
      this.CONSUME(Equals);
      return this.SUBRULE(this.expression);
    });
    return {
      kind: 'scanState',
      name: this.nameOf(token),
      axes,
      ...given({ initial }),
      span: this.spanFrom(token),
    };
  });

  readonly forStatement: ParserMethod<[], ForNode> = this.RULE('forStatement', (): ForNode => {
    const first = this.CONSUME(For);
    const name = this.CONSUME(Name);
    this.CONSUME(In);
    const from = this.SUBRULE(this.expression);
    if (this.at(LeftBrace)) this.fail(forNeedsRange(from.span, name.image));
    this.CONSUME(Range);
    const to = this.SUBRULE1(this.expression);
    const body = this.nested(() => this.SUBRULE(this.body));
    return { kind: 'for', name: this.nameOf(name), from, to, body, span: this.spanFrom(first) };
  });

  readonly ifStatement: ParserMethod<[], IfNode> = this.RULE('ifStatement', (): IfNode =>
    this.nested(() => {
      const first = this.CONSUME(If);
      const condition = this.SUBRULE(this.expression);
      if (this.at(Equals)) this.fail(equalsInCondition(this.spanOf(this.LA(1)), this.spanOf(first)));
      const then = this.SUBRULE(this.body);
      const otherwise = this.OPTION(() => {
        this.CONSUME(Else);
        return this.OR<readonly Statement[]>([
          { ALT: () => [this.SUBRULE(this.ifStatement)] },
          { ALT: () => this.SUBRULE1(this.body) },
        ]);
      });
      return { kind: 'if', condition, then, ...given({ else: otherwise }), span: this.spanFrom(first) };
    }),
  );

  readonly returnStatement: ParserMethod<[], ReturnNode> = this.RULE('returnStatement', (): ReturnNode => {
    const first = this.CONSUME(Return);
    const value = this.SUBRULE(this.expression);
    if (this.at(Comma)) this.fail(returnsOneValue(this.spanOf(this.LA(1)), this.spanOf(first)));
    return { kind: 'return', value, span: this.spanFrom(first) };
  });

  readonly requireStatement: ParserMethod<[], RequireStatement> = this.RULE(
    'requireStatement',
    (): RequireStatement => {
      const first = this.CONSUME(Name);
      const condition = this.SUBRULE(this.expression);
      this.CONSUME(Comma);
      const message = this.textOf(this.CONSUME(StringToken));
      const isExpected = first.image === 'expect';
      return { kind: 'require', isExpected, condition, message, span: this.spanFrom(first) };
    },
  );

  /** Ends a body: at its brace, or without it where the brace is missing, which was reported before. */
  protected closeBody(): void {
    if (this.isRecording || this.at(RightBrace)) {
      this.CONSUME(RightBrace);
      return;
    }
    if (this.isUnbalanced || !this.atDeclarationStart()) return;
    this.report(nestedDeclaration(this.nameOf(this.LA(1)), this.nameOf(this.LA(2))));
    this.surplusBraces++;
  }

  protected isInsideBody(): boolean {
    return !this.at(RightBrace) && !this.atDeclarationStart();
  }

  /** An error production: swallows one token that begins nothing, so that parsing goes on. */
  protected junk(): never {
    const token: IToken = this.CONSUME(AnyToken);
    this.fail(unknownStatement(this.source, 'body', token, this.LA(1), this.LA(2)));
    // While the grammar is recorded nothing fails, and nobody looks at the value.
    return undefined as never;
  }

  /** `x = …` and `x, z = …`, also where x is one of the contextual words. */
  protected atAssignment(): boolean {
    return this.at(Name) && (this.at(Equals, 2) || this.at(Comma, 2));
  }

  private expectStatement(): void {
    if (this.isRecording || !this.at(Name) || this.atAssignment()) return;
    if (this.at(Name, 2) && bodyWords.has(this.LA(1).image)) return;
    if (this.atWord('require') && this.atExpression(2)) return;
    this.fail(unknownStatement(this.source, 'body', this.LA(1), this.LA(2), this.LA(3)));
  }
}
