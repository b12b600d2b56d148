// Groups of one token that need of each other only what belongs to the same head, or group, or channel become one: a workgroup for each
// head computes them one after the other, and what they tell each other stays in workgroup memory.
import { type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { blockAxes, type BlockAxes } from './block-axes.ts';
import { isFromFew, isSource, isStep, matrixProduct, nodeOf, sameNames, titleOf } from './facts.ts';
import { readFromOutside, readsOf, valuesOf } from './group-reads.ts';
import type { FusionNote, Group, Grouping, Segment, Stage } from './group.ts';

const RULE = 'what needs only its own head follows in the same workgroups';

const LIMITS = {
  /** Elements of one stage in one workgroup. */
  rows: 1024,
  /** Rows of a workgroup where a whole head is not needed. */
  few: 32,
  /** f32 words of workgroup memory; a quarter of WebGPU's default, so that workgroups do not wait for it. */
  kept: 2048,
  buffers: 8,
} as const;

/** Groups that may become one, in the order of their indices. */
interface Cluster {
  readonly groups: readonly Group[];
  readonly block?: NonNullable<Group['block']>;
}

/** The grouping with as many groups joined as can be. */
export function joinBlocks(grouping: Grouping): Grouping {
  const notes: FusionNote[] = [];
  let clusters: readonly Cluster[] = grouping.groups.map((group) => ({ groups: [group] }));
  for (let joined = joinFirst(grouping, clusters, notes); joined !== undefined;) {
    clusters = joined;
    joined = joinFirst(grouping, clusters, notes);
  }
  return clusters.length === grouping.groups.length ? grouping : regroup(grouping, clusters, notes);
}

/** The clusters with the first two joined that can be, one of which reads the other. */
function joinFirst(
  grouping: Grouping,
  clusters: readonly Cluster[],
  notes: FusionNote[],
): readonly Cluster[] | undefined {
  const before = readsOfClusters(grouping, clusters);
  for (const [at, reader] of clusters.entries())
    for (const from of before[at] ?? []) {
      const between = [...(before[at] ?? [])].some((other) => other !== from && reaches(before, other, from));
      const first = clusters[from];
      const joined = between || first === undefined ? undefined : join(grouping, first, reader);
      if (joined === undefined) continue;
      notes.push({ fired: true, rule: RULE, detail: titles(grouping, reader) });
      return inOrder(grouping, [...clusters.filter((each) => each !== first && each !== reader), joined]);
    }
  return undefined;
}

function titles({ body }: Grouping, { groups }: Cluster): string {
  const outputs = groups.flatMap((group) => group.segments.flatMap((segment) => segment.outputs));
  return outputs.map((id) => titleOf(body, id)).join(', ');
}

/** For each cluster, the clusters whose values it reads. */
function readsOfClusters(grouping: Grouping, clusters: readonly Cluster[]): readonly ReadonlySet<number>[] {
  const home = new Map(
    clusters.flatMap(({ groups }, at) => groups.map((group) => [group.index, at] as const)),
  );
  return clusters.map(({ groups }, own) => {
    const found = groups.flatMap((group) => [...readsOf(grouping, group)]);
    return new Set(found.map((index) => home.get(index) ?? own).filter((at) => at !== own));
  });
}

function reaches(before: readonly ReadonlySet<number>[], from: number, to: number): boolean {
  return from === to || [...(before[from] ?? [])].some((next) => reaches(before, next, to));
}

/** Clusters so that each runs after those it reads. */
function inOrder(grouping: Grouping, clusters: readonly Cluster[]): readonly Cluster[] {
  const first = ({ groups }: Cluster): number => groups[0]?.index ?? 0;
  const sorted = clusters.toSorted((a, b) => first(a) - first(b));
  const before = readsOfClusters(grouping, sorted);
  const ordered: Cluster[] = [];
  const visit = (at: number): void => {
    const cluster = sorted[at];
    if (cluster === undefined || ordered.includes(cluster)) return;
    before[at]?.forEach(visit);
    ordered.push(cluster);
  };
  sorted.forEach((_, at) => visit(at));
  return ordered;
}

function join(grouping: Grouping, first: Cluster, second: Cluster): Cluster | undefined {
  const groups = [...first.groups, ...second.groups].toSorted((a, b) => a.index - b.index);
  if (!groups.every((group) => isJoinable(grouping, group))) return undefined;
  const stages = stagesOf(grouping, groups);
  const found = blockAxes(grouping.body, stages, (id) => grouping.stored.has(id));
  const axes = chooseAxes(found, stages);
  if (axes.length === 0 || !fits(grouping, groups, axes, stages, found)) return undefined;
  const kept = stages.map((stage) => ({ ...stage, kept: stage.values.filter((id) => found.kept.has(id)) }));
  return { groups, block: { axes, stages: kept } };
}

/** Elementwise work, and projections from few numbers to many: they are summed up where they are needed. */
function isJoinable({ body }: Grouping, group: Group): boolean {
  if (group.riders.length > 0 || !group.segments.every((segment) => hasOwnNames(segment))) return false;
  if (group.kind === 'pointwise') return true;
  return isMapFromFew(body, group);
}

/** Whether the group is projections of few numbers to many. */
export function isMapFromFew(body: Body, group: Group): boolean {
  const streams = group.segments.flatMap((segment) => segment.streams);
  const products = streams.map((id) => matrixProduct(body, nodeOf(body, id)));
  return (
    group.kind === 'contract' && products.every((product) => product !== undefined && isFromFew(product))
  );
}

function hasOwnNames({ rows, outputs, names }: Segment): boolean {
  return outputs.every((id) => sameNames(names.get(id) ?? rows, rows));
}

/** What the groups compute, in order; what two of them need is computed once. */
function stagesOf({ body }: Grouping, groups: readonly Group[]): readonly Stage[] {
  const done = new Set<NodeId>();
  const stages: Stage[] = [];
  const add = (streams: readonly NodeId[], rows: readonly Axis[], all: readonly NodeId[]): void => {
    const values = all.filter((id) => !done.has(id));
    for (const id of values) done.add(id);
    if (values.length > 0) stages.push({ streams, rows, values, kept: [] });
  };
  for (const { preamble, segments } of groups) {
    for (const id of preamble) add([], nodeOf(body, id).type.axes, [id]);
    for (const { streams, rows, outputs } of segments) add(streams, rows, outputs);
  }
  return stages;
}

/** Where rows need only themselves, the last axes count the rows of a workgroup; a row alone is too little for one. */
function chooseAxes({ axes, crosses }: BlockAxes, stages: readonly Stage[]): readonly Axis[] {
  if (crosses) return axes;
  const within = [...axes];
  const rows = (): number => elementCount(stages[0]?.rows ?? []) / elementCount(within);
  while (within.length > 1 && rows() < LIMITS.few) within.pop();
  return rows() === 1 ? [] : within;
}

function fits(
  grouping: Grouping,
  groups: readonly Group[],
  axes: readonly Axis[],
  stages: readonly Stage[],
  { kept }: BlockAxes,
): boolean {
  const blocks = elementCount(axes);
  const counts = stages.map(({ rows }) => elementCount(rows) / blocks);
  const words = [...kept].reduce(
    (sum, id) => sum + elementCount(nodeOf(grouping.body, id).type.axes) / blocks,
    0,
  );
  return (
    Math.max(...counts) <= LIMITS.rows &&
    words <= LIMITS.kept &&
    buffersOf(grouping, groups, kept) <= LIMITS.buffers
  );
}

/** Weights of at least so many elements may have a buffer of their own. */
const LARGE = 4096;

/** The most buffers that a kernel of these groups may bind. */
function buffersOf({ body, stored }: Grouping, groups: readonly Group[], kept: ReadonlySet<NodeId>): number {
  const own = new Set(groups.map(({ index }) => index));
  const streams = groups.flatMap(({ segments }) => segments.flatMap((segment) => segment.streams));
  const together = new Set(streams.map((id) => matrixProduct(body, nodeOf(body, id))?.weight));
  const buffers = new Set<string>(['output']);
  const seen = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const node = nodeOf(body, id);
    const storing = stored.get(id);
    if (storing !== undefined && !own.has(storing)) buffers.add(`group ${storing}`);
    else if (together.has(id)) buffers.add('weights');
    else if (node.op === 'weight' && elementCount(node.type.axes) >= LARGE) buffers.add(`weight ${id}`);
    else if (node.op === 'input' && node.type.temporal) buffers.add(`input ${id}`);
    else if (node.op === 'position' || node.op === 'token' || node.op === 'features') buffers.add(node.op);
    else if (isSource(node) || !node.type.temporal) buffers.add('vectors');
    else if (isStep(node)) buffers.add(`state ${id}`);
    if (storing === undefined || own.has(storing)) node.inputs.forEach(visit);
  };
  for (const group of groups) valuesOf(group).forEach(visit);
  kept.forEach(visit);
  return buffers.size;
}

