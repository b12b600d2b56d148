// The table of chunked prefill kernels, by class of recurrence. Nothing else lists them.
import { scanShape } from '../fuse/scan-shape.ts';
import type { AnyNode } from '../ir/graph.ts';
import { isOp } from '../ir/ops/index.ts';
import { isRefused } from '../recurrence/affine.ts';
import { axesAlong, hasSums } from '../recurrence/ask.ts';
import { type NormalForm, normalForm, type RecurrenceClass } from '../recurrence/normal-form.ts';
import { chunkedScanKernel } from './chunked-scan.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { anchorOf } from './pointwise-kernel.ts';
import type { Templated } from './template.ts';

export interface RecurrenceKernel {
  readonly class: RecurrenceClass;
  readonly accepts: (form: NormalForm, node: AnyNode) => boolean;
  /** Nothing where the target has no room for it. */
  readonly kernel: (draft: KernelDraft, form: NormalForm) => Templated | undefined;
}

/** D has none: its kernel is that of elements. S, V and Δ share a template, which leaves out what a class does not have. */
export const RECURRENCE_KERNELS: readonly RecurrenceKernel[] = [
  { class: 'S', accepts: isPlain, kernel: chunkedScanKernel },
  { class: 'V', accepts: isPlain, kernel: chunkedScanKernel },
  { class: 'Δ', accepts: isPlain, kernel: chunkedScanKernel },
];

/** The first kernel of the table that takes the recurrence; nothing where none does. */
export function recurrenceKernel(draft: KernelDraft): Templated | undefined {
  const node = anchorOf(draft);
  const form = isOp(node, 'scan') ? normalForm(node.attrs) : undefined;
  if (form === undefined || isRefused(form)) return undefined;
  for (const entry of RECURRENCE_KERNELS) {
    const made =
      entry.class === form.class && entry.accepts(form, node) ? entry.kernel(draft, form) : undefined;
    if (made !== undefined) return made;
  }
  return undefined;
}

/**
 * Whether vectors along the keys have no value axis, and no sums: those would be added up anew for every element. What a reading adds to
 * its sums over the state may have sums, as it is needed once for each result.
 */
function isPlain(form: NormalForm, node: AnyNode): boolean {
  const { coefficients, corrections, writes, readings, decay, key, head, value } = form;
  const terms = readings.flatMap((reading) => reading.terms);
  if (key.length === 0 || writes.length === 0 || terms.length === 0) return false;
  if (terms.some(({ vector }) => vector === undefined)) return false;
  const vectors = [
    decay,
    ...corrections.flatMap(({ a, b }) => [a, b]),
    ...writes.map(({ k }) => k),
    ...terms.flatMap(({ vector }) => vector ?? []),
  ];
  const others = [...writes.map(({ v }) => v), ...terms.map(({ factor }) => factor)];
  const own = new Set([...head, ...value].map(({ name }) => name));
  const { parallel } = scanShape(node);
  return (
    vectors.every((id) => axesAlong(coefficients, id, value).length === 0) &&
    [...vectors, ...others].every((id) => !hasSums(coefficients, id)) &&
    parallel.length === own.size &&
    parallel.every(({ name }) => own.has(name))
  );
}
