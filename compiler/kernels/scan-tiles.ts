// Elementwise recurrences over a run of tokens: the body's nodes become the hooks of the template, for the whole run or for segments of it.
import type { Segment } from '../fuse/group.ts';
import type { ScanShape } from '../fuse/scan-shape.ts';
import { type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { element, type Elements, nodeIn } from './elements.ts';
import { foldedIndex, foldGrid } from './contract.ts';
import { innerElements } from './inner-elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { type Place, placeOf, plainIndex, splitIndex, withAxes } from './place.ts';
import { anchorOf, storeOutputs } from './pointwise-kernel.ts';
import { scanElementwise, type ScanSpec } from './scan-elementwise.ts';
import type { ElementwiseScan } from './scan-elementwise-form.ts';
import type { ScanOperand, ScanValues } from './scan-operands.ts';
import { bindResults } from './scan-results.ts';
import { readElement, type Storage, writeElement } from './storage.ts';
import type { NamedKernel, Templated } from './template.ts';
import { counted } from './text.ts';
import { Code, plainBody } from './wgsl.ts';

export function tiledScan(draft: KernelDraft, scan: ElementwiseScan): Templated {
  return scanElementwise(specOf(draft, scan), draft.context.target);
}

/** What multiplies the states of an element at a token, by rows: coefficients whose operands are the scan's. Absent ones are zero. */
export interface ElementFactors {
  readonly coefficients: Body;
  readonly matrix: readonly (readonly (NodeId | undefined)[])[];
  /** Whether it is the matrix of a complex number, of which one column says everything. */
  readonly turns: boolean;
}

/**
 * Three passes over segments of a run: what each segment makes of states of zero, and what it multiplies states by; what is carried from
 * segment to segment; and the results, each segment from its own states. Only states at the segments' ends are in memory.
 */
export function segmentedScan(
  draft: KernelDraft,
  scan: ElementwiseScan,
  factors: ElementFactors,
  segment: number,
): readonly NamedKernel[] {
  const { target, chunk } = draft.context;
  const spec = specOf(draft, scan);
  const elements = spec.parallel * spec.column;
  const segments = Math.ceil(chunk / segment);
  const columns = factors.turns ? 1 : spec.states;
  const scratch = draft.scratch((1 + columns) * spec.states * segments * elements);
  const at: ScratchPlace = (part, index, p, n) => {
    const from = part === 0 ? index : `(${part * segments}u + ${index})`;
    return `${scratch}[${from} * ${elements}u + ${p} * ${spec.column}u + ${n}]`;
  };
  const segmentOf = 'workgroup_id.z';
  const local = scanElementwise(
    {
      ...spec,
      segment,
      stateRead: () => '0.0',
      stateWrite: (code, which, p, n, value) => void code.line(`${at(which, segmentOf, p, n)} = ${value};`),
      local: {
        start: counted(columns * spec.states, (i) => (i % (spec.states + 1) === 0 ? '1.0' : '0.0')),
        multiply: (code, values, products) => multiplied(draft, factors, code, values, products),
        store: (code, which, p, n, value) =>
          void code.line(`${at(spec.states + which, segmentOf, p, n)} = ${value};`),
      },
    },
    target,
  );
  const whole = scanElementwise(
    {
      ...spec,
      segment,
      stateRead: (_code, which, p, n) => at(which, segmentOf, p, n),
      stateWrite: () => undefined,
    },
    target,
  );
  return [
    ['local', local],
    ['carry', carryElements(draft, spec, factors.turns, segment, at)],
    ['', whole],
  ];
}

/** Where a part of a segment lies in the scratch: its states one after the other, then what multiplies them, column after column. */
type ScratchPlace = (part: number, index: string, p: string, n: string) => string;

/** The token's matrix times the products so far, which lie column after column. */
function multiplied(
  draft: KernelDraft,
  { coefficients, matrix }: ElementFactors,
  code: Code,
  values: ScanValues,
  products: readonly string[],
): readonly string[] {
  const inside = atHand(draft, coefficients, values, [], []);
  const rows = matrix.map((row) =>
    row.map((id) => {
      if (id === undefined) return undefined;
      const text = element(inside, code, id, NOWHERE);
      return products.length === 1 ? `(${text})` : code.let('factor', text);
    }),
  );
  return products.map((_, i) => {
    const column = Math.floor(i / matrix.length) * matrix.length;
    const row = rows[i % matrix.length] ?? [];
    const terms = row.flatMap((factor, j) =>
      factor === undefined ? [] : [`${factor} * ${products[column + j] ?? '0.0'}`],
    );
    return terms.join(' + ') || '0.0';
  });
}

const WORKGROUP = 64;

/** One invocation for each element, segment after segment. */
function carryElements(
  draft: KernelDraft,
  spec: ScanSpec,
  turns: boolean,
  length: number,
  at: ScratchPlace,
): Templated {
  const items = spec.parallel * spec.column;
  const [width, folds] = foldGrid(Math.ceil(items / WORKGROUP), draft.context.target);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...draft.reserved]);
  const item = code.let('item', `${foldedIndex([width, folds, 1])} * ${WORKGROUP}u + local_invocation_index`);
  code.line(`if (${item} >= ${items}u) { return; }`);
  const p = code.let('p', `${item} / ${spec.column}u`);
  const n = code.let('n', `${item} % ${spec.column}u`);
  const states = counted(spec.states, () => code.fresh('held'));
  states.forEach((held, which) => code.line(`var ${held} = ${spec.stateRead(code, which, p, n)};`));
  const end = code.let('end', `(${spec.tokens.count} + ${length - 1}u) / ${length}u`);
  const index = code.fresh('segment');
  const read = (part: number): string => at(part, index, p, n);
  code.block(`for (var ${index} = 0u; ${index} < ${end}; ${index}++)`, (inner) => {
    const next = states.map((_, which) => {
      const terms = states.map(
        (held, other) => `${held} * ${productText(states.length, turns, which, other, read)}`,
      );
      return inner.let('next', [...terms, read(which)].join(' + '));
    });
    states.forEach((held, which) => {
      inner.line(`${read(which)} = ${held};`);
      inner.line(`${held} = ${next[which] ?? held};`);
    });
  });
  states.forEach((held, which) => spec.stateWrite(code, which, p, n, held));
  return {
    body: plainBody(WORKGROUP, code),
    grid: [width, folds, 1],
  };
}

