// A model that is nothing but a recurrence: its operands are rows of tables, looked up by the token, so that its kernels read what an
// operator's inputs would be; the head reads its result, so that nothing is left out.
import { BodyBuilder } from '../../compiler/ir/build.ts';
import {
  type Axis,
  type Body,
  type BodyCall,
  elementCount,
  type Graph,
  type GraphWeight,
  type NodeId,
} from '../../compiler/ir/graph.ts';
import { isOp, nodeAt } from '../../compiler/ir/ops/index.ts';
import type { ScanAttrs } from '../../compiler/ir/ops/scan.ts';
import { removeDeadNodes } from '../../compiler/ir/rewrite.ts';
import { rewriteGraph } from '../../compiler/fuse/index.ts';
import { type BenchRecurrence, bodyOf, type Sizes } from './recurrences.ts';

/** Rows of the tables: the operands of position t are those of token t modulo this. */
export const ROWS = 128;
/** Logits, of which there need be few. */
const VOCABULARY: Axis = { name: 'vocab', size: ROWS };

export interface ScanModel {
  readonly graph: Graph;
  /** As it is when kernels are made. */
  readonly scan: ScanAttrs;
  /** Operands that vary from token to token, by name. */
  readonly operands: ReadonlyMap<string, readonly Axis[]>;
}

export function scanModel(recurrence: BenchRecurrence, sizes: Sizes): ScanModel {
  const body = alone(bodyOf(recurrence, sizes));
  const operands = new Map(
    body.nodes.filter(({ op }) => op === 'input').map((node) => [String(node.attrs['name']), node.type.axes]),
  );
  const result = nodeAt(body.nodes, body.outputs['o'] ?? 0).type.axes;
  const [embed, head] = [embedBody(operands), headBody(result)];
  const from = Object.fromEntries([...operands.keys()].map((name) => [name, { call: 0, output: name }]));
  const weights = [embed, body, head].flatMap(weightsOf).map((weight) => [weight.id, weight] as const);
  const graph: Graph = {
    name: 'recurrence',
    vocab: ROWS,
    width: elementCount(result),
    bodies: { embed, scan: body, head },
    calls: [
      callOf(embed, {}),
      { ...callOf(body, from), layer: 0 },
      callOf(head, { o: { call: 1, output: 'o' } }),
    ],
    weights: Object.fromEntries(weights),
    ignored: [],
  };
  return { graph, scan: scanAttrs(graph), operands };
}

function scanAttrs(graph: Graph): ScanAttrs {
  for (const { nodes } of Object.values(rewriteGraph(graph).graph.bodies))
    for (const node of nodes) if (isOp(node, 'scan')) return node.attrs;
  throw new Error('internal: the scan is gone');
}

/** The body with an input in the place of every projection of the stream, up to the recurrence's result. */
function alone(body: Body): Body {
  const builder = new BodyBuilder('scan');
  const copies = new Map<NodeId, NodeId>();
  let result: NodeId | undefined;
  const copy = (id: NodeId): NodeId => copies.get(id) ?? 0;
  for (const node of body.nodes) {
    const [from, by] = node.inputs.map((input) => nodeAt(body.nodes, input));
    const projects = node.op === 'contract' && from?.op === 'input' && by?.op === 'weight';
    if (projects && by !== undefined) copies.set(node.id, builder.input(String(by.attrs['name']), node.type));
    else if (result === undefined && node.op !== 'input')
      copies.set(node.id, builder.addAny(node.op, node.inputs.map(copy), node.attrs, { name: node.name }));
    if (node.op === 'scan') result = copies.get(node.id);
  }
  if (result === undefined) throw new Error('internal: a body without a scan');
  return removeDeadNodes(builder.finish({ o: result }));
}

function embedBody(operands: ScanModel['operands']): Body {
  const builder = new BodyBuilder('embed');
  const entry = (name: string, axes: readonly Axis[]): NodeId =>
    builder.gather(builder.weight(name, [VOCABULARY, ...axes]), builder.token(), [VOCABULARY.name]);
  return builder.finish(Object.fromEntries([...operands].map(([name, axes]) => [name, entry(name, axes)])));
}

function headBody(axes: readonly Axis[]): Body {
  const builder = new BodyBuilder('head');
  const o = builder.input('o', { dtype: 'f32', axes, temporal: true });
  const map = builder.weight('head', [VOCABULARY, ...axes]);
  return builder.finish({
    logits: builder.contract(
      o,
      map,
      axes.map(({ name }) => name),
    ),
  });
}

function callOf(body: Body, inputs: BodyCall['inputs']): BodyCall {
  const weights = weightNames(body).map((name) => [name, name] as const);
  const { name } = body;
  return { body: name, label: name, site: 0, inputs, weights: Object.fromEntries(weights), parameters: {} };
}

function weightNames({ nodes }: Body): readonly string[] {
  return nodes.filter(({ op }) => op === 'weight').map(({ attrs }) => String(attrs['name']));
}

function weightsOf({ nodes }: Body): readonly GraphWeight[] {
  return nodes
    .filter(({ op }) => op === 'weight')
    .map(({ attrs, type: { axes } }) => {
      const id = String(attrs['name']);
      const shape = axes.map(({ size }) => size);
      const strides = shape.map((_, at) => shape.slice(at + 1).reduce((product, size) => product * size, 1));
      const views = [{ tensors: [id], shape, offset: 0, strides }];
      return { id, axes, pinned: true, views, fold: [], optional: false };
    });
}
