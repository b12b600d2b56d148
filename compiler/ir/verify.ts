// Checks what every stage may rely on; a violation is our mistake and is thrown with the node's name.
import { describeType, sameType } from './axes.ts';
import {
  elementCount,
  outputsOf,
  type AnyNode,
  type Axis,
  type Body,
  type BodyCall,
  type Graph,
  type ValueType,
} from './graph.ts';
import { internal } from './internal.ts';
import { bodyOf } from './memory.ts';
import { isOp, isOpName, nodeAt, recordOf } from './ops/index.ts';
import { RESULTS_AXIS } from './ops/scan.ts';
import { verifyWeightViews } from './verify-views.ts';

/**
 * Throws "internal: …" unless nodes are in topological order with the types that inference gives, every axis name has one size in a
 * body, every call gives its body exactly what it needs, all outputs, bodies and weights are there, and weights' views stay inside their
 * tensors. Returns the graph.
 */
export function verifyGraph(graph: Graph): Graph {
  for (const [name, body] of Object.entries(graph.bodies)) {
    if (body.name !== name) internal(`the body '${body.name}' is listed as '${name}'`);
    verifyBody(body);
  }
  if (graph.calls.length === 0) internal('the graph has no calls');
  graph.calls.forEach((call, index) => verifyCall(graph, call, index));
  Object.values(graph.weights).forEach(verifyWeightViews);
  verifyOutputs(graph);
  return graph;
}

/** The part of `verifyGraph` that concerns one body. Returns the body. */
export function verifyBody(body: Body): Body {
  const sizes = new Map<string, number>();
  body.nodes.forEach((node, index) => {
    const where = describeNode(body, node);
    if (node.id !== index) internal(`${where} stands at index ${index}`);
    if (!isOpName(node.op)) internal(`${where}: no op is called '${node.op}'`);
    for (const input of node.inputs)
      if (!(input >= 0 && input < index)) internal(`${where} reads %${input}, which does not come before it`);
    verifyType(body, node, where);
    for (const axis of node.type.axes) verifySize(sizes, axis, where);
    for (const inner of recordOf(node.op).bodies?.(node.attrs) ?? []) verifyBody(inner);
  });
  for (const [name, id] of Object.entries(body.outputs))
    if (body.nodes[id] === undefined)
      internal(`${body.name}: output '${name}' is %${id}, which is not there`);
  verifySources(body);
  return body;
}

function describeNode(body: Body, node: AnyNode): string {
  return `${body.name}: %${node.id}${node.name === undefined ? '' : ` ${node.name}`} = ${node.op}`;
}

function verifyType(body: Body, node: AnyNode, where: string): void {
  const inputs = node.inputs.map((input) => nodeAt(body.nodes, input).type);
  const inferred = inferOrName(node, inputs, where);
  if (!sameType(inferred, node.type))
    internal(`${where} has type ${describeType(node.type)} instead of ${describeType(inferred)}`);
}

function inferOrName(node: AnyNode, inputs: readonly ValueType[], where: string): ValueType {
  try {
    return recordOf(node.op).infer(inputs, node.attrs);
  } catch (error) {
    return internal(`${where}: ${error instanceof Error ? error.message.replace(/^internal: /, '') : ''}`);
  }
}

function verifySize(sizes: Map<string, number>, axis: Axis, where: string): void {
  // Every scan of several results has its own; only slices read it.
  if (axis.name === RESULTS_AXIS) return;
  const known = sizes.get(axis.name) ?? axis.size;
  if (known !== axis.size)
    internal(`${where} has axis '${axis.name}' of ${axis.size}, elsewhere in the body it is ${known}`);
  sizes.set(axis.name, axis.size);
}

/** A name stands for one input, one weight, one parameter. */
function verifySources(body: Body): void {
  const seen = new Set<string>();
  for (const node of body.nodes) {
    if (node.op !== 'input' && node.op !== 'weight' && node.op !== 'parameter') continue;
    const key = `${node.op} '${String(node.attrs['name'])}'`;
    if (seen.has(key)) internal(`${describeNode(body, node)}: ${key} has two nodes`);
    seen.add(key);
  }
}

