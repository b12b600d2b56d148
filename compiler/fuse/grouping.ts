// Grouping: which nodes share a kernel. One walk over a body in topological order; every value is either computed where it is needed
// ("free"), or the tail of a kernel that is being built, or stored.
import { type AnyNode, type Body, type NodeId } from '../ir/graph.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';
import { isMapFromFew, joinBlocks } from './blocks.ts';
import { finishDraft, mergeSiblings, orderDrafts, splitByStreams } from './draft.ts';
import { isFlip, isSource, isStep, matrixProduct } from './facts.ts';
import { type Grouping, type Phase } from './group.ts';
import { mergeProducts } from './merge-products.ts';
import { placeTop } from './place-choice.ts';
import { placeElementwise } from './place-elementwise.ts';
import { placeProduct } from './place-product.ts';
import { placeFlip, placeRename, placeReader, placeNeighbours } from './place-reader.ts';
import { placeLongConv } from './place-longconv.ts';
import { placeAttend, placeScan } from './place-temporal.ts';
import { takenResult } from './scan-results.ts';
import { store } from './storing.ts';
import { type Where, type Walk, FREE, isReady, isSum, whereOf } from './walk.ts';

export interface GroupingOptions {
  /** False gives every node its own kernel: the plan without fusion, for comparison and as an oracle. */
  readonly fuse: boolean;
  /** Values that are stored, and computed from what is stored, since a kernel that has them in registers would need too many buffers. */
  readonly apart?: ReadonlySet<NodeId>;
}

/** The kernels of a body in one phase. Values of other calls (inputs) and sources are there from the start. */
export function groupBody(body: Body, phase: Phase, options: GroupingOptions): Grouping {
  const walk: Walk = {
    body,
    phase,
    fuse: options.fuse,
    apart: options.apart ?? new Set(),
    where: new Map(),
    stored: new Map(),
    drafts: [],
    late: [],
    products: new Map(),
    notes: [],
  };
  for (const node of body.nodes) if (node.type.temporal || isSource(node)) visit(walk, node);
  for (const output of Object.values(body.outputs)) store(walk, output, 'the body gives it to others');
  return finishWalk(walk);
}

function finishWalk(walk: Walk): Grouping {
  const split = splitByStreams(walk.drafts, walk.stored);
  const merged = walk.fuse ? mergeSiblings(split, walk.stored) : split;
  const ordered = [...orderDrafts(merged), ...walk.late];
  const groups = ordered.map((draft, index) => finishDraft(draft, index));
  const stored = new Map([...walk.stored].map(([node, draft]) => [node, ordered.indexOf(draft)] as const));
  const grouping = { body: walk.body, phase: walk.phase, groups, stored, notes: walk.notes };
  return walk.fuse && walk.phase === 'one' ? joinGroups(grouping) : grouping;
}

/** In decode, where every dispatch counts: maps from few numbers wait until it is known whether the kernel that needs them takes them. */
function joinGroups(grouping: Grouping): Grouping {
  const merged = mergeProducts(grouping, (group) => !isMapFromFew(grouping.body, group));
  return mergeProducts(joinBlocks(merged), () => true);
}

const APART = 'a kernel would need too many buffers';

function visit(walk: Walk, node: AnyNode): void {
  // What holds for a recurrence of several results holds for each of them.
  const apart = walk.apart.has(takenResult(walk.body, node)?.scan.id ?? node.id);
  const waiting = apart ? node.inputs.filter((input) => !isReady(walk, input)) : [];
  for (const input of waiting) store(walk, input, APART);
  walk.where.set(node.id, place(walk, node));
  if (apart) store(walk, node.id, APART);
  if (!walk.fuse && recordOf(node.op).kind !== 'source' && recordOf(node.op).kind !== 'move')
    store(walk, node.id, 'no fusion');
}

function place(walk: Walk, node: AnyNode): Where {
  if (isSource(node)) return FREE;
  if (isOp(node, 'attend')) return placeAttend(walk, node);
  if (node.op === 'scan') return placeScan(walk, node);
  if (isOp(node, 'longconv')) return placeLongConv(walk, node);
  if (node.op === 'top') return placeTop(walk, node);
  if (isFlip(node)) return placeFlip(walk, node);
  if (isStep(node)) return walk.phase === 'one' ? placeElementwise(walk, node) : placeNeighbours(walk, node);
  if (matrixProduct(walk.body, node) !== undefined) return placeProduct(walk, node);
  const result = takenResult(walk.body, node);
  if (result !== undefined) return whereOf(walk, result.scan.id);
  const kind = recordOf(node.op).kind;
  if (kind === 'map') return placeElementwise(walk, node);
  if (node.op === 'rename') return placeRename(walk, node);
  return placeReader(walk, node, isSum(node));
}
