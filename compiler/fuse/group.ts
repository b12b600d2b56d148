// What a fused kernel is before it has a template: the nodes it computes, the values it stores, and why.
import type { Axis, Body, NodeId } from '../ir/graph.ts';

/** `one`: a single token (decode). `many`: a run of tokens (prefill), whose values of all positions are stored side by side. */
export type Phase = 'one' | 'many';

/**
 * `contract`: projections of one input, with their tails · `attend`, `scan`, `longconv`: the temporal primitives' own kernels, with their tails ·
 * `pointwise`: elementwise, everything else · `append`: writes what a run is remembered by into its memory, keys and values, say (many only) · `carry`: moves
 * the last positions of a run into the memory of a conv or shift (many only) · `block`: groups of one token that need of each other only
 * what belongs to the same head, say, one after the other in workgroups that own a head each · `settle`: what the positions
 * that ran give to those to come, before tokens go one by one.
 */
export type GroupKind =
  'contract' | 'attend' | 'scan' | 'longconv' | 'pointwise' | 'append' | 'carry' | 'block' | 'settle';

/** Rows that one invocation owns whole, and the values stored for them. */
export interface Segment {
  /** The contractions that give these rows, in lockstep (gate and up: two); none in other kinds. */
  readonly streams: readonly NodeId[];
  /** The axes whose row-major flattening counts the rows, as the anchor names them. */
  readonly rows: readonly Axis[];
  /** The values written to memory. */
  readonly outputs: readonly NodeId[];
  /** What an output calls the axes of the rows, in their order, where it has other names for them. */
  readonly names: ReadonlyMap<NodeId, readonly Axis[]>;
}

/** What the workgroups of a block compute between two barriers. */
export interface Stage {
  /** Projections that are summed up by the invocation that needs them; their weights lie as those of other projections do. */
  readonly streams: readonly NodeId[];
  readonly rows: readonly Axis[];
  readonly values: readonly NodeId[];
  /** Those of the values that later stages read: they stay in workgroup memory. */
  readonly kept: readonly NodeId[];
}

export interface Block {
  /** A workgroup for each element of these, which are among the axes of every stage's rows. */
  readonly axes: readonly Axis[];
  readonly stages: readonly Stage[];
}

export interface Group {
  /** Position in the body's order. */
  readonly index: number;
  readonly kind: GroupKind;
  /** The temporal node, for attend, scan, longconv, append, carry and settle. */
  readonly anchor?: NodeId;
  readonly segments: readonly Segment[];
  /** Sums over the contraction's own axes that ride along in its loop (a folded norm). */
  readonly riders: readonly NodeId[];
  /** Small values that each workgroup computes before it starts, in this order (the statistics of a norm). */
  readonly preamble: readonly NodeId[];
  /** For `block`; its segments are what it stores for others. */
  readonly block?: Block;
}

export interface FusionNote {
  readonly fired: boolean;
  /** The rule, in words: `siblings share one projection`. */
  readonly rule: string;
  /** What it did, or why it was declined. */
  readonly detail: string;
}

export interface Grouping {
  readonly body: Body;
  readonly phase: Phase;
  readonly groups: readonly Group[];
  /** The group that stores a node; nodes that are not here are computed where they are needed. */
  readonly stored: ReadonlyMap<NodeId, number>;
  readonly notes: readonly FusionNote[];
}
