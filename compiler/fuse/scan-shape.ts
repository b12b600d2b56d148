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
export function scanShape(node: Pick<AnyNode, 'attrs'>): ScanShape {
  // A scan's attributes are these, by its record's type.
  const attrs = node.attrs as unknown as {
    states: readonly ScanState[];
    body: Body;
    results: readonly string[];
  };
  const summed = new Set<string>();
  for (const inner of attrs.body.nodes.filter(isSum)) for (const name of summedNames(inner)) summed.add(name);
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

/**
 * Whether each row can go by itself: no statement reads another row's values. All sums run over the whole column, a state has all of the
 * column's axes or none, and no value has axes that the states lack. A kernel then gives every row an invocation of its own.
 */
export function isRowwise(shape: ScanShape): boolean {
  const inner = shape.body.nodes.filter((each) => recordOf(each.op).kind !== 'source');
  const known = new Set([...shape.parallel, ...shape.column].map((axis) => axis.name));
  const sums = inner.filter(isSum);
  return (
    !inner.some((each) => OTHER_ELEMENTS.has(recordOf(each.op).kind) && each.op !== 'broadcast') &&
    inner.every((each) => each.type.axes.every((axis) => known.has(axis.name))) &&
    sums.every((sum) => sameNames(summedNames(sum), shape.column)) &&
    shape.states.every((state) => allOrNone(shape, state.axes))
  );
}

/** Kinds of ops whose elements are made from other elements than their own; a broadcast's are not. */
const OTHER_ELEMENTS: ReadonlySet<string> = new Set(['move', 'rotate', 'gather']);

function isSum(node: AnyNode): boolean {
  return ['reduce', 'contract'].includes(recordOf(node.op).kind);
}

function summedNames(node: AnyNode): readonly string[] {
  return node.attrs['over'] as readonly string[]; // Reductions and contractions name their axes so.
}

function sameNames(names: readonly string[], axes: readonly Axis[]): boolean {
  return names.length === axes.length && axes.every((axis) => names.includes(axis.name));
}

function allOrNone({ column }: ScanShape, axes: readonly Axis[]): boolean {
  const own = column.filter((axis) => axes.some((other) => other.name === axis.name));
  return own.length === 0 || own.length === column.length;
}

/**
 * The axes along which nothing is mixed: every state and result has them, and no sum, rename or choice of parts touches them. Rows that
 * differ in these never read each other.
 */
export function separateAxes({ states, body, results }: ScanShape): readonly Axis[] {
  const [first] = states;
  const mixed = new Set(body.nodes.flatMap(mixedAxes));
  const values = results.map((name) => body.nodes[body.outputs[name] ?? -1]?.type.axes ?? []);
  const all = [...states.map(({ axes }) => axes), ...values];
  return (first?.axes ?? []).filter(
    ({ name }) => !mixed.has(name) && all.every((axes) => axes.some((axis) => axis.name === name)),
  );
}

/** The names of the axes whose elements a node reads at other places than its own. */
function mixedAxes({ op, attrs, type }: AnyNode): readonly string[] {
  const { kind } = recordOf(op);
  if (kind === 'source' || kind === 'map' || op === 'broadcast') return [];
  const own = Object.values(attrs).flatMap(namesIn);
  return OTHER_ELEMENTS.has(kind) && kind !== 'move' ? [...own, ...type.axes.map(({ name }) => name)] : own;
}

/** The axes' names in an attribute: a name, an axis, or a list of these. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return typeof value === 'object' && value !== null && 'name' in value ? namesIn(value.name) : [];
}
