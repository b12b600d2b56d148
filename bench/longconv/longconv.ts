// The bench of long convolutions: what every form costs by counting, where the planner changes its choice, and times on this adapter.
import { openDevice } from '../../cli/adapter.ts';
import { safetensorsBytes } from '../../cli/tensors.ts';
import { targetOf } from '../../cli/target.ts';
import { chooseForm } from '../../compiler/kernels/longconv/choose.ts';
import type { Target } from '../../compiler/kernels/template.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { ROWS, scanModel } from '../scan/model.ts';
import { median, timePrefill } from '../scan/time.ts';
import { benchTensors } from '../scan/values.ts';
import { causalCase, CHANNELS, type ConvCase, MODAL, MODAL_SIZES, PATH_X } from './cases.ts';
import { countForms, countModal, crossings } from './count.ts';
import type { ConvTimeRow, LongConvReport } from './report.ts';
import { dataOf, timeForm } from './time.ts';

export const CONV_LENGTHS: readonly number[] = [1024, 4096, 16_384, 65_536];

/** A form with more operations is not timed: a software adapter would take minutes. */
const MOST_FLOPS = 1e9;

/** Tokens of a run of modal: a grid has not room for more in one dimension. */
const MOST_TOKENS = 32_768;

export interface LongConvOptions {
  readonly lengths: readonly number[];
  /** `node`: timed in this process, through Dawn; `none`: only counted. */
  readonly where: 'node' | 'none';
  readonly command: string;
}

export async function benchLongConv(
  { lengths, where, command }: LongConvOptions,
  progress: (text: string) => void,
): Promise<LongConvReport> {
  const counts = lengths.flatMap((length) => [...countForms(causalCase(length)), ...countModal(length)]);
  const report = {
    command,
    date: new Date().toISOString().slice(0, 10),
    channels: CHANNELS,
    counts: [...counts, ...countForms(PATH_X)],
    crossings: crossings(CHANNELS),
  };
  if (where === 'none') return { ...report, adapter: null, times: [], notes: [] };
  const opened = await openDevice({ kind: 'auto', optionalFeatures: 'all', requiredLimits: 'all' });
  try {
    const target = targetOf(opened.device);
    const times: ConvTimeRow[] = [];
    for (const length of lengths) {
      times.push(...(await timeCase(opened.device, causalCase(length), target, progress)));
      times.push(...(await timeModal(opened.device, length, target, progress)));
    }
    times.push(...(await timeCase(opened.device, { ...PATH_X, layers: 1 }, target, progress)));
    const notes = [
      `Not timed: forms of more than ${MOST_FLOPS / 1e9} G FLOPs. Of Path-X one layer is timed, and six are counted.`,
      'A time is that of the form’s kernels alone, with x, filters and spectra on the device; that of modal is a whole prefill around the recurrence, in runs of at most 32,768 tokens.',
      'Differences are the largest ones from the first form timed, relative to the largest value.',
    ];
    return { ...report, adapter: `${opened.name} in Node through Dawn`, times, notes };
  } finally {
    opened.close();
  }
}

async function timeCase(
  device: GPUDevice,
  it: ConvCase,
  target: Target,
  progress: (text: string) => void,
): Promise<readonly ConvTimeRow[]> {
  const data = dataOf(it);
  const rows: ConvTimeRow[] = [];
  let first: Float32Array | undefined;
  for (const { plan } of chooseForm(it.shape, target).counted) {
    if (plan.dispatches.reduce((sum, { flops }) => sum + flops, 0) > MOST_FLOPS) continue;
    progress(`${it.name}, ${it.shape.maximum} tokens, ${plan.form}`);
    const { milliseconds, result } = await timeForm(device, it, plan, target, data);
    const difference = first === undefined ? undefined : relativeDifference(result, first);
    first ??= result;
    rows.push({
      ...rowOf(it.name, it.shape.maximum, plan.form, milliseconds),
      ...(difference === undefined ? {} : { difference }),
    });
  }
  return rows;
}

async function timeModal(
  device: GPUDevice,
  length: number,
  target: Target,
  progress: (text: string) => void,
): Promise<readonly ConvTimeRow[]> {
  const model = scanModel(MODAL, MODAL_SIZES);
  const weights = Uint8Array.from(safetensorsBytes([...benchTensors(model).values()]));
  const ids = Array.from({ length }, (_, i) => i % ROWS);
  const rows: ConvTimeRow[] = [];
  for (const recurrences of ['looped', 'chunked'] as const) {
    progress(`modal, ${length} tokens, ${recurrences}`);
    const chunk = Math.min(length, MOST_TOKENS);
    const { plan } = planGraph(model.graph, { chunk, target, recurrences });
    const { milliseconds } = await timePrefill(plan, weights, device, ids);
    rows.push(rowOf('causal', length, `modal, ${recurrences}`, milliseconds));
  }
  return rows;
}

function rowOf(name: string, tokens: number, form: string, milliseconds: readonly number[]): ConvTimeRow {
  return {
    case: name,
    tokens,
    form,
    median: median({ milliseconds }),
    least: milliseconds[0] ?? Number.NaN,
    repeats: milliseconds.length,
  };
}

function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  let [difference, largest] = [0, 0];
  actual.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  });
  return difference / largest;
}
