// The program that derives a body's fixed values from its weights and constants, for whichever call.
import type { DerivedStep } from '../../runtime/plan.ts';
import { signatureOf } from '../ir/memory.ts';
import { type AnyNode, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';
import { BLOCK_ELEMENTS, type Blocks, chooseBlocks } from './derive-blocks.ts';
import {
  addArray,
  addLoop,
  constantView,
  type Draft,
  newDraft,
  type Phase,
  type ProgramArray,
  stepsOf,
} from './derive-draft.ts';
import { lowerNode } from './derive-nodes.ts';
import { contracted } from './derive-products.ts';
import { type View, wholeView } from './derive-views.ts';

export interface DerivedProgram {
  readonly arrays: readonly ProgramArray[];
  readonly steps: readonly DerivedStep[];
  readonly flops: number;
}

/** `outputs` are the values wanted, in order. Values that have more elements than `most` are made in blocks, where that can be. */
export function deriveProgram(body: Body, outputs: readonly NodeId[], most = BLOCK_ELEMENTS): DerivedProgram {
  const nodes = contracted(body, neededFor(body, outputs), outputs);
  const blocks = chooseBlocks(nodes, most);
  const draft = newDraft(blocks);
  const phases = phasesOf(nodes, blocks);
  const views = new Map<NodeId, View>();
  const viewOf = (id: NodeId): View => {
    const view = views.get(id);
    if (view === undefined) throw new Error(`internal: %${id} is not computed yet`);
    return view;
  };
  for (const node of nodes) {
    const phase = phases.get(node.id) ?? 'before';
    const kept =
      phase === 'block' &&
      nodes.some((reader) => reads(reader, node.id) && phases.get(reader.id) === 'after');
    const inputs = node.inputs.map(viewOf);
    const source = sourceView(draft, node);
    views.set(node.id, source ?? lowerNode({ draft, body, phase, node, inputs, kept }));
  }
  for (const output of outputs) {
    const { axes } = nodes.find(({ id }) => id === output)?.type ?? { axes: [] };
    const place = wholeView(addArray(draft, { elements: elementCount(axes), output }), axes);
    const phase = phases.get(output) ?? 'before';
    addLoop(draft, phase, { function: 'copy', operands: [viewOf(output)], axes }, place);
  }
  const flops = nodes.reduce((sum, node) => sum + recordOf(node.op).flops(signatureOf(body, node), 0), 0);
  return { arrays: draft.arrays, steps: stepsOf(draft), flops };
}

function reads(reader: AnyNode, id: NodeId): boolean {
  return reader.inputs.includes(id);
}

/** The nodes that the outputs are made of, in order. */
function neededFor(body: Body, outputs: readonly NodeId[]): readonly AnyNode[] {
  const needed = new Set<NodeId>(outputs);
  for (const node of body.nodes.toReversed())
    if (needed.has(node.id)) node.inputs.forEach((input) => needed.add(input));
  return body.nodes.filter(({ id }) => needed.has(id));
}

/** Everything that comes from a value of the blocks, and is not of them, comes after them. */
function phasesOf(nodes: readonly AnyNode[], blocks: Blocks | undefined): ReadonlyMap<NodeId, Phase> {
  const phases = new Map<NodeId, Phase>();
  for (const node of nodes) {
    const late = node.inputs.some((input) => phases.get(input) !== 'before');
    phases.set(node.id, blocks?.nodes.has(node.id) === true ? 'block' : late ? 'after' : 'before');
  }
  return phases;
}

function sourceView(draft: Draft, node: AnyNode): View | undefined {
  const { axes } = node.type;
  if (isOp(node, 'constant')) return constantView(draft, node.attrs.value);
  if (isOp(node, 'places')) return wholeView(undefined, axes);
  if (isOp(node, 'weight') || isOp(node, 'parameter'))
    return wholeView(addArray(draft, { elements: elementCount(axes), source: node.id }), axes);
  if (recordOf(node.op).kind === 'source') throw new Error(`internal: ${node.op} is not known at load`);
  return undefined;
}
