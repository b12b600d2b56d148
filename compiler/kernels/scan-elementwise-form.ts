// Which recurrences go element by element: nothing in their updates looks at another element of a state. Several states of the same axes
// may look at each other, and results at the states before or after the update.
import { type ScanShape, scanShape } from '../fuse/scan-shape.ts';
import type { AnyNode, NodeId } from '../ir/graph.ts';
import { isOp, nodeAt } from '../ir/ops/index.ts';
import { isSum } from '../recurrence/affine-body.ts';

/** One number for each row and token, which the results are made from: a sum over the column; without a column, any value of the body. */
export interface ElementReading {
  /** The node of the body that it is. */
  readonly node: NodeId;
  /** What is summed: a node of the body, or two whose product it is. */
  readonly terms: readonly NodeId[];
}

/** A recurrence whose updates look at no sum, and whose results are made from readings and operands of the row. */
export interface ElementwiseScan {
  readonly shape: ScanShape;
  /** All with the same axes. */
  readonly states: readonly { readonly name: string; readonly update: NodeId }[];
  readonly readings: readonly ElementReading[];
  /** Whether a reading looks at a state before the update. */
  readonly looksBack: boolean;
  /** The body's results, computed from the readings and operands of the row. */
  readonly results: readonly NodeId[];
}

export function elementwiseScan(node: AnyNode): ElementwiseScan | undefined {
  const shape = scanShape(node);
  const { body, column, parallel } = shape;
  if (shape.states.some(({ axes }) => axes.length !== parallel.length + column.length)) return undefined;
  const states = shape.states.map(({ name }) => ({ name, update: outputOf(shape, `state:${name}`) }));
  const updates = states.map(({ update }) => update);
  if (updates.some((id) => below(shape, id, isSum).length > 0)) return undefined;
  const results = shape.results.map((name) => outputOf(shape, name));
  const found = results.map((id) => readNodes(shape, id, updates));
  if (found.some((nodes) => nodes === undefined)) return undefined;
  const readings = [...new Set(found.flatMap((nodes) => nodes ?? []))].map((id) => {
    const read = nodeAt(body.nodes, id);
    return { node: id, terms: isSum(read) ? read.inputs : [id] };
  });
  if (readings.length === 0) return undefined;
  const terms = readings.flatMap((reading) => reading.terms);
  const looksBack = terms.some((id) => below(shape, id, isState, updates).length > 0);
  return { shape, states, readings, looksBack, results };
}

function outputOf({ body }: ScanShape, name: string): NodeId {
  const id = body.outputs[name];
  if (id === undefined) throw new Error(`internal: a recurrence without ${name}`);
  return id;
}

function isState(node: AnyNode): boolean {
  return isOp(node, 'input') && node.attrs.name.startsWith('state:');
}

/** The nodes of a kind that a value is made from, itself included; none of what those or the nodes `known` are made from. */
function below(
  { body }: ScanShape,
  id: NodeId,
  is: (node: AnyNode) => boolean,
  known: readonly NodeId[] = [],
): readonly NodeId[] {
  const found = new Set<NodeId>();
  const seen = new Set<NodeId>(known);
  const visit = (at: NodeId): void => {
    if (seen.has(at)) return;
    seen.add(at);
    const node = nodeAt(body.nodes, at);
    if (is(node)) found.add(at);
    else node.inputs.forEach(visit);
  };
  visit(id);
  return [...found];
}

/**
 * What a result reads of the states: sums over the column; or, without one, a new state if it reads nothing else of them, or the whole
 * result. Nothing where it reads something else.
 */
function readNodes(
  shape: ScanShape,
  result: NodeId,
  updates: readonly NodeId[],
): readonly NodeId[] | undefined {
  const reads = below(shape, result, (node) => isSum(node) || isState(node) || updates.includes(node.id));
  if (shape.column.length === 0) {
    const [only, ...more] = reads;
    return only !== undefined && more.length === 0 && updates.includes(only) ? [only] : [result];
  }
  const isReading = (id: NodeId): boolean => {
    const node = nodeAt(shape.body.nodes, id);
    const plain = node.op === 'sum' || node.op === 'contract';
    return plain && node.inputs.every((input) => below(shape, input, isSum).length === 0);
  };
  return reads.every(isReading) ? reads : undefined;
}
