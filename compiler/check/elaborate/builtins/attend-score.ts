// The `score` of `attend`: a softmax, or a function of one score, which becomes a small body of its own.
import type { Expression } from '../../../../grammar/ast.ts';
import type { AnyNode, Body } from '../../../ir/graph.ts';
import { unaryOps } from '../../../ir/ops/map-unary.ts';
import { recordOf } from '../../../ir/ops/index.ts';
import * as errors from '../../errors.ts';
import { asTensor } from '../coerce.ts';
import { fail, type Frame, type ScanContext } from '../context.ts';
import { operand } from '../emit.ts';
import { bind } from '../expression.ts';
import { callFunction } from '../function-call.ts';
import { graphBuilder } from '../graph-builder.ts';
import { liveNodes } from '../live.ts';
import { applyMap } from '../operators.ts';
import { failed, typeOf, type Callable, type TensorValue, type Value } from '../value.ts';
import { badArgument, type BuiltinCall } from './builtin.ts';

/** The body that gives a value's weight from its score; undefined for a softmax. */
export function attendScore(call: BuiltinCall): Body | 'failed' | undefined {
  const { frame, given } = call;
  const expression = given.get('score');
  if (expression === undefined) return undefined;
  const map = mapNamed(expression);
  if (map !== undefined)
    return bodyOf(call, expression, map, (score) => applyMap(frame, map, [score], [call.span], call.span));
  const { value, callable } = bind(frame, expression);
  if (callable?.kind === 'function') return bodyOfFunction(call, expression, callable);
  if (value?.kind === 'failed' || callable?.kind === 'failed') return 'failed';
  const written = value?.kind === 'constant' ? value.value : undefined;
  if (written === null || written === 'softmax') return undefined;
  if (written === undefined) fail(frame, errors.scoreIsNoFunction(expression.span));
  else fail(frame, badArgument(call, 'score', written, '"softmax", or a function of one score'));
  return 'failed';
}

/** A pointwise function of the language, such as `sigmoid`. */
function mapNamed(expression: Expression): string | undefined {
  return expression.kind === 'reference' && Object.hasOwn(unaryOps, expression.name)
    ? expression.name
    : undefined;
}

function bodyOfFunction(
  call: BuiltinCall,
  expression: Expression,
  { declaration }: Callable & { readonly kind: 'function' },
): Body | 'failed' {
  return bodyOf(call, expression, declaration.name.text, (score) =>
    callFunction(
      call.frame,
      declaration,
      [{ span: expression.span, bound: { value: score } }],
      expression.span,
    ),
  );
}

/** Elaborates the function on a score as a scan's body is: nodes that depend on it go into a graph of their own. */
function bodyOf(
  call: BuiltinCall,
  { span }: Expression,
  name: string,
  apply: (score: TensorValue) => Value,
): Body | 'failed' {
  const { frame } = call;
  if (frame.body.scan !== undefined) return 'failed';
  const inside: ScanContext = { graph: graphBuilder('scan'), operands: [] };
  const score = scoreInput(inside);
  frame.body.scan = inside;
  const weight = finished(frame, inside, asTensor(frame, apply(score), span));
  delete frame.body.scan;
  if (weight === undefined) return 'failed';
  const live = liveNodes(inside.graph.nodes.map(withoutPlace), { weight });
  if (inside.operands.length === 0 && live.nodes.every(isOfOneNumber))
    return { name, nodes: live.nodes, outputs: live.outputs };
  fail(frame, errors.scoreReadsMore(span, name));
  return 'failed';
}

function scoreInput(inside: ScanContext): TensorValue {
  const type = { dtype: 'f32', axes: [], temporal: false } as const;
  const node = inside.graph.add({
    op: 'input',
    inputs: [],
    attrs: { name: 'score', type },
    type,
    name: 'score',
  });
  return { kind: 'tensor', graph: inside.graph, node };
}

/** The weight's node inside; a function may also give a constant. */
function finished(
  frame: Frame,
  inside: ScanContext,
  weight: TensorValue | typeof failed,
): number | undefined {
  if (weight.kind === 'failed') return undefined;
  if (typeOf(weight).dtype !== 'bool')
    return (weight.graph === inside.graph ? weight : operand(inside, weight)).node;
  const { span } = weight.graph.nodes[weight.node] ?? {};
  if (span !== undefined) fail(frame, errors.truthMismatch(span, false));
  return undefined;
}

/** The body is an attribute, and equal attributes are one: places in the source would tell them apart. */
function withoutPlace({ id, op, inputs, attrs, type, name }: AnyNode): AnyNode {
  return { id, op, inputs, attrs, type, ...(name !== undefined && { name }) };
}

function isOfOneNumber({ op, type }: AnyNode): boolean {
  return type.axes.length === 0 && (op === 'input' || op === 'constant' || recordOf(op).kind === 'map');
}