/** What a segment multiplies one state by to add to another: of a complex number, (a, b; −b, a) by columns. */
function productText(
  states: number,
  turns: boolean,
  of: number,
  by: number,
  read: (part: number) => string,
): string {
  if (turns && by === 1) return of === 1 ? read(states) : `-${read(states + 1)}`;
  return read(states + by * states + of);
}

function specOf(draft: KernelDraft, scan: ElementwiseScan): ScanSpec {
  const node = anchorOf(draft);
  const { shape } = scan;
  const [segment] = draft.group.segments;
  if (segment === undefined) throw new Error('internal: a scan without rows');
  const memories = scan.states.map(({ name }) => draft.state(node.id, name));
  const memoryAt = (which: number): Storage => memories[which] ?? internal('a state without memory');
  const at = (p: string, n: string, token = '0u'): Place =>
    withAxes(placeOf(plainIndex(p), shape.parallel, token), splitIndex(plainIndex(n), shape.column));
  const inside = (
    values: ScanValues,
    states: readonly string[],
    bound: readonly (readonly [NodeId, string])[] = [],
  ): Elements => atHand(draft, shape.body, values, byName(scan, states), bound);
  const updates = scan.states.map(({ update }) => update);
  return {
    parallel: elementCount(shape.parallel),
    column: elementCount(shape.column),
    tokens: { maximum: draft.context.chunk, count: draft.control('count') },
    operands: node.inputs.map((input, i) => operandOf(draft, shape, input, i, at)),
    states: memories.length,
    stateRead: (_code, which, p, n) => readElement(memoryAt(which), at(p, n)),
    stateWrite: (code, which, p, n, value) => void code.line(writeElement(memoryAt(which), at(p, n), value)),
    update: (code, values, states) => {
      const elements = inside(values, states);
      return updates.map((update) => {
        const text = element(elements, code, update, NOWHERE);
        // What others make of it is made of its name.
        const value = updates.length === 1 ? text : code.let('updated', text);
        elements.bound.set(update, value);
        return value;
      });
    },
    readings: scan.readings.length,
    looksBack: scan.looksBack,
    output: (code, values, after, before) => {
      const elements = inside(values, before, zip(updates, after));
      return scan.readings.map(({ terms }) =>
        terms.map((term) => `(${element(elements, code, term, NOWHERE)})`).join(' * '),
      );
    },
    finish: (code, token, p, readings, values) => {
      const bound = zip(
        scan.readings.map((reading) => reading.node),
        readings,
      );
      printFinish(draft, scan, segment, code, at(p, '0u', token), inside(values, [], bound));
    },
    reserved: draft.reserved,
  };
}

