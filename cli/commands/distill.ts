// `hyb distill MODEL`: fits few damped oscillations to every filter given by taps, and says how near they come.
import type { Command } from 'commander';
import { type FilterSite, filterSites, siteTaps } from '../../compiler/distill/filter-sites.ts';
import { fitModes, type ModalFit } from '../../compiler/distill/modal-fit.ts';
import { modalTensors } from '../../compiler/distill/modal-graph.ts';
import { poleOf } from '../../compiler/distill/modes.ts';
import { readsAhead } from '../../compiler/ir/causality.ts';
import { describeAhead } from '../../compiler/ir/describe-ahead.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import type { WeightValues } from '../../compiler/ir/interpret.ts';
import { isCheckpointFolder } from '../checkpoint-folder.ts';
import { MADE_FOR } from '../distilled.ts';
import { nothingToDistill, tapsNotFinite, weightsNotSaid } from '../errors.ts';
import { addModelOptions, type ModelOptions, WEIGHTS_HELP, wholeNumber } from '../options.ts';
import { compileFile, openSource } from '../pipeline.ts';
import type { Act } from '../program.ts';
import { type Progress, startProgress } from '../progress.ts';
import { readReferenceWeights } from '../reference-weights.ts';
import { type TensorToWrite, writeSafetensors } from '../tensors.ts';
import { note, table, type Terminal } from '../terminal.ts';
import { findWeights } from '../weights.ts';

interface DistillOptions extends ModelOptions {
  readonly weights?: string;
  readonly modes: number;
  readonly out?: string;
}

export function addDistill(program: Command, act: Act): void {
  const command = program
    .command('distill')
    .description('fit a recurrence of few modes to every filter given by its taps, which changes logits')
    .argument('<file>', 'a .hyb file, or the folder of a published checkpoint')
    .option('--weights <path>', WEIGHTS_HELP)
    .option('--modes <n>', 'complex modes for each filter', wholeNumber(1), 16)
    .option(
      '--out <file>',
      'where to write the modes, a .safetensors file; only the errors are shown unless given',
    );
  addModelOptions(command).action((file: string, options: DistillOptions) =>
    act((terminal) => distill(file, options, terminal)),
  );
}

/** A site with the fit of each of its filters. */
interface Fitted {
  readonly site: FilterSite;
  readonly fits: readonly ModalFit[];
  /** The largest of its taps. */
  readonly largest: number;
}

async function distill(file: string, options: DistillOptions, terminal: Terminal): Promise<number> {
  const path = options.weights ?? (isCheckpointFolder(file) ? file : undefined);
  if (path === undefined) throw weightsNotSaid(file);
  const place = findWeights(path);
  const { graph } = compileFile(
    { file, source: await openSource(file), options, weights: place.folder },
    terminal,
  );
  const sites = filterSites(graph);
  const ahead = readsAhead(graph);
  if (sites.length === 0)
    throw nothingToDistill(graph.name, ahead === undefined ? undefined : describeAhead(ahead));
  const weights = await readReferenceWeights(graph, place);
  const progress = await startProgress('fitting', terminal, options.quiet === true);
  const fitted = await fitAll(graph, sites, weights, options.modes, progress).finally(progress.stop);
  terminal.out(options.json === true ? jsonOf(fitted) : tableOf(fitted));
  if (options.out !== undefined) {
    writeSafetensors(
      options.out,
      fitted.flatMap((each) => tensorsOf(each, options.modes)),
      { [MADE_FOR]: graph.name },
    );
    note(
      terminal,
      options.quiet === true,
      `wrote ${options.out}: give it to the other commands as --distilled`,
    );
  } else note(terminal, options.quiet === true, 'nothing was written: --out FILE keeps the modes');
  return 0;
}

async function fitAll(
  graph: Graph,
  sites: readonly FilterSite[],
  weights: WeightValues,
  modes: number,
  progress: Progress,
): Promise<readonly Fitted[]> {
  const fitted: Fitted[] = [];
  for (const [index, site] of sites.entries()) {
    const filters = siteTaps(graph, site, weights);
    if (!filters.every((taps) => taps.every(Number.isFinite))) throw tapsNotFinite(site.name);
    const fits: ModalFit[] = [];
    for (const taps of filters) {
      fits.push(fitModes(taps, modes));
      progress.update(index + fits.length / filters.length, sites.length);
      // Lets the bar be drawn and an interrupt be heard.
      await new Promise((resume) => setImmediate(resume));
    }
    const largest = Math.max(
      ...filters.map((taps) => taps.reduce((most, tap) => Math.max(most, Math.abs(tap)), 0)),
    );
    fitted.push({ site, fits, largest });
  }
  return fitted;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function summary({ site, fits, largest }: Fitted) {
  const relative = fits.map((fit) => fit.relative);
  const worst = Math.max(...fits.map((fit) => fit.worst));
  return {
    filter: site.name,
    filters: fits.length,
    taps: site.lag.size,
    modes: Math.max(...fits.map((fit) => fit.modes.length)),
    medianError: median(relative),
    worstError: Math.max(...relative),
    worstTap: worst,
    largestTap: largest,
  };
}

function jsonOf(fitted: readonly Fitted[]): string {
  return `${JSON.stringify(fitted.map(summary), null, 2)}\n`;
}

function tableOf(fitted: readonly Fitted[]): string {
  const rows = fitted.map((each) => {
    const { filter, filters, taps, modes, ...errors } = summary(each);
    const shown = [errors.medianError, errors.worstError, errors.worstTap, errors.largestTap];
    return [filter, String(filters), String(taps), String(modes), ...shown.map((x) => x.toExponential(1))];
  });
  const head = [
    'filter',
    'filters',
    'taps',
    'modes',
    'median error',
    'worst error',
    'worst |Δ|',
    'largest |tap|',
  ];
  return `${table([head, ...rows])}errors are ‖fitted − taps‖ / ‖taps‖\n`;
}

/** The site's tensors; filters of fewer modes have zeros for the rest. */
function tensorsOf({ site, fits }: Fitted, modes: number): readonly TensorToWrite[] {
  const { poles, residues, direct } = modalTensors(site, modes);
  const complex = (of: (mode: ModalFit['modes'][number]) => { re: number; im: number }): Float32Array => {
    const data = new Float32Array(2 * modes * fits.length);
    fits.forEach((fit, filter) =>
      fit.modes.forEach((mode, m) => {
        const { re, im } = of(mode);
        data.set([re, im], 2 * (filter * modes + m));
      }),
    );
    return data;
  };
  return [
    { ...poles, data: complex(poleOf) },
    { ...residues, data: complex(({ re, im }) => ({ re, im })) },
    { ...direct, data: Float32Array.from(fits.map((fit) => fit.direct)) },
  ];
}
