// Groups while they are being found: mutable drafts, the values they store, and the order they must run in.
import type { Axis, NodeId } from '../ir/graph.ts';
import type { FusionNote, Group, GroupKind } from './group.ts';

export interface DraftSegment {
  readonly streams: NodeId[];
  readonly rows: readonly Axis[];
  readonly outputs: Set<NodeId>;
  readonly names: Map<NodeId, readonly Axis[]>;
  /** The segment this one was joined into, when two projections turned out to run in lockstep. */
  into?: DraftSegment;
}

export interface Draft {
  readonly kind: GroupKind;
  readonly anchor?: NodeId;
  readonly segments: DraftSegment[];
  readonly riders: Set<NodeId>;
  readonly preamble: Set<NodeId>;
  /** Groups whose stored values this one reads. */
  readonly after: Set<Draft>;
}

export function newDraft(kind: GroupKind, anchor?: NodeId): Draft {
  return {
    kind,
    ...(anchor === undefined ? {} : { anchor }),
    segments: [],
    riders: new Set(),
    preamble: new Set(),
    after: new Set(),
  };
}

export function addSegment(
  draft: Draft,
  rows: readonly Axis[],
  streams: readonly NodeId[] = [],
): DraftSegment {
  const segment: DraftSegment = { streams: [...streams], rows, outputs: new Set(), names: new Map() };
  draft.segments.push(segment);
  return segment;
}

/** The segment that stands for this one now. */
export function current(segment: DraftSegment): DraftSegment {
  return segment.into === undefined ? segment : current(segment.into);
}

/** Makes the rows of `second` be finished together with those of `first`, which have the same axes. */
export function joinSegments(draft: Draft, first: DraftSegment, second: DraftSegment): void {
  first.streams.push(...second.streams);
  for (const output of second.outputs) first.outputs.add(output);
  for (const [output, rows] of second.names) first.names.set(output, rows);
  second.into = first;
  draft.segments.splice(draft.segments.indexOf(second), 1);
}

/** Whether `from` runs after `to`, directly or not. A group runs after itself. */
export function reaches(from: Draft, to: Draft): boolean {
  if (from === to) return true;
  for (const before of from.after) if (reaches(before, to)) return true;
  return false;
}

/**
 * A projection's kernel finishes the same number of streams in each of its rows, so segments of other numbers of streams become drafts of
 * their own. They read the same input and nothing of each other. `stored` is brought up to date.
 */
export function splitByStreams(drafts: readonly Draft[], stored: Map<NodeId, Draft>): readonly Draft[] {
  return drafts.flatMap((draft) => {
    const counts = [...new Set(draft.segments.map((segment) => segment.streams.length))];
    if (counts.length < 2) return [draft];
    const parts = counts.slice(1).map((count) => {
      const segments = draft.segments.filter((segment) => segment.streams.length === count);
      const part: Draft = { ...draft, segments, riders: new Set(draft.riders), after: new Set(draft.after) };
      for (const output of segments.flatMap((segment) => [...segment.outputs])) stored.set(output, part);
      return part;
    });
    const rest = draft.segments.filter((segment) => segment.streams.length === counts[0]);
    draft.segments.splice(0, draft.segments.length, ...rest);
    for (const reader of drafts)
      if (reader.after.has(draft)) for (const part of parts) reader.after.add(part);
    return [draft, ...parts];
  });
}

/**
 * Elementwise groups that read from the same groups and nothing of each other become one: the sums of several small norms, say. Fewer
 * dispatches, and fewer buffers for those who read them. `stored` is brought up to date.
 */
export function mergeSiblings(drafts: readonly Draft[], stored: Map<NodeId, Draft>): readonly Draft[] {
  const kept: Draft[] = [];
  for (const draft of drafts) {
    const home = kept.find((other) => areSiblings(draft, other));
    if (home === undefined) {
      kept.push(draft);
      continue;
    }
    home.segments.push(...draft.segments);
    for (const value of draft.preamble) home.preamble.add(value);
    for (const [node, storing] of stored) if (storing === draft) stored.set(node, home);
    for (const reader of drafts) if (reader.after.delete(draft)) reader.after.add(home);
  }
  return kept;
}

function areSiblings(a: Draft, b: Draft): boolean {
  return (
    a.kind === 'pointwise' &&
    b.kind === 'pointwise' &&
    a.after.size === b.after.size &&
    [...a.after].every((before) => b.after.has(before))
  );
}

/** The drafts in an order in which each runs after those it reads from; otherwise as they were begun. */
export function orderDrafts(drafts: readonly Draft[]): readonly Draft[] {
  const ordered: Draft[] = [];
  const done = new Set<Draft>();
  const visit = (draft: Draft): void => {
    if (done.has(draft)) return;
    done.add(draft);
    for (const before of drafts) if (draft.after.has(before)) visit(before);
    ordered.push(draft);
  };
  for (const draft of drafts) visit(draft);
  return ordered;
}

export function finishDraft(draft: Draft, index: number): Group {
  return {
    index,
    kind: draft.kind,
    ...(draft.anchor === undefined ? {} : { anchor: draft.anchor }),
    segments: draft.segments.map((segment) => ({
      streams: segment.streams,
      rows: segment.rows,
      outputs: [...segment.outputs].toSorted((a, b) => a - b),
      names: segment.names,
    })),
    riders: [...draft.riders],
    preamble: [...draft.preamble].toSorted((a, b) => a - b),
  };
}

export type Notes = FusionNote[];
