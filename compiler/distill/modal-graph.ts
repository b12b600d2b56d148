// A graph whose filters of taps are sums of few damped oscillations, which decode from a state of constant size.
import { BodyBuilder, type Extra } from '../ir/build.ts';
import {
  type Axis,
  type Body,
  elementCount,
  type Graph,
  type GraphWeight,
  type NodeId,
  type ValueType,
} from '../ir/graph.ts';
import { mapBody, removeDead } from '../ir/rewrite.ts';
import { unionAxes } from '../ir/axes.ts';
import { type FilterSite, filterSites, isDistillable } from './filter-sites.ts';

/** What a site's tensors are called and which shapes they have; the last axis of a complex one is (re, im). */
export interface ModalTensors {
  readonly poles: { readonly name: string; readonly shape: readonly number[] };
  readonly residues: { readonly name: string; readonly shape: readonly number[] };
  /** What lag 0 has beside the modes. */
  readonly direct: { readonly name: string; readonly shape: readonly number[] };
}

export function modalTensors({ name, axes }: Pick<FilterSite, 'name' | 'axes'>, modes: number): ModalTensors {
  const sizes = axes.map(({ size }) => size);
  return {
    poles: { name: `${name}.poles`, shape: [...sizes, modes, 2] },
    residues: { name: `${name}.residues`, shape: [...sizes, modes, 2] },
    direct: { name: `${name}.direct`, shape: sizes.length === 0 ? [1] : sizes },
  };
}

/**
 * The graph with `modes` modes in place of each filter of `filterSites`: s ← pole ⊙ s + x, y = Re Σ residue·s + direct·x. The tensors of
 * `modalTensors` are its new weights; the filters' own, where nothing else reads them, may be in the file unread.
 */
export function modalGraph(graph: Graph, modes: number): Graph {
  const sites = filterSites(graph);
  const bodies = Object.fromEntries(
    Object.entries(graph.bodies).map(([name, body]) => [name, modalBody(body, modes)] as const),
  );
  const calls = graph.calls.map((call, index) => {
    const own = sites.filter((site) => site.call === index);
    const added = own.flatMap((site, k) =>
      partsOf(site, modes).map(({ id, nodeName }) => [nodeName(k), id] as const),
    );
    return { ...call, weights: { ...call.weights, ...Object.fromEntries(added) } };
  });
  const added = sites.flatMap((site) => partsOf(site, modes).map(({ id, weight }) => [id, weight] as const));
  const weights = { ...graph.weights, ...Object.fromEntries(added) };
  const distilled = removeDead({ ...graph, bodies, calls, weights });
  const unread = Object.values(graph.weights).filter(({ id }) => distilled.weights[id] === undefined);
  return { ...distilled, ignored: [...graph.ignored, ...unread.flatMap(tensorNames)] };
}

function tensorNames({ views, otherwise }: GraphWeight): readonly string[] {
  return [...views, ...(otherwise?.views ?? [])].flatMap(({ tensors }) => tensors);
}

const MODE = 'distilled_mode';

interface Part {
  /** The weight's name in the graph. */
  readonly id: string;
  /** Its node's name in the body, of the k-th filter. */
  readonly nodeName: (k: number) => string;
  readonly weight: GraphWeight;
}

/** The five real weights of a site. */
function partsOf(site: FilterSite, modes: number): readonly Part[] {
  const tensors = modalTensors(site, modes);
  const complex = [...site.axes, { name: MODE, size: modes }];
  const halves = (['poles', 'residues'] as const).flatMap((name) =>
    ['re', 'im'].map((half, offset) =>
      partOf(site, `${name}.${half}`, complex, { ...tensors[name], offset, each: 2 }),
    ),
  );
  return [...halves, partOf(site, 'direct', site.axes, { ...tensors.direct, offset: 0, each: 1 })];
}

interface Stored {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  /** Elements of the tensor for one of the weight. */
  readonly each: number;
}

function partOf(site: FilterSite, name: string, axes: readonly Axis[], stored: Stored): Part {
  const strides = axes.map((_, at) => stored.each * elementCount(axes.slice(at + 1)));
  const id = `${site.name}.${name}`;
  const view = { tensors: [stored.name], shape: stored.shape, offset: stored.offset, strides };
  return {
    id,
    nodeName: (k) => partName(k, name),
    weight: { id, axes, pinned: true, optional: false, views: [view], fold: [] },
  };
}

function partName(k: number, name: string): string {
  return `distilled.${k}.${name}`;
}

function modalBody(body: Body, modes: number): Body {
  let k = 0;
  return mapBody(body, (node, inputs, builder) => {
    if (!isDistillable(node)) return undefined;
    const [x, filter] = inputs as readonly [NodeId, NodeId]; // One filter, as `isDistillable` says.
    const lag = node.attrs.filters[0]!.axis;
    const axes = builder.typeOf(filter).axes.filter(({ name }) => name !== lag);
    return modalNodes(builder, x, axes, modes, k++, node);
  });
}

function modalNodes(
  builder: BodyBuilder,
  x: NodeId,
  axes: readonly Axis[],
  modes: number,
  k: number,
  { name, span }: Extra,
): NodeId {
  const mode = { name: MODE, size: modes };
  const weight = (part: string, of: readonly Axis[]): NodeId => builder.weight(partName(k, part), of);
  const halves = ['poles.re', 'poles.im', 'residues.re', 'residues.im'].map((half) =>
    weight(half, [...axes, mode]),
  );
  const operands = [x, ...halves];
  const stateAxes = [...unionAxes(builder.typeOf(x).axes, axes), mode];
  const states = ['re', 'im'].map((half) => ({ name: `mode_${half}`, axes: stateAxes, initial: 0 }));
  const body = stepBody(
    operands.map((id) => builder.typeOf(id)),
    stateAxes,
  );
  const modal = builder.scan(operands, { states, body, results: ['y'] }, { name, span });
  const direct = builder.map('mul', [weight('direct', axes), x], { span });
  return builder.map('add', [modal, direct], { span });
}

/** One position: both halves of the state turn by the pole and take x, then the residues read them. */
function stepBody(operands: readonly ValueType[], axes: readonly Axis[]): Body {
  const builder = new BodyBuilder('modes');
  const [x, poleRe, poleIm, residueRe, residueIm] = operands.map((type, i) =>
    builder.input(`operand:${i}`, { ...type, temporal: false }),
  ) as [NodeId, NodeId, NodeId, NodeId, NodeId]; // Five operands are given.
  const state = { dtype: 'f32', axes, temporal: false } as const;
  const re = builder.input('state:mode_re', state);
  const im = builder.input('state:mode_im', state);
  const product = (a: NodeId, b: NodeId): NodeId => builder.map('mul', [a, b]);
  const turnedRe = builder.map('sub', [product(poleRe, re), product(poleIm, im)]);
  const turnedIm = builder.map('add', [product(poleRe, im), product(poleIm, re)]);
  const nextRe = builder.map('add', [turnedRe, x]);
  const read = builder.map('sub', [product(residueRe, nextRe), product(residueIm, turnedIm)]);
  const y = builder.sum(read, [MODE]);
  return builder.finish({ 'state:mode_re': nextRe, 'state:mode_im': turnedIm, y });
}
