// Runs statements in order: declarations, assignments, loops and choices.
import type {
  Assignment,
  Expression,
  For,
  If,
  Name,
  RequireStatement,
  Statement,
} from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import { type Constant, isList } from '../constant.ts';
import * as errors from '../errors.ts';
import { forEachReference } from '../references.ts';
import { asTensor } from './coerce.ts';
import { asComplex } from './complex.ts';
import { fail, type Frame } from './context.ts';
import { declareAxes, declareInputs, declareNorms, declareParts, declareWeights } from './declare.ts';
import { evaluate, evaluateCondition } from './expression.ts';
import { noteAssigned } from './scaled-scan.ts';
import { runScan } from './scan.ts';
import { findValue, setValue } from './scope.ts';
import { unpackTensor } from './unpack.ts';
import { constant, failed, typeOf, type TensorValue, type Value } from './value.ts';

/** The value of the `return` that was reached, with its place; undefined where none was. */
export interface Returned {
  readonly value: Value;
  readonly span: Span;
}

export function runStatements(frame: Frame, statements: readonly Statement[]): Returned | undefined {
  for (const statement of statements) {
    const returned = runStatement(frame, statement);
    if (returned !== undefined) return returned;
  }
  return undefined;
}

function runStatement(frame: Frame, statement: Statement): Returned | undefined {
  const { scan } = frame.body;
  if (scan !== undefined && !allowedInScan.has(statement.kind)) {
    fail(frame, errors.notInScan(statement.span));
    return undefined;
  }
  switch (statement.kind) {
    case 'axis':
      return void declareAxes(frame, statement);
    case 'input':
      return void declareInputs(frame, statement);
    case 'weight':
      return void declareWeights(frame, statement);
    case 'part':
      return void declareParts(frame, statement);
    case 'norms':
      return void declareNorms(frame, statement);
    case 'const':
      return void runConst(frame, statement);
    case 'expose':
      for (const binding of statement.exposed) expose(frame, binding.name, binding.value);
      return undefined;
    case 'assignment':
      runAssignment(frame, statement);
      return void noteAssigned(frame, statement.names);
    case 'scan':
      return void runScan(frame, statement);
    case 'for':
      return runFor(frame, statement);
    case 'if':
      return runIf(frame, statement);
    case 'require':
      return runRequire(frame, statement);
    case 'return':
      return { value: evaluate(frame, statement.value), span: statement.value.span };
  }
}

const allowedInScan: ReadonlySet<Statement['kind']> = new Set(['assignment', 'const', 'for', 'if', 'return']);

function runConst(frame: Frame, statement: Statement & { kind: 'const' }): void {
  checkDtype(frame, statement);
  if (assignEach(frame, statement)) return;
  const value = pinned(frame, evaluate(frame, statement.value), statement);
  if (tensorsOf(value).some((tensor) => typeOf(tensor).temporal || tensor.graph.kind === 'scan')) {
    fail(frame, errors.constVaries(statement.value.span));
    for (const name of statement.names) setValue(frame.scope, name.text, failed);
  } else {
    assign(frame, statement, value);
  }
}

function runAssignment(frame: Frame, statement: Assignment): void {
  checkDtype(frame, statement);
  if (assignEach(frame, statement)) return;
  const value = pinned(frame, evaluate(frame, statement.value), statement);
  assign(frame, statement, value);
}

/** `a, b = f(u), g(u)`: a list on the right gives each name its own value; all are evaluated before any is set. */
function assignEach(
  frame: Frame,
  { names, value, dtype }: Pick<Assignment, 'names' | 'value' | 'dtype'>,
): boolean {
  if (names.length < 2 || value.kind !== 'list') return false;
  const items = value.items.map((item) => ({ item, value: evaluate(frame, item) }));
  if (items.length !== names.length) fail(frame, errors.unpackCount(value.span, items.length, names));
  names.forEach((name, index) => {
    const given = items[index];
    if (given === undefined || items.length !== names.length) setValue(frame.scope, name.text, failed);
    else assignOne(frame, name, pinned(frame, given.value, { dtype, value: given.item }), given.item);
  });
  return true;
}

/** `in complex` makes a real value complex. */
function pinned(
  frame: Frame,
  value: Value,
  {
    dtype,
    value: { span },
  }: { readonly dtype?: Assignment['dtype'] | undefined; readonly value: Expression },
): Value {
  const usable = value.kind !== 'failed' && value.kind !== 'tuple';
  return dtype === 'complex' && usable ? asComplex(frame, value, span) : value;
}

function tensorsOf(value: Value): readonly TensorValue[] {
  if (value.kind === 'complex') return [value.re, value.im];
  return value.kind === 'tensor' ? [value] : [];
}

function giveName(value: Value, name: string): void {
  if (value.kind === 'tensor') value.graph.name(value.node, name);
  if (value.kind !== 'complex') return;
  value.re.graph.name(value.re.node, `${name}.re`);
  value.im.graph.name(value.im.node, `${name}.im`);
}

