// Builds one body: infers every node's type and shares identical nodes.
import type { Span } from '../../grammar/source.ts';
import type { AnyNode, Axis, Body, NodeId, ValueType } from './graph.ts';
import { internal } from './internal.ts';
import { nodeAt, recordOf, type AttrsOf, type MapName, type OpName } from './ops/index.ts';
import type { AnyAttrs } from './op.ts';

/** What a node may carry for people. */
export interface Extra {
  readonly name?: string | undefined;
  readonly span?: Span | undefined;
}

/** A body being built. Nodes that are the same op of the same inputs with the same attributes are one node. */
export class BodyBuilder {
  readonly name: string;
  readonly #nodes: AnyNode[] = [];
  readonly #known = new Map<string, NodeId>();

  constructor(name: string) {
    this.name = name;
  }

  /** The nodes so far. */
  get nodes(): readonly AnyNode[] {
    return this.#nodes;
  }

  typeOf(id: NodeId): ValueType {
    return nodeAt(this.#nodes, id).type;
  }

  add<Name extends OpName>(op: Name, inputs: readonly NodeId[], attrs: AttrsOf<Name>, extra?: Extra): NodeId {
    // Every record's attributes are object types of readonly fields, which is what AnyAttrs says.
    return this.addAny(op, inputs, attrs as AnyAttrs, extra);
  }

  /** As `add`, for nodes whose op is not known when the compiler is compiled: copies of other bodies' nodes. */
  addAny(op: string, inputs: readonly NodeId[], attrs: AnyAttrs, extra: Extra = {}): NodeId {
    const key = nodeKey(op, inputs, attrs);
    const known = this.#known.get(key);
    if (known !== undefined) return this.#describe(known, extra);
    const id = this.#nodes.length;
    const type = this.#infer(op, inputs, attrs, extra);
    this.#nodes.push(withExtra({ id, op, inputs, attrs, type }, extra));
    this.#known.set(key, id);
    return id;
  }

  /** Gives a node the first name and place that anybody said of it. */
  #describe(id: NodeId, extra: Extra): NodeId {
    this.#nodes[id] = withExtra(nodeAt(this.#nodes, id), extra);
    return id;
  }

