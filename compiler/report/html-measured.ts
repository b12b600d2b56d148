// The report's section about a run: what every kernel took, against what it moved and computed.
import type { KernelTime } from '../../runtime/measure.ts';
import type { DeviceProfile } from './devices.ts';
import type { Explanation } from './explanation.ts';
import { barCell, columnChart, type Piece, ticks } from './html-charts.ts';
import { kernelId } from './html-kernels.ts';
import type { HueOf } from './hues.ts';
import { type Markup, markup, NO_MARKUP, sectionOf, tableOf } from './markup.ts';
import { rateText, shareText, timeText, wholeText } from './numbers.ts';
import { siteName } from './site-text.ts';
import { dispatchMicroseconds } from './work.ts';

/** The times of a run, as the runtime measures them. Empty lists where the device has no timestamps. */
export interface Measured {
  /** What the device calls itself. */
  readonly adapter: string;
  /** One token. */
  readonly decode: readonly KernelTime[];
  /** A full run. */
  readonly prefill: readonly KernelTime[];
}

export function measuredSection(measured: Measured, explanation: Explanation, hueOf: HueOf): Markup {
  const { adapter, decode, prefill } = measured;
  const { device, chunk } = explanation;
  if (decode.length + prefill.length === 0)
    return sectionOf('measured', 'Measured', `${adapter} has no timestamps, so kernels could not be timed.`);
  return sectionOf(
    'measured',
    'Measured',
    `On ${adapter}, by timestamps around each kernel. The last column is the time that the profile of ${device.name} predicts for the same work, as a share of what it took.`,
    phase('One token', decode, device, hueOf),
    phase(`A run of ${wholeText(chunk)} tokens`, prefill, device, hueOf),
  );
}

function phase(name: string, times: readonly KernelTime[], device: DeviceProfile, hueOf: HueOf): Markup {
  if (times.length === 0) return NO_MARKUP;
  const sums = sumByKernel(times, device);
  const all = sums.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const most = Math.max(...sums.map(({ microseconds }) => microseconds), Number.MIN_VALUE);
  const columns = columnsOf(times, hueOf);
  const rows = sums.map(({ kernel, calls, microseconds, bytes, flops, predicted }) => [
    markup`<a href="#${kernelId(kernel)}"><code>${kernel}</code></a>`,
    wholeText(calls),
    barCell(timeText(microseconds), microseconds / most),
    shareText(microseconds / (all || 1)),
    microseconds > 0 ? rateText((1e6 * bytes) / microseconds, 'B/s') : '–',
    microseconds > 0 ? rateText((1e6 * flops) / microseconds, 'FLOP/s') : '–',
    microseconds > 0 ? shareText(predicted / microseconds) : '–',
  ]);
  return markup`<h3>${name}: ${timeText(all)} in ${wholeText(times.length)} dispatches</h3>
<figure class="alone"><figcaption>Time by layer</figcaption>${columnChart(`${name}, time by layer`, [...columns.values()])}${ticks([...columns.keys()])}</figure>
${tableOf('By kernel, the slowest first.', ['kernel', 'calls', 'time', 'share', 'memory', 'arithmetic', 'of profile'], rows)}`;
}

/** One column for each layer or label, in order, one piece for each dispatch. */
function columnsOf(times: readonly KernelTime[], hueOf: HueOf): ReadonlyMap<string, readonly Piece[]> {
  const columns = new Map<string, Piece[]>();
  for (const { kernel, label, layer, microseconds } of times) {
    const name = siteName({ layer, label });
    const title = `${name}, ${kernel}: ${timeText(microseconds)}`;
    columns.set(name, [...(columns.get(name) ?? []), { value: microseconds, hue: hueOf(label), title }]);
  }
  return columns;
}

interface Sum {
  readonly kernel: string;
  readonly calls: number;
  readonly microseconds: number;
  readonly bytes: number;
  readonly flops: number;
  /** Microseconds that the profile's roofline gives, gaps left out: timestamps do not see them. */
  readonly predicted: number;
}

/** The slowest first. */
function sumByKernel(times: readonly KernelTime[], device: DeviceProfile): readonly Sum[] {
  const sums = new Map<string, Sum>();
  for (const { kernel, microseconds, cost } of times) {
    const before = sums.get(kernel) ?? {
      kernel,
      calls: 0,
      microseconds: 0,
      bytes: 0,
      flops: 0,
      predicted: 0,
    };
    sums.set(kernel, {
      kernel,
      calls: before.calls + 1,
      microseconds: before.microseconds + microseconds,
      bytes: before.bytes + cost.bytesRead + cost.bytesWritten,
      flops: before.flops + cost.flops,
      predicted: before.predicted + dispatchMicroseconds(cost, device) - device.gap,
    });
  }
  return [...sums.values()].toSorted((a, b) => b.microseconds - a.microseconds);
}
