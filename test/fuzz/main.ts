// `npm run fuzz -- --count N --headers N --seed N [--case N]`: mutated sources, then mutated safetensors headers.
// The work is done by a thread, so that a case that hangs is seen and named. Exit code 1 if anything is wrong.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fuzzHeaders, type FuzzResult } from './fuzz-safetensors.ts';
import { fuzzSources, type SourceFuzzResult } from './fuzz-sources.ts';

interface Options {
  readonly count: number;
  readonly headers: number;
  readonly seed: number;
  /** Only this case. */
  readonly only?: number;
  /** Its first element is the case in work. */
  readonly current: Int32Array<SharedArrayBuffer>;
}

interface Outcome {
  readonly sources: SourceFuzzResult;
  readonly headers: FuzzResult;
}

const hungMilliseconds = 20_000;
const progressMilliseconds = 15_000;

async function work({ count, headers, seed, only, current }: Options): Promise<Outcome> {
  const sources = fuzzSources({
    count: only === undefined ? count : 1,
    from: only,
    seed,
    onCase: (index) => Atomics.store(current, 0, index),
  });
  return { sources, headers: await fuzzHeaders({ count: headers, seed }) };
}

function countOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`'${text}' is no count`);
  return Number(text);
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200000' },
      headers: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      case: { type: 'string' },
    },
  });
  return {
    count: countOf(values.count),
    headers: countOf(values.headers),
    seed: countOf(values.seed),
    ...(values.case === undefined ? {} : { only: countOf(values.case) }),
    current: new Int32Array(new SharedArrayBuffer(4)),
  };
}

/** Shows progress and ends the run where one case takes too long. */
function watch({ current, count }: Options, worker: Worker): NodeJS.Timeout {
  let [last, since, shown] = [-1, performance.now(), performance.now()];
  const start = performance.now();
  return setInterval(() => {
    const now = performance.now();
    const done = Atomics.load(current, 0);
    if (done !== last) [last, since] = [done, now];
    if (now - shown > progressMilliseconds) {
      shown = now;
      console.error(`${done} of ${count} sources after ${((now - start) / 1000).toFixed(0)} s`);
    }
    if (now - since > hungMilliseconds && done < count - 1) {
      console.error(`Case ${done} hangs. Run it again with --case ${done}.`);
      process.exitCode = 1;
      void worker.terminate();
    }
  }, 250);
}

function report({ sources, headers }: Outcome, { seed }: Options, seconds: number): void {
  for (const fault of sources.faults)
    console.log(`case ${fault.case}: ${fault.reason}\n${fault.text}\n${'-'.repeat(80)}`);
  for (const fault of headers.faults) console.log(fault);
  const { refused, parsed, checked, planned } = sources.stages;
  const total = refused + parsed + checked + planned;
  console.log(
    `${total} sources (seed ${seed}): ${refused} refused by the parser, ${parsed} by the checker, ` +
      `${checked + planned} valid, ${planned} of them planned; slowest ${sources.slowest.toFixed(0)} ms.\n` +
      `${headers.count} safetensors files: ${headers.opened} opened, ${headers.refused} refused.\n` +
      `${sources.faults.length + headers.faults.length} faults in ${seconds.toFixed(0)} s.`,
  );
  if (sources.faults.length + headers.faults.length > 0) process.exitCode = 1;
}

if (isMainThread) {
  const options = readOptions();
  const start = performance.now();
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: options });
  const timer = watch(options, worker);
  worker.on('message', (outcome: Outcome) => report(outcome, options, (performance.now() - start) / 1000));
  worker.on('error', (error) => {
    console.error(error);
    process.exitCode = 1;
  });
  worker.on('exit', () => clearInterval(timer));
} else {
  // The main thread gives exactly these.
  const outcome = await work(workerData as Options);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(outcome);
}
