// The bench of recurrences: what looped and chunked prefill cost by counting, and what they take on this adapter.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDevice } from '../../cli/adapter.ts';
import { packageRoot } from '../../cli/library.ts';
import { targetOf } from '../../cli/target.ts';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { countRows } from './count.ts';
import { benchJobs, type BenchJob } from './jobs.ts';
import { ROWS } from './model.ts';
import { SIZES } from './recurrences.ts';
import type { ScanReport, TimeRow } from './report.ts';
import { BUDGET_MS, median, MOST_REPEATS, timePrefill } from './time.ts';

export const LENGTHS: readonly number[] = [128, 1024, 8192];

/** In a page where the browser of the tests is installed and runs. */
export function usualPlace(): 'page' | 'node' {
  const installed = existsSync(join(packageRoot(), 'node_modules', 'playwright-core'));
  return installed && process.platform === 'linux' && process.arch === 'x64' ? 'page' : 'node';
}

export interface ScanOptions {
  readonly lengths: readonly number[];
  /** `page`: in Chromium, beside ONNX Runtime Web; `node`: in this process, through Dawn; `none`: only counted. */
  readonly where: 'page' | 'node' | 'none';
  readonly command: string;
}

export async function benchScan(
  { lengths, where, command }: ScanOptions,
  progress: (text: string) => void,
): Promise<ScanReport> {
  const date = new Date().toISOString().slice(0, 10);
  const counts = countRows(lengths);
  const report = { command, date, shape: SIZES, counts };
  if (where === 'none') return { ...report, adapter: null, times: [], notes: [] };
  if (where === 'node') return { ...report, ...(await timeInNode(lengths, progress)) };
  const { onnxRuntimeFolder, timeInPage } = await import('./browser.ts');
  const jobs = benchJobs(lengths, DEFAULT_TARGET);
  const { adapter, rows } = await timeInPage(jobs, progress);
  const others = existsSync(onnxRuntimeFolder())
    ? [
        'ONNX Runtime is onnxruntime-web 1.30.0 with its WebGPU LinearAttention; inputs and outputs stay on the GPU.',
      ]
    : ['ONNX Runtime Web was not timed: npm install --prefix bench/ort'];
  return { ...report, adapter, times: rows, notes: [...others, ...notesOn(jobs)] };
}

async function timeInNode(
  lengths: readonly number[],
  progress: (text: string) => void,
): Promise<Pick<ScanReport, 'adapter' | 'times' | 'notes'>> {
  const opened = await openDevice({ kind: 'auto', optionalFeatures: 'all', requiredLimits: 'all' });
  try {
    const jobs = benchJobs(lengths, targetOf(opened.device));
    const times: TimeRow[] = [];
    for (const { class: name, tokens, plans, weights } of jobs)
      for (const [schedule, plan] of plans) {
        progress(`class ${name}, ${tokens} tokens, ${schedule}`);
        const ids = Array.from({ length: tokens }, (_, i) => i % ROWS);
        const timed = await timePrefill(plan, weights, opened.device, ids);
        const { milliseconds } = timed;
        const least = milliseconds[0] ?? Number.NaN;
        const repeats = milliseconds.length;
        times.push({ class: name, tokens, what: schedule, median: median(timed), least, repeats });
      }
    return { adapter: `${opened.name} in Node through Dawn`, times, notes: notesOn(jobs) };
  } finally {
    opened.close();
  }
}

function notesOn(jobs: readonly BenchJob[]): readonly string[] {
  const alone = jobs.filter(({ plans }) => plans.length < 2).map((job) => `class ${job.class}`);
  const names = [...new Set(alone)].join(', ');
  return [
    `Up to ${MOST_REPEATS} repeats, fewer where they take more than ${BUDGET_MS / 1000} s together; every row has the same shape.`,
    'A time is that of a whole prefill: for this project with the last token’s logits, one for each of 128 rows.',
    ...(names === '' ? [] : [`Looped alone, as the compiler makes no other kernel: ${names}.`]),
  ];
}
