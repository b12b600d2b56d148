// Runs one case's model on the reference executor and on a device, and says what each finds for every quantity that it can show.
import { isCausal } from '../../compiler/ir/causality.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { compileToGraph } from '../../compiler/lower/compile-to-graph.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { renderDiagnostics } from '../../grammar/render.ts';
import { load } from '../../runtime/index.ts';
import { TENSORS_JOINED } from '../../runtime/plan.ts';
import { readLibrary } from '../models/models.ts';
import { checkpointOf } from '../plan/run-graph.ts';
import { type Tensor, weightValues } from '../support/tensors.ts';
import type { CaseModel, Computed } from './case-model.ts';
import { tensorsOf, type ConvCase } from '../conv-cases/conv-cases.ts';

/** What was found for each quantity, by the quantity's name. */
export type Found = ReadonlyMap<string, readonly number[]>;

export interface PreparedCase {
  readonly model: CaseModel;
  readonly graph: Graph;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly rows: number;
}

const INPUTS = 'case_inputs';
const IDENTITY = 'case_identity';
const library = readLibrary();

/** A model whose tokens are the rows of the input, and whose logits are what the layer makes of them. */
function textOf({ width, layer, names, block = 'bare', mixers = '' }: CaseModel, rows: number): string {
  return `model layer_case {
  vocab ${Math.max(rows, width)}
  width ${width}
  context ${rows}
  stripe X
  X = ${layer}
  block ${block}
  norm rms(eps: 1e-5)
  weight inputs   : vocab * width
  weight identity : width -> vocab
  embed { return gather(inputs, token, vocab) }
  head { return identity(x) }
  checkpoint {
    inputs "${INPUTS}"
    identity "${IDENTITY}"
    layer i ""
    ${names}
  }
}
${mixers}`;
}

export function prepareCase(model: CaseModel, golden: ConvCase): PreparedCase {
  const given = tensorsOf(golden);
  const input = typeof model.input === 'string' ? given.get(model.input)?.values : impulse(model);
  if (input === undefined) throw new Error(`${golden.name} lacks its input`);
  const rows = input.length / model.width;
  const { value: graph, diagnostics } = compileToGraph({
    source: { name: `${model.golden}.hyb`, text: textOf(model, rows) },
    resolve: () => undefined,
    prelude: library,
  });
  if (graph === undefined) throw new Error(renderDiagnostics(diagnostics));
  const { vocab } = graph;
  const table = new Float64Array(vocab * model.width);
  table.set(input);
  const identity = table.map((_, at) => (Math.floor(at / model.width) === at % model.width ? 1 : 0));
  const shape = [vocab, model.width];
  const added = [
    { name: INPUTS, dtype: 'F64', shape, values: table },
    { name: IDENTITY, dtype: 'F64', shape, values: identity },
  ];
  const all = new Map([...given, ...added.map((tensor) => [tensor.name, tensor] as const)]);
  return { model, graph, rows, tensors: readBy(graph, all) };
}

function impulse({ width, input }: CaseModel): Float64Array {
  const rows = typeof input === 'string' ? 0 : input.impulse;
  return new Float64Array(rows * width).map((_, at) => (at < width ? 1 : 0));
}

