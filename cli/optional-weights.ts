// Says which optional weights a checkpoint lacks, for they count as zero.
import { openCheckpoint } from '../runtime/weights/checkpoint.ts';
import { note, type Terminal } from './terminal.ts';
import type { WeightsPlace } from './weights.ts';

interface Wanted {
  /** Names to look for, the first there is. */
  readonly tensors: readonly string[];
  readonly optional: boolean;
}

/** Opens the checkpoint only where something optional is read from it. */
export async function noteOptional(
  wanted: readonly Wanted[],
  { folder, open }: WeightsPlace,
  terminal: Terminal,
  quiet: boolean,
): Promise<void> {
  const optional = wanted.filter((each) => each.optional);
  if (quiet || optional.length === 0 || folder === undefined) return;
  const checkpoint = await openCheckpoint(open([]), undefined);
  try {
    const missing = optional.filter(({ tensors }) => !tensors.some((name) => checkpoint.tensors.has(name)));
    const names = new Set(missing.map(({ tensors }) => `\`${tensors[0]}\``));
    if (names.size > 0)
      note(terminal, false, `not in the file, and taken for zeros: ${[...names].join(', ')}`);
  } finally {
    await checkpoint.close();
  }
}
