// One element of a rotated value (RoPE), with an angle that keeps its precision at large positions.
import { type Elements, element, type ElementPrinter, nodeIn, positionText } from './elements.ts';
import { type Index, plainIndex, withAxes } from './place.ts';

/**
 * Cosine and sine of position · frequency. The builtins are accurate only near zero, so the angle is first brought into ±π/4 by
 * subtracting multiples of π/2 in two exact parts, and short polynomials (Cephes, single precision) do the rest.
 */
const TURN = `fn turn(position: u32, frequency: f32) -> vec2<f32> {
  let angle = f32(position) * frequency;
  let quarters = round(angle * 0.63661975);
  let rest = (angle - quarters * 1.5703125) - quarters * 0.00048382679;
  let square = rest * rest;
  let s = rest + rest * square * (-0.16666655 + square * (0.0083321609 - square * 0.00019515296));
  let c = 1.0 - 0.5 * square + square * square * (0.041666646 + square * (-0.0013887316 + square * 0.000024433157));
  let quadrant = u32(i32(quarters) & 3);
  let swapped = select(vec2<f32>(c, s), vec2<f32>(s, c), quadrant % 2u == 1u);
  return swapped * vec2<f32>(
    select(1.0, -1.0, quadrant == 1u || quadrant == 2u),
    select(1.0, -1.0, quadrant >= 2u),
  );
}`;

/** x[first]·cos − x[second]·sin for the first of a pair, x[second]·cos + x[first]·sin for the second; entries past the pairs stay. */
export const rotateElement: ElementPrinter = (elements, code, node, place) => {
  const [x, frequencies, position] = node.inputs;
  if (x === undefined || frequencies === undefined || position === undefined)
    throw new Error('internal: rotate without its inputs');
  // The op's record says that these are its attributes.
  const attrs = node.attrs as { axis: string; style: 'half' | 'interleaved'; pairs: number; scale: number };
  const size = node.type.axes.find((axis) => axis.name === attrs.axis)?.size ?? 0;
  const d = code.let(attrs.axis, place.axes.get(attrs.axis)?.text ?? '0u');
  const pair = code.let(
    'pair',
    attrs.style === 'half' ? `${d} % ${attrs.pairs}u` : `min(${d} / 2u, ${attrs.pairs - 1}u)`,
  );
  const [first, second, isFirst]: readonly [string, string, string] =
    attrs.style === 'half'
      ? [pair, `${pair} + ${attrs.pairs}u`, `${d} < ${attrs.pairs}u`]
      : [`2u * ${pair}`, `2u * ${pair} + 1u`, `${d} % 2u == 0u`];
  elements.helper(TURN);
  const pairs = nodeIn(elements.body, frequencies).type.axes[0]?.name ?? '';
  const frequency = element(elements, code, frequencies, withAxes(place, [[pairs, plainIndex(pair)]]));
  const angle = code.let('angle', `turn(${positionOf(elements, code, position, place)}, ${frequency})`);
  const at = (index: Index): string => element(elements, code, x, withAxes(place, [[attrs.axis, index]]));
  const a = code.let('first', at(plainIndex(first)));
  const b = code.let('second', at(plainIndex(second)));
  const turned = code.let(
    'rotated',
    `select(${b} * ${angle}.x + ${a} * ${angle}.y, ${a} * ${angle}.x - ${b} * ${angle}.y, ${isFirst})`,
  );
  const scaled = attrs.scale === 1 ? turned : `${turned} * ${attrs.scale}`;
  if (2 * attrs.pairs === size) return scaled;
  const kept = code.let('kept', at(plainIndex(d)));
  return `select(${kept}, ${scaled}, ${d} < ${2 * attrs.pairs}u)`;
};

function positionOf(
  elements: Elements,
  code: Parameters<ElementPrinter>[1],
  id: number,
  place: Parameters<ElementPrinter>[3],
): string {
  if (nodeIn(elements.body, id).op === 'position') return positionText(elements, place);
  return `u32(${element(elements, code, id, place)})`;
}
