// `weight q, k : per head, width -> heads * key, bias`: weights and maps.
import type { Name, Shape, WeightStatement } from '../../../grammar/ast.ts';
import * as errors from '../errors.ts';
import { axesOfTerms, namedAxes, resolveShape } from './axes.ts';
import { fail, type Frame } from './context.ts';
import { declareOnce } from './declare.ts';
import { evaluateCondition } from './expression.ts';
import { setValue } from './scope.ts';
import { failed, type CheckedAxis } from './value.ts';
import type { Owner, WeightDeclaration } from './weight.ts';

export function declareWeights(frame: Frame, statement: WeightStatement): void {
  const shape = shapeOf(frame, statement);
  for (const name of statement.names) {
    if (frame.declaration?.kind === 'function') {
      fail(frame, errors.weightInFunction(name.span, name.text, frame.declaration.name.text));
      setFailed(frame, name);
      continue;
    }
    if (!declareOnce(frame, name)) continue;
    const weight = shape === undefined ? undefined : declareWeight(frame, name, shape);
    if (weight === undefined) setFailed(frame, name);
    else if (weight.map) frame.scope.callables.set(name.text, { kind: 'map', weight });
    else setValue(frame.scope, name.text, { kind: 'weight', weight });
  }
}

function setFailed(frame: Frame, name: Name): void {
  setValue(frame.scope, name.text, failed);
  frame.scope.callables.set(name.text, { kind: 'failed' });
}

type WeightShape = Omit<WeightDeclaration, 'name' | 'owner' | 'span' | 'scope'>;

/** A weight that the compiler declares itself: of these terms, and otherwise the plainest there is unless told. */
export function ownWeight(
  frame: Frame,
  name: Name,
  shape: Pick<WeightShape, 'role' | 'terms'> & Partial<WeightShape>,
): WeightDeclaration {
  return declareWeight(frame, name, {
    per: [],
    inputs: [],
    map: false,
    bias: false,
    perSite: false,
    complex: false,
    pinned: false,
    written: new Map(),
    ...shape,
  });
}

export function declareWeight(frame: Frame, name: Name, shape: WeightShape): WeightDeclaration {
  const weight = {
    ...shape,
    name: name.text,
    owner: ownerApart(frame, name),
    span: name.span,
    scope: frame.scope,
  };
  frame.body.declaredWeights.set(keyOf(weight.owner, name.text), weight);
  return weight;
}

function keyOf(owner: Owner, name: string): string {
  return `${owner.prefix}${[...owner.path, name].join('.')}`;
}

/** A block and the mixer that it wraps may use one name: the second then says whose it is. */
function ownerApart({ body, owner }: Frame, { text, span }: Name): Owner {
  const other = body.declaredWeights.get(keyOf(owner, text));
  return other === undefined || other.span === span || other.owner.scope === owner.scope
    ? owner
    : { ...owner, prefix: `${owner.prefix}${owner.scope}.`, apart: true };
}

function shapeOf(frame: Frame, statement: WeightStatement): WeightShape | undefined {
  if (statement.dtype === 'f16' || statement.dtype === 'bf16') {
    fail(frame, errors.notCarriedOutYet(statement.span, `A weight \`in ${statement.dtype}\``));
    return undefined;
  }
  const per = statement.per.map((name) => namedAxes(frame, name));
  const from = statement.from === undefined ? [] : resolveShape(frame, statement.from);
  const terms = resolveShape(frame, statement.to);
  const bias = biasOf(frame, statement);
  if (from === undefined || terms === undefined || bias === undefined) return undefined;
  if (!per.every((axes) => axes !== undefined)) return undefined;
  const inputs = from.length === 0 ? [] : axesOfTerms(frame.body, from);
  const shared = repeated([...per.flat(), ...inputs]) ?? repeatedIn(per.flat(), terms);
  if (shared !== undefined) {
    fail(frame, errors.axisTwiceInProduct(statement.span, shared));
    return undefined;
  }
  const filter = terms.some(({ axes }) => axes.some((axis) => axis.kind !== 'plain'));
  const map = statement.from !== undefined;
  if (filter && terms.length > 1) {
    fail(frame, errors.notCarriedOutYet(statement.to.span, 'A filter over a sum that is written out'));
    return undefined;
  }
  const complex = statement.dtype === 'complex';
  if (complex && (terms.length > 1 || bias)) {
    const what = bias ? 'A complex weight with a bias' : 'A complex weight over a sum';
    fail(frame, errors.notCarriedOutYet(statement.span, what));
    return undefined;
  }
  return {
    role: map ? 'map' : filter ? 'filter' : 'plain',
    per: per.flat(),
    inputs,
    terms,
    map,
    bias,
    perSite: statement.perSite,
    pinned: statement.dtype === 'f32' || complex,
    complex,
    written: writtenNames(frame, statement),
  };
}

function repeated(axes: readonly CheckedAxis[]): CheckedAxis | undefined {
  return axes.find((axis, index) => axes.findIndex(({ name }) => name === axis.name) !== index);
}

function repeatedIn(
  per: readonly CheckedAxis[],
  terms: readonly { readonly axes: readonly CheckedAxis[] }[],
) {
  return terms.map(({ axes }) => repeated([...per, ...axes])).find((axis) => axis !== undefined);
}

function biasOf(frame: Frame, statement: WeightStatement): boolean | undefined {
  if (statement.bias === undefined || statement.bias === true) return statement.bias ?? false;
  return evaluateCondition(frame, statement.bias);
}

/** The word that each axis was written with, where one word stands for a product of axes. */
function writtenNames(frame: Frame, statement: WeightStatement): ReadonlyMap<string, string> {
  const written = new Map<string, string>();
  const shapes: readonly Shape[] = [statement.to, ...(statement.from === undefined ? [] : [statement.from])];
  for (const factor of shapes.flatMap(({ terms }) => terms.flatMap(({ factors }) => factors))) {
    if (factor.kind !== 'axisFactor') continue;
    const axes = frame.scope.axes.get(factor.name.text);
    if (axes !== undefined && axes.length > 1)
      for (const axis of axes) written.set(axis.name, factor.name.text);
  }
  return written;
}
