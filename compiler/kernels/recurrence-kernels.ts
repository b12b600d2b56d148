// The table of recurrences' kernels, by class. Nothing else lists them; what is in no class goes token by token.
import { scanShape } from '../fuse/scan-shape.ts';
import { type AnyNode, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { axesAlong } from '../recurrence/ask.ts';
import { isCoupled, type RecurrenceForm } from '../recurrence/coupled-form.ts';
import type { NormalForm, RecurrenceClass } from '../recurrence/normal-form.ts';
import { chunkedScanKernels } from './chunked-scan.ts';
import type { ElementPrinter } from './elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { anchorOf } from './pointwise-kernel.ts';
import { recurrenceShape, stepsOf, sumsOf } from './recurrence-shape.ts';
import { elementwiseScan } from './scan-elementwise-form.ts';
import { loopedScan } from './scan-looped.ts';
import { printScanStep } from './scan-step.ts';
import { segmentedScan } from './scan-tiles.ts';
import type { NamedKernel, Templated } from './template.ts';

export interface RecurrenceKernels {
  readonly class: RecurrenceClass;
  /** What tells it from others of its class, in words. */
  readonly kind: string;
  readonly accepts: (form: RecurrenceForm, node: AnyNode) => boolean;
  /** One token. */
  readonly step: ElementPrinter;
  /** A run token by token, which every body has. */
  readonly looped: (draft: KernelDraft) => Templated;
  /**
   * A run in chunks, with what needs no state in parallel over them. `segment` is the number of tokens that one walk of the state goes
   * over, where several go at once. Nothing where the target has no room.
   */
  readonly chunked: (
    draft: KernelDraft,
    form: RecurrenceForm,
    segment: number | undefined,
  ) => readonly NamedKernel[] | undefined;
}

const COMMON = { step: printScanStep, looped: loopedScan } as const;

/** S, V and Δ share templates, which leave out what a class does not have. */
export const RECURRENCE_KERNELS: readonly RecurrenceKernels[] = [
  {
    class: 'D',
    kind: 'every element by itself',
    accepts: (form, node) => !isCoupled(form) && form.class === 'D' && elementwiseScan(node) !== undefined,
    ...COMMON,
    chunked: inSegments,
  },
  {
    class: 'D',
    kind: 'several states, every element by itself',
    accepts: (form, node) => isCoupled(form) && elementwiseScan(node) !== undefined,
    ...COMMON,
    chunked: inSegments,
  },
  outerProducts('S', 'a decay for each head', () => true),
  outerProducts('V', 'a decay for each key', () => true),
  outerProducts('Δ', 'corrections, a decay for each head', (form) => !decaysByKey(form)),
  outerProducts('Δ', 'corrections, a decay for each key', decaysByKey),
];

function inSegments(
  draft: KernelDraft,
  form: RecurrenceForm,
  segment: number | undefined,
): readonly NamedKernel[] | undefined {
  const scan = elementwiseScan(anchorOf(draft));
  if (scan === undefined || segment === undefined) return undefined;
  const { coefficients } = form;
  const factors = isCoupled(form)
    ? { coefficients, matrix: form.matrix, turns: form.turns }
    : { coefficients, matrix: [[form.decay]], turns: false };
  return segmentedScan(draft, scan, factors, segment);
}

function outerProducts(
  name: RecurrenceClass,
  kind: string,
  accepts: (form: NormalForm) => boolean,
): RecurrenceKernels {
  return {
    class: name,
    kind,
    accepts: (form, node) => !isCoupled(form) && form.class === name && isPlain(form, node) && accepts(form),
    ...COMMON,
    chunked: (draft, form, segment) =>
      isCoupled(form) ? undefined : chunkedScanKernels(draft, form, segment),
  };
}

/** The entry that takes the recurrence; nothing where none does. */
export function entryFor(form: RecurrenceForm, node: AnyNode): RecurrenceKernels | undefined {
  return RECURRENCE_KERNELS.find((entry) => entry.accepts(form, node));
}

function decaysByKey(form: NormalForm): boolean {
  return recurrenceShape(form).decay === 'key';
}

/**
 * Whether vectors along the keys have no value axis, and no sums but those that are one number for each token: others would be added up
 * anew for every element. What a reading adds to its sums over the state may have sums, as it is needed once for each result.
 */
function isPlain(form: NormalForm, node: AnyNode): boolean {
  const { coefficients, readings, key, head, value } = form;
  const steps = stepsOf(form);
  const writes = steps.flatMap((step) => step.writes);
  const terms = readings.flatMap((reading) => reading.terms);
  if (key.length === 0 || writes.length === 0 || terms.length === 0) return false;
  if (terms.some(({ vector }) => vector === undefined)) return false;
  const vectors = [
    ...steps.flatMap(({ decay, corrections }) => [decay, ...corrections.flatMap(({ a, b }) => [a, b])]),
    ...writes.map(({ k }) => k),
    ...terms.flatMap(({ vector }) => vector ?? []),
  ];
  const others = [...writes.map(({ v }) => v), ...terms.map(({ factor }) => factor)];
  const own = new Set([...head, ...value].map(({ name }) => name));
  const { parallel } = scanShape(node);
  const once = new Set(sumsOf(form));
  return (
    vectors.every((id) => axesAlong(coefficients, id, value).length === 0) &&
    [...vectors, ...others].every((id) => !hasOtherSums(form, id, once)) &&
    parallel.length === own.size &&
    parallel.every(({ name }) => own.has(name))
  );
}

/** Whether computing a coefficient adds anything up but what is added up once. */
function hasOtherSums(form: NormalForm, id: NodeId, once: ReadonlySet<NodeId>): boolean {
  if (once.has(id)) return false;
  const node = form.coefficients.nodes[id];
  if (node === undefined) return false;
  if (['reduce', 'contract'].includes(recordOf(node.op).kind)) return true;
  return node.inputs.some((input) => hasOtherSums(form, input, once));
}
