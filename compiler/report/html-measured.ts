// The report's section about a run: what every kernel took, against what it moved and computed.
import type { KernelCost } from '../../runtime/plan.ts';
import { bar } from './html-costs.ts';
import { markup, tableOf, type Markup } from './markup.ts';
import { bytesText, countText, timeText } from './numbers.ts';

/** The time of one kernel call, as the runtime measures it. */
export interface MeasuredKernel {
  readonly kernel: string;
  readonly label: string;
  readonly layer: number | null;
  readonly microseconds: number;
  readonly cost: KernelCost;
}

export interface Measured {
  readonly adapter: string;
  readonly decode: readonly MeasuredKernel[];
  readonly prefill: readonly MeasuredKernel[];
}

export function measuredSection({ adapter, decode, prefill }: Measured): Markup {
  return markup`<section>
<h2>Measured</h2>
<p>On ${adapter}, by timestamps around each kernel.</p>
<h3>One token</h3>
${timesTable(decode)}
<h3>A prefill run</h3>
${timesTable(prefill)}
</section>`;
}

interface Sum {
  readonly kernel: string;
  readonly calls: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly flops: number;
}

function timesTable(times: readonly MeasuredKernel[]): Markup {
  if (times.length === 0) return markup`<p>The device has no timestamps.</p>`;
  const sums = sumByKernel(times);
  const all = sums.reduce((sum, { seconds }) => sum + seconds, 0);
  const most = Math.max(...sums.map(({ seconds }) => seconds), Number.MIN_VALUE);
  const rows = sums.map(({ kernel, calls, seconds, bytes, flops }) => [
    kernel,
    String(calls),
    bar(timeText(seconds), seconds / most),
    `${((100 * seconds) / (all || 1)).toFixed(1)} %`,
    seconds > 0 ? `${bytesText(bytes / seconds)}/s` : '',
    seconds > 0 ? `${countText(flops / seconds)}FLOP/s` : '',
  ]);
  return tableOf(['kernel', 'calls', 'time', 'share', 'memory', 'arithmetic'], rows);
}

/** The slowest first. */
function sumByKernel(times: readonly MeasuredKernel[]): readonly Sum[] {
  const sums = new Map<string, Sum>();
  for (const { kernel, microseconds, cost } of times) {
    const before = sums.get(kernel) ?? { kernel, calls: 0, seconds: 0, bytes: 0, flops: 0 };
    sums.set(kernel, {
      kernel,
      calls: before.calls + 1,
      seconds: before.seconds + microseconds / 1e6,
      bytes: before.bytes + cost.bytesRead + cost.bytesWritten,
      flops: before.flops + cost.flops,
    });
  }
  return [...sums.values()].toSorted((a, b) => b.seconds - a.seconds);
}