function verifyCall(graph: Graph, call: BodyCall, index: number): void {
  const body = graph.bodies[call.body] ?? internal(`call ${index} runs '${call.body}', which is no body`);
  for (const node of body.nodes) {
    const where = `call ${index} (${call.label}), ${describeNode(body, node)}`;
    if (isOp(node, 'input')) verifyInput(graph, call, index, node, where);
    if (isOp(node, 'weight')) verifyWeight(graph, call, node.attrs.name, node, where);
    if (isOp(node, 'parameter')) verifyParameter(call, node.attrs.name, node, where);
  }
  const used = (op: string): ReadonlySet<unknown> =>
    new Set(body.nodes.filter((node) => node.op === op).map((node) => node.attrs['name']));
  verifyNoStray(call, index, 'input', Object.keys(call.inputs), used('input'));
  verifyNoStray(call, index, 'weight', Object.keys(call.weights), used('weight'));
  verifyNoStray(call, index, 'parameter', Object.keys(call.parameters), used('parameter'));
}

function verifyNoStray(
  call: BodyCall,
  index: number,
  what: string,
  given: readonly string[],
  used: ReadonlySet<unknown>,
): void {
  const stray = given.find((name) => !used.has(name));
  if (stray !== undefined)
    internal(`call ${index} (${call.label}) gives ${what} '${stray}', which nobody reads`);
}

function verifyInput(graph: Graph, call: BodyCall, index: number, node: AnyNode, where: string): void {
  const name = String(node.attrs['name']);
  const from = call.inputs[name] ?? internal(`${where}: input '${name}' is not given`);
  if (!(from.call >= 0 && from.call < index))
    internal(`${where}: reads call ${from.call}, which is not earlier`);
  const producer = bodyOf(graph, from.call);
  const id = producer.outputs[from.output] ?? internal(`${where}: ${producer.name} has no '${from.output}'`);
  const { type } = nodeAt(producer.nodes, id);
  if (!sameType(type, node.type))
    internal(`${where}: reads ${describeType(type)} as ${describeType(node.type)}`);
}

function verifyWeight(graph: Graph, call: BodyCall, name: string, node: AnyNode, where: string): void {
  const id = call.weights[name] ?? internal(`${where}: weight '${name}' is not given`);
  const weight = graph.weights[id] ?? internal(`${where}: no weight '${id}'`);
  const type: ValueType = { dtype: 'f32', axes: weight.axes, temporal: false };
  if (weight.id !== id) internal(`the weight '${weight.id}' is listed as '${id}'`);
  if (!sameType(type, node.type))
    internal(`${where}: weight '${id}' is ${describeType(type)}, not ${describeType(node.type)}`);
}

function verifyParameter(call: BodyCall, name: string, node: AnyNode, where: string): void {
  const values = call.parameters[name] ?? internal(`${where}: parameter '${name}' is not given`);
  const expected = elementCount(node.type.axes);
  if (values.length !== expected) internal(`${where}: parameter '${name}' has ${values.length} elements`);
}

/** Every output is a value of a call; logits are those of the last one, one per word of the vocabulary. */
function verifyOutputs(graph: Graph): void {
  for (const { name, from } of outputsOf(graph)) {
    const body = bodyOf(graph, from.call);
    const id = body.outputs[from.output] ?? internal(`call ${from.call} has no output ${from.output}`);
    const { axes, temporal, dtype } = nodeAt(body.nodes, id).type;
    if (!temporal || dtype !== 'f32') internal(`the output '${name}' is not one number per position`);
    if (name === 'logits' && elementCount(axes) !== graph.vocab)
      internal(`logits have ${elementCount(axes)} elements for a vocabulary of ${graph.vocab}`);
  }
}
