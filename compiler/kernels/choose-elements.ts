// Choosing the largest along axes: an element is among the k largest where fewer than k others are ahead of it.
import { type AnyNode, type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { type Elements, element, nodeIn } from './elements.ts';
import { flatten, type Place, placeOf, plainIndex, rowMajor, splitIndex, withAxes } from './place.ts';
import { forEachItem } from './text.ts';
import type { Code } from './wgsl.ts';

/** The value that is chosen by, and the axes of a sequence, in the order in which their places are counted. */
export function choiceOf(elements: Elements, node: AnyNode): { scores: NodeId; axes: readonly Axis[] } {
  const scores = node.inputs[0] as NodeId; // A choice has scores by its record.
  const over = node.attrs['over'] as readonly string[]; // Its attributes name the axes.
  const { axes } = nodeIn(elements.body, scores).type;
  return { scores, axes: over.map((name) => axes.find((axis) => axis.name === name) as Axis) }; // Checked when the node was made.
}

/** Whether an element is chosen, by one invocation that looks at the whole sequence. */
export function printChosen(elements: Elements, code: Code, node: AnyNode, place: Place): string {
  const { scores, axes } = choiceOf(elements, node);
  const own = code.let('own', element(elements, code, scores, place));
  const at = code.let('own_place', flatten(rowMajor(axes), place).text);
  const read = (inner: Code, other: string): string =>
    element(elements, inner, scores, withAxes(place, splitIndex(plainIndex(other), axes)));
  const ahead = printAhead(code, own, at, elementCount(axes), read);
  return `(${ahead} < ${String(node.attrs['count'])}u)`;
}

/** How many of a sequence's elements are ahead of the one at `at`: larger, or equal and before it. */
export function printAhead(
  code: Code,
  own: string,
  at: string,
  size: number,
  read: (inner: Code, other: string) => string,
): string {
  const ahead = code.fresh('ahead');
  code.line(`var ${ahead} = 0u;`);
  code.loop(code.fresh('other'), size, (inner, other) => {
    const score = inner.let('score', read(inner, other));
    inner.line(`${ahead} += select(0u, 1u, ${score} > ${own} || (${score} == ${own} && ${other} < ${at}));`);
  });
  return ahead;
}

/** What the invocations of a workgroup share to make a choice: the memories of the scores and of the places. */
export interface ChoiceRoom {
  readonly workgroup: number;
  readonly token: string;
  readonly scores: string;
  readonly places: string;
}

/**
 * The places of the largest elements of each sequence, largest first, by the whole workgroup: every invocation counts what is ahead of
 * its elements, and writes down those that few enough are ahead of.
 */
export function printTop(elements: Elements, code: Code, node: AnyNode, room: ChoiceRoom): void {
  const { scores, axes } = choiceOf(elements, node);
  const all = nodeIn(elements.body, scores).type.axes;
  const kept = all.filter((axis) => !axes.includes(axis));
  const size = elementCount(axes);
  const items = elementCount(all);
  const count = node.attrs['count'] as number; // A choice's attribute is how many are chosen.
  forEachItem(code, room.workgroup, items, (inner, item) => {
    const place = placeOf(plainIndex(item), [...kept, ...axes], room.token);
    inner.line(`${room.scores}[${item}] = ${element(elements, inner, scores, place)};`);
  });
  code.line('workgroupBarrier();');
  forEachItem(code, room.workgroup, items, (inner, item) => {
    const own = inner.let('own', `${room.scores}[${item}]`);
    const at = kept.length === 0 ? item : inner.let('own_place', `${item} % ${size}u`);
    const first = kept.length === 0 ? '' : `${item} / ${size}u * ${size}u + `;
    const ahead = printAhead(inner, own, at, size, (_, other) => `${room.scores}[${first}${other}]`);
    const row = kept.length === 0 ? '' : `${item} / ${size}u * ${count}u + `;
    inner.line(`if (${ahead} < ${count}u) { ${room.places}[${row}${ahead}] = f32(${at}); }`);
  });
}
