// A longconv node as its kernels see it: where x and the taps are read, and what follows the sum, read off the graph.
import { type Axis, type Body, elementCount, type NodeId } from '../../ir/graph.ts';
import { internal } from '../../ir/internal.ts';
import { isCausalConv, type LongFilter } from '../../ir/ops/longconv.ts';
import { isOp, type NodeOf } from '../../ir/ops/index.ts';
import { type BodyLayout, type StateLayout } from '../body-layout.ts';
import { element, nodeIn } from '../elements.ts';
import type { KernelDraft } from '../kernel-draft.ts';
import { flatten, type Place, placeOf, plainIndex, rowMajor, splitIndex, withAxes } from '../place.ts';
import { anchorOf, storeOutputs } from '../pointwise-kernel.ts';
import { readElement, type Storage, writeElement } from '../storage.ts';
import type { Code } from '../wgsl.ts';
import type { ChosenForm } from './choose.ts';
import type { FilterSpec, LongConvSpec } from './spec.ts';

/** The axis of a history that counts its rows, and the names of a long convolution's memories. */
export const ROW_AXIS = 'slot';
export const HISTORY_PART = 'history';
export const PENDING_PART = 'pending';

export type LongConvNode = NodeOf<'longconv'>;

export function longConvOf(draft: KernelDraft): LongConvNode {
  const node = anchorOf(draft);
  return isOp(node, 'longconv') ? node : internal(`%${node.id} is no longconv`);
}

export function inputOf(node: LongConvNode): NodeId {
  return node.inputs[0] as NodeId; // A longconv filters something, by its record.
}

/** Reads and writes the memory of x: a row for each position, in a ring where the filter is shorter than the sequence. */
export class HistoryRows {
  readonly #draft: KernelDraft;
  readonly #node: LongConvNode;
  readonly rows: number;
  readonly #isRing: boolean;
  readonly #writes: boolean;

  /** `writes`: whether the kernel writes it too. */
  constructor(draft: KernelDraft, node: LongConvNode, writes: boolean) {
    const state =
      memoryOf(draft.context.layout, node, HISTORY_PART) ?? internal('a longconv without a history');
    this.#draft = draft;
    this.#node = node;
    this.#writes = writes;
    this.rows = rowsOf(state);
    this.#isRing = state.reach !== null;
  }

  read(place: Place, position: string): string {
    return readElement(this.#storage(), this.#at(place, position));
  }

  /** The statement that stores x at a position. */
  write(place: Place, position: string, value: string): string {
    return writeElement(this.#storage(), this.#at(place, position), value);
  }

  #storage(): Storage {
    return this.#draft.state(this.#node.id, HISTORY_PART, this.#writes);
  }

  #at(place: Place, position: string): Place {
    return withAxes(place, [
      [ROW_AXIS, plainIndex(this.#isRing ? `(${position}) % ${this.rows}u` : position)],
    ]);
  }
}

export function memoryOf(layout: BodyLayout, node: LongConvNode, part: string): StateLayout | undefined {
  return layout.states.find((state) => state.node === node.id && state.part === part);
}

/** The form that the node's prefill has. */
export function chosenForm({ forms }: BodyLayout, { id }: LongConvNode): ChosenForm {
  return forms.get(id) ?? internal(`no form was chosen for %${id}`);
}

export function rowsOf({ axes }: StateLayout): number {
  return axes.find(({ name }) => name === ROW_AXIS)?.size ?? 1;
}

/** The place of a channel: the row-major index over the result's axes. */
export function channelPlace(node: LongConvNode, channel: string, token = '0u'): Place {
  return placeOf(plainIndex(channel), node.type.axes, token);
}

/** What the kernels of both phases share; `positions` is what they differ in. */
export function specOf(
  draft: KernelDraft,
  node: LongConvNode,
  positions: Pick<LongConvSpec, 'start' | 'count' | 'end' | 'maximum' | 'beyond' | 'finish'>,
): LongConvSpec {
  const groups = groupAxes(draft.body, node);
  const members = node.type.axes.filter((axis) => !groups.includes(axis));
  return {
    channels: elementCount(node.type.axes),
    filters: filtersOf(draft, node),
    members: elementCount(members),
    channelOf: (group, member) => {
      const entries = [...splitIndex(plainIndex(group), groups), ...splitIndex(plainIndex(member), members)];
      return flatten(rowMajor(node.type.axes), { axes: new Map(entries), token: '0u' }).text;
    },
    readX: readerOf(draft, node),
    reserved: draft.reserved,
    ...positions,
  };
}

/** The axes of the result along which any filter changes. */
export function groupAxes(body: Body, node: LongConvNode): readonly Axis[] {
  const filters = node.inputs.slice(1).flatMap((id) => nodeIn(body, id).type.axes);
  return node.type.axes.filter(({ name }) => filters.some((axis) => axis.name === name));
}

export function filtersOf(draft: KernelDraft, node: LongConvNode): readonly FilterSpec[] {
  return node.attrs.filters.map((filter, i): FilterSpec => {
    const id = node.inputs[i + 1] ?? internal('a longconv lacks a filter');
    const size = tapsOf(draft.body.nodes[id]?.type.axes ?? [], filter);
    return {
      size,
      first: filter.first,
      ahead: filter.ahead,
      tap: (code, channel, index) => {
        const at = filter.oldestFirst === true ? `${size - 1}u - (${index})` : index;
        const place = withAxes(channelPlace(node, channel), [[filter.axis, plainIndex(at)]]);
        return element(draft, code, id, place);
      },
    };
  });
}

/** How many positions back the filters of a node reach. */
export function mostLags(body: Body, node: LongConvNode): number {
  const reaches = node.attrs.filters.map((filter, i) => {
    const { axes } = nodeIn(body, node.inputs[i + 1] as NodeId).type; // Every filter is an input.
    return tapsOf(axes, filter) - 1 + filter.first;
  });
  return Math.max(...reaches);
}

export function tapsOf(axes: readonly Axis[], { axis }: LongFilter): number {
  return axes.find(({ name }) => name === axis)?.size ?? internal(`a filter lacks its axis '${axis}'`);
}

/** x from its memory, where the run's own are too; of a sequence that is one run, from the run's values. */
function readerOf(draft: KernelDraft, node: LongConvNode): LongConvSpec['readX'] {
  if (isCausalConv(node.attrs)) {
    const history = new HistoryRows(draft, node, false);
    return (_code, channel, position) => history.read(channelPlace(node, channel), position);
  }
  return (code, channel, position) =>
    element(draft, code, inputOf(node), channelPlace(node, channel, position));
}

/** Computes what follows the sum at a position of the run; x is at hand where its expression is given. */
export function finishTail(
  draft: KernelDraft,
  node: LongConvNode,
  code: Code,
  at: {
    readonly channel: string;
    readonly token: string;
    readonly value: string;
    readonly x: string | undefined;
  },
): void {
  const [segment] = draft.group.segments;
  if (segment === undefined) internal('a longconv without rows');
  draft.bound.clear();
  draft.bound.set(node.id, at.value);
  const axes = nodeIn(draft.body, inputOf(node)).type.axes;
  // Where the result has more axes than x, elements of x would not be those of the row.
  if (at.x !== undefined && axes.length === node.type.axes.length) draft.bound.set(inputOf(node), at.x);
  storeOutputs(draft, code, segment, channelPlace(node, at.channel, at.token));
  draft.bound.clear();
}
