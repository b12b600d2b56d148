// Programs made at random: syntax trees such as the parser makes, without places.
import * as fc from 'fast-check';
import type {
  Argument,
  CheckpointEntry,
  Declaration,
  Expression,
  File,
  Import,
  ModelStatement,
  Name,
  Parameter,
  ScanState,
  Shape,
  ShapeFactor,
  Statement,
  StoredShape,
  Stripe,
  TensorName,
  Text,
} from '../../grammar/ast.ts';

const source = { name: 'generated.hyb', text: '' };
const span = { source, start: 0, end: 0 };

const words = [
  'x',
  'y',
  'q',
  'head',
  'part',
  'norm',
  'weight',
  'bias',
  'per',
  'layer',
  'index',
  'in_proj',
  'A_log',
  'taps',
  'scaled',
  'model',
  'axis',
  'as',
];
const word = fc.constantFrom(...words);
const name: fc.Arbitrary<Name> = word.map((text) => ({ text, span }));
const text = fc.oneof(
  fc.constantFrom('mamba.', 'conv1d.weight', 'M', 'model.layers.{i}.'),
  fc.string({ maxLength: 6 }),
);
const few = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { minLength: 1, maxLength: 3 });
const some = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 3 });

const number = fc
  .oneof(fc.nat({ max: 20_000 }), fc.constantFrom(0.5, 1e-5, 1e21, 10_000, 0.1 + 0.2))
  .map((value) => ({ kind: 'number' as const, value, span }));

/** Leaves out what is undefined, as the parser does. */
function optional<K extends string, T>(key: K, of: fc.Arbitrary<T>): fc.Arbitrary<{ [P in K]?: T }> {
  // A record with one computed key has the type that is said here.
  return fc
    .option(of, { nil: undefined })
    .map((value) => (value === undefined ? {} : { [key]: value }) as { [P in K]?: T });
}

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      number,
      text.map((value) => ({ kind: 'string' as const, value, span })),
      fc.boolean().map((value) => ({ kind: 'boolean' as const, value, span })),
      fc.constant({ kind: 'none' as const, span }),
      word.map((value) => ({ kind: 'reference' as const, name: value, span })),
    ),
    some(tie('expression')).map((items) => ({ kind: 'list' as const, items, span })),
    fc
      .record({
        value: tie('expression'),
        sources: few(fc.record({ name, list: tie('expression') })),
        condition: fc.option(tie('expression')),
      })
      .map(({ value, sources, condition }) => ({
        kind: 'comprehension' as const,
        value,
        sources: sources.map((fields) => ({ kind: 'comprehensionSource' as const, ...fields, span })),
        ...(condition === null ? {} : { condition }),
        span,
      })),
    fc
      .record({ operator: fc.constantFrom('-' as const, 'not' as const), operand: tie('expression') })
      .map((fields) => ({ kind: 'unary' as const, ...fields, span })),
    fc
      .record({
        operator: fc.constantFrom(
          '|',
          'or',
          'and',
          '==',
          '!=',
          '<',
          '<=',
          '>',
          '>=',
          'in',
          '+',
          '-',
          '*',
          '/',
          '%',
          '^',
        ),
        left: tie('expression'),
        right: tie('expression'),
      })
      .map((fields) => ({ kind: 'binary' as const, operatorSpan: span, ...fields, span })),
    fc
      .record({ condition: tie('expression'), then: tie('expression'), else: tie('expression') })
      .map((fields) => ({ kind: 'conditional' as const, ...fields, span })),
    fc
      .tuple(tie('expression'), argumentsOf(tie('expression')))
      .map(([callee, found]) => ({ kind: 'call' as const, callee, arguments: found, span })),
    fc
      .record({ of: tie('expression'), name })
      .map((fields) => ({ kind: 'member' as const, ...fields, span })),
    fc
      .tuple(tie('expression'), few(fc.record({ axis: name, value: tie('expression') })))
      .map(([of, indices]) => ({
        kind: 'index' as const,
        of,
        indices: indices.map((index) => ({ kind: 'indexBinding' as const, ...index, span })),
        span,
      })),
  ) as fc.Arbitrary<Expression>,
}));

/** Those without a name first, and no name twice. */
function argumentsOf(value: fc.Arbitrary<Expression>): fc.Arbitrary<Argument[]> {
  const plain = some(value.map((of) => ({ kind: 'argument' as const, value: of, span })));
  return fc.tuple(plain, namedOf(value)).map(([first, last]) => [...first, ...last]);
}

