// What grouping asks of a node: its kind, whether it is a plain matrix product, what it costs to compute again.
import { type AnyNode, type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { requireAxis } from '../ir/axes.ts';
import { isOp, type NodeOf, recordOf } from '../ir/ops/index.ts';

export interface MatrixProduct {
  /** The input that changes with time. */
  readonly data: NodeId;
  readonly weight: NodeId;
  /** The product's other input: the weight itself, or what is looked up of it. */
  readonly matrix: NodeId;
  /** The axes summed over, in the order in which the data has them; of a lookup, the slots' axis first. */
  readonly over: readonly Axis[];
  /** The value's axes: one row each. Of a lookup that is not summed over its slots, their axis first. */
  readonly rows: readonly Axis[];
  readonly lookup?: Lookup;
}

/** Which matrices of several are multiplied with: one for each slot, at an index that changes with time. */
export interface Lookup {
  readonly index: NodeId;
  /** The axis that counts the slots, the index's only one. */
  readonly slot: Axis;
  /** The weight's axes that the index counts. */
  readonly axes: readonly Axis[];
  /** Whether the product sums over the slots too. */
  readonly summed: boolean;
}

export function nodeOf(body: Body, id: NodeId): AnyNode {
  const node = body.nodes[id];
  if (node === undefined) throw new Error(`internal: ${body.name} has no node ${id}`);
  return node;
}

/**
 * The product's parts if the node is a temporal vector times a weight: all axes of the data are summed over, and the weight shares no
 * other axis with it. Anything else (block-diagonal maps, products of two values) is computed by plain loops.
 */
export function matrixProduct(body: Body, node: AnyNode): MatrixProduct | undefined {
  if (recordOf(node.op).kind !== 'contract' || !node.type.temporal) return undefined;
  const [a, b] = node.inputs.map((input) => nodeOf(body, input));
  if (a === undefined || b === undefined) return undefined;
  const [data, matrix] = isMatrix(body, a) ? [b, a] : [a, b];
  if (!isMatrix(body, matrix) || !data.type.temporal) return undefined;
  const over = node.attrs['over'] as readonly string[]; // A contract's attributes hold the names of its axes.
  const fits =
    data.type.axes.every((axis) => over.includes(axis.name)) && data.type.axes.length === over.length;
  if (!fits) return undefined;
  const product = { data: data.id, matrix: matrix.id, over: data.type.axes, rows: node.type.axes };
  return isOp(matrix, 'gather') ? withLookup(body, matrix, product) : { ...product, weight: matrix.id };
}

/** A weight, or the parts of a weight at an index that changes with time. */
function isMatrix(body: Body, node: AnyNode): boolean {
  const table = node.inputs[0];
  const isLookup = isOp(node, 'gather') && node.type.temporal && table !== undefined;
  return node.op === 'weight' || (isLookup && nodeOf(body, table).op === 'weight');
}

/** The product with matrices that are looked up, where one slot after the other makes up its rows or its depth. */
function withLookup(
  body: Body,
  matrix: NodeOf<'gather'>,
  product: Omit<MatrixProduct, 'weight' | 'lookup'>,
): MatrixProduct | undefined {
  const [weight, index] = matrix.inputs;
  if (weight === undefined || index === undefined) return undefined;
  const { axes } = nodeOf(body, index).type;
  const [slot] = axes;
  if (slot === undefined || axes.length > 1) return undefined;
  const summed = product.over.some(({ name }) => name === slot.name);
  const [sum, rows] = [product.over, product.rows].map((list) => [
    ...list.filter(({ name }) => name === slot.name),
    ...list.filter(({ name }) => name !== slot.name),
  ]);
  if (sum === undefined || rows === undefined || (summed && sum.length < 2)) return undefined;
  // Rows are counted as the value's axes are.
  if (rows[0]?.name !== product.rows[0]?.name) return undefined;
  const looked = nodeOf(body, weight).type.axes;
  const lookup = {
    index,
    slot,
    axes: matrix.attrs.axes.map((name) => requireAxis(looked, name)),
    summed,
  };
  return { ...product, weight, over: sum, lookup };
}

/** Terms of a product that one invocation may sum up by itself. */
const FEW = 256;

/** Whether the product is from few numbers to many: it may be summed up where its rows are needed. */
export function isFromFew({ over, rows, lookup }: MatrixProduct): boolean {
  const depth = elementCount(over);
  return lookup === undefined && depth <= FEW && 2 * depth <= elementCount(rows);
}

/** Nodes that need no memory and no work: they are read where they are used. */
export function isSource(node: AnyNode): boolean {
  return recordOf(node.op).kind === 'source';
}

/** Temporal nodes that must run exactly once for each position, since they move their memory on. */
export function isStep(node: AnyNode): boolean {
  return recordOf(node.op).kind === 'temporal' && !isFlip(node);
}

/** The run in reverse: nothing but a read at another position, where the whole sequence is one run. */
export function isFlip(node: AnyNode): boolean {
  return isOp(node, 'flip');
}

const FREE_MAPS: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'neg', 'square']);

/** Whether computing the node again for each reader costs next to nothing (a load and a multiply-add). */
export function isCheap(node: AnyNode): boolean {
  const kind = recordOf(node.op).kind;
  if (kind === 'map') return FREE_MAPS.has(node.op);
  return kind === 'move' || kind === 'source' || kind === 'gather' || isFlip(node);
}

/**
 * What a person calls a value: the source's word for it; or the body's, where it is an output; or that of the value it is made from
 * (a bias added to `q_proj` is still q_proj).
 */
export function valueName(body: Body, id: NodeId): string {
  const node = nodeOf(body, id);
  if (node.name !== undefined) return node.name;
  const output = Object.entries(body.outputs).find(([, given]) => given === id);
  if (output !== undefined) return output[0];
  const from = node.inputs.find((input) => isMadeHere(nodeOf(body, input)));
  return from === undefined || !passesOn(node) ? node.op : valueName(body, from);
}

function isMadeHere(node: AnyNode): boolean {
  return node.type.temporal && !isSource(node);
}

/** Maps and moves change a value; sums and the like make another one. */
function passesOn(node: AnyNode): boolean {
  const { kind } = recordOf(node.op);
  return kind === 'map' || kind === 'move' || kind === 'rotate';
}

/** The same for notes, with what was done: `mul of q_proj`. */
export function titleOf(body: Body, id: NodeId): string {
  const node = nodeOf(body, id);
  const name = valueName(body, id);
  return node.name === undefined && name !== node.op ? `${node.op} of ${name}` : name;
}

export function sameNames(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((axis) => b.some((other) => other.name === axis.name));
}
