// The constants of a model: its settings, params and consts, in whatever order they are written.
import type { Expression, Model, ModelStatement, RequireStatement } from '../../grammar/ast.ts';
import type { Diagnostic, Span } from '../../grammar/source.ts';
import { constantScope, field, type Constant, type ConstantObject, type ConstantScope } from './constant.ts';
import { bodyAxis } from './elaborate/axes.ts';
import { newBody } from './elaborate/body.ts';
import type { BodyContext, Frame, Program } from './elaborate/context.ts';
import { declareAxes } from './elaborate/declare.ts';
import { declareWeights } from './elaborate/declare-weight.ts';
import { evaluate, evaluateCondition } from './elaborate/expression.ts';
import { newScope, setValue, type Scope } from './elaborate/scope.ts';
import { constant, failed, type ConstantValue } from './elaborate/value.ts';
import type { Owner } from './elaborate/weight.ts';
import * as errors from './errors.ts';
import { mentionsRoom, mostRoom } from './room-asked.ts';
import { findReference, forEachReference } from './references.ts';

export const settingNames = ['vocab', 'width', 'meta', 'context'] as const;
type SettingName = (typeof settingNames)[number];

export interface ModelScope {
  /** What mixers and functions see of the model. */
  readonly shared: Scope;
  /** What the model's own statements see: the above, params and consts. */
  readonly own: Scope;
  /** Holds the names of the model's own axes. */
  readonly scratch: BodyContext;
  readonly sizes: Readonly<Partial<Record<SettingName, number>>>;
  readonly constants: ConstantScope;
  /** False where a `require` of the model does not hold, which was reported. */
  readonly supported: boolean;
}

export const modelOwner: Owner = { scope: 'model', shared: false, path: [], per: [], prefix: '' };

interface Named {
  readonly name: string;
  readonly span: Span;
  readonly value: Expression;
  readonly setting: boolean;
}

/** `sized` is told the sizes as soon as they are known: axes and weights of the model may ask for them. */
export function readModelScope(
  model: Model,
  program: Program,
  shared: Scope,
  config: ConstantObject | undefined,
  sized: (sizes: ModelScope['sizes']) => void,
): ModelScope {
  const scratch = newBody(program, 'model', [{ layer: 0, site: 0 }], 1);
  const own = newScope(shared);
  const frame: Frame = { body: scratch, scope: own, owner: modelOwner, depth: 0, model: true };
  setValue(shared, 'infinity', constant(Number.POSITIVE_INFINITY));
  bindConfig(model, config, shared, (diagnostic) => program.report(diagnostic));
  const named = namedStatements(model.statements, (diagnostic) => program.report(diagnostic));
  defineAll(named, frame);
  const sizes = readSizes(model, named, frame, config);
  sized(sizes);
  for (const statement of model.statements) {
    if (statement.kind === 'axis') declareAxes({ ...frame, scope: shared }, statement);
    if (statement.kind === 'weight') declareWeights({ ...frame, scope: shared }, statement);
  }
  const supported = requirementsHold(model, frame);
  return { shared, own, scratch, sizes, constants: constantsOf(own, shared), supported };
}

/** Reports every `require` and `expect` that does not hold; whether all that is required does. */
function requirementsHold(model: Model, frame: Frame): boolean {
  const broken = model.statements.filter(
    (statement) => statement.kind === 'require' && evaluateCondition(frame, statement.condition) === false,
  );
  const errorsFound = broken.filter((statement) => {
    if (statement.kind !== 'require') return false;
    frame.body.program.report(notMet(model.name.text, statement, frame));
    return !statement.isExpected;
  });
  return errorsFound.length === 0;
}

function notMet(model: string, statement: RequireStatement, frame: Frame): Diagnostic {
  const { condition, message, isExpected } = statement;
  if (isExpected) return errors.expectationNotMet(condition.span, model, message.value);
  if (!mentionsRoom(condition)) return errors.requirementNotMet(condition.span, model, message.value);
  const asked = frame.body.program.model.positions.room;
  const limit = mostRoom(condition);
  const most = limit === undefined ? undefined : evaluate(frame, limit);
  return errors.contextNotPossible(
    condition.span,
    { model, asked, most: most?.kind === 'constant' ? most.value : undefined },
    message.value,
  );
}

function bindConfig(
  model: Model,
  config: ConstantObject | undefined,
  shared: Scope,
  report: (diagnostic: Diagnostic) => void,
): void {
  const used = findReference(model.statements, 'config');
  if (model.fromConfig && config !== undefined) return setValue(shared, 'config', constant(config));
  if (model.fromConfig) report(errors.configMissing(model.name.span));
  else if (used !== undefined) report(errors.configNotAsked(used));
  if (model.fromConfig || used !== undefined) setValue(shared, 'config', failed);
}

