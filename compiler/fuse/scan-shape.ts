// How a recurrence's elements fall to invocations: parallel rows, and the column that each row sums over.
import { type AnyNode, type Axis, type Body } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';

export interface ScanState {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly initial: number;
}

export interface ScanShape {
  readonly states: readonly ScanState[];
  readonly body: Body;
  readonly results: readonly string[];
  /** The axes of the states that no statement of the body sums over: one invocation for each element. */
  readonly parallel: readonly Axis[];
  /** The axes summed over inside the body: each invocation holds all of them. */
  readonly column: readonly Axis[];
}

/** The roles of a scan's axes, from their use in its body. */
export function scanShape(node: AnyNode): ScanShape {
  // A scan's attributes are these, by its record's type.
  const attrs = node.attrs as unknown as {
    states: readonly ScanState[];
    body: Body;
    results: readonly string[];
  };
  const summed = new Set<string>();
  for (const inner of attrs.body.nodes) {
    const kind = recordOf(inner.op).kind;
    if (kind === 'reduce' || kind === 'contract')
      for (const name of inner.attrs['over'] as readonly string[]) summed.add(name); // Both kinds name their axes so.
  }
  const all = new Map<string, Axis>();
  for (const state of attrs.states) for (const axis of state.axes) all.set(axis.name, axis);
  const axes = [...all.values()];
  return {
    states: attrs.states,
    body: attrs.body,
    results: attrs.results,
    parallel: axes.filter((axis) => !summed.has(axis.name)),
    column: axes.filter((axis) => summed.has(axis.name)),
  };
}

/** Whether a state has the column's axes, or one value for each row. */
export function isColumnState(shape: ScanShape, state: ScanState): boolean {
  return state.axes.some((axis) => shape.column.some((other) => other.name === axis.name));
}
