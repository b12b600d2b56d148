// `hyb inspect FILE|BUNDLE`: shows what each stage of the compiler made.
import { Option, type Command } from 'commander';
import { printGraph } from '../../compiler/ir/print.ts';
import { parse } from '../../grammar/index.ts';
import { hasErrors } from '../../grammar/source.ts';
import { readBundle } from '../../runtime/bundle.ts';
import type { Dispatch, GridSize, Plan } from '../../runtime/plan.ts';
import { DiagnosticsError, needsSource, unknownKernel } from '../errors.ts';
import { isBundle } from '../open-model.ts';
import { addModelOptions, type ModelOptions } from '../options.ts';
import { compileFile, openSource } from '../pipeline.ts';
import type { Act } from '../program.ts';
import { table, type Terminal } from '../terminal.ts';
import { structureText } from '../structure-text.ts';

type Stage = 'ast' | 'model' | 'graph' | 'fused' | 'plan' | 'tensors' | 'wgsl';
type Phase = 'prefill' | 'decode';

interface InspectOptions extends ModelOptions {
  readonly kernel?: string;
  readonly phase?: Phase;
  readonly stage: Stage;
}

export function addInspect(program: Command, act: Act): void {
  const command = program
    .command('inspect')
    .description('show what a stage of the compiler made')
    .argument('<file>', 'a .hyb file, a bundle, or the folder of a published checkpoint')
    .option('--kernel <name>', 'only this kernel')
    .addOption(new Option('--phase <phase>', 'only this phase').choices(['prefill', 'decode']))
    .addOption(
      new Option('--stage <stage>', 'which stage')
        .choices(['ast', 'model', 'graph', 'fused', 'plan', 'tensors', 'wgsl'])
        .default('wgsl'),
    );
  addModelOptions(command).action((file: string, options: InspectOptions) =>
    act((terminal) => inspect(file, options, terminal)),
  );
}

async function inspect(file: string, options: InspectOptions, terminal: Terminal): Promise<number> {
  terminal.out(await stageText(file, options, terminal));
  return 0;
}

async function stageText(file: string, options: InspectOptions, terminal: Terminal): Promise<string> {
  const { stage } = options;
  if (isBundle(file)) {
    if (stage !== 'plan' && stage !== 'tensors' && stage !== 'wgsl')
      throw needsSource(`--stage ${stage}`, file);
    return planText(await readBundle(file, undefined), options);
  }
  if (stage === 'ast') {
    const { value, diagnostics } = parse(await openSource(file));
    if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics);
    return structureText(value);
  }
  const compiled = compileFile({ file, source: await openSource(file), options }, terminal);
  if (stage === 'model') return structureText(compiled.model);
  if (stage === 'graph') return printGraph(compiled.graph);
  if (stage === 'fused') return printGraph(compiled.fused);
  return planText(compiled.plan, options);
}

function planText(plan: Plan, options: InspectOptions): string {
  if (options.stage === 'tensors') return tensorsText(plan, options);
  const chosen = chosenKernels(plan, options);
  if (options.json) {
    const kernels = plan.kernels.filter((_, index) => chosen.has(index));
    return `${JSON.stringify(options.stage === 'plan' ? { ...plan, kernels } : kernels, null, 2)}\n`;
  }
  if (options.stage === 'plan') return dispatchTable(plan, options, chosen);
  return plan.kernels.flatMap((kernel, index) => (chosen.has(index) ? [kernel.wgsl] : [])).join('\n');
}

/** What a file of weights must hold, each tensor once, under its first name. */
function tensorsText(plan: Plan, { json }: InspectOptions): string {
  const read = [plan, ...plan.derived].flatMap(({ weights }): readonly TensorRead[] => weights);
  const tensors = [...new Map(read.map((weight) => [weight.tensors[0], weight])).values()].toSorted((a, b) =>
    (a.tensors[0] ?? '').localeCompare(b.tensors[0] ?? '', 'en', { numeric: true }),
  );
  const listed = tensors.map(({ tensors: [name = '', ...others], shape, optional }) => ({
    name,
    shape,
    others,
    optional,
  }));
  if (json) return `${JSON.stringify(listed, null, 2)}\n`;
  const rows = listed.map(({ name, shape, optional: free }) => [
    name,
    `[${shape.join(', ')}]`,
    free ? 'may be left out' : '',
  ]);
  return table([['tensor', 'shape', ''], ...rows]);
}

type TensorRead = Pick<Plan['weights'][number], 'tensors' | 'shape' | 'optional'>;

/** Indices of the kernels that `--kernel` and `--phase` leave. */
function chosenKernels(plan: Plan, { kernel, phase }: InspectOptions): ReadonlySet<number> {
  const names = plan.kernels.map(({ name }) => name);
  if (kernel !== undefined && !names.includes(kernel))
    throw unknownKernel(kernel, names.filter((name) => name.includes(kernel)).slice(0, 5));
  const used =
    phase === undefined ? undefined : new Set(programsOf(plan, phase).map((dispatch) => dispatch.kernel));
  const indices = names.flatMap((name, index) =>
    (kernel === undefined || name === kernel) && (used === undefined || used.has(index)) ? [index] : [],
  );
  return new Set(indices);
}

function programsOf({ programs }: Plan, phase: Phase): readonly Dispatch[] {
  return phase === 'decode'
    ? [...programs.decode, ...programs.sample]
    : [...programs.prefill, ...programs.last, ...programs.all];
}

function dispatchTable(plan: Plan, { phase }: InspectOptions, chosen: ReadonlySet<number>): string {
  const programs: readonly (readonly [string, readonly Dispatch[]])[] = Object.entries(plan.programs);
  const wanted = programs.filter(
    ([, dispatches]) =>
      phase === undefined || dispatches.some((dispatch) => programsOf(plan, phase).includes(dispatch)),
  );
  return wanted
    .map(([name, dispatches]) => {
      const rows = dispatches
        .filter((dispatch) => chosen.has(dispatch.kernel))
        .map((dispatch) => [
          plan.kernels[dispatch.kernel]?.name ?? '?',
          dispatch.layer === null ? '' : String(dispatch.layer),
          dispatch.label,
          dispatch.grid.map(gridText).join(' × '),
        ]);
      const title = `${name}: ${rows.length} ${rows.length === 1 ? 'dispatch' : 'dispatches'}\n`;
      return title + (rows.length === 0 ? '' : table([['kernel', 'layer', 'label', 'workgroups'], ...rows]));
    })
    .join('\n');
}

function gridText(size: GridSize): string {
  if (typeof size === 'number') return String(size);
  const groups = size.tile === 1 ? 'tokens' : `⌈tokens/${size.tile}⌉`;
  return size.times === 1 ? groups : `${size.times}·${groups}`;
}