  #infer(op: string, inputs: readonly NodeId[], attrs: AnyAttrs, extra: Extra): ValueType {
    const types = inputs.map((input) => this.typeOf(input));
    try {
      return recordOf(op).infer(types, attrs);
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^internal: /, '') : String(error);
      const named = extra.name === undefined ? '' : ` ${extra.name}`;
      return internal(`${this.name}: %${this.#nodes.length}${named} = ${op}: ${reason}`);
    }
  }

  finish(outputs: Readonly<Record<string, NodeId>>): Body {
    for (const id of Object.values(outputs)) nodeAt(this.#nodes, id);
    return { name: this.name, nodes: [...this.#nodes], outputs };
  }

  // ------------------------------------------------------------------------------------------ shorthands

  token = (): NodeId => this.add('token', [], {}, { name: 'token' });
  features = (name: string, axes: readonly Axis[]): NodeId =>
    this.add('features', [], { name, axes }, { name });
  position = (): NodeId => this.add('position', [], {}, { name: 'position' });
  places = (axes: readonly Axis[], extra?: Extra): NodeId => this.add('places', [], { axes }, extra);
  constant = (value: number, extra?: Extra): NodeId => this.add('constant', [], { value }, extra);

  /** The stream, an exposed value, a scan body's operand or state. */
  input = (name: string, type: ValueType, extra: Extra = { name }): NodeId =>
    this.add('input', [], { name, type }, extra);
  weight = (name: string, axes: readonly Axis[], extra: Extra = { name }): NodeId =>
    this.add('weight', [], { name, axes }, extra);
  parameter = (name: string, axes: readonly Axis[], extra: Extra = { name }): NodeId =>
    this.add('parameter', [], { name, axes }, extra);

  map = (op: MapName, inputs: readonly NodeId[], extra?: Extra): NodeId => this.add(op, inputs, {}, extra);
  sum = (a: NodeId, over: readonly string[], extra?: Extra): NodeId => this.add('sum', [a], { over }, extra);
  max = (a: NodeId, over: readonly string[], extra?: Extra): NodeId => this.add('max', [a], { over }, extra);
  contract = (a: NodeId, b: NodeId, over: readonly string[], extra?: Extra): NodeId =>
    this.add('contract', [a, b], { over }, extra);

  rename = (a: NodeId, from: string, to: string, extra?: Extra): NodeId =>
    this.add('rename', [a], { from, to }, extra);
  index = (a: NodeId, axis: string, at: number, extra?: Extra): NodeId =>
    this.add('index', [a], { axis, at }, extra);
  slice = (a: NodeId, attrs: AttrsOf<'slice'>, extra?: Extra): NodeId => this.add('slice', [a], attrs, extra);
  reverse = (a: NodeId, axis: string, extra?: Extra): NodeId => this.add('reverse', [a], { axis }, extra);
  concat = (inputs: readonly NodeId[], attrs: AttrsOf<'concat'>, extra?: Extra): NodeId =>
    this.add('concat', inputs, attrs, extra);
  broadcast = (a: NodeId, axes: readonly Axis[], extra?: Extra): NodeId =>
    this.add('broadcast', [a], { axes }, extra);

  gather = (table: NodeId, index: NodeId, axes: readonly string[], extra?: Extra): NodeId =>
    this.add('gather', [table, index], { axes }, extra);
  chosen = (a: NodeId, attrs: AttrsOf<'chosen'>, extra?: Extra): NodeId =>
    this.add('chosen', [a], attrs, extra);
  top = (a: NodeId, attrs: AttrsOf<'top'>, extra?: Extra): NodeId => this.add('top', [a], attrs, extra);
  /** Real and imaginary parts of residues, then of poles. */
  modalTaps = (inputs: readonly NodeId[], attrs: AttrsOf<'modal_taps'>, extra?: Extra): NodeId =>
    this.add('modal_taps', inputs, attrs, extra);
  rotate = (inputs: readonly [NodeId, NodeId, NodeId], attrs: AttrsOf<'rotate'>, extra?: Extra): NodeId =>
    this.add('rotate', inputs, attrs, extra);
  shift = (a: NodeId, by = 1, extra?: Extra): NodeId => this.add('shift', [a], { by }, extra);
  conv = (a: NodeId, filter: NodeId, taps: string, extra?: Extra): NodeId =>
    this.add('conv', [a, filter], { taps }, extra);
  longconv = (a: NodeId, filters: readonly NodeId[], attrs: AttrsOf<'longconv'>, extra?: Extra): NodeId =>
    this.add('longconv', [a, ...filters], attrs, extra);
  attend = (
    inputs: readonly [NodeId, NodeId, NodeId, ...NodeId[]],
    attrs: AttrsOf<'attend'>,
    extra?: Extra,
  ): NodeId => this.add('attend', inputs, attrs, extra);
  scan = (operands: readonly NodeId[], attrs: AttrsOf<'scan'>, extra?: Extra): NodeId =>
    this.add('scan', operands, attrs, extra);
}

function withExtra(node: AnyNode, { name, span }: Extra): AnyNode {
  return {
    ...node,
    ...(node.name === undefined && name !== undefined ? { name } : {}),
    ...(node.span === undefined && span !== undefined ? { span } : {}),
  };
}

/** Equal for equal nodes. Names and places inside attributes (a scan's body has them) do not count; numbers JSON lacks do. */
function nodeKey(op: string, inputs: readonly NodeId[], attrs: AnyAttrs): string {
  return JSON.stringify([op, inputs, attrs], (key, value: unknown) => {
    if (key === 'span') return undefined;
    return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? { number: Object.is(value, -0) ? '-0' : String(value) }
      : value;
  });
}
