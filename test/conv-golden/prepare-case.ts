// A layer with the parameters of one case, as a graph whose tokens are the rows of the input, and whose logits are what the layer makes of them.
import { readFileSync } from 'node:fs';
import type { Graph } from '../../compiler/ir/graph.ts';
import { TENSORS_JOINED } from '../../runtime/plan.ts';
import { graphOf } from '../check/graph-of.ts';
import type { Tensor } from '../support/tensors.ts';
import type { Layer } from './cases.ts';
import { tensorsOf, type ConvCase } from './golden-file.ts';

export interface PreparedCase {
  readonly layer: Layer;
  readonly graph: Graph;
  /** Those that the graph's weights name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Channels of the input and the output. */
  readonly width: number;
  /** Positions of the input, and of the run; those behind the run are steps. */
  readonly rows: number;
  readonly steps: number;
}

/** As many as the most rows and the most channels of any layer; and the longest run with its step. The same for all layers, whose kernels around them are then shared. */
const VOCAB = 24;
const CONTEXT = 12;

export function prepareCase(layer: Layer, golden: ConvCase): PreparedCase {
  const given = tensorsOf(golden);
  const isStep = Object.values(layer.finds).includes('step');
  const steps = lengthOf(golden);
  const rows = isStep ? steps + 1 : steps;
  const text = readFileSync(`test/conv-golden/${layer.file}.hyb`, 'utf8');
  const graph = graphOf(text, { ...golden.cfg, context: Math.max(rows, CONTEXT), vocab: VOCAB });
  const width = widthOf(graph);
  const input = layer.input === 'impulse' ? impulse(rows, width) : given.get(layer.input ?? 'x')?.values;
  if (input === undefined) throw new Error(`${golden.name} lacks its input`);
  const table = new Float64Array(VOCAB * width);
  table.set(input.subarray(0, rows * width));
  const identity = table.map((_, at) => (Math.floor(at / width) === at % width ? 1 : 0));
  const shape = [VOCAB, width];
  const added = [
    { name: 'inputs', dtype: 'F32', shape, values: table },
    { name: 'identity', dtype: 'F32', shape, values: identity },
  ];
  const all = new Map([...given, ...added.map((tensor) => [tensor.name, tensor] as const)]);
  return { layer, graph, rows, steps, width, tensors: readBy(graph, all) };
}

/** The positions of the case's run. A norm alone has as many as its input. */
function lengthOf({ cfg, params }: ConvCase): number {
  return typeof cfg['L'] === 'number' ? cfg['L'] : (params[0]?.shape[0] ?? NaN);
}

function widthOf({ weights }: Graph): number {
  const inputs = Object.values(weights).find(({ views }) =>
    views.some(({ tensors }) => tensors.includes('inputs')),
  );
  return inputs?.axes.at(-1)?.size ?? NaN;
}

function impulse(rows: number, width: number): Float64Array {
  return new Float64Array(rows * width).map((_, at) => (at < width ? 1 : 0));
}

function readBy({ weights }: Graph, all: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const names = new Set(
    Object.values(weights).flatMap(({ views }) =>
      views.flatMap(({ tensors }) => tensors.flatMap((name) => name.split(TENSORS_JOINED))),
    ),
  );
  return new Map([...all].filter(([name]) => names.has(name)));
}

/** What is found in all logits of a run: those of the layer's channels, in the quantity's order. */
export function outputs(
  logits: ArrayLike<number>,
  { graph, layer, width }: PreparedCase,
  { from, channels } = { from: 0, channels: width },
): readonly number[] {
  const rows = Array.from(logits).filter((_, at) => {
    const channel = at % graph.vocab;
    return channel >= from && channel < from + channels;
  });
  if (layer.transposed !== true) return rows;
  const count = rows.length / channels;
  return rows.map((_, at) => rows[(at % count) * channels + Math.floor(at / count)] ?? NaN);
}
