// What every form of a long convolution costs, by counting, and which one the planner takes.
import { chooseForm } from '../../compiler/kernels/longconv/choose.ts';
import type { LongConvShape } from '../../compiler/kernels/longconv/shape.ts';
import type { LongConvForm } from '../../compiler/kernels/longconv-kernels.ts';
import { type DispatchWork, scanWork, scheduleSteps } from '../../compiler/kernels/recurrence-work.ts';
import { DEFAULT_TARGET, type Target } from '../../compiler/kernels/template.ts';
import { scanModel } from '../scan/model.ts';
import { type ConvCase, MODAL, MODAL_SIZES } from './cases.ts';

export interface ConvCountRow {
  readonly case: string;
  readonly tokens: number;
  readonly form: string;
  readonly flops: number;
  readonly bytes: number;
  readonly dispatches: number;
  readonly workgroups: number;
  /** What the planner compares: operations that follow each other, on a GPU that runs so many workgroups at once. */
  readonly steps: number;
  readonly chosen: boolean;
}

/** A row for each form that fits. */
export function countForms({ name, shape, layers }: ConvCase, target: Target = DEFAULT_TARGET) {
  const { plan, counted } = chooseForm(shape, target);
  return counted.map(({ plan: { form, dispatches, fourier } }): ConvCountRow => {
    const tiles = fourier?.tiles.length ?? 1;
    const row = sums(name, shape.maximum, form, dispatches, layers);
    return { ...row, dispatches: row.dispatches * tiles, chosen: form === plan.form };
  });
}

/** The recurrence of modes, in both of its schedules. */
export function countModal(tokens: number, target: Target = DEFAULT_TARGET): readonly ConvCountRow[] {
  const works = scanWork(scanModel(MODAL, MODAL_SIZES).scan, tokens, target);
  if (works === undefined) throw new Error('internal: modes have no normal form');
  const schedules = works.chunked === undefined ? [works.looped] : [works.looped, works.chunked];
  return schedules.map(({ schedule, dispatches }) =>
    sums('causal', tokens, `modal, ${schedule}`, dispatches, 1),
  );
}

function sums(
  name: string,
  tokens: number,
  form: string,
  dispatches: readonly DispatchWork[],
  layers: number,
): ConvCountRow {
  const sum = (of: (work: DispatchWork) => number): number =>
    layers * dispatches.reduce((all, work) => all + of(work), 0);
  return {
    case: name,
    tokens,
    form,
    flops: sum(({ flops }) => flops),
    bytes: sum(({ bytesRead, bytesWritten }) => bytesRead + bytesWritten),
    dispatches: layers * dispatches.length,
    workgroups: sum(({ workgroups }) => workgroups),
    steps: layers * scheduleSteps({ dispatches }),
    chosen: false,
  };
}

/** From so many taps on the planner takes this form. */
export interface Crossing {
  readonly filters: string;
  readonly run: string;
  readonly from: number;
  readonly form: LongConvForm;
}

const MOST_TAPS = 131_072;

/** Where the planner's choice changes as filters grow: with a filter for each channel or one for all, in whole sequences or in runs of 1024. */
export function crossings(channels: number, target: Target = DEFAULT_TARGET): readonly Crossing[] {
  return [1, channels].flatMap((count) =>
    [undefined, 1024].flatMap((run): readonly Crossing[] => {
      const formAt = (taps: number): LongConvForm => {
        const maximum = run ?? taps;
        const shape: LongConvShape = {
          channels,
          members: channels / count,
          repeats: count === 1 ? { inner: channels, count: 1 } : { inner: 1, count },
          back: taps - 1,
          ahead: 0,
          maximum,
        };
        return chooseForm(shape, target).plan.form;
      };
      const filters = count === 1 ? 'one for all' : 'one for each channel';
      return changes(formAt).map(([from, form]) => ({
        filters,
        run: run === undefined ? 'as long as the filter' : String(run),
        from,
        form,
      }));
    }),
  );
}

/** The first argument and those where the result changes, found exactly between the powers of two at which it differs. */
function changes<Result>(of: (argument: number) => Result): readonly (readonly [number, Result])[] {
  const found: (readonly [number, Result])[] = [[1, of(1)]];
  for (let high = 2; high <= MOST_TAPS; high *= 2) {
    let low = high / 2;
    while (found.at(-1)![1] !== of(high)) {
      let [below, above] = [low, high];
      const last = found.at(-1)![1];
      while (above - below > 1) {
        const middle = Math.floor((below + above) / 2);
        if (of(middle) === last) below = middle;
        else above = middle;
      }
      found.push([above, of(above)]);
      low = above;
    }
  }
  return found;
}
