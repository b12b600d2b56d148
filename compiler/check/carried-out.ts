// What the language allows and the kernels do not carry out yet, found on the finished bodies.
import type { Diagnostic } from '../../grammar/source.ts';
import { type ScanShape, scanShape } from '../fuse/scan-shape.ts';
import type { AnyNode, Axis, Body, BodyCall, NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import * as errors from './errors.ts';

interface Assembled {
  readonly bodies: Readonly<Record<string, Body>>;
  readonly calls: readonly BodyCall[];
}

/** A diagnostic for every such form, at the text that caused it. */
export function uncarriedForms(assembled: Assembled): readonly Diagnostic[] {
  const nodes = Object.values(assembled.bodies).flatMap((body) => body.nodes);
  return [...nodes.flatMap(uncarriedScan), ...uncarriedMemories(assembled)];
}

function at(node: AnyNode, what: string): readonly Diagnostic[] {
  return node.span === undefined ? [] : [errors.notCarriedOutYet(node.span, what)];
}

// ---------------------------------------------------------------------------------------------- recurrences

/** A kernel walks all summed axes of a state together, so every sum is over all of them, and a state has all or none. */
function uncarriedScan(node: AnyNode): readonly Diagnostic[] {
  if (node.op !== 'scan') return [];
  const shape = scanShape(node);
  const inner = shape.body.nodes.filter((each) => recordOf(each.op).kind !== 'source');
  const known = new Set([...shape.parallel, ...shape.column].map((axis) => axis.name));
  // A kernel gives every row an invocation of its own, which sees no other row's state.
  if (inner.some((each) => recordOf(each.op).kind === 'move' && each.op !== 'broadcast'))
    return at(node, 'A `scan` that renames, picks or joins parts of its states');
  if (inner.some((each) => each.type.axes.some((axis) => !known.has(axis.name))))
    return at(node, 'A `scan` that gives values axes which its states lack');
  const sums = shape.body.nodes.filter((each) => ['reduce', 'contract'].includes(recordOf(each.op).kind));
  const whole = sums.every((sum) => sameNames(sum.attrs['over'] as readonly string[], shape.column)); // Both kinds name their axes so.
  if (!whole) return at(node, 'A `scan` with sums over different axes of its states');
  return shape.states.every((state) => allOrNone(shape, state.axes))
    ? []
    : at(node, 'A `scan` with a state that has only some of the summed axes');
}

function sameNames(names: readonly string[], axes: readonly Axis[]): boolean {
  return names.length === axes.length && axes.every((axis) => names.includes(axis.name));
}

function allOrNone({ column }: ScanShape, axes: readonly Axis[]): boolean {
  const own = column.filter((axis) => axes.some((other) => other.name === axis.name));
  return own.length === 0 || own.length === column.length;
}

// ---------------------------------------------------------------------------------------------- keys and values of other layers

/** The layer that makes keys and values writes them into their memory, and does so where it attends to them. */
function uncarriedMemories({ bodies, calls }: Assembled): readonly Diagnostic[] {
  const said = new Set<AnyNode>();
  calls.forEach((call, index) => {
    for (const node of bodies[call.body]?.nodes ?? []) {
      if (node.op !== 'attend') continue;
      const unwritten = node.inputs.slice(1, 3).some((input) => !isWritten(bodies, calls, index, input));
      if (unwritten) said.add(node);
    }
  });
  return [...said].flatMap((node) =>
    at(node, '`attend` over keys or values of a layer that does not attend to them itself'),
  );
}

/** Whether an attend of the body that made the value reads it there. */
function isWritten(
  bodies: Assembled['bodies'],
  calls: readonly BodyCall[],
  call: number,
  node: NodeId,
): boolean {
  const body = bodies[calls[call]?.body ?? ''];
  const value = body?.nodes[node];
  if (body === undefined || value === undefined) return false;
  const given = value.op === 'input' ? calls[call]?.inputs[String(value.attrs['name'])] : undefined;
  if (given === undefined)
    return body.nodes.some((each) => each.op === 'attend' && each.inputs.slice(1, 3).includes(node));
  const producer = bodies[calls[given.call]?.body ?? '']?.outputs[given.output];
  return producer !== undefined && isWritten(bodies, calls, given.call, producer);
}
