// Every quantity that a layer shows, on the reference executor.
import type { AnyNode, Body } from '../../compiler/ir/graph.ts';
import { createReference, type ReferenceSnapshot } from '../../compiler/ir/interpret.ts';
import { bodyOf, placeKey } from '../../compiler/ir/memory.ts';
import { isOp } from '../../compiler/ir/ops/index.ts';
import { weightValues } from '../support/tensors.ts';
import { inOrder, multiplied, range, sizeOf, type Named, type Parts } from './named-values.ts';
import { outputs, type PreparedCase } from './prepare-case.ts';

/** What was found for each quantity, by the quantity's name. */
export type Found = ReadonlyMap<string, readonly number[]>;

/** The call of the layer, or of the first of its letters. */
const LAYER = 1;

export function runOnReference(prepared: PreparedCase): Found {
  const { layer, graph, tensors, steps, rows } = prepared;
  const reference = createReference(graph, weightValues(graph, tensors));
  const seen = new Map<string, Named>();
  const run = reference.run(range(0, steps), (call, node, values) => {
    if (call === LAYER && node.name !== undefined) seen.set(node.name, named(node, values, steps));
  });
  const snapshot = reference.snapshot();
  const step = rows > steps ? reference.run(range(steps, rows)) : [];
  const kept = keptBy(bodyOf(graph, LAYER), snapshot, steps);
  return new Map(
    Object.entries(layer.finds).map(([name, place]) => {
      if (place === 'run') return [name, outputs(run, prepared)];
      if (place === 'step') return [name, outputs(step, prepared)];
      if ('channels' in place) return [name, outputs(run, prepared, place)];
      if ('shifted' in place)
        return [name, register(find(kept, place.shifted), find(seen, place.weight), steps)];
      if ('value' in place) {
        const value = find(seen, place.value);
        const all = inOrder(value, place.axes);
        const outermost = sizeOf(value, place.axes[0] ?? '');
        return [name, all.slice(0, (all.length / outermost) * (place.first ?? outermost))];
      }
      if (place.state === undefined)
        return [
          name,
          sideBySide(
            (place.rows ?? []).map((each) => find(kept, each)),
            place,
            steps,
          ),
        ];
      return [name, stateOf(place.state, place.axes, place.times ?? [], kept, seen)];
    }),
  );
}

function named({ type }: AnyNode, values: ArrayLike<number>, steps: number): Named {
  return { axes: type.temporal ? [{ name: 'position', size: steps }, ...type.axes] : type.axes, values };
}

function find(all: ReadonlyMap<string, Named>, name: string): Named {
  const found = all.get(name);
  if (found === undefined) throw new Error(`no ${name} among ${[...all.keys()].join(', ')}`);
  return found;
}

/** The memory behind the run: histories by their value's name, which for a map is its weight's, and states by their own. */
function keptBy(body: Body, snapshot: ReferenceSnapshot, steps: number): ReadonlyMap<string, Named> {
  const kept = new Map<string, Named>();
  for (const node of body.nodes) {
    const key = placeKey({ call: LAYER, node: node.id });
    const history = snapshot.histories.get(key);
    const name = node.name ?? body.nodes.find(({ id }) => id === node.inputs[0])?.name;
    if (history !== undefined && name !== undefined) {
      const rows = range(0, steps).flatMap((position) => {
        const from = history.offset(position);
        return [...history.rows(position).subarray(from, from + history.size)];
      });
      kept.set(name, named(node, rows, steps));
    }
    if (!isOp(node, 'scan')) continue;
    node.attrs.states.forEach(({ name: state, axes }, index) => {
      kept.set(state, { axes, values: snapshot.states.get(key)?.[index] ?? [] });
    });
  }
  return kept;
}

function sideBySide(
  values: readonly Named[],
  { axes, last }: { readonly axes: readonly string[]; readonly last?: number },
  steps: number,
): readonly number[] {
  const from = (name: string): number => (name === 'position' && last !== undefined ? steps - last : 0);
  const ordered = values.map((value) => inOrder(value, axes, undefined, from));
  const outermost = axes[0] ?? '';
  const count = values[0] === undefined ? 0 : sizeOf(values[0], outermost) - from(outermost);
  return range(0, count).flatMap((at) =>
    ordered.flatMap((all) => all.slice((at * all.length) / count, ((at + 1) * all.length) / count)),
  );
}

/** A real state's elements; of a complex one both parts, innermost. */
function stateOf(
  state: string,
  axes: readonly string[],
  times: readonly string[],
  kept: ReadonlyMap<string, Named>,
  seen: ReadonlyMap<string, Named>,
): readonly number[] {
  const whole = partsOf(state, kept);
  const sizes = (name: string): number => sizeOf(whole[0] ?? find(kept, state), name);
  const ordered = (parts: readonly Named[]): Parts => parts.map((part) => inOrder(part, axes, sizes));
  const product = times.reduce<Parts>(
    (before, name) => multiplied(before, ordered(partsOf(name, seen))),
    ordered(whole),
  );
  return product[0]?.flatMap((_, at) => product.map((part) => part[at] ?? NaN)) ?? [];
}

function partsOf(name: string, all: ReadonlyMap<string, Named>): readonly Named[] {
  return all.has(name) ? [find(all, name)] : [find(all, `${name}.re`), find(all, `${name}.im`)];
}

function register({ values }: Named, weight: Named, steps: number): readonly number[] {
  const places = weight.axes.at(-1)?.size ?? NaN;
  const channels = weight.values.length / places;
  return range(0, channels).flatMap((channel) =>
    range(0, places).map((place) =>
      range(0, Math.min(place + 1, steps)).reduce(
        (total, lag) =>
          total +
          (weight.values[channel * places + place - lag] ?? NaN) *
            (values[(steps - 1 - lag) * channels + channel] ?? NaN),
        0,
      ),
    ),
  );
}
