// The element printer: WGSL that computes one element of any value of a body, from what is in memory and in registers.
import { CONTROL } from '../../runtime/plan.ts';
import type { Phase } from '../fuse/group.ts';
import { takenResult } from '../fuse/scan-results.ts';
import { type AnyNode, type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { recordOf } from '../ir/ops/index.ts';
import {
  constantIndex,
  flatten,
  type Index,
  type Place,
  plainIndex,
  rowMajor,
  splitIndex,
  withAxes,
} from './place.ts';
import { readElement, type Storage } from './storage.ts';
import { printChosen } from './choose-elements.ts';
import { TEMPORAL_ELEMENTS } from './temporal-elements.ts';
import { rotateElement } from './rotate-element.ts';
import { float } from './text.ts';
import type { Code } from './wgsl.ts';

/** What a kernel offers to the printer. Asking for memory makes it one of the kernel's bindings. */
export interface Elements {
  readonly body: Body;
  readonly phase: Phase;
  /** Values that the kernel has in a register for the place it works on. */
  readonly bound: Map<NodeId, string>;
  /** Where a value can be read, if it is in memory when this kernel runs. */
  storage(node: NodeId): Storage | undefined;
  /** The memory of a temporal node; `part` names it among the node's own; `write` (true) says whether it is written too. */
  state(node: NodeId, part: string, write?: boolean): Storage;
  /** A word of the control buffer, u32. */
  control(word: Exclude<keyof typeof CONTROL, 'words'>): string;
  /** A token id, u32. */
  tokenId(token: string): string;
  /** Whole WGSL functions that the text calls. */
  helper(text: string): void;
  /** A source node that has no memory: a scan body's operand. */
  source?(code: Code, node: AnyNode, place: Place): string;
}

/** Prints what is needed to compute the element of node `id` at `place`, and returns its expression (f32, or bool for conditions). */
export function element(elements: Elements, code: Code, id: NodeId, place: Place): string {
  const known = elements.bound.get(id);
  if (known !== undefined) return known;
  const storage = elements.storage(id);
  if (storage !== undefined) return readElement(storage, place);
  const node = nodeIn(elements.body, id);
  const record = recordOf(node.op);
  if (record.kind === 'map') {
    record.helpers.forEach((helper) => elements.helper(helper));
    return record.wgsl(node.inputs.map((input) => mapArgument(elements, code, input, place)));
  }
  return printerOf(node)(elements, code, node, place);
}

/** A map may mention an argument twice, so anything longer than a name gets one. */
function mapArgument(elements: Elements, code: Code, input: NodeId, place: Place): string {
  const text = element(elements, code, input, place);
  const node = nodeIn(elements.body, input);
  return isAtom(text) ? text : code.let(node.name ?? node.op, text);
}

function isAtom(text: string): boolean {
  return /^-?[\w.]+$/.test(text);
}

export type ElementPrinter = (elements: Elements, code: Code, node: AnyNode, place: Place) => string;

export function nodeIn(body: Body, id: NodeId): AnyNode {
  const node = body.nodes[id];
  if (node === undefined) throw new Error(`internal: ${body.name} has no node ${id}`);
  return node;
}

/** The index of the position that `place` is at, as a u32 expression. */
export function positionText(elements: Elements, place: Place): string {
  const start = elements.control('position');
  return elements.phase === 'many'
    ? `(${start} + ${place.token})`
    : `(${start} + ${elements.control('count')} - 1u)`;
}

function printerOf(node: AnyNode): ElementPrinter {
  // Looked up when needed, since the printers of special nodes import this module.
  const imported: Readonly<Record<string, ElementPrinter>> = { rotate: rotateElement, chosen: printChosen };
  const printer = PRINTERS[node.op] ?? TEMPORAL_ELEMENTS[node.op] ?? imported[node.op];
  if (printer === undefined) throw new Error(`internal: no element of ${node.op} can be printed`);
  return printer;
}

/** Reads the attribute that the op's record says it has. */
function attribute<Value>(node: AnyNode, name: string): Value {
  return node.attrs[name] as Value; // The record's type says what its attributes are; nodes are checked against it when made.
}

function onlyInput(node: AnyNode): NodeId {
  const [input] = node.inputs;
  if (input === undefined) throw new Error(`internal: ${node.op} without an input`);
  return input;
}

const PRINTERS: Readonly<Record<string, ElementPrinter>> = {
  constant: (_elements, _code, node) => float(attribute(node, 'value')),
  places: (_elements, _code, node, place) => `f32(${flatten(rowMajor(attribute(node, 'axes')), place).text})`,
  position: (elements, _code, _node, place) => `f32(${positionText(elements, place)})`,
  token: (elements, _code, _node, place) => `f32(${currentToken(elements, place)})`,
  input: (elements, code, node, place) => fromSource(elements, code, node, place),
  features: (elements, code, node, place) => fromSource(elements, code, node, place),
  weight: (elements, code, node, place) => fromSource(elements, code, node, place),
  parameter: (elements, code, node, place) => fromSource(elements, code, node, place),
  rename: (elements, code, node, place) => {
    const index = place.axes.get(attribute(node, 'to'));
    if (index === undefined)
      throw new Error(`internal: no index for the new name of ${node.name ?? node.op}`);
    return element(elements, code, onlyInput(node), withAxes(place, [[attribute(node, 'from'), index]]));
  },
  index: (elements, code, node, place) =>
    element(
      elements,
      code,
      onlyInput(node),
      withAxes(place, [[attribute(node, 'axis'), constantIndex(attribute(node, 'at'))]]),
    ),
  broadcast: (elements, code, node, place) => element(elements, code, onlyInput(node), place),
  slice: printSlice,
  reverse: (elements, code, node, place) => {
    const { name, size } = axisOf(elements, node.id, attribute(node, 'axis'));
    const index = place.axes.get(name) ?? plainIndex('0u');
    const reversed = plainIndex(`${size - 1}u - ${isAtom(index.text) ? index.text : `(${index.text})`}`);
    return element(elements, code, onlyInput(node), withAxes(place, [[name, reversed]]));
  },
  concat: printConcat,
  gather: printGather,
  sum: printReduce,
  max: printReduce,
  contract: printReduce,
};

function fromSource(elements: Elements, code: Code, node: AnyNode, place: Place): string {
  if (elements.source === undefined)
    throw new Error(`internal: ${node.op} ${node.name ?? ''} is not in memory`);
  return elements.source(code, node, place);
}

function currentToken(elements: Elements, place: Place): string {
  return elements.tokenId(elements.phase === 'many' ? place.token : `${elements.control('count')} - 1u`);
}

function printSlice(elements: Elements, code: Code, node: AnyNode, place: Place): string {
  const taken = takenResult(elements.body, node);
  if (taken !== undefined) {
    // The recurrence steps once, and gives all its results.
    element(elements, code, taken.scan.id, place);
    return elements.bound.get(node.id) ?? internal('a recurrence that does not give a result');
  }
  const into = attribute<readonly Axis[]>(node, 'into');
  const flat = flatten(rowMajor(into), place, attribute(node, 'offset'));
  return element(elements, code, onlyInput(node), withAxes(place, [[attribute(node, 'axis'), flat]]));
}

/** Each part has its range of the axis; only the part that the index falls into is computed. */
function printConcat(elements: Elements, code: Code, node: AnyNode, place: Place): string {
  const axis = attribute<Axis>(node, 'axis');
  const whole = place.axes.get(axis.name) ?? plainIndex('0u');
  const at = isAtom(whole.text) ? whole.text : code.let(axis.name, whole.text);
  const result = code.fresh(node.name ?? 'joined');
  code.line(`var ${result}: f32;`);
  let start = 0;
  node.inputs.forEach((input, part) => {
    const names = attribute<readonly (readonly string[])[]>(node, 'parts')[part] ?? [];
    const axes = names.map((name) => axisOf(elements, input, name));
    const end = start + elementCount(axes);
    const offset = start;
    const guard = `if (${at} >= ${start}u && ${at} < ${end}u)`;
    code.block(guard, (inner) => {
      const within: Index = offset === 0 ? { text: at } : { text: inner.let('part', `${at} - ${offset}u`) };
      inner.line(
        `${result} = ${element(elements, inner, input, withAxes(place, splitIndex(within, axes)))};`,
      );
    });
    start = end;
  });
  return result;
}

function axisOf(elements: Elements, id: NodeId, name: string): Axis {
  const axis = nodeIn(elements.body, id).type.axes.find((candidate) => candidate.name === name);
  if (axis === undefined) throw new Error(`internal: node ${id} has no axis ${name}`);
  return axis;
}

function printGather(elements: Elements, code: Code, node: AnyNode, place: Place): string {
  const [table, index] = node.inputs;
  if (table === undefined || index === undefined) throw new Error('internal: gather without its inputs');
  const found = indexText(elements, code, index, place);
  const axes = attribute<readonly string[]>(node, 'axes').map((name) => axisOf(elements, table, name));
  const at = node.attrs['clamp'] === true ? `min(${found}, ${elementCount(axes) - 1}u)` : found;
  const entry = plainIndex(code.let('entry', at));
  return element(elements, code, table, withAxes(place, splitIndex(entry, axes)));
}

function indexText(elements: Elements, code: Code, index: NodeId, place: Place): string {
  switch (nodeIn(elements.body, index).op) {
    case 'token':
      return currentToken(elements, place);
    case 'position':
      return positionText(elements, place);
    default:
      return `u32(${element(elements, code, index, place)})`;
  }
}

/** A sum or maximum by one invocation: nested loops with constant trip counts. */
function printReduce(elements: Elements, code: Code, node: AnyNode, place: Place): string {
  const record = recordOf(node.op);
  const fold =
    record.kind === 'reduce'
      ? record.wgsl
      : { start: '0.0', combine: (a: string, b: string) => `${a} + ${b}` };
  const axes = attribute<readonly string[]>(node, 'over').map((name) =>
    axisOf(elements, onlyInput(node), name),
  );
  const result = code.fresh(node.name ?? node.op);
  code.line(`var ${result} = ${fold.start};`);
  const nest = (inner: Code, rest: readonly Axis[], at: Place): void => {
    const [axis, ...others] = rest;
    if (axis === undefined) {
      const factors = node.inputs.map((input) => element(elements, inner, input, at));
      inner.line(`${result} = ${fold.combine(result, factors.map(paren).join(' * '))};`);
    } else
      inner.loop(inner.fresh(`i_${axis.name}`), axis.size, (body, name) =>
        nest(body, others, withAxes(at, [[axis.name, plainIndex(name)]])),
      );
  };
  nest(code, axes, place);
  return result;
}

function paren(text: string): string {
  return isAtom(text) || /^\w+\[[^\]]*\]$/.test(text) ? text : `(${text})`;
}
