// The chunked kernels of a recurrence in normal form: its coefficients become the hooks of the templates.
import type { NodeId } from '../ir/graph.ts';
import { constantOf } from '../recurrence/ask.ts';
import type { MicroStep } from '../recurrence/micro-steps.ts';
import type { NormalForm } from '../recurrence/normal-form.ts';
import { carriedQuads, carryChunks } from './chunk-carry.ts';
import { prepareChunks } from './chunk-prepare.ts';
import { type ChunkedTuning, chunkedTuning, scratchQuads } from './chunk-sizes.ts';
import type { ChunkSpec, KeyHook, StepHooks } from './chunk-spec.ts';
import { walkChunks } from './chunk-walk.ts';
import { element, type Elements } from './elements.ts';
import { innerElements } from './inner-elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { type Place, placeOf, plainIndex, splitIndex, withAxes } from './place.ts';
import { anchorOf, storeOutputs } from './pointwise-kernel.ts';
import {
  isQuery,
  queriesOf,
  type Query,
  type RecurrenceShape,
  recurrenceShape,
  stepsOf,
  sumsOf,
} from './recurrence-shape.ts';
import { bindResults } from './scan-results.ts';
import { readElement, writeElement } from './storage.ts';
import type { NamedKernel } from './template.ts';
import { counted } from './text.ts';
import type { Code } from './wgsl.ts';

/** The kernels of the chunked schedule in their order, each with a name for its part of the work. */
export function chunkedScanKernels(
  draft: KernelDraft,
  form: NormalForm,
  segment: number | undefined,
): readonly NamedKernel[] | undefined {
  const { target, chunk } = draft.context;
  const shape = recurrenceShape(form);
  const tuning = chunkedTuning(shape, target, chunk);
  if (tuning === undefined) return undefined;
  const spec = specOf(draft, form, { shape, tuning, segment });
  const prepared: NamedKernel = ['prepare', prepareChunks(spec, target)];
  const walk: NamedKernel = ['', walkChunks(spec, target, 'results')];
  if (segment === undefined) return [prepared, walk];
  return [prepared, ['local', walkChunks(spec, target, 'local')], ['carry', carryChunks(spec, target)], walk];
}

interface Sizes {
  readonly shape: RecurrenceShape;
  readonly tuning: ChunkedTuning;
  readonly segment: number | undefined;
}

function specOf(draft: KernelDraft, form: NormalForm, { shape, tuning, segment }: Sizes): ChunkSpec {
  const memory = draft.state(anchorOf(draft).id, form.state.name);
  const sums = sumsOf(form);
  const known = new Map<NodeId, string>();
  const at = (head: string, key: string, value: string, token = '0u'): Place =>
    withAxes(placeOf(plainIndex(head), form.head, token), [
      ...splitIndex(plainIndex(key), form.key),
      ...splitIndex(plainIndex(value), form.value),
    ]);
  const keyed =
    (id: NodeId): KeyHook =>
    (code, token, head, key) =>
      coefficient(draft, form, code, id, at(head, key, '0u', token), known);
  const queries = queriesOf(form);
  const steps = stepsOf(form);
  const of = (time: Query['of'], read: boolean): readonly (KeyHook | undefined)[] =>
    queries.filter((query) => query.of === time).map(({ vector }) => (read ? keyed(vector) : undefined));
  const hooksOf = ({ decay, corrections, writes }: MicroStep, index: number): StepHooks => ({
    decay: constantOf(form.coefficients, decay) === 1 ? undefined : keyed(decay),
    before: [
      ...filled(
        corrections.map(({ a }) => keyed(a)),
        shape.corrections,
      ),
      ...of('before', index === 0),
    ],
    after: of('after', index === steps.length - 1),
    corrections: filled(
      corrections.map(({ b }) => keyed(b)),
      shape.corrections,
    ),
    writes: filled(
      writes.map(({ k, v }) => ({
        k: keyed(k),
        v: (code: Code, token: string, head: string, value: string) =>
          coefficient(draft, form, code, v, at(head, '0u', value, token), known),
      })),
      shape.writes,
    ),
  });
  const spec: Omit<ChunkSpec, 'scratch'> = {
    shape,
    tuning,
    tokens: { maximum: draft.context.chunk, count: draft.control('count') },
    steps: steps.map((step, index) => hooksOf(step, index)),
    sums: sums.map(
      (id) => (code, token, head) => coefficient(draft, form, code, id, at(head, '0u', '0u', token), known),
    ),
    bindSum: (index, text) => {
      const id = sums[index];
      if (id !== undefined && text !== undefined) known.set(id, text);
      else if (id !== undefined) known.delete(id);
    },
    stateRead: (_code, head, key, value) => readElement(memory, at(head, key, value)),
    stateWrite: (code, head, key, value, text) =>
      void code.line(writeElement(memory, at(head, key, value), text)),
    finish: (code, token, head, value, rows) =>
      printFinish(draft, form, code, at(head, '0u', value, token), rows, known),
    ...(segment === undefined ? {} : { segment }),
    reserved: draft.reserved,
  };
  const quads = scratchQuads(shape, tuning, draft.context.chunk) + carriedQuads(spec);
  return { ...spec, scratch: draft.scratchQuads(quads) };
}

/** One element of a coefficient, from the operands' elements at the same place. */
function coefficient(
  draft: KernelDraft,
  form: NormalForm,
  code: Code,
  id: NodeId,
  place: Place,
  known: ReadonlyMap<NodeId, string>,
): string {
  return element(coefficientElements(draft, form, [], known), code, id, place);
}

function coefficientElements(
  draft: KernelDraft,
  form: NormalForm,
  readings: readonly string[],
  known: ReadonlyMap<NodeId, string>,
): Elements {
  const { inputs } = anchorOf(draft);
  return innerElements(draft, form.coefficients, {
    bound: new Map(known),
    source: (code, source, place) => {
      const [kind, number] = String(source.attrs['name']).split(':');
      if (kind === 'reading') return readings[Number(number)] ?? '0.0';
      draft.bound.clear();
      return element(draft, code, inputs[Number(number)] as NodeId, place); // The body names its operands by number.
    },
  });
}

function printFinish(
  draft: KernelDraft,
  form: NormalForm,
  code: Code,
  place: Place,
  rows: readonly string[],
  known: ReadonlyMap<NodeId, string>,
): void {
  const [segment] = draft.group.segments;
  if (segment === undefined) throw new Error('internal: a scan without rows');
  const queries = queriesOf(form);
  const readings = form.readings.map(({ terms, free }) => {
    const products = terms.map(({ of, vector, factor }) => {
      const row = rows[queries.findIndex((query) => isQuery(query, of, vector))] ?? '0.0';
      if (constantOf(form.coefficients, factor) === 1) return row;
      return `(${coefficient(draft, form, code, factor, place, known)}) * ${row}`;
    });
    const rest = free === undefined ? [] : [`(${coefficient(draft, form, code, free, place, known)})`];
    return code.let('reading', [...products, ...rest].join(' + ') || '0.0');
  });
  const inside = coefficientElements(draft, form, readings, known);
  const results = form.results.map((id) => code.let('result', element(inside, code, id, place)));
  draft.bound.clear();
  bindResults(draft, anchorOf(draft), results);
  storeOutputs(draft, code, segment, place);
  draft.bound.clear();
}

/** The parts of a step that has fewer than another one, up to `count`. */
function filled<Part>(parts: readonly Part[], count: number): readonly (Part | undefined)[] {
  return counted(count, (i) => parts[i]);
}