function zip(ids: readonly NodeId[], texts: readonly string[]): readonly (readonly [NodeId, string])[] {
  return ids.map((id, i) => [id, texts[i] ?? '0.0'] as const);
}

/** The states' names with their values at hand. */
function byName(
  { states }: ElementwiseScan,
  texts: readonly string[],
): readonly (readonly [string, string])[] {
  return states.map(({ name }, i) => [name, texts[i] ?? '0.0'] as const);
}

/** Inside the body every operand is a value at hand, so places do not matter. */
const NOWHERE: Place = { axes: new Map(), token: '0u' };

function atHand(
  draft: KernelDraft,
  body: Body,
  values: ScanValues,
  states: readonly (readonly [string, string])[],
  bound: readonly (readonly [NodeId, string])[],
): Elements {
  const held = new Map(states);
  return innerElements(draft, body, {
    bound: new Map(bound),
    source: (_code, source) => {
      const [kind, name] = String(source.attrs['name']).split(':');
      return (
        (kind === 'state' ? held.get(name ?? '') : undefined) ??
        values[operandNames(draft)[Number(name)] ?? ''] ??
        '0.0'
      );
    },
  });
}

/** The operands' own names where they are different ones. */
function operandNames(draft: KernelDraft): readonly string[] {
  const { inputs } = anchorOf(draft);
  const names = inputs.map(
    (input) => nodeIn(draft.body, input).name?.replace(/[^A-Za-z0-9_]/g, '_') ?? 'operand',
  );
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name) && name !== 'operand' ? name : `${name}_${i}`,
  );
}

function operandOf(
  draft: KernelDraft,
  shape: ScanShape,
  input: NodeId,
  index: number,
  at: (p: string, n: string, token?: string) => Place,
): ScanOperand {
  const { type } = nodeIn(draft.body, input);
  const varies = (axes: readonly Axis[]): boolean =>
    type.axes.some((axis) => axes.some((other) => other.name === axis.name));
  const [parallel, column] = [varies(shape.parallel), varies(shape.column)];
  return {
    name: operandNames(draft)[index] ?? '',
    over: parallel && column ? 'both' : parallel ? 'parallel' : column ? 'column' : 'none',
    temporal: type.temporal,
    read: (code, token, p, n) => {
      draft.bound.clear();
      return element(draft, code, input, at(p, n, token));
    },
  };
}

function printFinish(
  draft: KernelDraft,
  scan: ElementwiseScan,
  segment: Segment,
  code: Code,
  place: Place,
  inside: Elements,
): void {
  draft.bound.clear();
  const isReading = (id: NodeId): boolean => scan.readings.some((reading) => reading.node === id);
  const results = scan.results.map((id) => {
    const text = element(inside, code, id, NOWHERE);
    return isReading(id) ? text : code.let('result', text);
  });
  bindResults(draft, anchorOf(draft), results);
  storeOutputs(draft, code, segment, place);
  draft.bound.clear();
}
