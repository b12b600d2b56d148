// Opens what a command runs: a .hyb file or a bundle, with weights, on the device the user chose.
import { dirname, join } from 'node:path';
import { readBundle } from '../runtime/bundle.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import { isCausal } from '../compiler/ir/causality.ts';
import { plannedPositions } from '../compiler/ir/positions.ts';
import { slotsOfGraph } from '../compiler/plan/slot-counts.ts';
import type { Source } from '../grammar/source.ts';
import type { Plan } from '../runtime/plan.ts';
import { openDevice, type OpenedDevice } from './adapter.ts';
import { withDistilled } from './distilled.ts';
import type { Engine } from './engine.ts';
import { isCheckpointFolder } from './checkpoint-folder.ts';
import { needsSource, noSuchModel, notABundle, weightsNotSaid } from './errors.ts';
import { isFile, isFolder } from './files.ts';
import { createGpuEngine, type GpuEngine } from './gpu-engine.ts';
import { noteOptional } from './optional-weights.ts';
import type { ModelOptions } from './options.ts';
import { compileFile, graphOfFile, openSource, type CompiledFile } from './pipeline.ts';
import { startProgress } from './progress.ts';
import { targetOf, WANTED_FEATURES } from './target.ts';
import { note, type Terminal } from './terminal.ts';
import { findWeights, type WeightsPlace } from './weights.ts';

export interface OpenRequest {
  /** A .hyb file, a bundle's folder or a checkpoint's. */
  readonly file: string;
  /** May be left out for a checkpoint's folder. */
  readonly weights: string | undefined;
  readonly options: ModelOptions;
  readonly chunk?: number;
}

export interface OpenedModel {
  readonly engine: Engine;
  /** The GPU's engine, where it is one. */
  readonly gpu?: GpuEngine;
  readonly plan?: Plan;
  /** Absent for a bundle. */
  readonly graph?: Graph;
  /** Absent for a bundle. The reference executor needs no plan, so one is made only when it is asked for. */
  readonly compiled?: CompiledFile;
  readonly weights: WeightsPlace;
  /** The most positions of a sequence; Infinity where no memory grows with it. */
  readonly positions: number;
  /** Where tokenizer and config are looked for, in order. */
  readonly folders: readonly string[];
}

/** Throws a UsageError, DiagnosticsError or HybError. */
export async function openModel(request: OpenRequest, terminal: Terminal): Promise<OpenedModel> {
  const isCheckpoint = isCheckpointFolder(request.file);
  const place = request.weights ?? (isCheckpoint ? request.file : undefined);
  if (!isFile(request.file) && !isFolder(request.file)) throw noSuchModel(request.file);
  if (place === undefined) {
    // A folder without a model gets told that before it is asked for weights.
    isBundle(request.file);
    throw weightsNotSaid(request.file);
  }
  const weights = withDistilled(findWeights(place), request.options.distilled);
  const bundle = isBundle(request.file);
  const own = isFolder(request.file) ? request.file : dirname(request.file);
  const folders = weights.folder === undefined ? [own] : [weights.folder, own];
  const source = bundle ? undefined : await openSource(request.file);
  const places = { weights, folders, ...(source !== undefined && { source }) };
  if (request.options.device === 'reference') {
    if (bundle) throw needsSource('--device reference', request.file);
    return openReference(request, places, terminal);
  }
  const opened = await openDevice({
    kind: request.options.device,
    optionalFeatures: WANTED_FEATURES,
    requiredLimits: 'all',
  });
  try {
    return await openOnGpu(request, places, opened, terminal);
  } catch (cause) {
    opened.close();
    throw cause;
  }
}

/** Whether the path is a bundle's folder. Throws where it is neither that nor a checkpoint's. */
export function isBundle(path: string): boolean {
  if (!isFolder(path) || isCheckpointFolder(path)) return false;
  if (!isFile(join(path, 'manifest.json'))) throw notABundle(path);
  return true;
}

interface Places extends Pick<OpenedModel, 'weights' | 'folders'> {
  /** Absent for a bundle. */
  readonly source?: Source;
}

async function openReference(request: OpenRequest, places: Places, terminal: Terminal): Promise<OpenedModel> {
  const { createReferenceEngine } = await import('./reference-engine.ts');
  const { readReferenceWeights } = await import('./reference-weights.ts');
  const { source, weights, folders } = places;
  const wanted = { ...request, weights: weights.folder, ...(source !== undefined && { source }) };
  const graph = graphOfFile(wanted, terminal);
  const values = await readReferenceWeights(graph, weights);
  const wantedWeights = Object.values(graph.weights).flatMap(({ views, optional }) =>
    views.map(({ tensors }) => ({ tensors, optional })),
  );
  const positions = mostPositions(graph, request.options.context);
  await noteOptional(wantedWeights, weights, terminal, request.options.quiet === true);
  let compiled: CompiledFile | undefined;
  return {
    weights,
    folders,
    positions,
    engine: createReferenceEngine(graph, values, positions),
    graph,
    get compiled() {
      compiled ??= compileFile({ ...wanted, options: { ...wanted.options, quiet: true } }, terminal);
      return compiled;
    },
  };
}

/** As many as a plan would have room for. */
function mostPositions(graph: Graph, context: number | undefined): number {
  if (!isCausal(graph)) return plannedPositions(graph.context, context);
  const { capacity } = slotsOfGraph(graph, { ...(context !== undefined && { context }), chunk: 1 });
  return capacity === null ? Number.POSITIVE_INFINITY : capacity - (graph.prefix ?? 0);
}

async function openOnGpu(
  request: OpenRequest,
  places: Places,
  opened: OpenedDevice,
  terminal: Terminal,
): Promise<OpenedModel> {
  const { options } = request;
  const target = targetOf(opened.device);
  const { source, weights, folders } = places;
  const compiled =
    source === undefined
      ? undefined
      : compileFile({ ...request, source, weights: weights.folder, target }, terminal);
  const plan = compiled?.plan ?? (await readBundle(request.file, undefined));
  const wanted = [...plan.weights, ...plan.derived.flatMap((derived) => derived.weights)];
  const progress = await startProgress('loading', terminal, options.quiet === true);
  try {
    const gpu = await createGpuEngine(plan, places.weights.open(wanted), opened, progress);
    note(terminal, options.quiet === true || options.json === true, `running on ${opened.name}`);
    await noteOptional(wanted, weights, terminal, options.quiet === true);
    const made = compiled === undefined ? {} : { compiled, graph: compiled.graph };
    const positions = plan.capacity ?? Number.POSITIVE_INFINITY;
    return { weights, folders, positions, engine: gpu, gpu, plan, ...made };
  } finally {
    progress.stop();
  }
}
