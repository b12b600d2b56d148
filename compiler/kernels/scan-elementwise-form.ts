// Which recurrences go element by element: nothing in their update looks at another element, and their result reads the new state.
import { type ScanShape, scanShape } from '../fuse/scan-shape.ts';
import type { AnyNode, NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { nodeIn } from './elements.ts';

/** A recurrence with one state whose update looks at no sum, and whose result is one sum over the column of something per state, or the state itself. */
export interface ElementwiseScan {
  readonly shape: ScanShape;
  readonly state: string;
  readonly update: NodeId;
  /** What is summed: a node of the body, or two whose product it is; the update itself where there is no column. */
  readonly terms: readonly NodeId[];
  readonly sum: NodeId;
  /** The body's result, computed from the sum and operands of the row. */
  readonly result: NodeId;
}

export function elementwiseScan(node: AnyNode): ElementwiseScan | undefined {
  const shape = scanShape(node);
  const [state, ...others] = shape.states;
  const [resultName, ...more] = shape.results;
  const result = resultName === undefined ? undefined : shape.body.outputs[resultName];
  const update = state === undefined ? undefined : shape.body.outputs[`state:${state.name}`];
  if (
    state === undefined ||
    result === undefined ||
    update === undefined ||
    others.length > 0 ||
    more.length > 0
  )
    return undefined;
  const sums = shape.body.nodes.filter((each) => ['reduce', 'contract'].includes(recordOf(each.op).kind));
  const [sum] = sums;
  if (sum === undefined && shape.column.length === 0)
    return onlyThrough(shape, result, update)
      ? { shape, state: state.name, update, terms: [update], sum: update, result }
      : undefined;
  const reads = sum === undefined ? undefined : readsOfState(shape, sum, update);
  if (sum === undefined || sums.length !== 1 || reads !== 'after' || sum.op === 'max') return undefined;
  if (dependsOn(shape, update, sum.id) || !onlyThrough(shape, result, sum.id)) return undefined;
  return { shape, state: state.name, update, terms: sum.inputs, sum: sum.id, result };
}

function dependsOn(shape: ScanShape, id: NodeId, on: NodeId): boolean {
  return id === on || nodeIn(shape.body, id).inputs.some((input) => dependsOn(shape, input, on));
}

function isState(node: AnyNode): boolean {
  return String(node.attrs['name']).startsWith('state:');
}

/** Whether the sum sees the state only after the update. */
function readsOfState(shape: ScanShape, sum: AnyNode, update: NodeId): 'after' | undefined {
  const before = (id: NodeId): boolean => {
    if (id === update) return false;
    const node = nodeIn(shape.body, id);
    return (node.op === 'input' && isState(node)) || node.inputs.some(before);
  };
  return sum.inputs.some(before) ? undefined : 'after';
}

/** Whether the result reaches the states only through the sum. */
function onlyThrough(shape: ScanShape, id: NodeId, sum: NodeId): boolean {
  if (id === sum) return true;
  const node = nodeIn(shape.body, id);
  return (
    !(node.op === 'input' && isState(node)) && node.inputs.every((input) => onlyThrough(shape, input, sum))
  );
}
