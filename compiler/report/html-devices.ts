// The report's section about predicted times on every device that has a profile.
import type { Explanation } from './explanation.ts';
import { type Markup, markup, NO_MARKUP, sectionOf, tableOf } from './markup.ts';
import { rateText, timeText, wholeText } from './numbers.ts';

export function deviceSection({ predictions, chunk, device: chosen }: Explanation): Markup {
  const rows = predictions.map(({ device, decodeMicroseconds, prefillMicroseconds }) => [
    markup`${device.name}${device.id === chosen.id ? markup` <span class="faint">(this report)</span>` : NO_MARKUP}`,
    rateText(device.bandwidth, 'B/s'),
    rateText(device.flops, 'FLOP/s'),
    timeText(device.gap),
    timeText(decodeMicroseconds),
    wholeText(1e6 / decodeMicroseconds),
    timeText(prefillMicroseconds),
    markup`<span class="source">${device.basis}: ${device.source}</span>`,
  ]);
  return sectionOf(
    'devices',
    'Predicted times',
    'For each dispatch the longer of its memory traffic and its arithmetic, and a gap until the next may start. Nominal figures are the makers’ peaks, which kernels reach in part: this is a bound, not a promise.',
    tableOf(
      'By device.',
      [
        'device',
        'memory',
        'arithmetic',
        'gap',
        'one token',
        'tokens/s',
        `${wholeText(chunk)} tokens`,
        'figures',
      ],
      rows,
    ),
  );
}
