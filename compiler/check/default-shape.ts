// How a weight is stored when the checkpoint section does not say: as published files mostly do.
import type { Shape, ShapeFactor } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/source.ts';
import type { WeightAxis, WeightRequest } from './weight-request.ts';

/**
 * A map is `[outputs, inputs]`, each one dimension, with the terms of a sum one after the other; what is `per` an axis comes first.
 * A norm is one dimension. A complex weight has one more for its two parts, unless they are tensors of their own. Any other weight has a dimension for each axis as it was written.
 */
export function defaultShape(request: WeightRequest, partAlone = false): readonly Shape[] {
  if (request.part === undefined) return realShape(request);
  const { term: _, ...whole } = request;
  return [...realShape(whole), ...(partAlone ? [] : [bothParts(request)])];
}

/** The last dimension of a complex weight: its real parts, then its imaginary ones. */
function bothParts({ term, span }: WeightRequest): Shape {
  const terms = (term?.all ?? []).map(({ label = '' }) => {
    const factors = [{ kind: 'axisFactor', name: { text: label, span }, span } as const];
    return { kind: 'shapeTerm', factors, span } as const;
  });
  return { kind: 'shape', terms, span };
}

function realShape(request: WeightRequest): readonly Shape[] {
  const { axes, inputs, outputs, span } = request;
  const start = axes.length - inputs - outputs;
  const per = separate(axes.slice(0, start), span);
  const ins = axes.slice(start, start + inputs);
  const outs = axes.slice(start + inputs);
  if (isEmbedding(request)) return separate([...outs, ...ins].toSorted(vocabFirst), span);
  if (request.role === 'map') {
    return [...per, outputShape(request, outs), ...(ins.length > 0 ? [product(ins, span)] : [])];
  }
  if (request.role === 'norm') return [...per, outputShape(request, outs)];
  if (request.term === undefined) return [...per, ...separate(outs, span)];
  const ofTerm = new Set(request.term.all[request.term.index]?.axes);
  const others = outs.filter((axis) => !ofTerm.has(axis.name));
  return [
    ...per,
    outputShape(
      request,
      outs.filter((axis) => ofTerm.has(axis.name)),
    ),
    ...separate(others, span),
  ];
}

/** The table of embeddings is a row for each token, in whatever order its axes are told. */
function isEmbedding(request: WeightRequest): boolean {
  return request.scope === 'model' && request.path[0] === 'embed' && !request.bias;
}

function vocabFirst(a: WeightAxis, b: WeightAxis): number {
  return Number(b.name === 'vocab') - Number(a.name === 'vocab');
}

/** The product of the outputs; of a sum, all its terms, the other ones by their sizes alone. */
function outputShape(request: WeightRequest, outs: readonly WeightAxis[]): Shape {
  const own = product(outs, request.span);
  const { term, span } = request;
  if (term === undefined) return own;
  const terms = term.all.flatMap(({ size }, at) =>
    at === term.index
      ? own.terms
      : [{ kind: 'shapeTerm', factors: [{ kind: 'sizeFactor', size, span }], span } as const],
  );
  return { kind: 'shape', terms, span };
}

/** A dimension for each axis; axes that were written as one name are one dimension. */
function separate(axes: readonly WeightAxis[], span: Span): readonly Shape[] {
  const groups: WeightAxis[][] = [];
  for (const axis of axes) {
    const last = groups.at(-1);
    if (axis.of !== undefined && last?.[0]?.of === axis.of) last.push(axis);
    else groups.push([axis]);
  }
  return groups.map((group) => product(group, span));
}

function product(axes: readonly WeightAxis[], span: Span): Shape {
  const factors = axes.map((axis): ShapeFactor =>
    axis.kind === 'plain'
      ? { kind: 'axisFactor', name: { text: axis.name, span }, span }
      : { kind: 'filterFactor', orientation: axis.kind, span },
  );
  return { kind: 'shape', terms: [{ kind: 'shapeTerm', factors, span }], span };
}
