// Elementwise recurrences over a run of tokens: the body's nodes become the hooks of the template, for the whole run or for segments of it.
import type { Segment } from '../fuse/group.ts';
import type { ScanShape } from '../fuse/scan-shape.ts';
import { type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import type { NormalForm } from '../recurrence/normal-form.ts';
import { element, type Elements, nodeIn } from './elements.ts';
import { foldedIndex, foldGrid } from './contract.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { type Place, placeOf, plainIndex, splitIndex, withAxes } from './place.ts';
import { anchorOf, storeOutputs } from './pointwise-kernel.ts';
import { scanElementwise, type ScanSpec } from './scan-elementwise.ts';
import type { ElementwiseScan } from './scan-elementwise-form.ts';
import type { ScanOperand, ScanValues } from './scan-operands.ts';
import { readElement, writeElement } from './storage.ts';
import type { NamedKernel, Templated } from './template.ts';
import { Code } from './wgsl.ts';

export function tiledScan(draft: KernelDraft, scan: ElementwiseScan): Templated {
  return scanElementwise(specOf(draft, scan), draft.context.target);
}

/**
 * Three passes over segments of a run: what each segment makes of a state of zero, and what it leaves of a state; what is carried from
 * segment to segment; and the results, each segment from its own state. Only states at the segments' ends are in memory.
 */
export function segmentedScan(
  draft: KernelDraft,
  scan: ElementwiseScan,
  form: NormalForm,
  segment: number,
): readonly NamedKernel[] {
  const { target, chunk } = draft.context;
  const spec = specOf(draft, scan);
  const elements = spec.parallel * spec.column;
  const segments = Math.ceil(chunk / segment);
  const scratch = draft.scratch(2 * segments * elements);
  const at = (index: string, p: string, n: string): string =>
    `${scratch}[${index} * ${elements}u + ${p} * ${spec.column}u + ${n}]`;
  const products = `(${segments}u + workgroup_id.z)`;
  const inside = (values: ScanValues): Elements => coefficients(draft, form, values);
  const local = scanElementwise(
    {
      ...spec,
      segment,
      stateRead: () => '0.0',
      stateWrite: (code, p, n, value) => void code.line(`${at('workgroup_id.z', p, n)} = ${value};`),
      local: {
        decay: (code, values) => element(inside(values), code, form.decay, NOWHERE),
        store: (code, p, n, product) => void code.line(`${at(products, p, n)} = ${product};`),
      },
    },
    target,
  );
  const whole = scanElementwise(
    {
      ...spec,
      segment,
      stateRead: (_code, p, n) => at('workgroup_id.z', p, n),
      stateWrite: () => undefined,
    },
    target,
  );
  return [
    ['local', local],
    ['carry', carryElements(draft, spec, segments, segment, at)],
    ['', whole],
  ];
}

const WORKGROUP = 64;

/** One invocation for each element of the state, segment after segment. */
function carryElements(
  draft: KernelDraft,
  spec: ScanSpec,
  segments: number,
  length: number,
  at: (index: string, p: string, n: string) => string,
): Templated {
  const items = spec.parallel * spec.column;
  const [width, folds] = foldGrid(Math.ceil(items / WORKGROUP), draft.context.target);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...draft.reserved]);
  const item = code.let('item', `${foldedIndex([width, folds, 1])} * ${WORKGROUP}u + local_invocation_index`);
  code.line(`if (${item} >= ${items}u) { return; }`);
  const p = code.let('p', `${item} / ${spec.column}u`);
  const n = code.let('n', `${item} % ${spec.column}u`);
  const held = code.fresh('held');
  code.line(`var ${held} = ${spec.stateRead(code, p, n)};`);
  const end = code.let('end', `(${spec.tokens.count} + ${length - 1}u) / ${length}u`);
  const index = code.fresh('segment');
  code.block(`for (var ${index} = 0u; ${index} < ${end}; ${index}++)`, (inner) => {
    const local = inner.let('local', at(index, p, n));
    inner.line(`${at(index, p, n)} = ${held};`);
    inner.line(`${held} = ${held} * ${at(`(${segments}u + ${index})`, p, n)} + ${local};`);
  });
  spec.stateWrite(code, p, n, held);
  return {
    body: {
      workgroup: [WORKGROUP, 1, 1],
      shared: [],
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers: 0,
      functions: [],
      code,
    },
    grid: [width, folds, 1],
  };
}

/** The normal form's coefficients of one element, whose operands are at hand. */
function coefficients(draft: KernelDraft, form: NormalForm, values: ScanValues): Elements {
  return atHand(draft, form.coefficients, values, '0.0', []);
}

function specOf(draft: KernelDraft, scan: ElementwiseScan): ScanSpec {
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
  ): Elements => atHand(draft, shape.body, values, state, bound);
  return {
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
      printFinish(draft, scan, segment, code, at(p, '0u', token), y, inside(values, '0.0', [[scan.sum, y]])),
    reserved: draft.reserved,
  };
}

/** Inside the body every operand is a value at hand, so places do not matter. */
const NOWHERE: Place = { axes: new Map(), token: '0u' };

function atHand(
  draft: KernelDraft,
  body: Body,
  values: ScanValues,
  state: string,
  bound: readonly (readonly [NodeId, string])[],
): Elements {
  return {
    body,
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
