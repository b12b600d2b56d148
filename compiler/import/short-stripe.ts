// Writes layers as a stripe again: repetitions are found, and letters that every layer ends with are said once.
import type { Stripe } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/source.ts';

/** The letters of a layer, in order. */
type Layer = readonly string[];

/** `(A×3, B)×2 & C` for the layers `A & C`, `A & C`, …; what the stripe expands to is these layers. */
export function shortStripe(layers: readonly Layer[], span: Span): Stripe {
  const common = commonEnd(layers);
  const heads = layers.map((layer) => layer.slice(0, layer.length - common.length));
  const short = repeated(heads, span);
  if (common.length === 0) return short;
  return { kind: 'stripeParallel', items: [short, ...common.map((name) => letter(name, span))], span };
}

/** The letters that all layers end with; each layer keeps one letter at least before them. */
function commonEnd(layers: readonly Layer[]): Layer {
  const [first = []] = layers;
  // One layer is as short as it can be.
  if (layers.every((layer) => layer.join() === first.join())) return [];
  let count = 0;
  const shortest = Math.min(...layers.map((layer) => layer.length));
  while (count + 1 < shortest && layers.every((layer) => layer.at(-1 - count) === first.at(-1 - count)))
    count += 1;
  return first.slice(first.length - count);
}

/** From the left, at each place the repetition that covers the most layers. */
function repeated(layers: readonly Layer[], span: Span): Stripe {
  const items: Stripe[] = [];
  let at = 0;
  while (at < layers.length) {
    const { period, count } = longestRepetition(layers, at);
    const unit = layers.slice(at, at + period);
    const one = period === 1 ? layerOf(unit[0] ?? [], span) : repeated(unit, span);
    items.push(
      count === 1
        ? one
        : { kind: 'stripeRepeat', of: one, count: { kind: 'number', value: count, span }, span },
    );
    at += period * count;
  }
  const [only, ...others] = items;
  return only !== undefined && others.length === 0 ? only : { kind: 'stripeList', items, span };
}

function longestRepetition(
  layers: readonly Layer[],
  at: number,
): { readonly period: number; readonly count: number } {
  const keys = layers.map((layer) => layer.join('&'));
  let best = { period: 1, count: 1 };
  for (let period = 1; at + 2 * period <= layers.length; period += 1) {
    let end = at + period;
    while (end < keys.length && keys[end] === keys[end - period]) end += 1;
    const count = Math.floor((end - at) / period);
    if (count > 1 && count * period > best.count * best.period) best = { period, count };
  }
  return best;
}

function layerOf(names: Layer, span: Span): Stripe {
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return letter(only, span);
  return { kind: 'stripeParallel', items: names.map((name) => letter(name, span)), span };
}

function letter(text: string, span: Span): Stripe {
  return { kind: 'stripeLetter', name: { text, span }, span };
}
