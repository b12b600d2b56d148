// How each op becomes loops of a derived program.
import { requireAxis, rowMajorStrides } from '../ir/axes.ts';
import { type AnyNode, type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { signatureOf } from '../ir/memory.ts';
import type { AnyAttrs, ArrayOp } from '../ir/op.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';
import { addLoop, called, computed, copied, type Draft, makeView, type Phase } from './derive-draft.ts';
import { chosenView, topView } from './derive-choices.ts';
import { movedView, placeOf, replaced, type View } from './derive-views.ts';

/** Everything the lowering of a node needs. */
export interface NodeLowering {
  readonly draft: Draft;
  readonly body: Body;
  readonly phase: Phase;
  readonly node: AnyNode;
  readonly inputs: readonly View[];
  /** Whether the value is read behind the blocks in which it is made. */
  readonly kept: boolean;
}

export function inputType({ body, node }: NodeLowering, at: number): AnyNode['type'] {
  const found = body.nodes[node.inputs[at] as NodeId]; // Inputs are nodes of the body.
  if (found === undefined) throw new Error('internal: a node lacks its input');
  return found.type;
}

/** The node's value; its loops are added to the draft. */
export function lowerNode(lowering: NodeLowering): View {
  const { draft, phase, node, inputs, kept } = lowering;
  const { axes } = node.type;
  const record = recordOf(node.op);
  const { kind } = record;
  if (kind === 'map') return computed(draft, phase, { function: node.op, operands: inputs, axes }, kept);
  if (isOp(node, 'sum') || isOp(node, 'max')) {
    const over = node.attrs.over.map((name) => requireAxis(inputType(lowering, 0).axes, name));
    const reduce = { combine: node.op, over } as const;
    return computed(draft, phase, { function: 'copy', operands: inputs, axes, reduce }, kept);
  }
  if (isOp(node, 'contract')) {
    const over = node.attrs.over.map((name) => requireAxis(inputType(lowering, 0).axes, name));
    const reduce = { combine: 'sum', over } as const;
    return computed(draft, phase, { function: 'mul', operands: inputs, axes, reduce }, kept);
  }
  if (isOp(node, 'concat')) return joined(lowering);
  if (isOp(node, 'gather')) return foundEntries(lowering);
  if (isOp(node, 'chosen')) return chosenView(lowering, node.attrs);
  if (isOp(node, 'top')) return topView(lowering, node.attrs);
  if (record.kind === 'array') return wholeArrays(lowering, record);
  if (kind === 'move') return moved(lowering);
  throw new Error(`internal: ${node.op} is not computed at load`);
}

/** A view of the input, or a copy of it where nothing else would do. */
function moved({ draft, phase, node, inputs, kept }: NodeLowering): View {
  const [input] = inputs;
  const view = input === undefined ? undefined : movedView(node, input);
  if (view === undefined) throw new Error(`internal: ${node.op} is not computed at load`);
  return kept ? copied(draft, phase, view, node.type.axes, true) : view;
}

/** A function of whole arrays never goes by rows, so it is before or behind the blocks. */
function wholeArrays({ draft, body, phase, node, inputs }: NodeLowering, record: ArrayOp<AnyAttrs>): View {
  if (phase === 'block') throw new Error(`internal: ${node.op} in a block`);
  const { rows, inner, sizes } = record.callOf(signatureOf(body, node));
  const axes = [...rows, ...inner];
  const call = { function: node.op, sizes };
  const arrays = inputs.map((view) => ({ view, axes }));
  return called(draft, phase, call, arrays, node.type.axes);
}

/** Each part is copied to where it begins. */
function joined(lowering: NodeLowering): View {
  const { draft, phase, node, inputs, kept } = lowering;
  if (!isOp(node, 'concat')) throw new Error('internal: this joins nothing');
  const { axis, parts } = node.attrs;
  const out = makeView(draft, phase, node.type.axes, kept);
  let start = 0;
  inputs.forEach((input, at) => {
    const own = inputType(lowering, at).axes;
    const part: readonly Axis[] = (parts[at] ?? []).map((name) => requireAxis(own, name));
    const rest = node.type.axes.filter(({ name }) => name !== axis.name);
    const place = replaced(out, axis.name, start, rowMajorStrides(part));
    addLoop(draft, phase, { function: 'copy', operands: [input], axes: [...rest, ...part] }, place);
    start += elementCount(part);
  });
  return out;
}

/** Entries of a table at an index that is itself a value. */
function foundEntries(lowering: NodeLowering): View {
  const { draft, phase, node, inputs, kept } = lowering;
  if (!isOp(node, 'gather')) throw new Error('internal: this finds nothing');
  const [table, index] = inputs.map((input, at) =>
    input.array === undefined ? copied(draft, phase, input, inputType(lowering, at).axes) : input,
  );
  if (table === undefined || index === undefined) throw new Error('internal: gather lacks an input');
  const looked = node.attrs.axes.map((name) => requireAxis(inputType(lowering, 0).axes, name));
  const strides = placeOf(table, looked).strides;
  const rest = looked.reduce((view, { name }) => replaced(view, name, 0, new Map()), table);
  const lookup = {
    sizes: looked.map(({ size }) => size),
    strides,
    clamp: node.attrs.clamp ?? false,
  };
  const operands = [{ table: rest, lookup, at: index }];
  return computed(draft, phase, { function: 'copy', operands, axes: node.type.axes }, kept);
}