function namedOf(value: fc.Arbitrary<Expression>): fc.Arbitrary<Argument[]> {
  const one = fc.record({ name, value }).map((fields) => ({ kind: 'argument' as const, ...fields, span }));
  return fc.uniqueArray(one, { maxLength: 2, selector: (argument) => argument.name.text });
}

function shape(stored: boolean): fc.Arbitrary<Shape> {
  const axis = name
    .filter(({ text: written }) => written !== 'taps')
    .map((of) => ({ kind: 'axisFactor' as const, name: of, span }));
  const filter = fc
    .record({ orientation: fc.constantFrom('taps' as const, 'lag' as const), size: expression })
    .map((fields) => ({ kind: 'filterFactor' as const, ...fields, span }));
  const bare = fc
    .constantFrom('taps' as const, 'lag' as const)
    .map((orientation) => ({ kind: 'filterFactor' as const, orientation, span }));
  const size = fc.nat({ max: 100 }).map((of) => ({ kind: 'sizeFactor' as const, size: of, span }));
  const simple = shapeOf(axis);
  const group = simple.map((of) => ({ kind: 'groupFactor' as const, shape: of, span }));
  const factor: fc.Arbitrary<ShapeFactor> = stored
    ? fc.oneof(axis, filter, bare, size, group)
    : fc.oneof(axis, axis, filter);
  return shapeOf(factor);
}

function shapeOf(factor: fc.Arbitrary<ShapeFactor>): fc.Arbitrary<Shape> {
  const term = fc
    .tuple(optional('label', name), few(factor))
    .map(([label, factors]) => ({ kind: 'shapeTerm' as const, ...label, factors, span }));
  return few(term).map((terms) => ({ kind: 'shape' as const, terms, span }));
}

const dtype = optional(
  'dtype',
  fc.constantFrom('f32' as const, 'f16' as const, 'bf16' as const, 'complex' as const),
);

const axis = few(fc.record({ name, value: expression })).map((axes) => ({
  kind: 'axis' as const,
  axes: axes.map((fields) => ({ kind: 'axisBinding' as const, ...fields, span })),
  span,
}));

const weight = fc
  .tuple(
    few(name),
    some(name),
    optional('from', shape(false)),
    shape(false),
    optional('bias', fc.oneof(fc.constant(true as const), expression)),
    fc.boolean(),
    dtype,
  )
  .map(([names, per, from, to, bias, perSite, type]) => ({
    kind: 'weight' as const,
    names,
    per,
    ...from,
    to,
    ...bias,
    perSite,
    ...type,
    span,
  }));

const constant = fc
  .tuple(few(name), expression, dtype)
  .map(([names, value, type]) => ({ kind: 'const' as const, names, value, ...type, span }));

const pattern: fc.Arbitrary<Text> = text.map((value) => ({ kind: 'text' as const, value, span }));
const requirement = fc
  .record({ condition: expression, message: pattern })
  .map((fields) => ({ kind: 'require' as const, isExpected: false, ...fields, span }));

const state: fc.Arbitrary<ScanState> = fc
  .tuple(name, some(name), optional('initial', expression))
  .map(([of, axes, initial]) => ({ kind: 'scanState' as const, name: of, axes, ...initial, span }));

const { statement } = fc.letrec<{ statement: Statement; body: Statement[] }>((tie) => ({
  body: fc.array(tie('statement'), { maxLength: 2 }),
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      axis,
      weight,
      constant,
      few(fc.tuple(name, shape(false), optional('default', expression))).map((inputs) => ({
        kind: 'input' as const,
        inputs: inputs.map(([of, shaped, value]) => ({
          kind: 'inputBinding' as const,
          name: of,
          shape: shaped,
          ...value,
          span,
        })),
        span,
      })),
      few(fc.tuple(name, expression, optional('per', name))).map((parts) => ({
        kind: 'part' as const,
        parts: parts.map(([of, value, per]) => ({
          kind: 'partBinding' as const,
          name: of,
          value,
          ...per,
          span,
        })),
        span,
      })),
      few(fc.tuple(name, optional('value', expression))).map((exposed) => ({
        kind: 'expose' as const,
        exposed: exposed.map(([of, value]) => ({ kind: 'exposeBinding' as const, name: of, ...value, span })),
        span,
      })),
      few(fc.tuple(name, optional('shape', shape(false)))).map((norms) => ({
        kind: 'norms' as const,
        norms: norms.map(([of, shaped]) => ({ kind: 'normInstance' as const, name: of, ...shaped, span })),
        span,
      })),
      fc
        .tuple(few(name), expression, dtype)
        .map(([names, value, type]) => ({ kind: 'assignment' as const, names, value, ...type, span })),
      requirement,
      expression.map((value) => ({ kind: 'return' as const, value, span })),
    ),
    fc
      .tuple(few(state), optional('scaledBy', state), dtype, tie('body'))
      .map(([states, scaled, type, body]) => ({
        kind: 'scan' as const,
        states,
        ...scaled,
        ...type,
        body,
        span,
      })),
    fc
      .record({ name, from: expression, to: expression, body: tie('body') })
      .map((fields) => ({ kind: 'for' as const, ...fields, span })),
    fc
      .tuple(expression, tie('body'), optional('else', tie('body')))
      .map(([condition, then, otherwise]) => ({ kind: 'if' as const, condition, then, ...otherwise, span })),
  ) as fc.Arbitrary<Statement>,
}));

