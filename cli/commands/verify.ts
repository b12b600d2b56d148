// `hyb verify FILE`: is what this device computes right?
import { dirname } from 'node:path';
import { Option, type Command } from 'commander';
import { generates, type SequenceInput } from '../engine.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import type { WeightValues } from '../../compiler/ir/interpret.ts';
import { badOption, needsSource } from '../errors.ts';
import { isFile, isFolder } from '../files.ts';
import { goldenLength, readGolden, type Golden } from '../golden.ts';
import { openModel, type OpenedModel } from '../open-model.ts';
import { addModelOptions, realNumber, WEIGHTS_HELP, type ModelOptions } from '../options.ts';
import type { Act } from '../program.ts';
import { startProgress } from '../progress.ts';
import { note, table, type Terminal } from '../terminal.ts';
import { findBeside, GOLDEN } from '../weights.ts';
import { arbitraryInput, compareLayers, compareWithGolden, type Comparison } from '../verify.ts';

interface VerifyOptions extends ModelOptions {
  readonly weights?: string;
  readonly golden?: string;
  readonly tolerance: number;
  readonly layers?: true;
}

/** Positions of the sequence that is compared where there is no golden: no multiple of any tile. */
const ARBITRARY_POSITIONS = 37;

const DISTILLED_ALONE =
  'These compare the kernels with the distilled model itself. How far that is from the original a golden of the original says: `hyb logits … --tokens … --out golden.safetensors` without --distilled writes one';

export function addVerify(program: Command, act: Act): void {
  const command = program
    .command('verify')
    .description('compare this device with a golden file, or with the reference executor')
    .argument('<file>', 'a .hyb file, or the folder of a published checkpoint')
    .option('--weights <path>', WEIGHTS_HELP)
    .option(
      '--golden <file>',
      'a .safetensors file with `input_ids` (or `input`) and `logits` or what else the model gives; golden.safetensors beside the weights unless given',
    )
    .addOption(
      new Option('--tolerance <x>', 'the largest difference that is let pass')
        .argParser(realNumber(0))
        .default(2e-4),
    );
  command.option(
    '--layers',
    'also compare the stream behind each block with `hidden.0`, `hidden.1`, … of the golden (--device reference)',
  );
  addModelOptions(command).action((file: string, options: VerifyOptions) =>
    act((terminal) => verifyModel(file, options, terminal)),
  );
}

async function verifyModel(file: string, options: VerifyOptions, terminal: Terminal): Promise<number> {
  if (options.layers && options.device !== 'reference')
    throw badOption('--layers needs --device reference, which keeps every value');
  const golden = options.golden ?? goldenBeside(folderOf(options.weights ?? file));
  // Some positions turn by how long a sequence may be, so the plan has room for the golden's and no more.
  const length = golden === undefined ? undefined : await goldenLength(golden);
  const planned = length === undefined ? options : { context: length, ...options };
  const opened = await openModel({ file, weights: options.weights, options: planned }, terminal);
  const progress = await startProgress('comparing', terminal, options.quiet === true);
  try {
    const comparisons = await compare(opened, golden, options.layers === true, progress.update);
    progress.stop();
    const code = show(opened, comparisons, options, terminal);
    if (options.distilled !== undefined && golden === undefined)
      note(terminal, options.quiet === true || options.json === true, DISTILLED_ALONE);
    return code;
  } finally {
    progress.stop();
    opened.engine.close();
  }
}

async function compare(
  opened: OpenedModel,
  file: string | undefined,
  layers: boolean,
  progress: (done: number, total: number) => void,
): Promise<readonly Comparison[]> {
  if (file !== undefined) {
    const golden = await readGolden(file, opened.engine);
    const found = await compareWithGolden(opened.engine, golden, progress);
    return layers ? [...found, ...(await compareLayers(opened.engine, golden))] : found;
  }
  return compareWithReference(opened, progress);
}

/** Where the weights are; random ones have no folder. */
function folderOf(path: string): string | undefined {
  if (isFolder(path)) return path;
  return isFile(path) ? dirname(path) : undefined;
}

function goldenBeside(folder: string | undefined): string | undefined {
  return folder === undefined ? undefined : findBeside(GOLDEN, [folder]);
}

/** Every kernel on this device of a model that writes text, then the whole model in every mode, with an arbitrary sequence. */
async function compareWithReference(
  opened: OpenedModel,
  progress: (done: number, total: number) => void,
): Promise<readonly Comparison[]> {
  const { graph, engine, gpu, weights, plan } = opened;
  if (graph === undefined) throw needsSource('verify without --golden', 'this');
  const { readReferenceWeights } = await import('../reference-weights.ts');
  const { compareKernels, roundedAsStored } = await import('../verify-kernels.ts');
  const read = await readReferenceWeights(graph, weights);
  const values = plan === undefined ? read : roundedAsStored(plan, read);
  const most = Math.min(plan?.capacity ?? Infinity, plan?.chunk ?? Infinity);
  const time = Math.min(ARBITRARY_POSITIONS, most);
  const input = arbitraryInput(engine, time);
  const fused = opened.compiled?.fused;
  const kernels =
    gpu === undefined || fused === undefined || !generates(engine)
      ? []
      : await compareKernels({ graph: fused, weights: values, input, model: gpu.model }, progress);
  const golden = await referenceGolden(graph, values, input, time);
  return [...kernels, ...(await compareWithGolden(engine, golden, progress))];
}

/** What the reference executor says about the sequence. */
async function referenceGolden(
  graph: Graph,
  weights: WeightValues,
  input: SequenceInput,
  time: number,
): Promise<Golden> {
  const { createReferenceEngine } = await import('../reference-engine.ts');
  const reference = createReferenceEngine(graph, weights);
  const values = await reference.encode(input, [time]);
  const wanted = reference.outputs.map((output) => ({
    output,
    values: Float64Array.from(values[output.name] ?? []),
  }));
  return { rows: [{ input, positions: time, wanted, hidden: [] }], split: Math.floor(time / 2) };
}

function show(
  { engine }: OpenedModel,
  comparisons: readonly Comparison[],
  { tolerance, json, quiet }: VerifyOptions,
  terminal: Terminal,
): number {
  const passes = ({ delta }: Comparison): boolean => delta <= tolerance;
  const failed = comparisons.filter((comparison) => !passes(comparison)).length;
  if (json) {
    const rows = comparisons.map((comparison) => ({ ...comparison, passes: passes(comparison) }));
    terminal.out(`${JSON.stringify({ adapter: engine.name, tolerance, comparisons: rows }, null, 2)}\n`);
  } else {
    const rows = comparisons.map((row) => [
      row.name,
      row.delta.toExponential(2),
      passes(row) ? 'ok' : 'OVER',
    ]);
    terminal.out(table([['', 'max |Δ|', ''], ...rows]));
  }
  const verdict = failed === 0 ? 'all within' : `${failed} of ${comparisons.length} over`;
  note(terminal, quiet === true || json === true, `${engine.name}: ${verdict} ${tolerance}`);
  return failed === 0 ? 0 : 1;
}
