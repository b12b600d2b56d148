// Opens what a command runs: a .hyb file or a bundle, with weights, on the device the user chose.
import { dirname, join } from 'node:path';
import { readBundle } from '../runtime/bundle.ts';
import type { Plan } from '../runtime/plan.ts';
import { openDevice, type OpenedDevice } from './adapter.ts';
import type { Engine } from './engine.ts';
import { needsSource, notABundle } from './errors.ts';
import { isFile, isFolder } from './files.ts';
import { createGpuEngine, type GpuEngine } from './gpu-engine.ts';
import type { ModelOptions } from './options.ts';
import { compileFile, type CompiledFile } from './pipeline.ts';
import { startProgress } from './progress.ts';
import { targetOf, WANTED_FEATURES } from './target.ts';
import { note, type Terminal } from './terminal.ts';
import { findWeights, type WeightsPlace } from './weights.ts';

export interface OpenRequest {
  /** A .hyb file or a bundle's folder. */
  readonly file: string;
  readonly weights: string;
  readonly options: ModelOptions;
  readonly chunk?: number;
}

export interface OpenedModel {
  readonly engine: Engine;
  /** The GPU's engine, where it is one. */
  readonly gpu?: GpuEngine;
  readonly plan?: Plan;
  /** Absent for a bundle. */
  readonly compiled?: CompiledFile;
  readonly weights: WeightsPlace;
  /** Where tokenizer and config are looked for, in order. */
  readonly folders: readonly string[];
}

/** Throws a UsageError, DiagnosticsError or HybError. */
export async function openModel(request: OpenRequest, terminal: Terminal): Promise<OpenedModel> {
  const weights = findWeights(request.weights);
  const bundle = isBundle(request.file);
  const own = bundle ? request.file : dirname(request.file);
  const folders = weights.folder === undefined ? [own] : [weights.folder, own];
  if (request.options.device === 'reference') {
    if (bundle) throw needsSource('--device reference', request.file);
    return openReference(request, { weights, folders }, terminal);
  }
  const opened = await openDevice({
    kind: request.options.device,
    optionalFeatures: WANTED_FEATURES,
    requiredLimits: 'all',
  });
  try {
    return await openOnGpu(request, { weights, folders }, opened, terminal);
  } catch (cause) {
    opened.close();
    throw cause;
  }
}

/** Whether the path is a bundle's folder. Throws where it is another folder. */
export function isBundle(path: string): boolean {
  if (!isFolder(path)) return false;
  if (!isFile(join(path, 'manifest.json'))) throw notABundle(path);
  return true;
}

type Places = Pick<OpenedModel, 'weights' | 'folders'>;

async function openReference(request: OpenRequest, places: Places, terminal: Terminal): Promise<OpenedModel> {
  const { createReferenceEngine } = await import('./reference-engine.ts');
  const { readReferenceWeights } = await import('./reference-weights.ts');
  const compiled = compileFile({ ...request, weights: places.weights.folder }, terminal);
  const values = await readReferenceWeights(compiled.graph, places.weights);
  return { ...places, engine: createReferenceEngine(compiled.graph, values), compiled };
}

async function openOnGpu(
  request: OpenRequest,
  places: Places,
  opened: OpenedDevice,
  terminal: Terminal,
): Promise<OpenedModel> {
  const { options } = request;
  const target = targetOf(opened.device);
  const compiled = isBundle(request.file)
    ? undefined
    : compileFile({ ...request, weights: places.weights.folder, target }, terminal);
  const plan = compiled?.plan ?? (await readBundle(request.file, undefined));
  const progress = await startProgress('loading', terminal, options.quiet === true);
  try {
    const gpu = await createGpuEngine(plan, places.weights.open(plan.weights), opened, progress);
    note(terminal, options.quiet === true || options.json === true, `running on ${opened.name}`);
    return { ...places, engine: gpu, gpu, plan, ...(compiled !== undefined && { compiled }) };
  } finally {
    progress.stop();
  }
}
