// The whole file: imports and declarations. The parser's classes build on each other in the order
// base, expressions, shapes, declarators, statements, stripes, checkpoint, model, and this one.
import type { IToken, ParserMethod } from 'chevrotain';
import type { Declaration, File, Import, Model, Name as NameNode, Parameter, Text } from './ast.ts';
import { docAbove } from './docs.ts';
import { importAfterDeclaration, importNeedsFrom, parameterTwice } from './errors.ts';
import { given } from './given.ts';
import { ParsingStopped } from './parser-base.ts';
import { ModelParser } from './parser-model.ts';
import type { Diagnostic, Source } from './source.ts';
import { decodeString } from './strings.ts';
import {
  AnyToken,
  Comma,
  Equals,
  LeftBrace,
  LeftParenthesis,
  Name,
  RightBrace,
  RightParenthesis,
  Semicolon,
  StringToken,
} from './tokens.ts';
import { unknownStatement } from './unknown-statement.ts';

export class Parser extends ModelParser {
  private imports: Import[] = [];
  private declarations: Declaration[] = [];
  private comments: readonly Text[] = [];

  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** Reads a file; the declarations that could be read are there whatever the mistakes. */
  read(
    source: Source,
    tokens: IToken[],
    comments: readonly Text[],
    found: Diagnostic[],
    isUnbalanced: boolean,
  ): File {
    this.begin(source, tokens, found);
    this.imports = [];
    this.declarations = [];
    this.comments = comments;
    this.isUnbalanced = isUnbalanced;
    this.surplusBraces = 0;
    try {
      this.file();
    } catch (error) {
      if (!(error instanceof ParsingStopped)) throw error;
    }
    const span = { source, start: 0, end: source.text.length };
    return { kind: 'file', source, imports: this.imports, declarations: this.declarations, comments, span };
  }

  readonly file: ParserMethod<[], void> = this.RULE('file', (): void => {
    this.MANY(() =>
      this.OR({
        DEF: [
          { ALT: () => this.CONSUME(Semicolon) },
          {
            ALT: () =>
              this.attempt(
                () => this.SUBRULE(this.declaration),
                () => this.skipDeclaration(),
              ),
          },
        ],
        IGNORE_AMBIGUITIES: true,
      }),
    );
  });

  readonly declaration: ParserMethod<[], void> = this.RULE('declaration', (): void => {
    this.OR({
      DEF: [
        { GATE: () => this.atImport(), ALT: () => this.addImport(this.SUBRULE(this.importDeclaration)) },
        { GATE: () => this.atWordAndName('model'), ALT: () => this.add(this.SUBRULE(this.modelDeclaration)) },
        { GATE: () => this.atCallable(), ALT: () => this.add(this.SUBRULE(this.callableDeclaration)) },
        { ALT: () => this.topLevelJunk() },
      ],
      IGNORE_AMBIGUITIES: true,
    });
  });

  readonly importDeclaration: ParserMethod<[], Import> = this.RULE('importDeclaration', (): Import => {
    const first = this.CONSUME(Name);
    const names = this.OPTION(() => {
      const found: NameNode[] = [];
      this.CONSUME(LeftBrace);
      this.MANY(() => {
        found.push(this.nameOf(this.CONSUME1(Name)));
        if (!this.at(RightBrace)) this.CONSUME(Comma);
      });
      this.CONSUME(RightBrace);
      if (!this.atWord('from')) this.fail(importNeedsFrom(this.source, this.LA(1), this.LA(0)));
      this.CONSUME2(Name);
      return found;
    });
    const path = this.CONSUME(StringToken);
    return {
      kind: 'import',
      ...given({ names }),
      path: decodeString(path.image),
      pathSpan: this.spanOf(path),
      span: this.spanFrom(first),
    };
  });

