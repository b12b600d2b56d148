// Elements of temporal values: in decode a step that also moves the memory on, in prefill a read of the stored run.
import type { AnyNode, NodeId } from '../ir/graph.ts';
import { type Elements, element, type ElementPrinter, nodeIn } from './elements.ts';
import { constantIndex, type Place, plainIndex, withAxes } from './place.ts';
import { printScanStep } from './scan-step.ts';
import { readElement, type Storage, writeElement } from './storage.ts';
import type { Code } from './wgsl.ts';

/** The axis of a conv's or shift's memory that counts earlier positions, oldest first. */
export const PAST_AXIS = 'past';
/** The name of that memory among a node's own. */
export const PAST_PART = 'past';

/** Earlier positions that a conv or shift reads. */
export function pastLength(node: AnyNode, filterTaps: number): number {
  return node.op === 'shift' ? (node.attrs['by'] as number) : filterTaps - 1; // A shift's attribute is its distance.
}

function tapsOf(elements: Elements, node: AnyNode): number {
  const filter = node.inputs[1];
  if (filter === undefined) return 0;
  const axis = nodeIn(elements.body, filter).type.axes.find(
    (candidate) => candidate.name === node.attrs['taps'],
  );
  return axis?.size ?? 0;
}

/** Something at one of the positions before, `back` of them, and how it enters the result. */
interface Reading {
  readonly back: number;
  readonly weight?: string;
}

const conv: ElementPrinter = (elements, code, node, place) => {
  const taps = tapsOf(elements, node);
  const filter = node.inputs[1] as NodeId; // A conv has a filter by its record.
  const axis = node.attrs['taps'] as string; // Its attribute is the filter's axis.
  const readings = Array.from({ length: taps }, (_, tap): Reading => ({
    back: taps - 1 - tap,
    weight: element(elements, code, filter, withAxes(place, [[axis, constantIndex(tap)]])),
  }));
  return neighbours(elements, code, node, place, taps - 1, readings);
};

const shift: ElementPrinter = (elements, code, node, place) => {
  const by = pastLength(node, 0);
  return neighbours(elements, code, node, place, by, [{ back: by }]);
};

function neighbours(
  elements: Elements,
  code: Code,
  node: AnyNode,
  place: Place,
  past: number,
  readings: readonly Reading[],
): string {
  const input = node.inputs[0] as NodeId; // Every temporal node reads something.
  const values = elements.phase === 'one' ? stepPast : runPast;
  const at = values(elements, code, node, input, place, past);
  const terms = readings.map(({ back, weight }) =>
    weight === undefined ? at(back) : `${weight} * ${at(back)}`,
  );
  const result = code.let(node.name ?? node.op, terms.join(' + '));
  if (elements.phase === 'one') elements.bound.set(node.id, result);
  return result;
}

type At = (back: number) => string;

/** Decode: the memory holds the last positions; the invocation that owns the element shifts them by one. */
function stepPast(
  elements: Elements,
  code: Code,
  node: AnyNode,
  input: NodeId,
  place: Place,
  past: number,
): At {
  const now = code.let('now', element(elements, code, input, place));
  if (past === 0) return () => now;
  const memory = elements.state(node.id, PAST_PART);
  const at = (row: number): Place => withAxes(place, [[PAST_AXIS, constantIndex(row)]]);
  const rows = Array.from({ length: past }, (_, row) =>
    code.let(`past_${past - row}`, readElement(memory, at(row))),
  );
  rows.forEach((_, row) => code.line(writeElement(memory, at(row), rows[row + 1] ?? now)));
  return (back) => (back === 0 ? now : (rows[past - back] ?? now));
}

/** Prefill: earlier positions are in the run, or before its start in the memory, which nobody changes until all have read it. */
function runPast(
  elements: Elements,
  code: Code,
  node: AnyNode,
  input: NodeId,
  place: Place,
  past: number,
): At {
  const read = (inner: Code, token: string): string => element(elements, inner, input, { ...place, token });
  return (back) => {
    if (back === 0) return code.let('now', read(code, place.token));
    const name = code.fresh(`past_${back}`);
    code.line(`var ${name}: f32;`);
    code.block(
      `if (${place.token} >= ${back}u)`,
      (inner) => inner.line(`${name} = ${read(inner, `(${place.token} - ${back}u)`)};`),
      '} else {',
    );
    const memory = elements.state(node.id, PAST_PART, false);
    const row = plainIndex(`(${place.token} + ${past - back}u) % ${past}u`);
    code.line(`  ${name} = ${readElement(memory, withAxes(place, [[PAST_AXIS, row]]))};`).line('}');
    return name;
  };
}

/** Moves the last positions of a run into the memory: one invocation for each element, row by row, oldest first. */
export function printCarry(elements: Elements, code: Code, node: AnyNode, place: Place): void {
  const past = pastLength(node, tapsOf(elements, node));
  const input = node.inputs[0] as NodeId; // Every temporal node reads something.
  const memory: Storage = elements.state(node.id, PAST_PART);
  const count = elements.control('count');
  code.loop(code.fresh('row'), past, (inner, row) => {
    const value = inner.fresh('value');
    inner.line(`var ${value}: f32;`);
    inner.block(
      `if (${row} + ${count} >= ${past}u)`,
      (then) =>
        then.line(
          `${value} = ${element(elements, then, input, { ...place, token: `(${row} + ${count} - ${past}u)` })};`,
        ),
      '} else {',
    );
    const kept = plainIndex(`(${row} + ${count}) % ${past}u`);
    inner.line(`  ${value} = ${readElement(memory, withAxes(place, [[PAST_AXIS, kept]]))};`).line('}');
    inner.line(writeElement(memory, withAxes(place, [[PAST_AXIS, plainIndex(row)]]), value));
  });
}

/** The element at the position as far from the run's end as this one is from its beginning. Places behind the end are nobody's. */
const flip: ElementPrinter = (elements, code, node, place) => {
  if (elements.phase !== 'many') throw new Error('internal: a single position has no reverse');
  const last = code.let('last', `${elements.control('count')} - 1u`);
  const token = code.let('from_end', `${last} - min(${place.token}, ${last})`);
  return element(elements, code, node.inputs[0] as NodeId, { ...place, token }); // Every temporal node reads something.
};

export const TEMPORAL_ELEMENTS: Readonly<Record<string, ElementPrinter>> = {
  conv,
  shift,
  flip,
  scan: printScanStep,
};
