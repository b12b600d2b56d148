// Finds weights that would be read from one and the same place of a tensor.
import type { Diagnostic, Span } from '../../grammar/source.ts';
import * as errors from './checkpoint-errors.ts';
import type { MappedWeight, WeightRequest } from './weight-request.ts';

/** One diagnostic for each pair of source lines: two weights on one place, or one tensor with two shapes. */
export function findSharedPlaces(
  requests: readonly WeightRequest[],
  weights: ReadonlyMap<string, MappedWeight>,
  lines: ReadonlyMap<string, Span>,
): readonly Diagnostic[] {
  const lineOf = (request: WeightRequest) => lines.get(request.id) ?? request.span;
  const places = new Map<string, WeightRequest>();
  const shapes = new Map<string, { readonly request: WeightRequest; readonly shape: readonly number[] }>();
  const found = new Map<string, Diagnostic>();
  /** Weights of one letter at one place in two layers: a name without the layer, met once for each weight. */
  const acrossLayers: { readonly diagnostic: Diagnostic; readonly isSaid: boolean }[] = [];
  for (const request of requests) {
    for (const view of weights.get(request.id)?.views ?? []) {
      const tensor = view.tensors.join(' | ');
      const known = shapes.get(tensor);
      if (known !== undefined && known.shape.join() !== view.shape.join()) {
        add(found, request, known.request, (other) =>
          errors.tensorShapesDiffer(
            lineOf(request),
            view.tensors[0] ?? tensor,
            [known.shape, view.shape],
            [other.id, request.id],
          ),
        );
      }
      const place = `${tensor} ${view.offset} ${view.strides.join()} ${view.shape.join()}`;
      const first = places.get(place);
      if (first !== undefined && first.id !== request.id) {
        const describe = (other: WeightRequest): Diagnostic =>
          errors.tensorTwice(lineOf(request), view.tensors[0] ?? tensor, other.id, request.id, lineOf(other));
        if (first.letter === request.letter && first.path.join() === request.path.join())
          acrossLayers.push({ diagnostic: describe(first), isSaid: lineOf(request) !== request.span });
        else add(found, request, first, describe);
      }
      if (known === undefined) shapes.set(tensor, { request, shape: view.shape });
      if (first === undefined) places.set(place, request);
    }
  }
  const [cause] = [...acrossLayers.filter(({ isSaid }) => isSaid), ...acrossLayers];
  return cause === undefined
    ? [...found.values()]
    : [errors.withOthers(cause.diagnostic, acrossLayers.length + found.size - 1)];
}

function add(
  found: Map<string, Diagnostic>,
  request: WeightRequest,
  first: WeightRequest,
  describe: (first: WeightRequest) => Diagnostic,
): void {
  const key = `${first.span.start} ${request.span.start} ${first.letter} ${request.letter}`;
  if (!found.has(key)) found.set(key, describe(first));
}