/** The tensors that the graph's weights name. */
function readBy({ weights }: Graph, all: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const names = new Set(
    Object.values(weights).flatMap(({ views }) =>
      views.flatMap(({ tensors }) => tensors.flatMap((name) => name.split(TENSORS_JOINED))),
    ),
  );
  return new Map([...all].filter(([name]) => names.has(name)));
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

/** The first `width` of the logits of each row: the layer's output. */
function outputs(logits: ArrayLike<number>, { graph, model }: PreparedCase): readonly number[] {
  const rows = Array.from(logits).filter((_, at) => at % graph.vocab < model.width);
  if (model.transposed !== true) return rows;
  const count = rows.length / model.width;
  return rows.map((_, at) => rows[(at % count) * model.width + Math.floor(at / count)] ?? NaN);
}

interface Seen {
  readonly values: Float64Array;
  readonly temporal: boolean;
  readonly axes: Graph['weights'][string]['axes'];
}

export function runOnReference(prepared: PreparedCase): Found {
  const { model, graph, tensors, rows } = prepared;
  const reference = createReference(graph, weightValues(graph, tensors));
  const seen = new Map<string, Seen>();
  const run = reference.run(range(0, model.steps), (call, node, values) => {
    const { axes, temporal } = node.type;
    if (graph.calls[call]?.label === 'X' && node.name !== undefined)
      seen.set(node.name, { values, temporal, axes });
  });
  const step = rows > model.steps ? reference.run(range(model.steps, rows)) : [];
  return new Map(
    Object.entries(model.finds).map(([name, place]) => {
      if (place === 'run') return [name, outputs(run, prepared)];
      return [name, place === 'step' ? outputs(step, prepared) : computed(place, seen, model)];
    }),
  );
}

/** A value's elements in the order that is asked for; of a complex one both parts, innermost. */
function computed(
  { value, axes, first, last }: Computed,
  seen: ReadonlyMap<string, Seen>,
  { steps }: CaseModel,
): readonly number[] {
  const whole = seen.get(value);
  const parts = whole === undefined ? [seen.get(`${value}.re`), seen.get(`${value}.im`)] : [whole];
  const ordered = parts.map((part) => {
    if (part === undefined) throw new Error(`no value ${value} among ${[...seen.keys()].join(', ')}`);
    const all = inOrder(part, axes, last, steps);
    return first === undefined ? all : all.slice(0, (all.length / sizeOf(part, axes[0])) * first);
  });
  return ordered[0]?.flatMap((_, at) => ordered.map((part) => part[at] ?? NaN)) ?? [];
}

function sizeOf({ axes }: Seen, name: string | undefined): number {
  return axes.find((axis) => axis.name === name)?.size ?? NaN;
}

function inOrder(
  { values, temporal, axes }: Seen,
  wanted: readonly string[],
  last: number | undefined,
  steps: number,
): readonly number[] {
  const own = axes.map(({ name, size }) => ({ name, size }));
  const stored = temporal ? [{ name: 'position', size: steps }, ...own] : own;
  const strides = new Map<string, { readonly size: number; readonly stride: number }>();
  stored.reduceRight((stride, { name, size }) => {
    strides.set(name, { size, stride });
    return stride * size;
  }, 1);
  const order = last === undefined ? wanted : [...wanted, 'position'];
  if (
    [...order].toSorted().join() !==
    stored
      .map(({ name }) => name)
      .toSorted()
      .join()
  )
    throw new Error(`the axes are ${stored.map(({ name }) => name).join(', ')}`);
  const from = (name: string): number => (name === 'position' && last !== undefined ? steps - last : 0);
  const offsets = order.reduce<readonly number[]>(
    (before, name) => {
      const { size = 0, stride = 0 } = strides.get(name) ?? {};
      return before.flatMap((offset) => range(from(name), size).map((i) => offset + i * stride));
    },
    [0],
  );
  return offsets.map((offset) => values[offset] ?? NaN);
}

/** What the layer gives on a device, in the ways that the model can run. */
export async function runOnDevice(prepared: PreparedCase, device: GPUDevice): Promise<Found> {
  const { model, graph, tensors, rows } = prepared;
  const { plan } = planGraph(graph, {});
  const loaded = await load(plan, { device, weights: checkpointOf(tensors) });
  if (!isCausal(graph)) {
    const { logits } = await loaded.encode(range(0, model.steps));
    loaded.destroy();
    const given = Object.entries(model.finds).filter(([, place]) => place === 'run');
    return new Map(given.map(([name]) => [name, outputs(logits?.data ?? [], prepared)] as const));
  }
  const session = await loaded.session();
  try {
    const run = await session.prefillAll(range(0, model.steps));
    const steps: number[] = [];
    for (const token of range(model.steps, rows)) {
      await session.decode(token);
      steps.push(...(await session.logits()));
    }
    return new Map(
      Object.entries(model.finds).flatMap(([name, place]) => {
        if (place !== 'run' && place !== 'step') return [];
        return [[name, outputs(place === 'run' ? run : steps, prepared)] as const];
      }),
    );
  } finally {
    session.destroy();
    loaded.destroy();
  }
}