const body = fc.array(statement, { maxLength: 4 });
const letter = fc.constantFrom('SSM', 'MLP', 'A', 'ATT_2', 'i');
const letterName = letter.map((of) => ({ text: of, span }));

const count: fc.Arbitrary<Expression> = fc.oneof(number, expression);
const { stripe } = fc.letrec<{ stripe: Stripe }>((tie) => ({
  stripe: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    letterName.map((of) => ({ kind: 'stripeLetter' as const, name: of, span })),
    fc
      .array(tie('stripe'), { minLength: 2, maxLength: 3 })
      .map((items) => ({ kind: 'stripeList' as const, items, span })),
    fc
      .array(tie('stripe'), { minLength: 2, maxLength: 3 })
      .map((items) => ({ kind: 'stripeParallel' as const, items, span })),
    fc
      .record({ of: tie('stripe'), count })
      .map((fields) => ({ kind: 'stripeRepeat' as const, ...fields, span })),
    fc
      .record({ condition: expression, then: tie('stripe'), else: tie('stripe') })
      .map((fields) => ({ kind: 'stripeIf' as const, ...fields, span })),
    fc
      .record({ list: startsWithName(expression), cases: cases(tie('stripe')) })
      .map((fields) => ({ kind: 'stripeFrom' as const, ...fields, span })),
    fc
      .record({ pattern: startsWithName(expression), cases: cases(tie('stripe')) })
      .map((fields) => ({ kind: 'stripePattern' as const, ...fields, span })),
    fc
      .record({ count: expression, body: tie('stripe') })
      .map((fields) => ({ kind: 'stripeLayers' as const, ...fields, span })),
  ) as fc.Arbitrary<Stripe>,
}));

/** `from` and `pattern` are words only where a name follows them. */
function startsWithName(of: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  return of.map((value) => ({
    kind: 'member' as const,
    of: { kind: 'reference' as const, name: 'config', span },
    name: { text: value.kind, span },
    span,
  }));
}

function cases(of: fc.Arbitrary<Stripe>) {
  return some(fc.record({ key: text, stripe: of })).map((found) =>
    found.map((fields) => ({ kind: 'stripeCase' as const, keySpan: span, ...fields, span })),
  );
}

const tensorName: fc.Arbitrary<TensorName> = fc
  .tuple(pattern, fc.array(pattern, { maxLength: 2 }))
  .map(([first, and]) => (and.length === 0 ? first : { ...first, and }));
const stored: fc.Arbitrary<StoredShape> = some(shape(true)).map((dimensions) => ({
  kind: 'storedShape' as const,
  dimensions,
  span,
}));
const subject = few(name);

function entryParts(mode: CheckpointEntry['mode'], subjects: fc.Arbitrary<Name[][]>) {
  return fc
    .tuple(subjects, few(tensorName), optional('stored', stored), optional('fold', expression))
    .map(([of, patterns, shaped, fold]) => ({
      kind: 'checkpointEntry' as const,
      mode,
      subjects: of,
      patterns,
      ...shaped,
      ...fold,
      span,
    }));
}

const simpleEntry = fc.oneof(
  entryParts('plain', fc.array(subject, { maxLength: 2 })),
  entryParts('optional', fc.array(subject, { maxLength: 2 })),
  entryParts('ignore', fc.constant([])),
  entryParts('instead', fc.array(subject, { minLength: 1, maxLength: 2 })),
);
const layerEntry = entryParts(
  'layer',
  name.map((of) => [[of]]),
);
const also = some(simpleEntry.map((entry) => ({ ...entry, also: [], entries: [] })));
const { entry } = fc.letrec<{ entry: CheckpointEntry }>((tie) => ({
  entry: fc
    .tuple(
      fc.oneof(simpleEntry, simpleEntry, layerEntry),
      also,
      fc.array(tie('entry'), { maxLength: 1, depthIdentifier: 'entry' }),
    )
    .map(([head, others, entries]) => ({ ...head, also: others, entries }))
    .filter(saysWhich),
}));

