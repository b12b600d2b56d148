// A whole model around one body: an embedding that gives its inputs, and a head that reads its outputs.
import { BodyBuilder } from '../../compiler/ir/build.ts';
import type { Axis, Body, BodyCall, Graph, GraphWeight, NodeId } from '../../compiler/ir/graph.ts';
import { elementCount } from '../../compiler/ir/graph.ts';
import { removeDeadNodes } from '../../compiler/ir/rewrite.ts';
import { axis } from '../ir/helpers.ts';
import { randomValues } from '../ir/helpers.ts';

export const VOCAB = 11;

/** `calls` occurrences of the body in a row, all given the embedding; their outputs are all read by the head. */
export function bodyGraph(given: Body, calls = 1): Graph {
  const body = { ...removeDeadNodes(given), name: 'body' };
  const inputs = body.nodes.filter((node) => node.op === 'input');
  const embed = embedBody(inputs.map((node) => [String(node.attrs['name']), node.type.axes] as const));
  const outputs = Object.entries(body.outputs).map(
    ([name, id]) => [name, body.nodes[id]?.type.axes ?? []] as const,
  );
  const head = headBody(outputs);
  const middle = Array.from({ length: calls }, (_, i) => ({
    body: body.name,
    label: 'X',
    layer: i,
    site: i,
    inputs: Object.fromEntries(named(body, 'input').map((name) => [name, { call: 0, output: name }])),
    weights: Object.fromEntries(named(body, 'weight').map((name) => [name, `layers.${i}.${name}`])),
    parameters: Object.fromEntries(
      body.nodes
        .filter((node) => node.op === 'parameter')
        .map((node, at) => [
          String(node.attrs['name']),
          [...randomValues(at + 77, elementCount(node.type.axes))],
        ]),
    ),
  }));
  const last = Object.fromEntries(outputs.map(([name]) => [name, { call: calls, output: name }]));
  const weights = [
    ...weightsOf(embed, 'embed'),
    ...middle.flatMap((_, i) => weightsOf(body, `layers.${i}`)),
    ...weightsOf(head, 'head'),
  ];
  return {
    name: 'random',
    vocab: VOCAB,
    width: 6,
    context: 64,
    bodies: { embed, body, head },
    calls: [endCall(embed, 'embed', {}), ...middle, endCall(head, 'head', last)],
    weights: Object.fromEntries(weights.map((weight) => [weight.id, weight])),
    ignored: [],
  };
}

/** The call of the embedding or the head. */
function endCall(of: Body, label: string, inputs: BodyCall['inputs']): BodyCall {
  const weights = named(of, 'weight').map((name) => [name, `${label}.${name}`] as const);
  return { body: of.name, label, site: 0, inputs, weights: Object.fromEntries(weights), parameters: {} };
}

/** The names of the body's sources of one kind. */
function named(of: Body, op: string): readonly string[] {
  return of.nodes.filter((node) => node.op === op).map((node) => String(node.attrs['name']));
}

function embedBody(values: readonly (readonly [string, readonly Axis[]])[]): Body {
  const builder = new BodyBuilder('embed');
  const entry = axis('vocab', VOCAB);
  const outputs = values.map(([name, axes]) => {
    const table = builder.weight(`table_${name}`, [entry, ...axes]);
    return [name, builder.gather(table, builder.token(), [entry.name])] as const;
  });
  return builder.finish(Object.fromEntries(outputs));
}

/** Logits are a sum of one projection for each value. */
function headBody(values: readonly (readonly [string, readonly Axis[]])[]): Body {
  const builder = new BodyBuilder('head');
  const parts = values.map(([name, axes]): NodeId => {
    const value = builder.input(name, { dtype: 'f32', axes, temporal: true });
    const map = builder.weight(`map_${name}`, [axis('vocab', VOCAB), ...axes]);
    return axes.length === 0
      ? builder.map('mul', [value, map])
      : builder.contract(
          value,
          map,
          axes.map((one) => one.name),
        );
  });
  const logits = parts.reduce((sum, part) => builder.map('add', [sum, part]));
  return builder.finish({ logits });
}

function weightsOf(body: Body, prefix: string): readonly GraphWeight[] {
  return body.nodes
    .filter((node) => node.op === 'weight')
    .map((node) => {
      const axes = node.type.axes;
      const id = `${prefix}.${String(node.attrs['name'])}`;
      const shape = axes.map((one) => one.size);
      const strides = shape.map((_, at) => shape.slice(at + 1).reduce((product, size) => product * size, 1));
      return {
        id,
        axes,
        pinned: false,
        views: [{ tensors: [id], shape, offset: 0, strides }],
        fold: [],
        optional: false,
      };
    });
}
