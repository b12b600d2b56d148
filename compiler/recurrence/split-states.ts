// Takes a recurrence of several states apart: states that do not depend on each other get recurrences of their own.
import { axisNamed } from '../ir/axes.ts';
import { BodyBuilder } from '../ir/build.ts';
import { type AnyNode, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { nodeAt, recordOf } from '../ir/ops/index.ts';
import type { ScanAttrs } from '../ir/ops/scan.ts';
import { isSum } from './affine-body.ts';

export interface SplitStates {
  /** The result, computed from what the parts yield. */
  readonly result: NodeId;
  /** The recurrences, in an order in which each reads only earlier ones; one for each value that is read of its states. */
  readonly parts: readonly { readonly node: NodeId; readonly attrs: ScanAttrs }[];
}

interface Splitting {
  readonly attrs: ScanAttrs;
  readonly inputs: readonly NodeId[];
  readonly outer: BodyBuilder;
  /** By node: the states that it is made from. */
  readonly reads: readonly ReadonlySet<string>[];
  /** States that depend on each other, in an order in which each group reads only earlier ones. */
  readonly groups: readonly ReadonlySet<string>[];
  readonly lifted: Map<NodeId, NodeId>;
  readonly parts: { readonly node: NodeId; readonly attrs: ScanAttrs }[];
  /** Whether something as wide as a state that is summed over would have to be stored for each position. */
  wide: boolean;
}

/** The parts as nodes of `outer`, in which `inputs` are the scan's operands. Nothing where that would not be less work. */
export function splitStates(
  attrs: ScanAttrs,
  inputs: readonly NodeId[],
  outer: BodyBuilder,
): SplitStates | undefined {
  const [result, ...more] = attrs.results;
  if (attrs.states.length < 2 || result === undefined || more.length > 0) return undefined;
  const reads = readStates(attrs.body);
  const groups = groupStates(attrs, reads);
  if (groups.length < 2) return undefined;
  const splitting: Splitting = {
    attrs,
    inputs,
    outer,
    reads,
    groups,
    lifted: new Map(),
    parts: [],
    wide: false,
  };
  const node = lift(splitting, outputOf(attrs.body, result));
  return splitting.wide ? undefined : { result: node, parts: splitting.parts };
}

function outputOf(body: Body, name: string): NodeId {
  return body.outputs[name] ?? internal(`a scan's body has no output '${name}'`);
}

function stateOf(node: AnyNode): string | undefined {
  const name = node.op === 'input' ? String(node.attrs['name']) : '';
  return name.startsWith('state:') ? name.slice('state:'.length) : undefined;
}

function readStates({ nodes }: Body): readonly ReadonlySet<string>[] {
  const reads: ReadonlySet<string>[] = [];
  for (const node of nodes) {
    const state = stateOf(node);
    const own = node.inputs.flatMap((input) => [...(reads[input] ?? [])]);
    reads.push(new Set(state === undefined ? own : [state]));
  }
  return reads;
}

function groupStates({ states, body }: ScanAttrs, reads: Splitting['reads']): Splitting['groups'] {
  const reached = new Map(states.map(({ name }) => [name, new Set([name])]));
  for (let grown = true; grown;) {
    grown = false;
    for (const [name, all] of reached) {
      const size = all.size;
      for (const each of reads[outputOf(body, `state:${name}`)] ?? [])
        for (const far of reached.get(each) ?? []) all.add(far);
      grown ||= all.size > size;
    }
  }
  const together = (name: string): string[] =>
    [...(reached.get(name) ?? [])].filter((other) => reached.get(other)?.has(name) === true);
  const groups = states
    .filter(({ name }) => states.find((state) => together(name).includes(state.name))?.name === name)
    .map(({ name }) => ({ states: new Set(together(name)), behind: reached.get(name)?.size ?? 0 }));
  // What reads more states comes later: a group reads all that those it reads do.
  return groups.toSorted((a, b) => a.behind - b.behind).map((group) => group.states);
}

/** The node's value at each position, outside of any recurrence: what sums over states, or is a state, is read of the state's own. */
function lift(splitting: Splitting, id: NodeId): NodeId {
  const known = splitting.lifted.get(id) ?? liftNew(splitting, id);
  splitting.lifted.set(id, known);
  return known;
}

function liftNew(splitting: Splitting, id: NodeId): NodeId {
  const { attrs, inputs, outer, reads, groups } = splitting;
  const node = nodeAt(attrs.body.nodes, id);
  const operand = node.op === 'input' ? /^operand:(\d+)$/.exec(String(node.attrs['name'])) : null;
  if (operand !== null) return inputs[Number(operand[1])] ?? internal(`a scan without ${operand[0]}`);
  const last = groups.findLast((group) => [...(reads[id] ?? [])].some((state) => group.has(state)));
  const isState =
    stateOf(node) !== undefined ||
    attrs.states.some(({ name }) => attrs.body.outputs[`state:${name}`] === id);
  if (last !== undefined && isState) splitting.wide ||= isSummed(splitting, node);
  if (last !== undefined && (isState || isSum(node))) return part(splitting, last, id);
  return outer.addAny(
    node.op,
    node.inputs.map((input) => lift(splitting, input)),
    node.attrs,
    node,
  );
}

/** Whether a value is as large as the largest state, and some sum of the body runs over its axes. */
function isSummed({ attrs: { body, states } }: Splitting, { type }: AnyNode): boolean {
  const largest = Math.max(...states.map(({ axes }) => elementCount(axes)));
  if (elementCount(type.axes) < largest) return false;
  const sums = body.nodes.filter(isSum);
  return sums.some((node) =>
    (node.attrs['over'] as readonly string[]).some((name) => axisNamed(type.axes, name)),
  ); // Sums name their axes so.
}

/** An outer product and the like: in one piece it would be longer than what it is made from, so it is made where it is needed. */
function isWider(body: Body, { op, inputs, type }: AnyNode): boolean {
  const size = elementCount(type.axes);
  return (
    recordOf(op).kind === 'map' &&
    inputs.every((input) => elementCount(nodeAt(body.nodes, input).type.axes) < size)
  );
}

/** The recurrence of a group of states that yields one value of the body. */
function part(splitting: Splitting, group: ReadonlySet<string>, id: NodeId): NodeId {
  const { attrs, outer, reads } = splitting;
  const inner = new BodyBuilder(attrs.body.name);
  const operands: NodeId[] = [];
  const copied = new Map<NodeId, NodeId>();
  const copy = (from: NodeId): NodeId => {
    const known = copied.get(from) ?? copyNew(from);
    copied.set(from, known);
    return known;
  };
  const copyNew = (from: NodeId): NodeId => {
    const node = nodeAt(attrs.body.nodes, from);
    const own = [...(reads[from] ?? [])].some((state) => group.has(state));
    if (own || node.op === 'constant' || isWider(attrs.body, node))
      return inner.addAny(node.op, node.inputs.map(copy), node.attrs, node);
    const given = lift(splitting, from);
    const known = operands.indexOf(given);
    const index = known >= 0 ? known : operands.push(given) - 1;
    return inner.input(`operand:${index}`, { ...outer.typeOf(given), temporal: false }, node);
  };
  const states = attrs.states.filter(({ name }) => group.has(name));
  const outputs = new Map(
    states.map(({ name }) => [`state:${name}`, copy(outputOf(attrs.body, `state:${name}`))]),
  );
  const state = states.find(({ name }) => attrs.body.outputs[`state:${name}`] === id);
  const result = state === undefined ? 'result' : `state:${state.name}`;
  outputs.set(result, copy(id));
  const body = inner.finish(Object.fromEntries(outputs));
  const own: ScanAttrs = { ...attrs, states, body, results: [result] };
  const { name, span } = nodeAt(attrs.body.nodes, id);
  const node = outer.scan(operands, own, { name: name ?? states[0]?.name, span });
  splitting.parts.push({ node, attrs: own });
  return node;
}
