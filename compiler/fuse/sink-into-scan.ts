// A rewriting rule: elementwise work as wide as a recurrence's state moves into its body. exp(dt·A) and dt·B·x have one value for each
// element of the state and position; computed inside, they stay in registers, and the recurrence reads only dt, B and x.
import { BodyBuilder } from '../ir/build.ts';
import { type AnyNode, type Body, elementCount, type NodeId, type ValueType } from '../ir/graph.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';
import { mapBody } from '../ir/rewrite.ts';
import { titleOf } from './facts.ts';
import type { FusionNote } from './group.ts';
import { type ScanShape, scanShape } from './scan-shape.ts';

const RULE = 'work as wide as the state moves into the recurrence';

export function sinkIntoScan(body: Body, notes: FusionNote[] = []): Body {
  return mapBody(body, (node, inputs, builder) => {
    if (!isOp(node, 'scan')) return undefined;
    const shape = scanShape(node);
    const wide = inputs.filter((input) => isWide(builder, shape, input));
    if (wide.length === 0) return undefined;
    notes.push({ fired: true, rule: RULE, detail: `${titleOf(body, node.id)}: ${wide.length} operands` });
    const sinking = newSinking(builder, shape);
    const inner = rebuild(sinking, inputs);
    return builder.scan(sinking.operands, { ...node.attrs, body: inner }, node);
  });
}

interface Sinking {
  readonly outer: BodyBuilder;
  readonly inner: BodyBuilder;
  readonly shape: ScanShape;
  /** The recurrence's inputs from now on. */
  readonly operands: NodeId[];
}

function newSinking(outer: BodyBuilder, shape: ScanShape): Sinking {
  return { outer, inner: new BodyBuilder(shape.body.name), shape, operands: [] };
}

/**
 * A map that varies with time and along both the rows and the column of the state, and has more elements than what it is computed from:
 * in one piece it would be long. What only scales a vector stays outside, so that it is computed once and is one operand.
 */
function isWide(builder: BodyBuilder, shape: ScanShape, id: NodeId): boolean {
  const node = builder.nodes[id];
  if (node === undefined || recordOf(node.op).kind !== 'map' || !node.type.temporal) return false;
  const has = (axes: ScanShape['column']): boolean =>
    axes.some((axis) => node.type.axes.some((own) => own.name === axis.name));
  return has(shape.parallel) && has(shape.column) && grows(builder, id);
}

function grows(builder: BodyBuilder, id: NodeId): boolean {
  const node = builder.nodes[id];
  if (node === undefined || recordOf(node.op).kind !== 'map') return false;
  const size = elementCount(node.type.axes);
  const inputs = node.inputs.filter((input) => builder.typeOf(input).temporal);
  const largest = inputs.map((input) => elementCount(builder.typeOf(input).axes));
  return largest.every((count) => count < size) || inputs.some((input) => grows(builder, input));
}

/** The body with its operands replaced: wide ones by what computes them. */
function rebuild(sinking: Sinking, inputs: readonly NodeId[]): Body {
  const { inner, shape } = sinking;
  const renamed: NodeId[] = [];
  for (const node of shape.body.nodes) {
    const operand = operandIndex(node);
    const given = operand === undefined ? undefined : inputs[operand];
    const sources = node.inputs.map((input) => renamed[input] as NodeId); // Bodies are in topological order.
    renamed.push(
      given === undefined ? inner.addAny(node.op, sources, node.attrs, node) : sink(sinking, given),
    );
  }
  const outputs = Object.entries(shape.body.outputs).map(
    ([name, id]) => [name, renamed[id] as NodeId] as const,
  ); // Renamed above.
  return inner.finish(Object.fromEntries(outputs));
}

function operandIndex(node: AnyNode): number | undefined {
  const [kind, index] = node.op === 'input' ? String(node.attrs['name']).split(':') : [];
  return kind === 'operand' ? Number(index) : undefined;
}

/** The value inside the body: recomputed there if it is wide, else read as an operand. */
function sink(sinking: Sinking, id: NodeId): NodeId {
  const { outer, inner, shape, operands } = sinking;
  const node = outer.nodes[id];
  if (node !== undefined && isWide(outer, shape, id)) {
    const inputs = node.inputs.map((input) => sink(sinking, input));
    return inner.addAny(node.op, inputs, node.attrs, node);
  }
  if (node?.op === 'constant') return inner.addAny(node.op, [], node.attrs, node);
  const known = operands.indexOf(id);
  const index = known >= 0 ? known : operands.push(id) - 1;
  const type: ValueType = { ...outer.typeOf(id), temporal: false };
  return inner.input(`operand:${index}`, type, { name: node?.name, span: node?.span });
}