  readonly modelDeclaration: ParserMethod<[], Model> = this.RULE('modelDeclaration', (): Model => {
    const first = this.CONSUME(Name);
    const doc = docAbove(this.comments, first, this.LA(-1), this.source);
    const name = this.CONSUME1(Name);
    let fromConfig = false;
    this.OPTION({
      GATE: () => this.atWord('from') && this.atWord('config', 2),
      DEF: () => {
        this.CONSUME2(Name);
        this.CONSUME3(Name);
        fromConfig = true;
      },
    });
    const statements = this.SUBRULE(this.modelBody);
    return {
      kind: 'model',
      name: this.nameOf(name),
      ...given({ doc }),
      fromConfig,
      statements,
      span: this.spanFrom(first),
    };
  });

  /** A mixer, a block or a function. */
  readonly callableDeclaration: ParserMethod<[], Declaration> = this.RULE(
    'callableDeclaration',
    (): Declaration => {
      const first = this.CONSUME(Name);
      const doc = docAbove(this.comments, first, this.LA(-1), this.source);
      const name = this.CONSUME1(Name);
      let parameters: readonly Parameter[] = [];
      this.OPTION(() => {
        parameters = this.SUBRULE(this.parameters);
      });
      const body = this.SUBRULE(this.body);
      const kind = first.image === 'mixer' ? 'mixer' : first.image === 'block' ? 'block' : 'function';
      return {
        kind,
        name: this.nameOf(name),
        ...given({ doc }),
        parameters,
        body,
        span: this.spanFrom(first),
      };
    },
  );

  readonly parameters: ParserMethod<[], readonly Parameter[]> = this.RULE('parameters', () => {
    const found: Parameter[] = [];
    this.CONSUME(LeftParenthesis);
    this.MANY(() => {
      found.push(this.SUBRULE(this.parameter));
      if (!this.at(RightParenthesis)) this.CONSUME(Comma);
    });
    this.CONSUME(RightParenthesis);
    this.ACTION(() => this.checkParameters(found));
    return found;
  });

  readonly parameter: ParserMethod<[], Parameter> = this.RULE('parameter', (): Parameter => {
    const name = this.CONSUME(Name);
    const value = this.OPTION(() => {
      this.CONSUME(Equals);
      return this.SUBRULE(this.expression);
    });
    return {
      kind: 'parameter',
      name: this.nameOf(name),
      ...given({ default: value }),
      span: this.spanFrom(name),
    };
  });

  private atImport(): boolean {
    return this.atWord('import') && (this.at(StringToken, 2) || this.at(LeftBrace, 2));
  }

  private atCallable(): boolean {
    return this.atWordAndName('mixer') || this.atWordAndName('block') || this.atWordAndName('function');
  }

  private add(declaration: Declaration): void {
    if (!this.isRecording) this.declarations.push(declaration);
  }

  private addImport(found: Import): void {
    if (this.isRecording) return;
    const earlier = this.declarations[0];
    if (earlier !== undefined) this.report(importAfterDeclaration(found.span, earlier.name));
    this.imports.push(found);
  }

  private checkParameters(found: readonly Parameter[]): void {
    const seen = new Map<string, NameNode>();
    for (const { name } of found) {
      const earlier = seen.get(name.text);
      if (earlier !== undefined) this.report(parameterTwice(name, earlier));
      seen.set(name.text, name);
    }
  }

  private topLevelJunk(): void {
    const token = this.CONSUME(AnyToken);
    if (this.isRecording) return;
    const isSurplus = token.tokenType === RightBrace && (this.isUnbalanced || this.surplusBraces-- > 0);
    if (!isSurplus) this.fail(unknownStatement(this.source, 'file', token, this.LA(1), this.LA(2)));
  }

  private skipDeclaration(): void {
    this.skipStatement(0, () => this.atImport());
    while (this.at(RightBrace)) this.skipOver(() => this.skipStatement(0, () => this.atImport()));
  }

  private skipOver(then: () => void): void {
    this.SKIP_TOKEN();
    then();
  }
}
