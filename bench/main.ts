// `npm run bench -- NAME`: benches, whose tables go to the terminal and, with --save, to bench/results/.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../cli/errors.ts';
import { packageRoot } from '../cli/library.ts';
import { benchLongConv, CONV_LENGTHS } from './longconv/longconv.ts';
import { longConvText } from './longconv/report.ts';
import { reportText } from './scan/report.ts';
import { benchScan, LENGTHS, type ScanOptions, usualPlace } from './scan/scan.ts';

const USAGE = `npm run bench -- scan     [--where page|node|none] [--tokens 128,1024,8192] [--save NAME]
npm run bench -- longconv [--where node|none] [--tokens 1024,4096,16384,65536] [--save NAME]

scan      recurrences of every class, looped and chunked, counted and timed; in a page ONNX Runtime Web beside them
longconv  long convolutions in every form, counted and timed, and where the planner changes from one to the next
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    where: { type: 'string' },
    tokens: { type: 'string' },
    save: { type: 'string' },
  },
});
const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
const lengths = values.tokens?.split(',').map(Number) ?? [];
const fine = lengths.every((length) => Number.isInteger(length) && length > 0);
const bench = fine && positionals.length === 1 ? benchOf(positionals[0] ?? '') : undefined;
if (bench === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 1;
} else await bench().catch(refuse);

/** The bench of a name, or nothing where an option makes no sense. */
function benchOf(name: string): (() => Promise<void>) | undefined {
  if (name === 'scan') {
    const where = (['page', 'node', 'none'] as const).find(
      (place) => place === (values.where ?? usualPlace()),
    );
    return where && (() => runScan({ lengths: lengths.length > 0 ? lengths : LENGTHS, where, command }));
  }
  if (name !== 'longconv') return undefined;
  const where = (['node', 'none'] as const).find((place) => place === (values.where ?? 'node'));
  return where && (() => runLongConv(where));
}

async function runScan(options: ScanOptions): Promise<void> {
  const report = await benchScan(options, progress);
  const notes = options.where === 'none' ? report.notes : [...report.notes, load()];
  finish({ ...report, notes }, reportText);
}

async function runLongConv(where: 'node' | 'none'): Promise<void> {
  const report = await benchLongConv(
    { lengths: lengths.length > 0 ? lengths : CONV_LENGTHS, where, command },
    progress,
  );
  const notes = where === 'none' ? report.notes : [...report.notes, load()];
  finish({ ...report, notes }, longConvText);
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function load(): string {
  return `The load of the machine's ${cpus().length} cores was ${(loadavg()[1] ?? 0).toFixed(1)} at the end.`;
}

function finish<Report>(report: Report, textOf: (report: Report) => string): void {
  const text = textOf(report);
  process.stdout.write(text);
  if (values.save === undefined) return;
  const path = join(packageRoot(), 'bench', 'results', values.save);
  writeFileSync(`${path}.md`, text);
  writeFileSync(`${path}.json`, `${JSON.stringify(report, null, 2)}\n`);
}

/** What the user can mend is said without a stack. */
function refuse(cause: unknown): void {
  if (!(cause instanceof UsageError)) throw cause;
  process.stderr.write(`error: ${[cause.message, ...cause.help].join('\n')}\n`);
  process.exitCode = 1;
}