function namedStatements(
  statements: readonly ModelStatement[],
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, Named> {
  const named = new Map<string, Named>();
  for (const statement of statements) {
    for (const entry of namesOf(statement)) {
      const before = named.get(entry.name);
      if (entry.setting && !settingNames.some((name) => name === entry.name)) {
        report(errors.unknownSetting(entry.span, entry.name, settingNames));
      } else if (before !== undefined) {
        report(errors.declaredTwice(entry.span, entry.name, before.span));
      } else {
        named.set(entry.name, entry);
      }
    }
  }
  return named;
}

function namesOf(statement: ModelStatement): readonly Named[] {
  switch (statement.kind) {
    case 'setting':
    case 'param': {
      const { name, value, kind } = statement;
      return [{ name: name.text, span: name.span, value, setting: kind === 'setting' }];
    }
    case 'const':
      return statement.names.map(({ text, span }) => ({
        name: text,
        span,
        value: statement.value,
        setting: false,
      }));
    default:
      return [];
  }
}

function defineAll(named: ReadonlyMap<string, Named>, frame: Frame): void {
  const state = new Map<string, 'open' | 'done'>();
  const define = (name: string): void => {
    const entry = named.get(name);
    if (entry === undefined || state.get(name) === 'done') return;
    if (state.get(name) === 'open') {
      frame.body.program.report(errors.constantCycle(entry.span, name));
      setValue(frame.scope, name, failed);
      return;
    }
    state.set(name, 'open');
    forEachReference(entry.value, (reference) => define(reference.name));
    state.set(name, 'done');
    if (!frame.scope.values.has(name)) defineOne(entry, frame);
  };
  for (const name of named.keys()) define(name);
}

function defineOne({ name, value: expression }: Named, frame: Frame): void {
  const value = evaluate(frame, expression);
  const wrongKind = value.kind !== 'constant' && value.kind !== 'failed';
  if (wrongKind) frame.body.program.report(errors.notConstant(expression.span, `\`${name}\``));
  setValue(frame.scope, name, value.kind === 'constant' ? underName(value, name, expression.span) : failed);
}

function underName(value: ConstantValue, name: string, span: Span): ConstantValue {
  return { ...value, axisName: name, origin: { span, name } };
}

/** Vocabulary and width must be said; the context may come from the config. */
function readSizes(
  model: Model,
  named: ReadonlyMap<string, Named>,
  frame: Frame,
  config: ConstantObject | undefined,
): ModelScope['sizes'] {
  const { program } = frame.body;
  const sizes: Partial<Record<SettingName, number>> = {};
  for (const name of settingNames) {
    const entry = named.get(name);
    const value = frame.scope.values.get(name);
    if (entry === undefined || value === undefined) {
      const needed = name === 'width' || (name === 'vocab' && !takesFeatures(model));
      if (needed) program.report(errors.settingMissing(model.name.span, model.name.text, name));
      continue;
    }
    if (value.kind !== 'constant') continue;
    if (isSize(value.value)) sizes[name] = value.value;
    else if (!(name === 'meta' && isNothing(value.value))) {
      program.report(errors.settingValue(entry.value.span, name, value.value));
    }
    setValue(frame.scope.outer ?? frame.scope, name, isSize(value.value) ? value : failed);
  }
  for (const name of ['vocab', 'width'] as const) {
    const size = sizes[name];
    const { scope } = frame;
    if (size === undefined) setValue(scope.outer ?? scope, name, failed);
    else scope.outer?.axes.set(name, [bodyAxis(frame.body, name, size)]);
  }
  const fromConfig = config && model.fromConfig ? field(config, 'max_position_embeddings') : undefined;
  if (sizes.context === undefined && isSize(fromConfig)) sizes.context = fromConfig;
  return sizes;
}

function takesFeatures({ statements }: Model): boolean {
  return statements.some(({ kind }) => kind === 'input');
}

/** `meta 0` and `meta none` say that there are no learned prefix tokens. */
function isNothing(value: Constant): boolean {
  return value === null || value === 0;
}

function isSize(value: Constant | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value < 2 ** 31;
}

function constantsOf(own: Scope, shared: Scope): ConstantScope {
  const constants = new Map<string, Constant>();
  for (const scope of [shared, own]) {
    for (const [name, value] of scope.values) if (value.kind === 'constant') constants.set(name, value.value);
  }
  return constantScope(constants);
}
