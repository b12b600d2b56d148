// A recurrence whose rows see each other: one workgroup walks over the positions, its invocations exchange the state, and barriers stand
// between the phases of a position. Right for every body; rows that never meet have workgroups of their own.
import type { Segment } from '../fuse/group.ts';
import { type ScanShape, scanShape, separateAxes } from '../fuse/scan-shape.ts';
import { type AnyNode, type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { foldedIndex, foldGrid } from './contract.ts';
import { element, type Elements, nodeIn } from './elements.ts';
import { innerElements } from './inner-elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { constantIndex, type Place, plainIndex, splitIndex, withAxes } from './place.ts';
import { anchorOf, storeOutputs } from './pointwise-kernel.ts';
import { MOMENT, scanMemory, type ScanMemory, WORKGROUP } from './scan-memory.ts';
import { scanPhases } from './scan-phases.ts';
import { readElement, type Storage, writeElement } from './storage.ts';
import type { Templated } from './template.ts';
import { forEachItem, powerOfTwoAbove, powerOfTwoBelow } from './text.ts';
import { Code } from './wgsl.ts';

const SIZES = { workgroup: 256, least: 32 } as const;

interface Exchange {
  readonly draft: KernelDraft;
  readonly node: AnyNode;
  readonly shape: ScanShape;
  readonly phases: readonly (readonly AnyNode[])[];
  /** A workgroup for each element of these. */
  readonly separate: readonly Axis[];
  readonly threads: number;
  readonly memory: ScanMemory;
  /** The values of the body that are kept by now. */
  readonly done: Set<NodeId>;
}

/** Where an invocation is: the elements of the separate axes that are the workgroup's, the token, and the two moments of the states. */
interface Moment {
  readonly place: Place;
  readonly now: string;
  readonly next: string;
}

/** Work of the same kind for every element of some axes. */
interface Section {
  readonly axes: readonly Axis[];
  readonly print: (code: Code, place: Place) => void;
}

export function exchangeScanKernel(draft: KernelDraft): Templated {
  const node = anchorOf(draft);
  const shape = scanShape(node);
  const { target } = draft.context;
  const separate = separateAxes(shape);
  const workgroups = elementCount(separate);
  const grid = foldGrid(workgroups, target);
  const code = new Code().reserve([...draft.reserved, 'workgroup_id', 'local_invocation_index']);
  const phases = scanPhases(shape.body);
  const memory = keepAll(draft, shape, phases, separate, code);
  const threads = threadsFor(draft, shape, phases, separate);
  const exchange: Exchange = { draft, node, shape, phases, separate, threads, memory, done: new Set() };
  writeKernel(code, exchange, foldedIndex(grid), Number(grid[0]) * Number(grid[1]) > workgroups);
  return {
    body: {
      workgroup: [threads, 1, 1],
      shared: memory.shared,
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers: (phases.length + 1) * (draft.phase === 'many' ? draft.context.chunk : 1) + 1,
      functions: [],
      code,
    },
    grid,
  };
}

function keepAll(
  draft: KernelDraft,
  { states }: ScanShape,
  phases: Exchange['phases'],
  separate: readonly Axis[],
  code: Code,
): ScanMemory {
  const local = (axes: readonly Axis[]): readonly Axis[] => without(axes, separate);
  const kept = [
    ...states.map(({ name, axes }) => ({ key: `state:${name}`, name, axes: local(axes), moments: 2 })),
    ...phases.flat().map(({ id, name, op, type }) => ({
      key: `${id}`,
      name: name ?? op,
      axes: local(type.axes),
      moments: 1,
    })),
  ];
  const limits = { bytes: draft.context.target.maxSharedBytes, workgroups: elementCount(separate) };
  return scanMemory(code, kept, limits, (elements) => draft.scratch(elements));
}

function without(axes: readonly Axis[], some: readonly Axis[]): readonly Axis[] {
  return axes.filter(({ name }) => !some.some((axis) => axis.name === name));
}

/** As many invocations as the largest phase has elements, within what the device allows. */
function threadsFor(
  { context: { target } }: KernelDraft,
  { states }: ScanShape,
  phases: Exchange['phases'],
  separate: readonly Axis[],
): number {
  const count = (axes: readonly Axis[]): number => elementCount(without(axes, separate));
  const sums = phases.map((phase) => phase.reduce((sum, { type }) => sum + count(type.axes), 0));
  const most = Math.max(...states.map(({ axes }) => count(axes)), ...sums);
  const wished = Math.max(SIZES.least, powerOfTwoAbove(most));
  return Math.min(SIZES.workgroup, powerOfTwoBelow(target.maxInvocations), wished);
}

function writeKernel(code: Code, exchange: Exchange, workgroup: string, surplus: boolean): void {
  const { draft, shape, separate } = exchange;
  const index = code.let('workgroup', workgroup);
  if (surplus) code.line(`if (${index} >= ${elementCount(separate)}u) { return; }`);
  const entries = [...splitIndex(plainIndex(index), separate), [WORKGROUP, plainIndex(index)] as const];
  const at = (token: string): Place => ({ axes: new Map(entries), token });
  const start: Moment = { place: at('0u'), now: '0u', next: '1u' };
  const sections = (write: (name: string, code: Code, place: Place) => string): readonly Section[] =>
    shape.states.map(({ name, axes }) => ({
      axes,
      print: (inner, place) => void inner.line(write(name, inner, place)),
    }));
  const memory = (name: string): Storage => draft.state(exchange.node.id, name);
  printSections(
    code,
    exchange,
    start.place,
    sections((name, _, place) =>
      writeElement(keptState(exchange, name), moment(place, '0u'), readElement(memory(name), place)),
    ),
  );
  barrier(code, exchange);
  let end = start.next;
  if (draft.phase === 'one') writeToken(code, exchange, start);
  else {
    const token = code.fresh('token');
    const count = draft.control('count');
    code.block(`for (var ${token} = 0u; ${token} < ${count}; ${token}++)`, (inner) => {
      const now = inner.let('now', `${token} % 2u`);
      writeToken(inner, exchange, { place: at(token), now, next: inner.let('next', `1u - ${now}`) });
    });
    end = code.let('end', `${count} % 2u`);
  }
  printSections(
    code,
    exchange,
    start.place,
    sections((name, _, place) =>
      writeElement(memory(name), place, readElement(keptState(exchange, name), moment(place, end))),
    ),
  );
}

function keptState({ memory }: Exchange, state: string): Storage {
  return storageFor(memory, `state:${state}`);
}

function storageFor({ places }: ScanMemory, key: string): Storage {
  const storage = places.get(key);
  if (storage === undefined) throw new Error(`internal: ${key} is kept nowhere`);
  return storage;
}

function moment(place: Place, at: string): Place {
  return withAxes(place, [
    [MOMENT, /^\d+u$/.test(at) ? constantIndex(Number.parseInt(at, 10)) : plainIndex(at)],
  ]);
}

function barrier(code: Code, { memory }: Exchange): void {
  if (memory.spilled) code.line('storageBarrier();');
  code.line('workgroupBarrier();');
}

/** The elements of all sections, one after the other, spread over the invocations. */
function printSections(
  code: Code,
  { separate, threads, draft }: Exchange,
  place: Place,
  sections: readonly Section[],
): void {
  const local = sections.map(({ axes }) => without(axes, separate));
  const total = local.reduce((sum, axes) => sum + elementCount(axes), 0);
  forEachItem(code, threads, total, (inner, item) => {
    let start = 0;
    sections.forEach(({ print }, i) => {
      const axes = local[i] ?? [];
      const [from, end] = [start, start + elementCount(axes)];
      start = end;
      const body = (within: Code): void => {
        const index = from === 0 ? item : within.let('local', `${item} - ${from}u`);
        draft.bound.clear();
        print(within, withAxes(place, splitIndex(plainIndex(index), axes)));
        draft.bound.clear();
      };
      if (sections.length === 1) body(inner);
      else inner.block(`if (${item} >= ${from}u && ${item} < ${end}u)`, body);
    });
  });
}

/** One position: the phases, then the new states and the result. */
function writeToken(code: Code, exchange: Exchange, at: Moment): void {
  const { memory, done, phases } = exchange;
  done.clear();
  for (const phase of phases) {
    const sections = phase.map(({ id, type }): Section => ({
      axes: type.axes,
      print: (inner, place) => {
        const value = element(stepElements(exchange, at), inner, id, place);
        inner.line(writeElement(storageFor(memory, `${id}`), place, value));
      },
    }));
    printSections(code, exchange, at.place, sections);
    barrier(code, exchange);
    for (const { id } of phase) done.add(id);
  }
  printSections(code, exchange, at.place, lastSections(exchange, at));
  barrier(code, exchange);
}

/** New states go to their other moment, so that the result may still read the old ones. Values of the same axes are made together. */
function lastSections(exchange: Exchange, at: Moment): readonly Section[] {
  const { shape, draft } = exchange;
  const [segment] = draft.group.segments;
  const [result, ...more] = shape.results;
  if (segment === undefined || result === undefined || more.length > 0)
    throw new Error('internal: a recurrence of one kernel without its one result');
  const stores = shape.states.map(({ name, axes }) => ({
    axes,
    value: outputOf(shape, `state:${name}`),
    store: (code: Code, place: Place, value: string): void =>
      void code.line(writeElement(keptState(exchange, name), moment(place, at.next), value)),
  }));
  stores.push({
    axes: segment.rows,
    value: outputOf(shape, result),
    store: (code, place, value) => storeResult(exchange, code, segment, place, value),
  });
  return [...new Set(stores.map(({ axes }) => namesOf(axes)))].map((axes) => {
    const together = stores.filter((each) => namesOf(each.axes) === axes);
    return {
      axes: together[0]?.axes ?? [],
      print: (code, place) => storeTogether(exchange, at, code, together, place),
    };
  });
}

function namesOf(axes: readonly Axis[]): string {
  return axes.map(({ name }) => name).join(' ');
}

interface Store {
  readonly value: NodeId;
  readonly store: (code: Code, place: Place, value: string) => void;
}

function storeTogether(
  exchange: Exchange,
  at: Moment,
  code: Code,
  stores: readonly Store[],
  place: Place,
): void {
  const inner = stepElements(exchange, at);
  bindShared(
    inner,
    code,
    stores.map(({ value }) => value),
    place,
  );
  const values = stores.map(({ value }) => element(inner, code, value, place));
  stores.forEach(({ store }, i) => store(code, place, values[i] ?? ''));
}

/** What several of the values are made from at the same place is computed once. */
function bindShared(inner: Elements, code: Code, values: readonly NodeId[], place: Place): void {
  const readers = new Map<NodeId, number>();
  const visit = (id: NodeId): void => {
    const seen = readers.get(id) ?? 0;
    readers.set(id, seen + 1);
    const node = nodeIn(inner.body, id);
    if (seen === 0 && inner.storage(id) === undefined && recordOf(node.op).kind === 'map')
      node.inputs.forEach(visit);
  };
  values.forEach(visit);
  for (const [id, count] of [...readers].toSorted(([a], [b]) => a - b)) {
    const node = nodeIn(inner.body, id);
    if (count > 1 && node.op !== 'constant')
      inner.bound.set(id, code.let(node.name ?? node.op, element(inner, code, id, place)));
  }
}

function storeResult(
  { draft, node }: Exchange,
  code: Code,
  segment: Segment,
  place: Place,
  value: string,
): void {
  draft.bound.clear();
  draft.bound.set(node.id, code.let(node.name ?? 'result', value));
  storeOutputs(draft, code, segment, place);
}

function outputOf({ body }: ScanShape, name: string): NodeId {
  const id = body.outputs[name];
  if (id === undefined) throw new Error(`internal: a recurrence without ${name}`);
  return id;
}

/** The body's own printer: operands are the outer values, states and finished values are where the workgroup keeps them. */
function stepElements(exchange: Exchange, at: Moment): Elements {
  const { draft, shape, node, memory, done } = exchange;
  return innerElements(draft, shape.body, {
    storage: (id) => (done.has(id) ? storageFor(memory, `${id}`) : undefined),
    source: (code, source, place) => {
      const name = String(source.attrs['name']);
      if (name.startsWith('state:')) return readElement(storageFor(memory, name), moment(place, at.now));
      draft.bound.clear();
      const input = node.inputs[Number(name.split(':')[1])];
      if (input === undefined) throw new Error(`internal: a recurrence without ${name}`);
      return element(draft, code, input, place);
    },
  });
}