/** A tensor alone is a mistake: an entry says which weight it is, by a name, a shape with labels or what is inside. */
function saysWhich({ mode, subjects, stored: labelled, entries }: CheckpointEntry): boolean {
  return mode !== 'plain' || subjects.length > 0 || labelled !== undefined || entries.length > 0;
}

const setting = fc
  .record({
    name: fc.constantFrom('vocab', 'width', 'meta', 'context').map((of) => ({ text: of, span })),
    value: expression,
  })
  .map((fields) => ({ kind: 'setting' as const, ...fields, span }));
const letters = fc
  .tuple(fc.boolean(), fc.option(expression), few(fc.record({ name: letterName, value: expression })))
  .map(([shared, sets, found]) => ({
    kind: 'letters' as const,
    shared,
    ...(shared && sets !== null ? { sets } : {}),
    letters: found.map((fields) => ({ kind: 'letter' as const, ...fields, span })),
    span,
  }));

const modelStatement = fc.oneof(
  setting,
  letters,
  fc.record({ name, value: expression }).map((fields) => ({ kind: 'param' as const, ...fields, span })),
  stripe.map((of) => ({ kind: 'stripe' as const, stripe: of, span })),
  expression.map((value) => ({ kind: 'modelBlock' as const, value, span })),
  fc
    .record({ value: expression, bias: fc.boolean() })
    .map((fields) => ({ kind: 'modelNorm' as const, ...fields, span })),
  fc
    .tuple(namedOf(expression), body)
    .map(([options, of]) => ({ kind: 'embed' as const, options, body: of, span })),
  fc
    .tuple(fc.boolean(), optional('condition', expression), namedOf(expression), optional('body', body))
    .map(([tied, condition, options, of]) => ({
      kind: 'head' as const,
      tied,
      ...condition,
      options,
      ...of,
      span,
    })),
  fc.array(entry, { maxLength: 3 }).map((entries) => ({ kind: 'checkpoint' as const, entries, span })),
  few(
    fc.record({
      key: fc.constantFrom('architectures', 'model_type', 'fields', 'tensors'),
      values: few(pattern),
    }),
  ).map((clauses) => ({
    kind: 'fits' as const,
    clauses: clauses.map((fields) => ({ kind: 'fitsClause' as const, ...fields, span })),
    span,
  })),
  requirement,
  fc.record({ condition: expression, message: pattern }).map((fields) => ({
    kind: 'require' as const,
    isExpected: true,
    ...fields,
    span,
  })),
  axis,
  weight,
  constant,
) as fc.Arbitrary<ModelStatement>;

const parameters = fc
  .uniqueArray(fc.tuple(name, optional('default', expression)), { maxLength: 3, selector: ([of]) => of.text })
  .map((found): Parameter[] =>
    found.map(([of, value]) => ({ kind: 'parameter' as const, name: of, ...value, span })),
  );
const doc = optional(
  'doc',
  fc
    .array(fc.constantFrom('A mixer.', '', '  indented', '/ slash', 'λ = 0.8'), {
      minLength: 1,
      maxLength: 3,
    })
    .map((lines) => lines.join('\n')),
);

const declaration = fc.oneof(
  fc
    .tuple(name, doc, fc.boolean(), fc.array(modelStatement, { maxLength: 5 }))
    .map(([of, documented, fromConfig, statements]) => ({
      kind: 'model' as const,
      name: of,
      ...documented,
      fromConfig,
      statements,
      span,
    })),
  fc
    .tuple(
      fc.constantFrom('mixer' as const, 'block' as const, 'function' as const),
      name,
      doc,
      parameters,
      body,
    )
    .map(([kind, of, documented, found, statements]) => ({
      kind,
      name: of,
      ...documented,
      parameters: found,
      body: statements,
      span,
    })),
) as fc.Arbitrary<Declaration>;

const imported: fc.Arbitrary<Import> = fc
  .tuple(optional('names', some(name)), text)
  .map(([names, path]) => ({ kind: 'import' as const, ...names, path, pathSpan: span, span }));

/** A file without comments. */
export const file: fc.Arbitrary<File> = fc
  .record({
    imports: fc.array(imported, { maxLength: 2 }),
    declarations: fc.array(declaration, { maxLength: 3 }),
  })
  .map((fields) => ({ kind: 'file' as const, source, ...fields, comments: [], span }));
