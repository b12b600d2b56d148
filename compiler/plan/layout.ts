// Lays out what belongs to a body: weights in blocks that one binding covers, small values together, memories.
import type { WeightEncoding } from '../../runtime/plan.ts';
import { matrixProduct } from '../fuse/facts.ts';
import type { Group, Grouping } from '../fuse/group.ts';
import { isColumnState, isRowwise, scanShape } from '../fuse/scan-shape.ts';
import { type AnyNode, type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { isCausalConv } from '../ir/ops/longconv.ts';
import { isOp, type NodeOf, recordOf } from '../ir/ops/index.ts';
import { attendAxes, MEMORY_PART, SLOT_AXIS } from '../kernels/attend-kernel.ts';
import {
  type BodyLayout,
  type MatrixBlock,
  roundUp,
  type StateLayout,
  type WeightPlace,
} from '../kernels/body-layout.ts';
import { quadsOf } from '../kernels/contract.ts';
import { nodeIn } from '../kernels/elements.ts';
import { depthAxes, matrixRows } from '../kernels/lookup.ts';
import type { ChosenForm } from '../kernels/longconv/choose.ts';
import { HISTORY_PART, mostLags, PENDING_PART, ROW_AXIS } from '../kernels/longconv/roles.ts';
import { MOST_SUMMED } from '../kernels/longconv/tuning.ts';
import { rowMajor } from '../kernels/place.ts';
import { PAST_AXIS, PAST_PART, pastLength } from '../kernels/temporal-elements.ts';
import type { FixedValues } from './derived.ts';
import type { NodeSlots } from './slot-counts.ts';

export interface LayoutOptions {
  /** The encoding of a weight node's matrix. */
  readonly encoding: (weight: AnyNode) => WeightEncoding;
  /** Slots of the memory of a key or value node. */
  readonly slots: (node: NodeId) => NodeSlots;
  readonly fixed: FixedValues;
  /** How a long convolution goes over a run. */
  readonly form: (node: NodeOf<'longconv'>) => ChosenForm;
}

/** Tables of fewer elements go with the vectors, and so do filters, poles and the like of fewer than the second number, as they would take a binding each. */
const SMALL = { table: 4096, other: 262_144 };

export function layoutBody(grouping: Grouping, options: LayoutOptions): BodyLayout {
  const { body } = grouping;
  const weights = new Map<NodeId, WeightPlace>();
  const blocks: MatrixBlock[] = [];
  for (const group of grouping.groups)
    placeProducts(body, { segments: productSegments(group) }, options, weights, blocks);
  for (const node of body.nodes)
    if (isBigWeight(body, node) && !weights.has(node.id) && options.fixed.direct.has(node.id))
      placeTable(body, node, options, weights, blocks);
  const derived = new Map<NodeId, WeightPlace>();
  const vectorElements = placeVectors(body, options.fixed, { weights, derived, blocks });
  return {
    weights,
    blocks,
    vectorElements,
    derived,
    states: statesOf(body, options),
    forms: formsOf(body, options),
  };
}

function formsOf(body: Body, { form }: LayoutOptions): BodyLayout['forms'] {
  return new Map(body.nodes.flatMap((node) => (isOp(node, 'longconv') ? [[node.id, form(node)]] : [])));
}

/** The segments of a group whose weights lie side by side. */
function productSegments(group: Group): Group['segments'] {
  if (group.kind === 'contract') return group.segments;
  const stages = group.block?.stages.filter(({ streams }) => streams.length > 0) ?? [];
  return stages.flatMap(({ streams, rows }) =>
    streams.map((stream) => ({ streams: [stream], rows, outputs: [], names: new Map() })),
  );
}

function isBigWeight(body: Body, node: AnyNode): boolean {
  if (node.op !== 'weight' || node.type.axes.length < 2) return false;
  const isTable = body.nodes.some(({ op, inputs }) => op === 'gather' && inputs[0] === node.id);
  return elementCount(node.type.axes) >= (isTable ? SMALL.table : SMALL.other);
}

/** The weight nodes of a contract group in the order of its rows: stream by stream. */
export function groupWeights(body: Body, group: Pick<Group, 'segments'>): readonly NodeId[] {
  const streams = group.segments[0]?.streams.length ?? 0;
  const weights: NodeId[] = [];
  for (let stream = 0; stream < streams; stream++)
    for (const segment of group.segments) {
      const id = segment.streams[stream];
      const product = id === undefined ? undefined : matrixProduct(body, nodeIn(body, id));
      if (product === undefined)
        throw new Error('internal: a contract group with a stream that is no product');
      weights.push(product.weight);
    }
  return weights;
}

function placeProducts(
  body: Body,
  group: Pick<Group, 'segments'>,
  options: LayoutOptions,
  places: Map<NodeId, WeightPlace>,
  blocks: MatrixBlock[],
): void {
  // A weight that another group has placed already stays there; the kernel finds each of its weights by itself.
  const weights = [...new Set(groupWeights(body, group))].filter((id) => !places.has(id));
  if (weights.length === 0) return;
  const encodings = weights.map((id) => options.encoding(nodeIn(body, id)));
  const encoding = encodings.every((each) => each === 'f16') ? 'f16' : 'f32';
  let offset = 0;
  for (const id of weights) {
    const product = productOf(body, group, id);
    const depth = depthAxes(product);
    const rows = [...(product.lookup?.axes ?? []), ...matrixRows(product)];
    const quads = quadsOf(elementCount(depth));
    const strides = [...rowMajor(rows, 4 * quads), ...rowMajor(depth)];
    places.set(id, { block: blocks.length, offset, strides, encoding });
    offset += elementCount(rows) * 4 * quads;
  }
  blocks.push({ weights, encoding, elements: offset });
}

function productOf(body: Body, group: Pick<Group, 'segments'>, weight: NodeId) {
  for (const segment of group.segments)
    for (const stream of segment.streams) {
      const product = matrixProduct(body, nodeIn(body, stream));
      if (product?.weight === weight) return product;
    }
  throw new Error('internal: a weight of no product');
}

/** A table that is looked up, or a weight that only elementwise code reads: its first axis counts rows of whole quads. */
function placeTable(
  body: Body,
  node: AnyNode,
  options: LayoutOptions,
  places: Map<NodeId, WeightPlace>,
  blocks: MatrixBlock[],
): void {
  const gather = body.nodes
    .filter((reader) => isOp(reader, 'gather'))
    .find(({ inputs }) => inputs[0] === node.id);
  const first = gather?.attrs.axes ?? node.type.axes.slice(0, 1).map(({ name }) => name);
  const rows = node.type.axes.filter((axis) => first.includes(axis.name));
  const rest = node.type.axes.filter((axis) => !first.includes(axis.name));
  const quads = quadsOf(elementCount(rest));
  const encoding = options.encoding(node);
  places.set(node.id, {
    block: blocks.length,
    offset: 0,
    strides: [...rowMajor(rows, 4 * quads), ...rowMajor(rest)],
    encoding,
  });
  blocks.push({ weights: [node.id], encoding, elements: elementCount(rows) * 4 * quads });
}

/** Sources that only derived values are made of have no place on the device. */
function placeVectors(
  body: Body,
  fixed: FixedValues,
  {
    weights,
    derived,
    blocks,
  }: { weights: Map<NodeId, WeightPlace>; derived: Map<NodeId, WeightPlace>; blocks: MatrixBlock[] },
): number {
  let offset = 0;
  const place = ({ id, type }: AnyNode, places: Map<NodeId, WeightPlace>): void => {
    places.set(id, { offset, strides: rowMajor(type.axes), encoding: 'f32' });
    offset += roundUp(elementCount(type.axes), 4);
  };
  for (const node of body.nodes)
    if (['weight', 'parameter'].includes(node.op) && fixed.direct.has(node.id) && !weights.has(node.id))
      place(node, weights);
  for (const node of fixed.derived.map((id) => nodeIn(body, id)))
    if (elementCount(node.type.axes) < SMALL.other) place(node, derived);
    else placeDerived(node, derived, blocks);
  return offset;
}

/** A large derived value has a binding of its own, row-major. */
function placeDerived({ id, type }: AnyNode, places: Map<NodeId, WeightPlace>, blocks: MatrixBlock[]): void {
  const strides = rowMajor(type.axes);
  places.set(id, { block: blocks.length, offset: 0, strides, encoding: 'f32' });
  blocks.push({ weights: [id], encoding: 'f32', elements: roundUp(elementCount(type.axes), 4) });
}

// ---------------------------------------------------------------------------------------------- memories

function statesOf(body: Body, options: LayoutOptions): readonly StateLayout[] {
  const states: StateLayout[] = [];
  const add = (state: StateLayout): void => {
    if (!states.some((known) => known.node === state.node && known.part === state.part)) states.push(state);
  };
  for (const node of body.nodes) {
    if (recordOf(node.op).kind !== 'temporal') continue;
    if (node.op === 'attend') attendStates(body, node, options).forEach(add);
    else if (node.op === 'scan') scanStates(node).forEach(add);
    else if (isOp(node, 'longconv')) longConvStates(body, node, options).forEach(add);
    else if (node.op === 'flip') continue;
    else add(pastState(body, node));
  }
  return states;
}

function pastState(body: Body, node: AnyNode): StateLayout {
  const input = nodeIn(body, node.inputs[0] as NodeId); // Temporal nodes read something.
  const filter = node.inputs[1] === undefined ? undefined : nodeIn(body, node.inputs[1]);
  const taps = filter?.type.axes.find((axis) => axis.name === node.attrs['taps'])?.size ?? 0;
  const past: Axis = { name: PAST_AXIS, size: pastLength(node, taps) };
  return {
    node: node.id,
    part: PAST_PART,
    kind: 'filter',
    axes: [past, ...input.type.axes],
    initial: 0,
    reach: 0,
  };
}

/**
 * The column outermost, so that invocations of neighbouring rows read neighbouring words. Every row has a copy of its own of a state
 * that lacks some of the parallel axes, since no row could see another's change in time. Where rows see each other, a state is as it is.
 */
function scanStates(node: AnyNode): readonly StateLayout[] {
  const shape = scanShape(node);
  const alone = isRowwise(shape);
  return shape.states.map((state) => ({
    node: node.id,
    part: state.name,
    kind: 'recurrent',
    axes: alone ? [...(isColumnState(shape, state) ? shape.column : []), ...shape.parallel] : state.axes,
    initial: state.initial,
    reach: 0,
  }));
}

/** What is filtered, position by position; and the sums of positions to come, where the filter is too long to be summed up for each token. */
function longConvStates(
  body: Body,
  node: NodeOf<'longconv'>,
  options: LayoutOptions,
): readonly StateLayout[] {
  if (!isCausalConv(node.attrs)) return [];
  const { axes } = nodeIn(body, node.inputs[0] as NodeId).type; // A longconv filters something.
  const { slots, reach } = options.slots(node.id);
  const lags = mostLags(body, node);
  const common = { node: node.id, initial: 0 } as const;
  const history: StateLayout = {
    ...common,
    part: HISTORY_PART,
    kind: reach === null ? 'cache' : 'filter',
    axes: [{ name: ROW_AXIS, size: slots }, ...axes],
    reach,
  };
  if (lags <= MOST_SUMMED) return [history];
  const rows = reach === null ? slots : lags + 1;
  const pending: StateLayout = {
    ...common,
    part: PENDING_PART,
    kind: 'pending',
    axes: [{ name: ROW_AXIS, size: rows }, ...node.type.axes],
    reach: null,
    remade: true,
  };
  return [history, pending];
}

function attendStates(body: Body, node: AnyNode, options: LayoutOptions): readonly StateLayout[] {
  const { key, value, groups, over, values } = attendAxes({ body }, node.id);
  const memory = (id: NodeId, own: readonly Axis[]): StateLayout => {
    const { slots, pinned, reach } = options.slots(id);
    const axes = nodeIn(body, id).type.axes;
    const shared = groups.filter((axis) => axes.some((other) => other.name === axis.name));
    return {
      node: id,
      part: MEMORY_PART,
      kind: reach === null ? 'cache' : 'window',
      axes: [...shared, { name: SLOT_AXIS, size: slots }, ...own],
      initial: 0,
      pinned,
      reach,
    };
  };
  return [memory(key, [over]), memory(value, values)];
}
