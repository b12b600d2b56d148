// One line of the zoo's table: a published checkpoint, chosen, compiled, run and compared with its golden.
import { join } from 'node:path';
import { chooseFor, readCheckpointFolder } from '../../cli/checkpoint-folder.ts';
import { GOLDEN } from '../../cli/weights.ts';
import { readGolden } from '../../cli/golden.ts';
import { openModel } from '../../cli/open-model.ts';
import type { DeviceOption } from '../../cli/options.ts';
import { explainCompiled } from '../../cli/report.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { compareWithGolden } from '../../cli/verify.ts';

export interface ZooRow {
  readonly checkpoint: string;
  /** The model of the library; absent where none fits. */
  readonly family?: string;
  readonly layers?: number;
  readonly parameters?: number;
  /** max |Δ| of the logits: of prefill, whole and split, and of what is decoded. */
  readonly prefill?: number;
  readonly decode?: number;
  /** Dispatches for one token. */
  readonly dispatches?: number;
  /** `ok`, or what is wrong. */
  readonly status: string;
}

/** The largest difference that is let pass. */
export const tolerance = 2e-4;

const silent: Terminal = { out: () => undefined, error: () => undefined, isScreen: false, color: false };

/** Never throws: what goes wrong is the row's status. */
export async function runCheckpoint(
  folder: string,
  checkpoint: string,
  device: DeviceOption,
): Promise<ZooRow> {
  try {
    const chosen = chooseFor(await readCheckpointFolder(folder));
    if (chosen === undefined) return { checkpoint, status: 'no model fits' };
    const family = chosen.known.model.name.text;
    try {
      return { checkpoint, family, ...(await measure(folder, device)) };
    } catch (cause) {
      return { checkpoint, family, status: firstLine(cause) };
    }
  } catch (cause) {
    return { checkpoint, status: firstLine(cause) };
  }
}

async function measure(folder: string, device: DeviceOption): Promise<Omit<ZooRow, 'checkpoint' | 'family'>> {
  const options = { device, quiet: true } as const;
  const opened = await openModel({ file: folder, weights: undefined, options }, silent);
  try {
    const { compiled, engine } = opened;
    if (compiled === undefined) throw new Error('internal: a checkpoint was not compiled');
    const { layers, parameters, decode: token } = explainCompiled(compiled);
    const golden = await readGolden(join(folder, GOLDEN), engine);
    const found = await compareWithGolden(engine, golden, () => undefined);
    const isPrefill = /^(?:(?:split )?prefill|whole sequence)(?:: .*)?$/;
    const deltas = (ofPrefill: boolean): readonly number[] =>
      found.filter(({ name }) => isPrefill.test(name) === ofPrefill).map(({ delta }) => delta);
    const prefill = Math.max(...deltas(true));
    // An encoder has no decode.
    const decode = deltas(false).length === 0 ? undefined : Math.max(...deltas(false));
    const passes = prefill <= tolerance && (decode ?? 0) <= tolerance;
    return {
      layers,
      parameters,
      prefill,
      ...(decode === undefined ? {} : { decode }),
      dispatches: token.dispatches,
      status: passes ? 'ok' : 'OVER',
    };
  } finally {
    opened.engine.close();
  }
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n')[0] ?? '';
}
