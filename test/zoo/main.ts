// `npm run zoo -- [--device KIND] [--only TEXT] [--readme]`: every published checkpoint that is there, against its golden.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DeviceOption } from '../../cli/options.ts';
import { modelLibrary, packageRoot } from '../../cli/library.ts';
import { table } from '../../cli/terminal.ts';
import { checkpointFolders } from './checkpoint-folders.ts';
import { withSupportTable } from './support-table.ts';
import { runCheckpoint, tolerance, type ZooRow } from './run-checkpoint.ts';

const DEVICES: readonly DeviceOption[] = ['auto', 'gpu', 'software', 'reference'];

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'auto' },
    only: { type: 'string' },
    readme: { type: 'boolean', default: false },
  },
});
const device = DEVICES.find((kind) => kind === values.device);
if (device === undefined) throw new Error(`--device is one of ${DEVICES.join(', ')}`);

const rows: ZooRow[] = [];
for (const { name, folder } of checkpointFolders(packageRoot())) {
  if (values.only !== undefined && !name.includes(values.only)) continue;
  const row = await runCheckpoint(folder, name, device);
  rows.push(row);
  process.stderr.write(`${row.status === 'ok' ? '✓' : '×'} ${name}\n`);
}
process.stdout.write(table([head(), ...rows.map(cells)]));
const known = rows.filter(({ family }) => family !== undefined);
const failed = known.filter(({ status }) => status !== 'ok');
const unknown = rows.length - known.length;
process.stdout.write(
  `\n${known.length - failed.length} of ${known.length} within ${tolerance}; no model fits ${unknown} more\n`,
);
if (values.readme) {
  const path = join(packageRoot(), 'README.md');
  writeFileSync(path, withSupportTable(readFileSync(path, 'utf8'), modelLibrary(), rows));
}
process.exitCode = failed.length > 0 ? 1 : 0;

function head(): readonly string[] {
  return ['checkpoint', 'family', 'layers', 'parameters', 'prefill Δ', 'decode Δ', 'dispatches', 'status'];
}

function cells(row: ZooRow): readonly string[] {
  const { layers, parameters, dispatches } = row;
  return [
    row.checkpoint,
    row.family ?? '–',
    shown(layers),
    shown(parameters),
    delta(row.prefill),
    delta(row.decode),
    shown(dispatches),
    row.status,
  ];
}

function shown(value: number | undefined): string {
  return value === undefined ? '–' : String(value);
}

function delta(value: number | undefined): string {
  return value === undefined ? '–' : value.toExponential(1);
}
