// From a .hyb file to a plan: reads what the compiler needs and shows what it says.
import { dirname } from 'node:path';
import { compile } from '../compiler/compile.ts';
import type { Compiled, CompileOptions } from '../compiler/compile.ts';
import type { ConstantObject } from '../compiler/check/constant.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import { verifyGraph } from '../compiler/ir/verify.ts';
import { compileToGraph } from '../compiler/lower/compile-to-graph.ts';
import { DEFAULT_TARGET, type Target } from '../compiler/kernels/template.ts';
import { hasErrors, type Source } from '../grammar/source.ts';
import { isCheckpointFolder, modelOfFolder } from './checkpoint-folder.ts';
import { DiagnosticsError } from './errors.ts';
import { isFolder, readSource, resolveImport } from './files.ts';
import { checkMadeFor, modesIn } from './distilled.ts';
import { standardLibrary } from './library.ts';
import type { ModelOptions } from './options.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import type { Terminal } from './terminal.ts';
import { findBeside, loadConfig } from './weights.ts';

export interface CompileRequest {
  readonly file: string;
  /** The source, where the file is a checkpoint's folder. */
  readonly source?: Source;
  readonly options: Pick<
    ModelOptions,
    'config' | 'dtype' | 'recurrences' | 'convolutions' | 'distilled' | 'context' | 'json' | 'quiet'
  >;
  /** Where the weights are, if the command has any: their config.json counts. */
  readonly weights?: string | undefined;
  /** WebGPU's default limits unless given. */
  readonly target?: Target;
  /** The number of tokens a prefill run must be able to take at once. */
  readonly chunk?: number;
}

export interface CompiledFile extends Compiled {
  readonly source: Source;
  /** What the plan was made for, so that another can be made for comparison. */
  readonly planOptions: CompileOptions;
}

/** The graph of a file, which is not planned: what the reference executor runs. Warnings are printed; throws DiagnosticsError. */
export function graphOfFile(request: CompileRequest, terminal: Terminal): Graph {
  const config = configFor(request);
  const { value, diagnostics } = compileToGraph({
    source: request.source ?? sourceOf(request.file),
    resolve: resolveImport,
    prelude: standardLibrary(),
    context: request.options.context,
    modes: modesFor(request),
    ...(config !== undefined && { config }),
  });
  if (value === undefined || hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics);
  if (request.options.quiet !== true && request.options.json !== true)
    printDiagnostics(diagnostics, terminal, false);
  if (request.options.distilled !== undefined) checkMadeFor(request.options.distilled, value.name);
  return verifyGraph(value);
}

function modesFor({ options }: CompileRequest): number | undefined {
  return options.distilled === undefined ? undefined : modesIn(options.distilled);
}

/** Compiles a file. Warnings are printed; throws DiagnosticsError where there is an error. */
export function compileFile(request: CompileRequest, terminal: Terminal): CompiledFile {
  const source = request.source ?? sourceOf(request.file);
  const config = configFor(request);
  const planOptions: CompileOptions = {
    dtype: request.options.dtype ?? 'f32',
    target: request.target ?? DEFAULT_TARGET,
    context: request.options.context,
    chunk: request.chunk,
    recurrences: request.options.recurrences,
    convolutions: request.options.convolutions,
  };
  const { value, diagnostics } = compile({
    source,
    resolve: resolveImport,
    prelude: standardLibrary(),
    ...planOptions,
    modes: modesFor(request),
    ...(config !== undefined && { config }),
  });
  if (value === undefined || hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics);
  if (request.options.quiet !== true && request.options.json !== true)
    printDiagnostics(diagnostics, terminal, false);
  if (request.options.distilled !== undefined) checkMadeFor(request.options.distilled, value.model.name);
  return { ...value, source, planOptions };
}

/** The source that a path means: a .hyb file's, or that of the model which a checkpoint's folder fits. */
export async function openSource(path: string): Promise<Source> {
  if (!isCheckpointFolder(path)) return sourceOf(path);
  return modelOfFolder(path);
}

/** Reads a source. Throws DiagnosticsError where it cannot be read. */
export function sourceOf(file: string): Source {
  const { value, diagnostics } = readSource(file);
  if (value === undefined) throw new DiagnosticsError(diagnostics);
  return value;
}

/** The config that `--config` names, or the one beside the weights, or the one beside the source. */
export function configFor(
  request: Pick<CompileRequest, 'file' | 'options' | 'weights'>,
): ConstantObject | undefined {
  const own = isFolder(request.file) ? request.file : dirname(request.file);
  const folders = [...(request.weights === undefined ? [] : [request.weights]), own];
  const path = request.options.config ?? findBeside('config.json', folders);
  return path === undefined ? undefined : loadConfig(path);
}
