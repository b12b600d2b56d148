// Small values that a whole workgroup needs before it starts, such as the mean and scale of a norm: computed together, kept in
// workgroup memory.
import { type AnyNode, type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { choiceOf, printTop } from './choose-elements.ts';
import { element, nodeIn } from './elements.ts';
import { ENCODINGS } from './encodings.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { type Place, placeOf, plainIndex, rowMajor, splitIndex, withAxes } from './place.ts';
import type { Storage } from './storage.ts';
import type { Templated } from './template.ts';
import type { Code, SharedVariable } from './wgsl.ts';

/** The workgroup memory and barriers that `printPreamble` needs for a workgroup of this size. */
export function preambleNeeds(
  draft: KernelDraft,
  workgroup: number,
): { shared: readonly SharedVariable[]; barriers: number } {
  const { preamble } = draft.group;
  if (preamble.length === 0) return { shared: [], barriers: 0 };
  const values = preamble.flatMap((id, i): readonly SharedVariable[] => {
    const node = nodeIn(draft.body, id);
    const value = variable(`shared_${i}`, elementCount(node.type.axes));
    if (node.op !== 'top') return [value];
    return [
      value,
      variable(`scores_${i}`, elementCount(nodeIn(draft.body, choiceOf(draft, node).scores).type.axes)),
    ];
  });
  return { shared: [...values, variable(PARTS, workgroup)], barriers: 3 * preamble.length };
}

/** The kernel with what its preamble needs added to it. */
export function withPreamble(draft: KernelDraft, made: Templated): Templated {
  const { shared, barriers } = preambleNeeds(draft, made.body.workgroup[0]);
  return {
    ...made,
    body: { ...made.body, shared: [...made.body.shared, ...shared], barriers: made.body.barriers + barriers },
  };
}

export const PARTS = 'parts_of_sum';

function variable(name: string, count: number): SharedVariable {
  return { name, type: `array<f32, ${count}>`, bytes: 4 * count };
}

/** Where the kernel finds the value of a preamble node, once printed. */
export function preambleStorage(draft: KernelDraft, id: NodeId): Storage | undefined {
  const index = draft.group.preamble.indexOf(id);
  if (index < 0 || index >= draft.preambleDone) return undefined;
  const { type } = nodeIn(draft.body, id);
  return {
    binding: `shared_${index}`,
    writable: true,
    reader: ENCODINGS.f32,
    dtype: type.dtype,
    strides: rowMajor(type.axes),
    tokenStride: 0,
    offset: 0,
  };
}

/** Statements for the whole workgroup, under uniform control flow; they end with a barrier. */
export function printPreamble(draft: KernelDraft, code: Code, workgroup: number, token = '0u'): void {
  draft.preambleDone = 0;
  for (const id of draft.group.preamble) {
    const node = nodeIn(draft.body, id);
    draft.bound.clear();
    if (node.op === 'top') {
      const memories = { scores: `scores_${draft.preambleDone}`, places: target(draft) };
      printTop(draft, code, node, { workgroup, token, ...memories });
    } else if (elementCount(node.type.axes) === 1) printTogether(draft, code, node, workgroup, token);
    else printEach(draft, code, node, workgroup, token);
    draft.bound.clear();
    code.line('workgroupBarrier();');
    draft.preambleDone += 1;
  }
}

function target(draft: KernelDraft): string {
  return `shared_${draft.preambleDone}`;
}

/** One value: its sums are shared out over the invocations, the first of which finishes it. */
function printTogether(
  draft: KernelDraft,
  code: Code,
  node: AnyNode,
  workgroup: number,
  token: string,
): void {
  const place = placeOf(plainIndex('0u'), node.type.axes, token);
  printTotals(draft, code, node, place, workgroup);
  code.block('if (local_invocation_index == 0u)', (inner) => {
    const value = element(draft, inner, node.id, place);
    inner.line(`${target(draft)}[0] = ${asNumber(node, value)};`);
  });
}

/** Adds up the sums that a value needs, each by all invocations; the first invocation has the totals. */
export function printTotals(
  draft: KernelDraft,
  code: Code,
  node: AnyNode,
  place: Place,
  workgroup: number,
): void {
  for (const sum of sumsBehind(draft, node.id))
    draft.bound.set(sum.id, printShared(draft, code, sum, place, workgroup));
}

/** The sums that a value needs and that are not at hand yet. */
function sumsBehind(draft: KernelDraft, id: NodeId, found: AnyNode[] = []): readonly AnyNode[] {
  const node = nodeIn(draft.body, id);
  if (draft.storage(id) !== undefined || found.includes(node)) return found;
  const { kind } = recordOf(node.op);
  if (kind === 'reduce' || kind === 'contract') found.push(node);
  else for (const input of node.inputs) sumsBehind(draft, input, found);
  return found;
}

function printShared(draft: KernelDraft, code: Code, sum: AnyNode, place: Place, workgroup: number): string {
  const record = recordOf(sum.op);
  const fold =
    record.kind === 'reduce'
      ? record.wgsl
      : { start: '0.0', combine: (a: string, b: string) => `${a} + ${b}` };
  const axes = overAxes(draft, sum);
  const count = elementCount(axes);
  const part = code.fresh('part');
  code.line(`var ${part} = ${fold.start};`);
  const step = (inner: Code, flat: string): void => {
    const at = withAxes(place, splitIndex(plainIndex(flat), axes));
    const factors = sum.inputs.map((input) => `(${element(draft, inner, input, at)})`);
    inner.line(`${part} = ${fold.combine(part, factors.join(' * '))};`);
  };
  const rounds = Math.floor(count / workgroup);
  if (rounds > 0)
    code.loop(code.fresh('round'), rounds, (inner, round) =>
      step(inner, inner.let('i', `${round} * ${workgroup}u + local_invocation_index`)),
    );
  const rest = count % workgroup;
  if (rest > 0)
    code.block(`if (local_invocation_index < ${rest}u)`, (inner) =>
      step(inner, inner.let('i', `${rounds * workgroup}u + local_invocation_index`)),
    );
  const total = code.fresh(sum.name ?? 'total');
  code
    .line(`${PARTS}[local_invocation_index] = ${part};`)
    .line('workgroupBarrier();')
    .line(`var ${total} = ${fold.start};`);
  code.block('if (local_invocation_index == 0u)', (inner) => {
    inner.loop(inner.fresh('i'), Math.min(workgroup, count), (body, i) =>
      body.line(`${total} = ${fold.combine(total, `${PARTS}[${i}]`)};`),
    );
  });
  code.line('workgroupBarrier();');
  return total;
}

function overAxes(draft: KernelDraft, sum: AnyNode): readonly Axis[] {
  const names = sum.attrs['over'] as readonly string[]; // Reductions and contractions name their axes so.
  const input = nodeIn(draft.body, sum.inputs[0] as NodeId); // They have at least one input.
  return input.type.axes.filter((axis) => names.includes(axis.name));
}

/** Several values: each by one invocation. */
function printEach(draft: KernelDraft, code: Code, node: AnyNode, workgroup: number, token: string): void {
  const count = elementCount(node.type.axes);
  const rounds = Math.ceil(count / workgroup);
  code.loop(code.fresh('round'), rounds, (inner, round) => {
    const item = inner.let('item', `${round} * ${workgroup}u + local_invocation_index`);
    inner.block(`if (${item} < ${count}u)`, (body) => {
      const value = element(draft, body, node.id, placeOf(plainIndex(item), node.type.axes, token));
      body.line(`${target(draft)}[${item}] = ${asNumber(node, value)};`);
    });
  });
}

/** Truths are kept as 0 and 1. */
function asNumber(node: AnyNode, value: string): string {
  return node.type.dtype === 'bool' ? `select(0.0, 1.0, ${value})` : value;
}
