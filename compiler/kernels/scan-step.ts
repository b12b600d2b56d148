// One position of a recurrence: each invocation owns one element of the parallel axes and walks its column of the state.
import { isColumnState, type ScanShape, scanShape, type ScanState } from '../fuse/scan-shape.ts';
import { type AnyNode, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { recordOf } from '../ir/ops/index.ts';
import { type Elements, element, type ElementPrinter, nodeIn } from './elements.ts';
import { innerElements } from './inner-elements.ts';
import { type Place, plainIndex, splitIndex, withAxes } from './place.ts';
import { bindResults } from './scan-results.ts';
import { readElement, writeElement } from './storage.ts';
import type { Code } from './wgsl.ts';

/**
 * The body's statements in as few walks over the column as its sums allow: a sum needs a walk of its own before what uses it. The new
 * state is written in the last walk, so every walk reads the state before the position.
 */
export const printScanStep: ElementPrinter = (outer, code, node, place) => {
  const shape = scanShape(node);
  const inner = stepElements(outer, code, node, shape, place);
  bindRowStates(inner, outer, code, node, shape, place);
  if (shape.column.length > 0) printWalks(inner, code, shape, place, node.id, outer);
  const rowStates = shape.states.filter((state) => !isColumnState(shape, state));
  const writes = printUpdates(inner, code, shape.body, rowStates, place, node.id, outer);
  const results = shape.results.map((name) => element(inner, code, outputOf(shape.body, name), place));
  // A result may read the state itself, so it is at hand before the state changes.
  const texts = results.map((result) => code.let(node.name ?? 'result', result));
  writes.forEach((statement) => code.line(statement));
  if (outer.phase === 'one' || texts.length > 1) bindResults(outer, node, texts);
  return texts[0] ?? internal('a recurrence without results');
};

/** States that have one value for each row are read once, before anything changes them. */
function bindRowStates(
  inner: Elements,
  outer: Elements,
  code: Code,
  node: AnyNode,
  shape: ScanShape,
  place: Place,
): void {
  for (const state of shape.states) {
    const source = shape.body.nodes.find((each) => each.attrs['name'] === `state:${state.name}`);
    if (isColumnState(shape, state) || source === undefined) continue;
    inner.bound.set(source.id, code.let(state.name, readElement(outer.state(node.id, state.name), place)));
  }
}

function printWalks(
  inner: Elements,
  code: Code,
  shape: ScanShape,
  place: Place,
  node: NodeId,
  outer: Elements,
): void {
  const sums = sumsByWalk(shape.body, shape);
  const last = Math.max(sums.length - 1, 0);
  for (let walk = 0; walk <= last; walk++)
    printWalk(inner, code, shape, place, sums[walk] ?? [], walk === last, node, outer);
}

function outputOf(body: Body, name: string): NodeId {
  const id = body.outputs[name];
  if (id === undefined) throw new Error(`internal: a recurrence without ${name}`);
  return id;
}

/** The body's own printer: its operands are the outer values, its states the memory. */
function stepElements(outer: Elements, code: Code, node: AnyNode, shape: ScanShape, place: Place): Elements {
  const once = operandsOfRow(outer, code, node, shape, place);
  return innerElements(outer, shape.body, {
    source: (at, source, where) => {
      const [kind, name] = String(source.attrs['name']).split(':');
      if (kind === 'state') return readElement(outer.state(node.id, name ?? ''), where);
      const operand = Number(name);
      return once.get(operand) ?? element(outer, at, node.inputs[operand] as NodeId, where); // The body names its operands by number.
    },
  });
}

/** Operands that do not vary along the column are computed once, before the walks. */
function operandsOfRow(
  outer: Elements,
  code: Code,
  node: AnyNode,
  shape: ScanShape,
  place: Place,
): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  node.inputs.forEach((input, operand) => {
    const source = nodeIn(outer.body, input);
    const varies = source.type.axes.some((axis) => shape.column.some((other) => other.name === axis.name));
    if (!varies)
      values.set(operand, code.let(source.name ?? `operand_${operand}`, element(outer, code, input, place)));
  });
  return values;
}

/** Sums over the column, by the walk they can be taken in: one more than the latest sum they depend on. */
function sumsByWalk(body: Body, shape: ScanShape): readonly (readonly AnyNode[])[] {
  const after = new Map<NodeId, number>();
  const walks: AnyNode[][] = [];
  for (const node of body.nodes) {
    const ready = Math.max(0, ...node.inputs.map((input) => after.get(input) ?? 0));
    const kind = recordOf(node.op).kind;
    const sums = kind === 'reduce' || kind === 'contract';
    if (sums) (walks[ready] ??= []).push(node);
    after.set(node.id, sums ? ready + 1 : ready);
  }
  const needed = Math.max(
    0,
    ...shape.states.map((state) => after.get(outputOf(body, `state:${state.name}`)) ?? 0),
  );
  while (walks.length <= needed) walks.push([]);
  return walks;
}

function printWalk(
  inner: Elements,
  code: Code,
  shape: ScanShape,
  place: Place,
  sums: readonly AnyNode[],
  last: boolean,
  node: NodeId,
  outer: Elements,
): void {
  const totals = sums.map((sum) => {
    const name = code.fresh(sum.name ?? 'total');
    const record = recordOf(sum.op);
    code.line(`var ${name} = ${record.kind === 'reduce' ? record.wgsl.start : '0.0'};`);
    return name;
  });
  const each = (body: Code, at: Place): void => {
    const own = new Map(inner.bound);
    const columns = shape.states.filter((state) => isColumnState(shape, state));
    const write = last ? printUpdates(inner, body, shape.body, columns, at, node, outer) : [];
    sums.forEach((sum, i) => {
      const record = recordOf(sum.op);
      const factors = sum.inputs.map((input) => `(${element(inner, body, input, at)})`).join(' * ');
      const total = totals[i] ?? '';
      body.line(
        `${total} = ${record.kind === 'reduce' ? record.wgsl.combine(total, factors) : `${total} + ${factors}`};`,
      );
    });
    write.forEach((statement) => body.line(statement));
    inner.bound.clear();
    for (const [id, text] of own) inner.bound.set(id, text);
  };
  code.loop(code.fresh('element'), elementCount(shape.column), (body, index) =>
    each(body, withAxes(place, splitIndex(plainIndex(index), shape.column))),
  );
  sums.forEach((sum, i) => inner.bound.set(sum.id, totals[i] ?? ''));
}

/** Computes new states; the statements that write them are returned, to come after everything that reads the old ones. */
function printUpdates(
  inner: Elements,
  code: Code,
  body: Body,
  states: readonly ScanState[],
  at: Place,
  node: NodeId,
  outer: Elements,
): readonly string[] {
  return states.map((state) => {
    const id = outputOf(body, `state:${state.name}`);
    const text = code.let(`new_${state.name}`, element(inner, code, id, at));
    inner.bound.set(id, text);
    return writeElement(outer.state(node, state.name), at, text);
  });
}
