// Kernels without a matrix product: one invocation computes one row (and, in prefill, one token of it).
import type { Segment } from '../fuse/group.ts';
import { type AnyNode, type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { element, nodeIn } from './elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { type Place, placeOf, plainIndex, renamed } from './place.ts';
import { writeElement } from './storage.ts';
import { preambleNeeds, printPreamble } from './preamble.ts';
import type { Templated } from './template.ts';
import { printCarry } from './temporal-elements.ts';
import { Code } from './wgsl.ts';

const WORKGROUP = 64;

/** Rows of one kind, and what the invocation that owns a row does. */
export interface RowWork {
  readonly rows: readonly Axis[];
  readonly print: (code: Code, place: Place) => void;
}

/** The kernel of a pointwise group: it stores every output of every segment. */
export function pointwiseKernel(draft: KernelDraft): Templated {
  const works = draft.group.segments.map((segment) => segmentWork(draft, segment));
  return rowKernel(draft, works, draft.phase === 'many');
}

function segmentWork(draft: KernelDraft, segment: Segment): RowWork {
  return {
    rows: segment.rows,
    print: (code, place) => storeOutputs(draft, code, segment, place),
  };
}

/** Computes and stores each output of the segment at a place of its rows; values computed for one are at hand for the next. */
export function storeOutputs(draft: KernelDraft, code: Code, segment: Segment, rowPlace: Place): void {
  for (const output of segment.outputs) {
    const node = nodeIn(draft.body, output);
    const place = renamed(rowPlace, segment.rows, segment.names.get(output) ?? segment.rows);
    const value = code.let(node.name ?? node.op, element(draft, code, output, place));
    draft.bound.set(output, value);
    code.line(writeElement(draft.output(output), place, value));
  }
}

/** The kernel that moves the last positions of a run into a conv's or shift's memory. */
export function carryKernel(draft: KernelDraft): Templated {
  const node = anchorOf(draft);
  const input = nodeIn(draft.body, node.inputs[0] as NodeId); // Temporal nodes read something.
  return rowKernel(
    draft,
    [{ rows: input.type.axes, print: (code, place) => printCarry(draft, code, node, place) }],
    false,
  );
}

export function anchorOf(draft: KernelDraft): AnyNode {
  if (draft.group.anchor === undefined)
    throw new Error(`internal: a ${draft.group.kind} group without its node`);
  return nodeIn(draft.body, draft.group.anchor);
}

/** One invocation for each row of each kind of work, in prefill for each token too if `perToken`. */
export function rowKernel(draft: KernelDraft, works: readonly RowWork[], perToken: boolean): Templated {
  const counts = works.map((work) => elementCount(work.rows));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const code = new Code().reserve(draft.reserved);
  const together = draft.group.preamble.length > 0;
  const tile = perToken && total < WORKGROUP && !together ? Math.floor(WORKGROUP / total) : 1;
  printPreamble(draft, code, WORKGROUP, perToken ? 'workgroup_id.y' : '0u');
  const { row, token } = printCoordinates(code, draft, total, tile, perToken);
  let start = 0;
  works.forEach((work, i) => {
    const count = counts[i] ?? 0;
    const from = start;
    const body = (inner: Code): void => {
      const index = from === 0 ? row : inner.let('local_row', `${row} - ${from}u`);
      draft.bound.clear();
      work.print(inner, placeOf(plainIndex(index), work.rows, token));
    };
    if (works.length === 1) body(code);
    else code.block(`if (${row} >= ${from}u && ${row} < ${from + count}u)`, body);
    start += count;
  });
  const across = Math.ceil(total / WORKGROUP);
  const grid = [tile > 1 ? 1 : across, perToken ? { tile, times: 1 } : 1, 1] as const;
  const needs = preambleNeeds(draft, WORKGROUP);
  const builtins = ['workgroup_id', 'local_invocation_index'] as const;
  return {
    body: {
      workgroup: [WORKGROUP, 1, 1],
      shared: needs.shared,
      builtins,
      features: [],
      barriers: needs.barriers,
      functions: [...draft.functions],
      code,
    },
    grid,
  };
}

function printCoordinates(
  code: Code,
  draft: KernelDraft,
  total: number,
  tile: number,
  perToken: boolean,
): { row: string; token: string } {
  if (tile === 1) {
    const flat =
      total <= WORKGROUP
        ? 'local_invocation_index'
        : `workgroup_id.x * ${WORKGROUP}u + local_invocation_index`;
    const row = code.let('row', flat);
    if (total % WORKGROUP !== 0) code.line(`if (${row} >= ${total}u) { return; }`);
    return { row, token: perToken ? code.let('token', 'workgroup_id.y') : '0u' };
  }
  const row = code.let('row', total === 1 ? '0u' : `local_invocation_index % ${total}u`);
  const inTile = total === 1 ? 'local_invocation_index' : `local_invocation_index / ${total}u`;
  const token = code.let('token', `workgroup_id.y * ${tile}u + ${inTile}`);
  code.line(`if (${token} >= ${draft.control('count')} || ${inTile} >= ${tile}u) { return; }`);
  return { row, token };
}