function assignOne(frame: Frame, name: Name, value: Value, expression: Expression): void {
  giveName(value, name.text);
  const bad = value.kind === 'callable' || value.kind === 'axes';
  const kept = value.kind === 'constant' ? withoutAxisName(value) : value;
  setValue(
    frame.scope,
    name.text,
    bad ? fail(frame, errors.notAssignable(expression.span, value.kind)) : kept,
  );
}

/** Values are computed in f32; a wider pin is said by `in f32`, the narrower ones are not there yet. */
export function checkDtype(frame: Frame, statement: { readonly dtype?: string; readonly span: Span }): void {
  if (statement.dtype === undefined || statement.dtype === 'f32' || statement.dtype === 'complex') return;
  fail(frame, errors.notCarriedOutYet(statement.span, `\`in ${statement.dtype}\``));
}

function assign(
  frame: Frame,
  { names, value: expression, dtype }: Pick<Assignment, 'names' | 'value' | 'dtype'>,
  value: Value,
): void {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return assignOne(frame, only, value, expression);
  const items = unpack(frame, names, value, expression);
  names.forEach((name, index) => {
    const item = pinned(frame, items[index] ?? failed, { dtype, value: expression });
    giveName(item, name.text);
    setValue(frame.scope, name.text, item);
  });
}

/** A number under a new name is an axis of the new name. */
function withoutAxisName(value: Value & { kind: 'constant' }): Value {
  const { axisName: _, ...rest } = value;
  return rest;
}

function unpack(
  frame: Frame,
  names: readonly Name[],
  value: Value,
  expression: Expression,
): readonly Value[] {
  const count = names.length;
  switch (value.kind) {
    case 'failed':
      return [];
    case 'tuple':
      if (value.items.length === count) return value.items.map((item) => item.value);
      fail(frame, errors.unpackCount(expression.span, value.items.length, names));
      return [];
    case 'constant':
      if (isList(value.value) && value.value.length === count)
        return value.value.map((item) => constant(item));
      fail(frame, errors.unpackCount(expression.span, isList(value.value) ? value.value.length : 1, names));
      return [];
    default: {
      const tensor = asTensor(frame, value, expression.span);
      return tensor.kind === 'failed' ? [] : unpackTensor(frame, tensor, names, expression.span);
    }
  }
}

/** `expose memory = y + D * x`: a name of this body, and a value that other letters may read. */
function expose(frame: Frame, name: Name, expression: Expression | undefined): void {
  const value =
    expression === undefined
      ? evaluate(frame, { kind: 'reference', name: name.text, span: name.span })
      : evaluate(frame, expression);
  if (expression !== undefined) setValue(frame.scope, name.text, value);
  const tensor = asTensor(frame, value, expression?.span ?? name.span);
  if (tensor.kind === 'failed') return;
  tensor.graph.name(tensor.node, name.text);
  // What a part exposes is read inside its mixer, not by other letters.
  if (frame.declaration?.kind === 'mixer' && frame.outer?.declaration?.kind !== 'mixer') {
    frame.body.exposed.set(name.text, tensor);
  }
}

/** A loop longer than this is a slip of the keyboard: every round is elaborated. */
const mostRounds = 4096;

function runFor(frame: Frame, statement: For): Returned | undefined {
  const from = wholeNumber(frame, statement.from);
  const to = wholeNumber(frame, statement.to);
  if (from === undefined || to === undefined) return undefined;
  if (to - from > mostRounds) {
    fail(frame, errors.loopTooLong(statement.to.span, to - from, mostRounds));
    return undefined;
  }
  for (let round = from; round < to; round += 1) {
    setValue(frame.scope, statement.name.text, constant(round, { origin: { span: statement.name.span } }));
    const returned = runStatements(frame, statement.body);
    if (returned !== undefined || frame.body.program.budget.exhausted) return returned;
  }
  return undefined;
}

function wholeNumber(frame: Frame, expression: Expression): number | undefined {
  const value = evaluate(frame, expression);
  if (value.kind === 'failed') return undefined;
  if (value.kind === 'constant' && typeof value.value === 'number' && Number.isSafeInteger(value.value))
    return value.value;
  fail(frame, errors.boundNotWhole(expression.span));
  return undefined;
}

function runIf(frame: Frame, statement: If): Returned | undefined {
  const condition = evaluateCondition(frame, statement.condition);
  if (condition === undefined) return undefined;
  return runStatements(frame, condition ? statement.then : (statement.else ?? []));
}

/** Where what must hold does not, nothing behind it is looked at. */
function runRequire(frame: Frame, { condition, message, span }: RequireStatement): Returned | undefined {
  if (evaluateCondition(frame, condition) !== false) return undefined;
  const given = new Map<string, Constant>();
  forEachReference(condition, ({ name }) => {
    const value = findValue(frame.scope, name);
    if (value?.kind === 'constant') given.set(name, value.value);
  });
  return { value: fail(frame, errors.bodyRequirementNotMet(condition.span, message.value, given)), span };
}
