// The kernel of a block: each workgroup computes its piece of one stage after the other, with a barrier between them.
import type { Block, Stage } from '../fuse/group.ts';
import { type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { element, nodeIn } from './elements.ts';
import { ENCODINGS } from './encodings.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { flatten, type Index, type Place, plainIndex, rowMajor, splitIndex, withAxes } from './place.ts';
import { PARTS, printTotals } from './preamble.ts';
import { type Storage, writeElement } from './storage.ts';
import type { Templated } from './template.ts';
import { forEachItem, powerOfTwoAbove } from './text.ts';
import { Code, type SharedVariable } from './wgsl.ts';

const WORKGROUP = { least: 64, most: 256 } as const;

export function blockKernel(draft: KernelDraft): Templated {
  const block = blockOf(draft);
  const code = new Code().reserve([
    ...draft.reserved,
    PARTS,
    ...keptVariables(draft).map(({ name }) => name),
  ]);
  const widest = Math.max(...block.stages.map(({ rows }) => elementCount(within(block, rows))));
  const most = Math.min(WORKGROUP.most, draft.context.target.maxInvocations);
  const workgroup = Math.min(most, Math.max(WORKGROUP.least, powerOfTwoAbove(widest)));
  const place = {
    axes: new Map(splitIndex(plainIndex(code.let('block', 'workgroup_id.x')), block.axes)),
    token: '0u',
  };
  let barriers = 0;
  let together = false;
  block.stages.forEach((stage, at) => {
    draft.stagesDone = at;
    draft.bound.clear();
    if (isTotal(draft, block, stage)) {
      printTogether(draft, code, stage, place, workgroup);
      barriers += 2;
      together = true;
    } else printRows(draft, code, stage, place, workgroup);
    draft.bound.clear();
    if (stage.kept.length === 0) return;
    code.line('workgroupBarrier();');
    barriers += 1;
  });
  const parts = { name: PARTS, type: `array<f32, ${workgroup}>`, bytes: 4 * workgroup };
  return {
    body: {
      workgroup: [workgroup, 1, 1],
      shared: [...keptVariables(draft), ...(together ? [parts] : [])],
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers,
      functions: [...draft.functions],
      code,
    },
    grid: [elementCount(block.axes), 1, 1],
  };
}

function blockOf(draft: KernelDraft): Block {
  if (draft.group.block === undefined) throw new Error('internal: a block without its stages');
  return draft.group.block;
}

/** The axes whose elements one workgroup has all of. */
function within(block: Block, axes: readonly Axis[]): readonly Axis[] {
  return axes.filter((axis) => !block.axes.some((other) => other.name === axis.name));
}

function keptName(id: NodeId): string {
  return `kept_${id}`;
}

function keptVariables(draft: KernelDraft): readonly SharedVariable[] {
  const block = blockOf(draft);
  return block.stages
    .flatMap(({ kept }) => kept)
    .map((id) => {
      const count = elementCount(within(block, nodeIn(draft.body, id).type.axes));
      return { name: keptName(id), type: `array<f32, ${count}>`, bytes: 4 * count };
    });
}

/** Where a stage finds what an earlier one kept. */
export function keptStorage(draft: KernelDraft, id: NodeId): Storage | undefined {
  const { block } = draft.group;
  const at = block?.stages.findIndex(({ kept }) => kept.includes(id)) ?? -1;
  if (block === undefined || at < 0 || at >= draft.stagesDone) return undefined;
  const { type } = nodeIn(draft.body, id);
  return {
    binding: keptName(id),
    writable: true,
    reader: ENCODINGS.f32,
    dtype: type.dtype,
    strides: rowMajor(within(block, type.axes)),
    tokenStride: 0,
    offset: 0,
  };
}

/** Whether the stage is one number for each workgroup, made from sums: all of its invocations add them up. */
function isTotal(draft: KernelDraft, block: Block, { rows, values, streams }: Stage): boolean {
  const [only] = values;
  if (only === undefined || values.length > 1 || streams.length > 0) return false;
  return elementCount(within(block, rows)) === 1 && isMadeOfSums(draft, only);
}

/** Whether maps and sums alone lie between the value and what is in memory. */
function isMadeOfSums(draft: KernelDraft, id: NodeId): boolean {
  const node = nodeIn(draft.body, id);
  const { kind } = recordOf(node.op);
  if (kind === 'reduce' || kind === 'contract') return true;
  return (
    kind === 'map' && (draft.storage(id) !== undefined || node.inputs.every((input) => isPlain(draft, input)))
  );
}

function isPlain(draft: KernelDraft, id: NodeId): boolean {
  const node = nodeIn(draft.body, id);
  return !node.type.temporal || draft.storage(id) !== undefined || isMadeOfSums(draft, id);
}

function printTogether(draft: KernelDraft, code: Code, stage: Stage, outer: Place, workgroup: number): void {
  const [id] = stage.values;
  if (id === undefined) return;
  const place = rowPlace(blockOf(draft), stage, outer, plainIndex('0u'));
  printTotals(draft, code, nodeIn(draft.body, id), place, workgroup);
  code.block('if (local_invocation_index == 0u)', (inner) => writeValue(draft, inner, stage, id, place));
}

function printRows(draft: KernelDraft, code: Code, stage: Stage, outer: Place, workgroup: number): void {
  const block = blockOf(draft);
  const count = elementCount(within(block, stage.rows));
  forEachItem(code, workgroup, count, (inner, item) => {
    draft.bound.clear();
    const place = rowPlace(block, stage, outer, plainIndex(item));
    for (const id of stage.values) writeValue(draft, inner, stage, id, place);
    draft.bound.clear();
  });
}

function rowPlace(block: Block, { rows }: Stage, outer: Place, item: Index): Place {
  return withAxes(outer, splitIndex(item, within(block, rows)));
}

/** Computes one element and puts it where others look for it. */
function writeValue(draft: KernelDraft, code: Code, stage: Stage, id: NodeId, place: Place): void {
  const node = nodeIn(draft.body, id);
  const value = code.let(node.name ?? node.op, element(draft, code, id, place));
  draft.bound.set(id, value);
  if (stage.kept.includes(id)) {
    const strides = rowMajor(within(blockOf(draft), node.type.axes));
    code.line(`${keptName(id)}[${flatten(strides, place).text}] = ${value};`);
  }
  if (draft.context.grouping.stored.get(id) === draft.group.index)
    code.line(writeElement(draft.output(id), place, value));
}