/** The grouping of the clusters: values that only their own cluster reads are no longer stored. */
function regroup(grouping: Grouping, clusters: readonly Cluster[], notes: readonly FusionNote[]): Grouping {
  const stored = new Map<NodeId, number>();
  const outside = new Set<NodeId>(Object.values(grouping.body.outputs));
  clusters.forEach((cluster) => {
    for (const id of readFromOutside(grouping, cluster.groups)) outside.add(id);
  });
  const groups = clusters.map(({ groups: members, block }, index): Group => {
    const [only] = members;
    const group =
      block === undefined || only === undefined
        ? { ...(only as Group), index } // A cluster has groups.
        : {
            index,
            kind: 'block' as const,
            segments: segmentsOf(members, outside),
            riders: [],
            preamble: [],
            block,
          };
    for (const id of group.segments.flatMap((segment) => segment.outputs)) stored.set(id, index);
    return group;
  });
  return { ...grouping, groups, stored, notes: [...grouping.notes, ...notes] };
}

function segmentsOf(members: readonly Group[], outside: ReadonlySet<NodeId>): readonly Segment[] {
  return members
    .flatMap(({ segments }) => segments)
    .map((segment) => ({
      ...segment,
      streams: [],
      outputs: segment.outputs.filter((id) => outside.has(id)),
    }))
    .filter(({ outputs }) => outputs.length > 0);
}
