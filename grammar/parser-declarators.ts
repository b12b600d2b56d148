// Statements that declare: axis, input, weight, part, const, expose, norm.
import type { ParserMethod } from 'chevrotain';
import type {
  AxisBinding,
  AxisStatement,
  ConstStatement,
  ExposeBinding,
  ExposeStatement,
  Expression,
  InputBinding,
  InputStatement,
  Name as NameNode,
  NormInstance,
  NormInstances,
  PartBinding,
  PartStatement,
  WeightStatement,
} from './ast.ts';
import { unknownWeightOption, weightWithoutShape } from './errors.ts';
import { given } from './given.ts';
import { ShapeParser } from './parser-shapes.ts';
import { Arrow, Colon, Comma, Equals, If, Name } from './tokens.ts';

interface WeightOptions {
  bias?: Expression | true;
  perSite: boolean;
}

export abstract class DeclaratorParser extends ShapeParser {
  readonly axisStatement: ParserMethod<[], AxisStatement> = this.RULE('axisStatement', (): AxisStatement => {
    const first = this.CONSUME(Name);
    const axes: AxisBinding[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => axes.push(this.SUBRULE(this.axisBinding)) });
    return { kind: 'axis', axes, span: this.spanFrom(first) };
  });

  readonly axisBinding: ParserMethod<[], AxisBinding> = this.RULE('axisBinding', (): AxisBinding => {
    const token = this.CONSUME(Name);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.expression);
    return { kind: 'axisBinding', name: this.nameOf(token), value, span: this.spanFrom(token) };
  });

  readonly inputStatement: ParserMethod<[], InputStatement> = this.RULE(
    'inputStatement',
    (): InputStatement => {
      const first = this.CONSUME(Name);
      const inputs: InputBinding[] = [];
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => inputs.push(this.SUBRULE(this.inputBinding)) });
      return { kind: 'input', inputs, span: this.spanFrom(first) };
    },
  );

  readonly inputBinding: ParserMethod<[], InputBinding> = this.RULE('inputBinding', (): InputBinding => {
    const token = this.CONSUME(Name);
    this.CONSUME(Colon);
    const shape = this.SUBRULE(this.shape, { ARGS: [false] });
    const value = this.OPTION(() => {
      this.CONSUME(Equals);
      return this.SUBRULE(this.expression);
    });
    return {
      kind: 'inputBinding',
      name: this.nameOf(token),
      shape,
      ...given({ default: value }),
      span: this.spanFrom(token),
    };
  });

  readonly weightStatement: ParserMethod<[], WeightStatement> = this.RULE(
    'weightStatement',
    (): WeightStatement => {
      const first = this.CONSUME(Name);
      const names: NameNode[] = [];
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => names.push(this.nameOf(this.CONSUME1(Name))) });
      if (!this.at(Colon)) this.fail(weightWithoutShape(names, this.source, this.LA(1), this.LA(0)));
      this.CONSUME(Colon);
      const options: WeightOptions = { perSite: false };
      const per = this.leadingPer(options);
      const left = this.SUBRULE(this.shape, { ARGS: [false] });
      const right = this.OPTION(() => {
        this.CONSUME(Arrow);
        return this.SUBRULE1(this.shape, { ARGS: [false] });
      });
      this.MANY(() => this.SUBRULE(this.weightOption, { ARGS: [options] }));
      const dtype = this.SUBRULE(this.dtype);
      return {
        kind: 'weight',
        names,
        per,
        ...(right === undefined ? { to: left } : { from: left, to: right }),
        ...given({ bias: options.bias, dtype }),
        perSite: options.perSite,
        span: this.spanFrom(first),
      };
    },
  );

  /** `, bias`, `, bias if c`, `, per site`. */
  readonly weightOption: ParserMethod<[WeightOptions], void> = this.RULE(
    'weightOption',
    (options: WeightOptions) => {
      this.CONSUME(Comma);
      const isBias = this.atWord('bias');
      const isPerSite = this.atWord('per') && this.atWord('site', 2);
      if (!isBias && !isPerSite) this.fail(unknownWeightOption(this.source, this.LA(1), this.LA(0)));
      this.CONSUME(Name);
      this.OPTION1({ GATE: () => isPerSite, DEF: () => this.CONSUME1(Name) });
      const condition = this.OPTION2({
        // An `if` on the next line is a statement.
        GATE: () => isBias && !this.isFirstOnLine(),
        DEF: () => {
          this.CONSUME(If);
          return this.SUBRULE(this.expression);
        },
      });
      this.ACTION(() => {
        if (isBias) options.bias = condition ?? true;
        else options.perSite = true;
      });
    },
  );

  readonly partStatement: ParserMethod<[], PartStatement> = this.RULE('partStatement', (): PartStatement => {
    const first = this.CONSUME(Name);
    const parts: PartBinding[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => parts.push(this.SUBRULE(this.partBinding)) });
    return { kind: 'part', parts, span: this.spanFrom(first) };
  });

  readonly partBinding: ParserMethod<[], PartBinding> = this.RULE('partBinding', (): PartBinding => {
    const token = this.CONSUME(Name);
    this.CONSUME(Equals);
    const value = this.SUBRULE(this.expression);
    const per = this.OPTION({
      GATE: () => this.atWordAndName('per'),
      DEF: () => {
        this.CONSUME1(Name);
        return this.nameOf(this.CONSUME2(Name));
      },
    });
    return {
      kind: 'partBinding',
      name: this.nameOf(token),
      value,
      ...given({ per }),
      span: this.spanFrom(token),
    };
  });

  readonly constStatement: ParserMethod<[], ConstStatement> = this.RULE(
    'constStatement',
    (): ConstStatement => {
      const first = this.CONSUME(Name);
      const names: NameNode[] = [];
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => names.push(this.nameOf(this.CONSUME1(Name))) });
      this.CONSUME(Equals);
      const value = this.SUBRULE(this.values);
      const dtype = this.SUBRULE(this.dtype);
      return { kind: 'const', names, value, ...given({ dtype }), span: this.spanFrom(first) };
    },
  );

  /** One value, or several with commas, which make a list. */
  readonly values: ParserMethod<[], Expression> = this.RULE('values', (): Expression => {
    const start = this.LA(1);
    const first = this.SUBRULE(this.expression);
    const others: Expression[] = [];
    this.MANY(() => {
      this.CONSUME(Comma);
      others.push(this.SUBRULE1(this.expression));
    });
    return this.ACTION(() => this.valueList(first, others, start));
  });

  readonly exposeStatement: ParserMethod<[], ExposeStatement> = this.RULE(
    'exposeStatement',
    (): ExposeStatement => {
      const first = this.CONSUME(Name);
      const exposed: ExposeBinding[] = [];
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => exposed.push(this.SUBRULE(this.exposeBinding)) });
      return { kind: 'expose', exposed, span: this.spanFrom(first) };
    },
  );

  readonly exposeBinding: ParserMethod<[], ExposeBinding> = this.RULE('exposeBinding', (): ExposeBinding => {
    const token = this.CONSUME(Name);
    const value = this.OPTION(() => {
      this.CONSUME(Equals);
      return this.SUBRULE(this.expression);
    });
    return {
      kind: 'exposeBinding',
      name: this.nameOf(token),
      ...given({ value }),
      span: this.spanFrom(token),
    };
  });

  readonly normInstances: ParserMethod<[], NormInstances> = this.RULE('normInstances', (): NormInstances => {
    const first = this.CONSUME(Name);
    const norms: NormInstance[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => norms.push(this.SUBRULE(this.normInstance)) });
    return { kind: 'norms', norms, span: this.spanFrom(first) };
  });

  readonly normInstance: ParserMethod<[], NormInstance> = this.RULE('normInstance', (): NormInstance => {
    const token = this.CONSUME(Name);
    const shape = this.OPTION(() => {
      this.CONSUME(Colon);
      return this.SUBRULE(this.shape, { ARGS: [false] });
    });
    return {
      kind: 'normInstance',
      name: this.nameOf(token),
      ...given({ shape }),
      span: this.spanFrom(token),
    };
  });

  /** `per head, per expert,` in front of a weight's shape. */
  private leadingPer(options: WeightOptions): readonly NameNode[] {
    const per: NameNode[] = [];
    this.MANY1({
      GATE: () => this.atWordAndName('per'),
      DEF: () => {
        this.CONSUME2(Name);
        const axis = this.CONSUME3(Name);
        this.CONSUME1(Comma);
        if (axis.image === 'site') options.perSite = true;
        else per.push(this.nameOf(axis));
      },
    });
    return per;
  }
}
