// The bundle and report of a model that has just run, with the times that its kernels took.
import type { KernelTime } from '../runtime/measure.ts';
import type { OpenedModel } from './open-model.ts';
import { needsSource } from './errors.ts';
import { reportPage, type Measured } from './report.ts';
import { writeBundle } from './write-bundle.ts';

/** Measures a decode step and a prefill, and writes the bundle with its report. */
export async function writeRunBundle(opened: OpenedModel, source: string, folder: string): Promise<void> {
  const { compiled, gpu } = opened;
  if (compiled === undefined) throw needsSource('--out', source);
  const { emitBundle } = await import('../compiler/emit/index.ts');
  const measured = gpu === undefined ? undefined : await measureModel(opened);
  const report = await reportPage(compiled, measured);
  writeBundle(folder, await emitBundle({ plan: compiled.plan, source, report, standalone: false }));
}

async function measureModel({ gpu, engine }: OpenedModel): Promise<Measured | undefined> {
  if (gpu === undefined) return undefined;
  const session = await gpu.model.session();
  try {
    await session.prefill([0]);
    const repeats = 3;
    const decode = await session.measure({ program: 'decode', repeats });
    const prefill = await session.measure({ program: 'prefill', repeats: 1 });
    return { adapter: engine.name, decode: decode ?? NONE, prefill: prefill ?? NONE };
  } finally {
    session.destroy();
  }
}

const NONE: readonly KernelTime[] = [];
