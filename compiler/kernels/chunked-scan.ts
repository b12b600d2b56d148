// The chunked kernel of a recurrence in normal form: its coefficients become the hooks of the template.
import { elementCount, type NodeId } from '../ir/graph.ts';
import type { StateTerm } from '../recurrence/affine.ts';
import { axesAlong, constantOf } from '../recurrence/ask.ts';
import type { NormalForm } from '../recurrence/normal-form.ts';
import type { ChunkedSpec, KeyHook } from './chunked-spec.ts';
import { chunkedScan } from './chunked-template.ts';
import { element, type Elements } from './elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { isQuery, queriesOf } from './recurrence-shape.ts';
import { type Place, placeOf, plainIndex, splitIndex, withAxes } from './place.ts';
import { anchorOf, storeOutputs } from './pointwise-kernel.ts';
import { readElement, writeElement } from './storage.ts';
import type { Templated } from './template.ts';
import type { Code } from './wgsl.ts';

/** Nothing where it does not fit the target. */
export function chunkedScanKernel(draft: KernelDraft, form: NormalForm): Templated | undefined {
  return chunkedScan(specOf(draft, form), draft.context.target);
}

function specOf(draft: KernelDraft, form: NormalForm): ChunkedSpec {
  const memory = draft.state(anchorOf(draft).id, form.state.name);
  const at = (head: string, key: string, value: string, token = '0u'): Place =>
    withAxes(placeOf(plainIndex(head), form.head, token), [
      ...splitIndex(plainIndex(key), form.key),
      ...splitIndex(plainIndex(value), form.value),
    ]);
  const keyed =
    (id: NodeId): KeyHook =>
    (code, token, head, key) =>
      coefficient(draft, form, code, id, at(head, key, '0u', token));
  const queries = queriesOf(form);
  const of = (time: StateTerm['of']): readonly KeyHook[] =>
    queries.filter((query) => query.of === time).map(({ vector }) => keyed(vector));
  const along = axesAlong(form.coefficients, form.decay, form.key).length > 0 ? 'key' : 'head';
  return {
    heads: elementCount(form.head),
    keys: elementCount(form.key),
    values: elementCount(form.value),
    tokens: { maximum: draft.context.chunk, count: draft.control('count') },
    ...(constantOf(form.coefficients, form.decay) === 1 ? {} : { decay: { along, read: keyed(form.decay) } }),
    before: [...form.corrections.map(({ a }) => keyed(a)), ...of('before')],
    after: of('after'),
    corrections: form.corrections.map(({ b }) => keyed(b)),
    writes: form.writes.map(({ k, v }) => ({
      k: keyed(k),
      v: (code, token, head, value) => coefficient(draft, form, code, v, at(head, '0u', value, token)),
    })),
    stateRead: (_code, head, key, value) => readElement(memory, at(head, key, value)),
    stateWrite: (code, head, key, value, text) =>
      void code.line(writeElement(memory, at(head, key, value), text)),
    finish: (code, token, head, value, rows) =>
      printFinish(draft, form, code, at(head, '0u', value, token), rows),
    reserved: draft.reserved,
  };
}

/** One element of a coefficient, from the operands' elements at the same place. */
function coefficient(draft: KernelDraft, form: NormalForm, code: Code, id: NodeId, place: Place): string {
  return element(innerElements(draft, form, []), code, id, place);
}

function innerElements(draft: KernelDraft, form: NormalForm, readings: readonly string[]): Elements {
  const { inputs } = anchorOf(draft);
  return {
    body: form.coefficients,
    phase: draft.phase,
    bound: new Map(),
    storage: () => undefined,
    state: () => {
      throw new Error('internal: a recurrence inside a recurrence');
    },
    control: (word) => draft.control(word),
    tokenId: (token) => draft.tokenId(token),
    helper: (text) => draft.helper(text),
    source: (code, source, place) => {
      const [kind, number] = String(source.attrs['name']).split(':');
      if (kind === 'reading') return readings[Number(number)] ?? '0.0';
      draft.bound.clear();
      return element(draft, code, inputs[Number(number)] as NodeId, place); // The body names its operands by number.
    },
  };
}

function printFinish(
  draft: KernelDraft,
  form: NormalForm,
  code: Code,
  place: Place,
  rows: readonly string[],
): void {
  const [segment] = draft.group.segments;
  if (segment === undefined) throw new Error('internal: a scan without rows');
  const queries = queriesOf(form);
  const readings = form.readings.map(({ terms, free }) => {
    const products = terms.map(({ of, vector, factor }) => {
      const row = rows[queries.findIndex((query) => isQuery(query, of, vector))] ?? '0.0';
      if (constantOf(form.coefficients, factor) === 1) return row;
      return `(${coefficient(draft, form, code, factor, place)}) * ${row}`;
    });
    const rest = free === undefined ? [] : [`(${coefficient(draft, form, code, free, place)})`];
    return code.let('reading', [...products, ...rest].join(' + ') || '0.0');
  });
  const result = element(innerElements(draft, form, readings), code, form.result, place);
  draft.bound.clear();
  draft.bound.set(anchorOf(draft).id, code.let('result', result));
  storeOutputs(draft, code, segment, place);
  draft.bound.clear();
}
