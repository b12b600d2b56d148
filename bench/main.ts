// `npm run bench -- NAME`: benches, whose tables go to the terminal and, with --save, to bench/results/.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../cli/errors.ts';
import { packageRoot } from '../cli/library.ts';
import { reportText } from './scan/report.ts';
import { benchScan, LENGTHS, type ScanOptions, usualPlace } from './scan/scan.ts';

const USAGE = `npm run bench -- scan [--where page|node|none] [--tokens 128,1024,8192] [--save NAME]

scan   recurrences of every class, looped and chunked, counted and timed; in a page ONNX Runtime Web beside them
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    where: { type: 'string', default: usualPlace() },
    tokens: { type: 'string', default: LENGTHS.join(',') },
    save: { type: 'string' },
  },
});
const where = (['page', 'node', 'none'] as const).find((place) => place === values.where);
const lengths = values.tokens.split(',').map(Number);
const fine = where !== undefined && lengths.every((length) => Number.isInteger(length) && length > 0);
if (positionals.length === 1 && positionals[0] === 'scan' && fine)
  await run({ lengths, where, command: `npm run bench -- ${process.argv.slice(2).join(' ')}` }).catch(refuse);
else {
  process.stderr.write(USAGE);
  process.exitCode = 1;
}

async function run(options: ScanOptions): Promise<void> {
  const counted = await benchScan(options, (text) => void process.stderr.write(`${text}\n`));
  const load = `The load of the machine's ${cpus().length} cores was ${(loadavg()[1] ?? 0).toFixed(1)} at the end.`;
  const report = { ...counted, notes: options.where === 'none' ? counted.notes : [...counted.notes, load] };
  const text = reportText(report);
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
