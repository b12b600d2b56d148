// The kernel of a recurrence over a run of tokens: in tiles where every state evolves by itself, in chunks where its class has such a
// kernel, else position by position; for one token too where its rows see each other.
import { isRowwise, type ScanShape, scanShape } from '../fuse/scan-shape.ts';
import type { Segment } from '../fuse/group.ts';
import { type AnyNode, type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { element, type Elements, nodeIn } from './elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { type Place, placeOf, plainIndex, splitIndex, withAxes } from './place.ts';
import { anchorOf, sequentialScanKernel, storeOutputs } from './pointwise-kernel.ts';
import { recurrenceKernel } from './recurrence-kernels.ts';
import { scanElementwise } from './scan-elementwise.ts';
import { exchangeScanKernel } from './scan-exchange.ts';
import type { ScanOperand, ScanValues } from './scan-operands.ts';
import { readElement, writeElement } from './storage.ts';
import type { Templated } from './template.ts';
import type { Code } from './wgsl.ts';

export function scanKernel(draft: KernelDraft): Templated {
  if (!isRowwise(scanShape(anchorOf(draft)))) return exchangeScanKernel(draft);
  const { recurrences } = draft.context;
  const chunked = (): Templated | undefined =>
    recurrences === 'sequential' ? undefined : recurrenceKernel(draft);
  const elementwise = elementwiseScan(anchorOf(draft));
  // Where all that an element needs is at hand, a walk over the tokens is less work than a chunk's pairs of tokens.
  if (elementwise === undefined) return chunked() ?? sequentialScanKernel(draft);
  const forced = recurrences === 'chunked' ? chunked() : undefined;
  return forced ?? tiledScan(draft, elementwise);
}

/** A recurrence with one state whose update looks at no sum, and whose result is one sum over the column of something per state. */
export interface ElementwiseScan {
  readonly shape: ScanShape;
  readonly state: string;
  readonly update: NodeId;
  /** What is summed: a node of the body, or two whose product it is. */
  readonly terms: readonly NodeId[];
  readonly sum: NodeId;
  /** The body's result, computed from the sum and operands of the row. */
  readonly result: NodeId;
}

export function elementwiseScan(node: AnyNode): ElementwiseScan | undefined {
  const shape = scanShape(node);
  const [state, ...others] = shape.states;
  const [resultName, ...more] = shape.results;
  const result = resultName === undefined ? undefined : shape.body.outputs[resultName];
  const update = state === undefined ? undefined : shape.body.outputs[`state:${state.name}`];
  if (
    state === undefined ||
    result === undefined ||
    update === undefined ||
    others.length > 0 ||
    more.length > 0
  )
    return undefined;
  const sums = shape.body.nodes.filter((each) => ['reduce', 'contract'].includes(recordOf(each.op).kind));
  const [sum] = sums;
  const reads = sum === undefined ? undefined : readsOfState(shape, sum, update);
  if (sum === undefined || sums.length !== 1 || reads !== 'after' || sum.op === 'max') return undefined;
  if (dependsOn(shape, update, sum.id) || !onlyThrough(shape, result, sum.id)) return undefined;
  return { shape, state: state.name, update, terms: sum.inputs, sum: sum.id, result };
}

function dependsOn(shape: ScanShape, id: NodeId, on: NodeId): boolean {
  return id === on || nodeIn(shape.body, id).inputs.some((input) => dependsOn(shape, input, on));
}

function isState(node: AnyNode): boolean {
  return String(node.attrs['name']).startsWith('state:');
}

/** Whether the sum sees the state only after the update. */
function readsOfState(shape: ScanShape, sum: AnyNode, update: NodeId): 'after' | undefined {
  const before = (id: NodeId): boolean => {
    if (id === update) return false;
    const node = nodeIn(shape.body, id);
    return (node.op === 'input' && isState(node)) || node.inputs.some(before);
  };
  return sum.inputs.some(before) ? undefined : 'after';
}

/** Whether the result reaches the states only through the sum. */
function onlyThrough(shape: ScanShape, id: NodeId, sum: NodeId): boolean {
  if (id === sum) return true;
  const node = nodeIn(shape.body, id);
  return (
    !(node.op === 'input' && isState(node)) && node.inputs.every((input) => onlyThrough(shape, input, sum))
  );
}

function tiledScan(draft: KernelDraft, scan: ElementwiseScan): Templated {
  const node = anchorOf(draft);
  const { shape } = scan;
  const [segment] = draft.group.segments;
  if (segment === undefined) throw new Error('internal: a scan without rows');
  const memory = draft.state(node.id, scan.state);
  const at = (p: string, n: string, token = '0u'): Place =>
    withAxes(placeOf(plainIndex(p), shape.parallel, token), splitIndex(plainIndex(n), shape.column));
  const inside = (
    values: ScanValues,
    state: string,
    bound: readonly (readonly [NodeId, string])[] = [],
  ): Elements => innerElements(draft, shape, values, state, bound);
  return scanElementwise(
    {
      parallel: elementCount(shape.parallel),
      column: elementCount(shape.column),
      tokens: { maximum: draft.context.chunk, count: draft.control('count') },
      operands: node.inputs.map((input, i) => operandOf(draft, shape, input, i, at)),
      stateRead: (_code, p, n) => readElement(memory, at(p, n)),
      stateWrite: (code, p, n, value) => void code.line(writeElement(memory, at(p, n), value)),
      update: (code, values, state) => element(inside(values, state), code, scan.update, NOWHERE),
      output: (code, values, state) => {
        const elements = inside(values, 'state_before', [[scan.update, state]]);
        return scan.terms.map((term) => `(${element(elements, code, term, NOWHERE)})`).join(' * ');
      },
      finish: (code, token, p, y, values) =>
        printFinish(
          draft,
          scan,
          segment,
          code,
          at(p, '0u', token),
          y,
          inside(values, '0.0', [[scan.sum, y]]),
        ),
      reserved: draft.reserved,
    },
    draft.context.target,
  );
}

/** Inside the body every operand is a value at hand, so places do not matter. */
const NOWHERE: Place = { axes: new Map(), token: '0u' };

function innerElements(
  draft: KernelDraft,
  shape: ScanShape,
  values: ScanValues,
  state: string,
  bound: readonly (readonly [NodeId, string])[],
): Elements {
  return {
    body: shape.body,
    phase: draft.phase,
    bound: new Map(bound),
    storage: () => undefined,
    state: () => {
      throw new Error('internal: a recurrence inside a recurrence');
    },
    control: (word) => draft.control(word),
    tokenId: (token) => draft.tokenId(token),
    helper: (text) => draft.helper(text),
    source: (_code, source) => {
      const [kind, name] = String(source.attrs['name']).split(':');
      return kind === 'state' ? state : (values[operandNames(draft)[Number(name)] ?? ''] ?? '0.0');
    },
  };
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
  y: string,
  inside: Elements,
): void {
  draft.bound.clear();
  const result =
    scan.result === scan.sum ? y : code.let('result', element(inside, code, scan.result, NOWHERE));
  draft.bound.set(anchorOf(draft).id, result);
  storeOutputs(draft, code, segment, place);
  draft.bound.clear();
}
