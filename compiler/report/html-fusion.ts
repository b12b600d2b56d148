// The report's fusion log: what fired and what was declined, and why.
import type { Explanation, FusionSummary } from './explanation.ts';
import { radio } from './html-kernels.ts';
import type { HueOf } from './hues.ts';
import { type Markup, markup, sectionOf } from './markup.ts';
import { numberOf } from './numbers.ts';

export function fusionSection({ fusions }: Explanation, hueOf: HueOf): Markup {
  const bodies = [...new Set(fusions.map(({ body }) => body))];
  const blocks = bodies.map((body) => {
    const own = fusions.filter((summary) => summary.body === body);
    return markup`<h3><span class="chip ${hueOf(body)}"></span>${body} <span class="faint">${numberOf(own[0]?.sites ?? 0, 'site')}</span></h3>
<ul class="log">${own.map(entry)}</ul>`;
  });
  return sectionOf(
    'fusion',
    'Fusion',
    'What the compiler put together in each letter, and what it kept apart and why.',
    markup`<div class="fusions"><fieldset class="filter"><legend>Show</legend>
${['all', 'fused', 'declined'].map((name) => radio('fusion', name, name === 'all'))}</fieldset>
${blocks}</div>`,
  );
}

function entry({ fired, rule, details }: FusionSummary): Markup {
  const items = details.map(
    ({ text, count }) =>
      markup`<li>${text}${count === 1 ? '' : markup` <span class="faint">${count}×</span>`}</li>`,
  );
  return markup`<li class="${fired ? 'is-fused' : 'is-declined'}"><span class="mark">${fired ? 'fused' : 'declined'}</span><div><b>${rule}</b>
<ul class="plain">${items}</ul></div></li>
`;
}
