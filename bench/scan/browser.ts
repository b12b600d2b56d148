// Times the jobs in headless Chromium, where ONNX Runtime Web runs beside this project's runtime on one adapter.
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { packageRoot } from '../../cli/library.ts';
import { openBrowser, serveFolders } from '../../test/support/browser.ts';
import type { BenchJob } from './jobs.ts';
import { ROWS } from './model.ts';
import type { StoredInput, TimedOnnx } from './page.ts';
import type { TimeRow } from './report.ts';
import { median, type TimedPrefill } from './time.ts';

/** Where `npm install --prefix bench/ort` puts it. */
export function onnxRuntimeFolder(): string {
  return join(packageRoot(), 'bench', 'ort', 'node_modules', 'onnxruntime-web', 'dist');
}

export interface PageTimes {
  readonly adapter: string;
  readonly rows: readonly TimeRow[];
}

export async function timeInPage(
  jobs: readonly BenchJob[],
  progress: (text: string) => void,
): Promise<PageTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'hyb-bench-'));
  const served = await serveFolders([folder]);
  const browser = await openBrowser();
  try {
    await buildPage(folder);
    if (existsSync(onnxRuntimeFolder())) symlinkSync(onnxRuntimeFolder(), join(folder, 'ort'));
    const page = await browser.newPage();
    await page.goto(served.address);
    const adapter = await call<string>(page, 'adapterInPage', []);
    const rows: TimeRow[] = [];
    for (const job of jobs) rows.push(...(await timeJob(page, folder, job, progress)));
    return { adapter: `${adapter} in Chromium ${browser.version()}`, rows };
  } finally {
    await browser.close();
    await served.close();
    rmSync(folder, { recursive: true });
  }
}

async function buildPage(folder: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      lib: {
        entry: join(packageRoot(), 'bench', 'scan', 'page.ts'),
        formats: ['es'],
        fileName: () => 'page.js',
      },
    },
  });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>bench</title>');
}

/** Calls one of the page's functions; as text, because bundlers rewrite imports. */
function call<T>(page: Page, name: string, values: readonly unknown[]): Promise<T> {
  return page.evaluate<T>(`import('/page.js').then((page) => page.${name}(...${JSON.stringify(values)}))`);
}

async function timeJob(
  page: Page,
  folder: string,
  job: BenchJob,
  progress: (text: string) => void,
): Promise<readonly TimeRow[]> {
  const rows: TimeRow[] = [];
  let logits: readonly number[] = [];
  const { tokens } = job;
  for (const [schedule, plan] of job.plans) {
    progress(`class ${job.class}, ${tokens} tokens, ${schedule}`);
    writeFileSync(join(folder, 'job.json'), JSON.stringify(plan));
    writeFileSync(join(folder, 'job.safetensors'), job.weights);
    const timed = await call<TimedPrefill>(page, 'timeHyb', ['job', tokens, ROWS]);
    logits = timed.logits;
    rows.push({ class: job.class, tokens, what: schedule, ...timesOf(timed) });
  }
  const onnx = job.onnx && existsSync(onnxRuntimeFolder()) ? await timeOnnx(page, folder, job) : undefined;
  if (onnx !== undefined) {
    const difference = largest(onnx.output, job, logits);
    rows.push({ class: job.class, tokens, what: 'ONNX Runtime', ...timesOf(onnx), difference });
  }
  return rows;
}

function timesOf(timed: TimedPrefill | TimedOnnx): Pick<TimeRow, 'median' | 'least' | 'repeats'> {
  const { milliseconds } = timed;
  return { median: median(timed), least: milliseconds[0] ?? Number.NaN, repeats: milliseconds.length };
}

async function timeOnnx(page: Page, folder: string, { onnx }: BenchJob): Promise<TimedOnnx> {
  if (onnx === undefined) throw new Error('internal: no operator');
  let offset = 0;
  const inputs = onnx.inputs.map(({ name, shape, data }): StoredInput => {
    const input = { name, shape, offset, length: data.length };
    offset += data.length;
    return input;
  });
  writeFileSync(join(folder, 'job.onnx'), onnx.model);
  const bytes = onnx.inputs.map(({ data }) => Buffer.from(data.buffer));
  writeFileSync(join(folder, 'job.inputs'), Buffer.concat(bytes));
  return call<TimedOnnx>(page, 'timeOnnx', ['job', inputs]);
}

/** The largest difference between the logits of this runtime and those that the head makes of the other's result. */
function largest(output: readonly number[], { head }: BenchJob, logits: readonly number[]): number {
  const size = output.length;
  return Math.max(
    ...logits.map((logit, row) =>
      Math.abs(logit - output.reduce((sum, value, i) => sum + value * (head.data[row * size + i] ?? 0), 0)),
    ),
  );
}
