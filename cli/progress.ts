// Progress bars: drawn on a screen only, and only for what takes over a second.
import type { SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** `done` of `total`, in any unit. */
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

/** A bar with a title that appears when the work has gone on for a second. */
export async function startProgress(title: string, terminal: Terminal, quiet: boolean): Promise<Progress> {
  if (quiet || !terminal.isScreen) return { update: () => undefined, stop: () => undefined };
  const { default: progress } = await import('cli-progress');
  const started = performance.now();
  let bar: SingleBar | undefined;
  const begin = (done: number, total: number): SingleBar => {
    const format = `${title} {bar} {percentage} %`;
    const made = new progress.SingleBar(
      { format, clearOnComplete: true, hideCursor: true, barsize: 30 },
      progress.Presets.shades_classic,
    );
    made.start(total, done);
    return made;
  };
  return {
    update: (done, total) => {
      if (bar === undefined && performance.now() - started > 1000) bar = begin(done, total);
      bar?.update(done);
    },
    stop: () => bar?.stop(),
  };
}
