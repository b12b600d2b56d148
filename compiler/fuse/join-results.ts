// A rewriting rule: recurrences that differ only in what they read of the same states become one with several results, so that the states
// are kept once and go forward once, where a kernel can give all results in the row that it has at hand.
import { BodyBuilder } from '../ir/build.ts';
import { type AnyNode, type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { isOp, nodeAt, type NodeOf } from '../ir/ops/index.ts';
import { RESULTS_AXIS, resultTypes, type ScanAttrs } from '../ir/ops/scan.ts';
import { reachable, removeDeadNodes } from '../ir/rewrite.ts';
import { isRefused } from '../recurrence/affine.ts';
import { recurrenceForm } from '../recurrence/coupled-form.ts';
import { sameNames, titleOf } from './facts.ts';
import type { FusionNote } from './group.ts';
import { isRowwise, type ScanShape, scanShape } from './scan-shape.ts';

const RULE = 'recurrences of the same states go forward together';

/** A recurrence that takes the place of several, with one result of each. */
interface Joined {
  readonly members: readonly NodeOf<'scan'>[];
  /** In the old body. */
  readonly operands: readonly NodeId[];
  readonly attrs: ScanAttrs;
}

export function joinResults(body: Body, notes: FusionNote[] = []): Body {
  const joined: Joined[] = [];
  for (const node of body.nodes) {
    if (!isOp(node, 'scan') || node.attrs.results.length > 1) continue;
    const tried = joined.map((each) => joinTwo(body, each, node));
    const home = tried.findIndex((each) => each !== undefined);
    joined[home < 0 ? joined.length : home] = tried[home] ?? alone(node);
  }
  const several = joined.filter(({ members }) => members.length > 1);
  if (several.length === 0) return body;
  for (const { members } of several)
    notes.push({
      fired: true,
      rule: RULE,
      detail: members.map(({ id }) => titleOf(body, id)).join(', '),
    });
  return rebuild(body, several);
}

function alone(node: NodeOf<'scan'>): Joined {
  return { members: [node], operands: node.inputs, attrs: node.attrs };
}

/** Whether none of the recurrences is made from another. */
function areApart(body: Body, members: readonly AnyNode[], node: AnyNode): boolean {
  return members.every(
    (member) => !reachable(body, [node.id]).has(member.id) && !reachable(body, [member.id]).has(node.id),
  );
}

/** Both as one, if their states are the same and change in the same way, and a kernel can give all results. */
function joinTwo(body: Body, first: Joined, node: NodeOf<'scan'>): Joined | undefined {
  if (!areApart(body, first.members, node) || !haveSameStates(first.attrs, node.attrs)) return undefined;
  const builder = new BodyBuilder(first.attrs.body.name);
  const operands: NodeId[] = [];
  const outputs = new Map(copied(builder, operands, first.attrs, first.operands));
  const others = new Map(copied(builder, operands, node.attrs, node.inputs));
  if (first.attrs.states.some(({ name }) => outputs.get(`state:${name}`) !== others.get(`state:${name}`)))
    return undefined;
  const [result = ''] = node.attrs.results;
  const id = others.get(result) ?? internal(`a recurrence without ${result}`);
  // Two that read the same give it twice, as each has its own slice.
  const name = `result:${first.attrs.results.length}`;
  outputs.set(name, id);
  const attrs: ScanAttrs = {
    ...first.attrs,
    body: builder.finish(Object.fromEntries(outputs)),
    results: [...first.attrs.results, name],
  };
  return isGivenTogether(first.attrs, node.attrs, attrs)
    ? { members: [...first.members, node], operands, attrs }
    : undefined;
}

function haveSameStates(a: ScanAttrs, b: ScanAttrs): boolean {
  return JSON.stringify(a.states) === JSON.stringify(b.states);
}

/** The outputs of a recurrence's body in another body, whose operands are named anew. */
function copied(
  builder: BodyBuilder,
  operands: NodeId[],
  { body }: ScanAttrs,
  inputs: readonly NodeId[],
): readonly (readonly [string, NodeId])[] {
  const renamed: NodeId[] = [];
  for (const node of body.nodes) {
    const sources = node.inputs.map((input) => renamed[input] ?? internal('a body out of order'));
    const operand = isOp(node, 'input') ? /^operand:(\d+)$/.exec(node.attrs.name)?.[1] : undefined;
    if (operand === undefined) {
      renamed.push(builder.addAny(node.op, sources, node.attrs, node));
      continue;
    }
    const given = inputs[Number(operand)] ?? internal(`a recurrence without operand ${operand}`);
    const known = operands.indexOf(given);
    const index = known >= 0 ? known : operands.push(given) - 1;
    renamed.push(builder.input(`operand:${index}`, node.type, node));
  }
  return Object.entries(body.outputs).map(([name, id]) => [name, renamed[id] ?? 0] as const);
}

/** Whether rows go by themselves, every result is one number for each row, and no schedule is lost. */
function isGivenTogether(a: ScanAttrs, b: ScanAttrs, whole: ScanAttrs): boolean {
  const [first, second, shape] = [a, b, whole].map((attrs) => shapeOf(attrs));
  if (first === undefined || second === undefined || shape === undefined || !isRowwise(shape)) return false;
  const agree = (axes: (of: ScanShape) => readonly Axis[]): boolean =>
    [first, second].every((part) => sameNames(axes(part), axes(shape)));
  const rows = agree(({ parallel }) => parallel) && agree(({ column }) => column);
  const results = resultTypes(whole).every(({ axes }) => sameNames(axes, shape.parallel));
  const affine =
    [a, b].some((attrs) => isRefused(recurrenceForm(attrs))) || !isRefused(recurrenceForm(whole));
  return rows && results && affine;
}

function shapeOf(attrs: ScanAttrs): ScanShape {
  return scanShape({ attrs });
}

/** The body with its nodes in the order in which they are needed, as a joined recurrence comes after what all its members read. */
function rebuild(body: Body, several: readonly Joined[]): Body {
  const builder = new BodyBuilder(body.name);
  const made = new Map<NodeId, NodeId>();
  const copy = (id: NodeId): NodeId => {
    const known = made.get(id) ?? copyNew(id);
    made.set(id, known);
    return known;
  };
  const copyNew = (id: NodeId): NodeId => {
    const node = nodeAt(body.nodes, id);
    const joined = several.find(({ members }) => members.some((member) => member.id === id));
    if (joined === undefined) return builder.addAny(node.op, node.inputs.map(copy), node.attrs, node);
    const [first] = joined.members;
    const scan = builder.scan(joined.operands.map(copy), joined.attrs, {
      name: joined.attrs.states[0]?.name,
      span: first?.span,
    });
    return resultOf(builder, scan, joined, node);
  };
  const outputs = Object.entries(body.outputs).map(([name, id]) => [name, copy(id)] as const);
  return removeDeadNodes(builder.finish(Object.fromEntries(outputs)));
}

function resultOf(builder: BodyBuilder, scan: NodeId, { members, attrs }: Joined, node: AnyNode): NodeId {
  const index = members.findIndex(({ id }) => id === node.id);
  const types = resultTypes(attrs);
  const offset = types.slice(0, index).reduce((sum, { axes }) => sum + elementCount(axes), 0);
  const into = types[index]?.axes ?? internal('a result that is none');
  return builder.slice(scan, { axis: RESULTS_AXIS, offset, into }, node);
}
