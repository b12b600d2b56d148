// The report's section about where a decoded token goes: by letter, and layer by layer.
import type { Explanation, LetterCost, SiteCost } from './explanation.ts';
import { barCell, columnChart, type Piece, stackedBar } from './html-charts.ts';
import { fusedText } from './html-dispatches.ts';
import type { HueOf } from './hues.ts';
import { type Markup, markup, sectionOf, tableOf } from './markup.ts';
import { bytesText, countText, shareText, timeText } from './numbers.ts';
import { isDecoded, siteName } from './site-text.ts';

/** What is compared between letters and layers. */
const MEASURES: readonly {
  readonly name: string;
  readonly of: (cost: SiteCost | LetterCost) => number;
  readonly text: (value: number) => string;
}[] = [
  { name: 'Parameters', of: ({ parameters }) => parameters, text: countText },
  { name: 'Memory traffic', of: ({ decode }) => decode.bytes, text: bytesText },
  { name: 'FLOP', of: ({ flops }) => flops, text: countText },
  { name: 'Predicted time', of: ({ decode }) => decode.microseconds, text: timeText },
];

export function costSection(explanation: Explanation, hueOf: HueOf): Markup {
  const letters = explanation.letters.filter(isDecoded);
  const sites = explanation.sites.filter(isDecoded);
  return sectionOf(
    'cost',
    explanation.encoder === null ? 'Cost of a token' : 'Cost of a sequence',
    `Where ${explanation.encoder === null ? 'one decoded token' : 'a whole sequence'} goes: by letter, then layer by layer. Times are predicted for ${explanation.device.name}.`,
    markup`<div class="bars">${MEASURES.map((measure) => letterBar(measure, letters, hueOf))}</div>`,
    markup`<div class="panels">${MEASURES.slice(1).map((measure) => layerColumns(measure, sites, hueOf))}</div>`,
    siteTable(explanation, sites),
  );
}

function letterBar(
  { name, of, text }: (typeof MEASURES)[number],
  letters: readonly LetterCost[],
  hueOf: HueOf,
): Markup {
  const all = letters.reduce((sum, letter) => sum + of(letter), 0);
  const pieces = letters.map((letter): Piece => ({
    value: of(letter),
    hue: hueOf(letter.label),
    title: `${letter.label}: ${text(of(letter))}, ${shareText(of(letter) / (all || 1))}`,
  }));
  return markup`<span>${name}</span>${stackedBar(`${name} by letter`, pieces)}<span class="value">${text(all)}</span>`;
}

function layerColumns(
  { name, of, text }: (typeof MEASURES)[number],
  sites: readonly SiteCost[],
  hueOf: HueOf,
): Markup {
  const columns = sites.map((site): readonly Piece[] => [
    { value: of(site), hue: hueOf(site.label), title: `${siteName(site)}: ${text(of(site))}` },
  ]);
  const most = Math.max(...sites.map(of));
  return markup`<figure><figcaption>${name} <span class="faint">up to ${text(most)}</span></figcaption>${columnChart(`${name} by layer`, columns)}</figure>`;
}

function siteTable(
  { parameters, weights, flops, state, decode, encoder }: Explanation,
  sites: readonly SiteCost[],
): Markup {
  const most = (of: (site: SiteCost) => number): number => Math.max(...sites.map(of), Number.MIN_VALUE);
  const [bytes, operations, time] = [
    most((site) => site.decode.bytes),
    most((site) => site.flops),
    most((site) => site.decode.microseconds),
  ];
  const row = (
    name: string,
    cost: Omit<SiteCost, 'layer' | 'label' | 'prefill'>,
    bars: boolean,
  ): readonly (string | Markup)[] => {
    const bar = (text: string, share: number): string | Markup => (bars ? barCell(text, share) : text);
    return [
      name,
      countText(cost.parameters),
      bytesText(cost.weightBytes),
      bytesText(cost.stateBytes),
      bar(bytesText(cost.decode.bytes), cost.decode.bytes / bytes),
      bar(countText(cost.flops), cost.flops / operations),
      bar(timeText(cost.decode.microseconds), cost.decode.microseconds / time),
      fusedText(cost.decode),
    ];
  };
  const all = { parameters, weightBytes: weights.bytes, flops, stateBytes: state.bytes, decode };
  return tableOf(
    `${encoder === null ? 'One token' : 'A sequence'}, layer by layer. A weight that two layers share counts in the first.`,
    ['layer', 'parameters', 'weights', 'state', 'traffic', 'FLOP', 'predicted', 'dispatches'],
    sites.map((site) => row(siteName(site), site, true)),
    row('all', all, false),
  );
}
