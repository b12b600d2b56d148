// Attention of one token over a cache (decode): positions are split over workgroups, each reading keys and values once for all its heads.
import { checkAttend, keyRow, valueRow } from './attend.ts';
import { finishAlone, finishFromParts } from './attend-decode-finish.ts';
import {
  batchOf,
  folds,
  guardHead,
  LOCALS,
  type AttendDecodeSpec,
  type Kernel,
} from './attend-decode-kernel.ts';
import { stageQueries } from './attend-decode-stage.ts';
import { writeTile, writeTiles } from './attend-decode-tile.ts';
import { decodeTuning, seenText, sharedSizes, type DecodeTuning } from './attend-decode-tuning.ts';
import { attendReduce, partialsLength, partialsStart } from './attend-reduce.ts';
import type { Target, Templated } from './template.ts';
import { counted, LOWEST, names, sharedFloats } from './text.ts';
import { Code, type SharedVariable } from './wgsl.ts';

export type { AttendDecodeSpec } from './attend-decode-kernel.ts';

export interface AttendDecode {
  readonly split: Templated;
  /** Absent where one workgroup sees all positions of a head: `split` then calls `finish` itself. */
  readonly reduce?: Templated;
  /** f32 values of scratch memory that `split` writes and `reduce` reads; 0 without a reduce. */
  readonly partials: number;
}

export function attendDecode(spec: AttendDecodeSpec, target: Target): AttendDecode {
  checkAttend(spec);
  if (spec.visible > spec.slots) throw new Error('internal: an attend sees more positions than it has slots');
  const tuning = decodeTuning(spec, target);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  const kernel = declare(code, spec, tuning);
  writeKernel(code, kernel);
  const split: Templated = {
    body: {
      workgroup: [tuning.workgroup, 1, 1],
      shared: sharedVariables(kernel),
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: tuning.cluster > 1 ? ['subgroups'] : [],
      barriers: barriers(kernel),
      functions: [],
      code,
    },
    grid: [tuning.splits, spec.groups, tuning.headTiles],
  };
  if (tuning.splits === 1) return { split, partials: 0 };
  return { split, reduce: attendReduce(spec, tuning, target), partials: partialsLength(spec, tuning) };
}

function declare(code: Code, spec: AttendDecodeSpec, tuning: DecodeTuning): Kernel {
  const values = valueRow(spec, spec);
  const entries = Math.ceil(values.length / tuning.workgroup);
  return {
    spec,
    tuning,
    keys: keyRow(spec, spec),
    values,
    at: names(code, LOCALS),
    peaks: counted(tuning.heads, () => code.fresh('peak')),
    totals: counted(tuning.heads, () => code.fresh('total')),
    sums: counted(entries, () => counted(tuning.heads, () => code.fresh('sum'))),
  };
}

function sharedVariables(kernel: Kernel): readonly SharedVariable[] {
  const { spec, tuning, keys, at } = kernel;
  const sizes = sharedSizes(spec, tuning.workgroup, tuning.heads);
  const rows = (name: string, count: number): SharedVariable => ({
    name,
    type: `array<${keys.type}, ${count / keys.width}>`,
    bytes: 4 * count,
  });
  return [
    rows(at.queries, sizes.query),
    ...(spec.newKey === undefined ? [] : [rows(at.new_key, sizes.key)]),
    sharedFloats(at.weights, sizes.scratch),
    ...(spec.weigh === undefined ? [sharedFloats(at.maxima, sizes.peaks)] : []),
  ];
}

function barriers(kernel: Kernel): number {
  const { spec, tuning } = kernel;
  const ofTile = folds(kernel) ? 3 : 2;
  const perTile = (spec.weigh === undefined ? ofTile : 1) + (tuning.tiles > 1 ? 1 : 0);
  const batches = tuning.parts > 1 ? Math.ceil(tuning.heads / batchOf(kernel)) : 0;
  return 1 + perTile * tuning.tiles + 2 * batches;
}

function writeKernel(code: Code, kernel: Kernel): void {
  const { spec, tuning, at } = kernel;
  code.line(`let ${at.current} = ${spec.position};`);
  code.line(`let ${at.group} = ${bounded('workgroup_id.y', spec.groups)};`);
  code.line(`let ${at.first_head} = ${bounded('workgroup_id.z', tuning.headTiles)} * ${tuning.heads}u;`);
  code.line(
    '// Positions are counted backwards from the current one; the pinned ones come after the window.',
  );
  const span = tuning.workgroup * tuning.tiles;
  code.line(`let ${at.start} = ${bounded('workgroup_id.x', tuning.splits)} * ${span}u;`);
  code.line(`let ${at.limit} = ${seenText(spec, at.current)};`);
  if (tuning.splits > 1) writeEarlyExit(code, kernel);
  spec.preamble?.(code, tuning.workgroup);
  stageQueries(code, kernel);
  writeAccumulators(code, kernel);
  code.line('workgroupBarrier();');
  if (tuning.tiles === 1) writeTile(code, kernel, at.start);
  else writeTiles(code, kernel);
  if (tuning.splits === 1) spec.finishPreamble?.(code);
  if (tuning.parts > 1) finishFromParts(code, kernel);
  else finishAlone(code, kernel);
}

/** A number of which Tint can see the bound. */
function bounded(text: string, count: number): string {
  return count === 1 ? '0u' : `min(${text}, ${count - 1}u)`;
}

/** A split that begins before the first position says that it has seen nothing. */
function writeEarlyExit(code: Code, kernel: Kernel): void {
  const { spec, tuning, at } = kernel;
  code.block(`if (${at.start} >= ${at.limit})`, (exit) => {
    exit.block(`if (local_invocation_index < ${tuning.heads}u)`, (inner) => {
      const head = inner.let('head', `${at.first_head} + local_invocation_index`);
      guardHead(inner, kernel, head, (write) => {
        const start = write.let('partial', partialsStart(spec, tuning, at.group, head, 'workgroup_id.x'));
        spec.writePartial(write, start, LOWEST);
        spec.writePartial(write, `${start} + 1u`, '0.0');
      });
    });
    exit.line('return;');
  });
}

function writeAccumulators(code: Code, kernel: Kernel): void {
  const { tuning, values, at } = kernel;
  if (tuning.parts > 1) {
    code.line(`let ${at.entry} = local_invocation_index % ${values.length}u;`);
    code.line(`let ${at.part} = local_invocation_index / ${values.length}u;`);
  }
  if (kernel.spec.weigh === undefined) {
    for (const peak of kernel.peaks) code.line(`var ${peak} = ${LOWEST};`);
    for (const total of kernel.totals) code.line(`var ${total} = 0.0;`);
  }
  for (const sum of kernel.sums.flat()) code.line(`var ${sum} = ${values.zero};`);
}
