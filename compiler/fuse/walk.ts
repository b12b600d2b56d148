// The state of grouping while it walks a body: where each value is, and what its computation reads.
import { type AnyNode, type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { type Draft, type DraftSegment, newDraft, type Notes, reaches } from './draft.ts';
import { isCheap, isFromFew, isStep, matrixProduct, nodeOf } from './facts.ts';
import { type Phase } from './group.ts';

/** Where a value is: computed anywhere from what is stored (`loops`: at the price of a sum), or in a kernel's registers. */
export type Where =
  | { readonly kind: 'free'; readonly loops: boolean }
  | {
      readonly kind: 'tail';
      readonly draft: Draft;
      readonly segment: DraftSegment;
      readonly rows: readonly Axis[];
    };

export interface Walk {
  readonly body: Body;
  readonly phase: Phase;
  readonly fuse: boolean;
  /** Values that no kernel may keep in registers. */
  readonly apart: ReadonlySet<NodeId>;
  readonly where: Map<NodeId, Where>;
  readonly stored: Map<NodeId, Draft>;
  readonly drafts: Draft[];
  /** Groups that must come last, since they overwrite memory that others read. */
  readonly late: Draft[];
  readonly products: Map<string, Draft>;
  readonly notes: Notes;
}

export type Tail = Extract<Where, { kind: 'tail' }>;

export const FREE: Where = { kind: 'free', loops: false };

export const LOOPS: Where = { kind: 'free', loops: true };

export function whereOf(walk: Walk, id: NodeId): Where {
  return walk.where.get(id) ?? FREE;
}

export function tailOf(walk: Walk, id: NodeId): Tail {
  const where = whereOf(walk, id);
  if (where.kind !== 'tail') throw new Error('internal: a free value waits');
  return where;
}

/** Ready: any kernel that runs later can compute the value from what is stored. */
export function isReady(walk: Walk, id: NodeId): boolean {
  const where = whereOf(walk, id);
  if (where.kind === 'free' || walk.stored.has(id)) return true;
  const node = nodeOf(walk.body, id);
  return isCheap(node) && !isStep(node) && node.inputs.every((input) => isReady(walk, input));
}

export function hasLoops(walk: Walk, id: NodeId): boolean {
  const where = whereOf(walk, id);
  return where.kind === 'free' && where.loops && !walk.stored.has(id);
}

/** The groups whose stored values the value's computation reads. */
export function closure(walk: Walk, id: NodeId): ReadonlySet<Draft> {
  const found = new Set<Draft>();
  const seen = new Set<NodeId>();
  const visit = (each: NodeId): void => {
    const node = nodeOf(walk.body, each);
    // What does not change with time is computed before any group.
    if (seen.has(each) || !node.type.temporal) return;
    seen.add(each);
    const storing = walk.stored.get(each);
    if (storing !== undefined) found.add(storing);
    else node.inputs.forEach(visit);
  };
  visit(id);
  return found;
}

/** Starts a group that reads the closures of `inputs`. */
export function begin(walk: Walk, kind: Draft['kind'], inputs: readonly NodeId[], anchor?: NodeId): Draft {
  const draft = newDraft(kind, anchor);
  for (const input of inputs) for (const before of closure(walk, input)) draft.after.add(before);
  walk.drafts.push(draft);
  return draft;
}

export function readersOf(walk: Walk, id: NodeId): number {
  return walk.body.nodes.filter((node) => node.inputs.includes(id)).length;
}

/** Whether an element of the value is computed by a loop over elements of its inputs. */
export function isSum(node: AnyNode): boolean {
  const { kind } = recordOf(node.op);
  return kind === 'reduce' || kind === 'contract' || kind === 'choose';
}

/** How many numbers a projection's kernel sums over; nothing for other kernels, and for maps from few numbers. */
function depthOf(walk: Walk, draft: Draft): number | undefined {
  const stream = draft.segments[0]?.streams[0];
  const product = stream === undefined ? undefined : matrixProduct(walk.body, nodeOf(walk.body, stream));
  const isAlone = product === undefined || product.lookup !== undefined || isFromFew(product);
  return isAlone ? undefined : elementCount(product.over);
}

/**
 * Whether waiting for `before` would keep a projection from sharing a dispatch with another one, which what it would wait for needs: gates
 * are projected with queries and keys, rather than after the recurrence.
 */
export function waitsForSibling(walk: Walk, draft: Draft, before: readonly Draft[]): boolean {
  const depth = depthOf(walk, draft);
  if (walk.phase !== 'one' || depth === undefined) return false;
  return walk.drafts.some(
    (other) =>
      depthOf(walk, other) === depth &&
      !reaches(draft, other) &&
      !reaches(other, draft) &&
      before.some((each) => reaches(each, other)),
  );
}
