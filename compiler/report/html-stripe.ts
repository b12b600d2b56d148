// The stripe diagram: one box for each layer, its letters as coloured cells, in the order in which the stream passes them.
import type { Explanation, LetterCost, SiteCost } from './explanation.ts';
import type { HueOf } from './hues.ts';
import { type Markup, markup, NO_MARKUP, sectionOf } from './markup.ts';
import { countText, numberOf, shareText, timeText } from './numbers.ts';

const WIDTH = 64;
const CELL = 44;
/** Room for the layer's index above the cells. */
const TOP = 16;

export function stripeSection(explanation: Explanation, hueOf: HueOf): Markup {
  const { layers, device, decode } = explanation;
  const groups = layerGroups(explanation.sites);
  const most = Math.max(...explanation.sites.map(({ decode: work }) => work.microseconds));
  const boxes = groups.map((sites) => layerBox(sites, hueOf, most));
  const legend = explanation.letters
    .filter(isShown)
    .map((letter) => legendEntry(letter, hueOf, decode.microseconds));
  return sectionOf(
    'stripe',
    'Stripe',
    `${numberOf(layers, 'layer')} between embedding and head. The line under a cell is the time predicted for one token on ${device.name}, against the longest.`,
    markup`<ol class="stripe">${boxes}</ol>
<ul class="legend">${legend}</ul>`,
  );
}

/** Consecutive sites of one layer together. */
function layerGroups(sites: readonly SiteCost[]): readonly (readonly SiteCost[])[] {
  const groups = new Map<string, SiteCost[]>();
  for (const site of sites.filter(({ decode, parameters }) => decode.dispatches + parameters > 0)) {
    const key = site.layer === null ? site.label : String(site.layer);
    groups.set(key, [...(groups.get(key) ?? []), site]);
  }
  return [...groups.values()];
}

function layerBox(sites: readonly SiteCost[], hueOf: HueOf, most: number): Markup {
  const [first] = sites;
  if (first === undefined) return NO_MARKUP;
  const height = TOP + sites.length * CELL;
  const names = sites.map(({ label }) => label).join(' & ');
  const name = first.layer === null ? names : `layer ${first.layer}: ${names}`;
  return markup`<li><svg width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${name}">
<text class="index" x="${WIDTH / 2}" y="11">${first.layer ?? ' '}</text>
${sites.map((site, index) => cell(site, TOP + index * CELL, hueOf, most))}</svg></li>`;
}

function cell({ label, decode, parameters }: SiteCost, y: number, hueOf: HueOf, most: number): Markup {
  const remark = `${label}: ${countText(parameters)} parameters, ${numberOf(decode.dispatches, 'dispatch', 'dispatches')}, ${timeText(decode.microseconds)} a token`;
  const size = label.length <= 6 ? 13 : label.length <= 9 ? 10 : 8;
  const bar = ((WIDTH - 4) * decode.microseconds) / most;
  return markup`<g><title>${remark}</title>
<rect class="cell ${hueOf(label)}" x="1" y="${y}" width="${WIDTH - 2}" height="${CELL - 10}" rx="5"/>
<text class="letter" x="${WIDTH / 2}" y="${y + 22}" font-size="${size}">${shortened(label)}</text>
<rect class="line ${hueOf(label)}" x="2" y="${y + CELL - 8}" width="${bar.toFixed(1)}" height="3" rx="1.5"/></g>
`;
}

function shortened(label: string): string {
  return label.length <= 11 ? label : `${label.slice(0, 10)}…`;
}

function isShown({ decode, parameters }: LetterCost): boolean {
  return decode.dispatches + parameters > 0;
}

function legendEntry(letter: LetterCost, hueOf: HueOf, total: number): Markup {
  const share = shareText(letter.decode.microseconds / total);
  const sites = letter.inLayers ? ` × ${letter.sites}` : '';
  return markup`<li><span class="chip ${hueOf(letter.label)}"></span><b>${letter.label}</b>${sites}<span class="faint">${share}</span></li>`;
}
