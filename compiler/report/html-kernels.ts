// The report's section about kernels: every one beside the lines that caused it.
import type { KernelPlan, Plan } from '../../runtime/plan.ts';
import type { Explanation, KernelUse } from './explanation.ts';
import { highlightModel, highlightWgsl } from './highlight.ts';
import { barCell } from './html-charts.ts';
import type { HueOf } from './hues.ts';
import { kernelOrder } from './kernel-order.ts';
import { type Markup, markup, sectionOf } from './markup.ts';
import { bytesText, countText, numberOf, timeText, wholeText } from './numbers.ts';

/** The id of the place where a line of a file stands on the page; undefined where the page does not show the file. */
export type LineId = (file: string, line: number) => string | undefined;

export function kernelSection(plan: Plan, explanation: Explanation, hueOf: HueOf, lineId: LineId): Markup {
  const uses = explanation.kernels;
  const most = { decode: longest(uses, false), run: longest(uses, true) };
  const cards = kernelOrder(plan).flatMap((index) => {
    const [kernel, use] = [plan.kernels[index], uses[index]];
    if (kernel === undefined || use === undefined) return [];
    return [kernelCard(kernel, use, hueOf, lineId, use.cost.tokens > 1 ? most.run : most.decode)];
  });
  return sectionOf(
    'kernels',
    'Kernels',
    'Each is emitted once, however many layers call it. Open one to read its WGSL beside the lines that caused it.',
    markup`<form class="filter" role="search">
<label>Find <input type="search" id="find" placeholder="name, letter or word of the WGSL" autocomplete="off"></label>
<fieldset><legend>Program</legend>
${['all', 'decode', 'prefill'].map((name) => radio('program', name, name === 'all'))}</fieldset>
<output id="found">${numberOf(plan.kernels.length, 'kernel')}</output>
</form>
<div id="cards">${cards}</div>`,
  );
}

/** One button of a group in which one is chosen. */
export function radio(group: string, name: string, chosen: boolean): Markup {
  const checked = { html: chosen ? ' checked' : '' };
  return markup`<label><input type="radio" name="${group}" id="${group}-${name}" value="${name}"${checked}> ${name}</label>\n`;
}

export function kernelId(name: string): string {
  return `kernel-${name}`;
}

function longest(uses: readonly KernelUse[], run: boolean): number {
  const own = uses.filter(({ cost }) => cost.tokens > 1 === run);
  return Math.max(...own.map(({ microseconds }) => microseconds), Number.MIN_VALUE);
}

function kernelCard(kernel: KernelPlan, use: KernelUse, hueOf: HueOf, lineId: LineId, most: number): Markup {
  const { name, title, cost } = kernel;
  const programs = use.uses.map(({ program }) => program).join(' ');
  const label = use.uses[0]?.labels[0] ?? '';
  const traffic = bytesText(cost.bytesRead + cost.bytesWritten);
  return markup`<details class="kernel" data-programs="${programs}">
<summary><span class="chip ${hueOf(label)}"></span><code>${name}</code><span class="title">${title}</span><span class="time">${barCell(timeText(use.microseconds), use.microseconds / most)}</span></summary>
<div class="inside" id="${kernelId(name)}">
<div class="beside"><div>
<h4>Because of</h4>
${causes(kernel, lineId)}
<h4>Called by</h4>
<ul class="plain">${use.uses.map(({ program, dispatches, labels }) => markup`<li>${program} ${wholeText(dispatches)}× <span class="faint">${labels.join(', ')}</span></li>`)}</ul>
<h4>One call, ${cost.tokens === 1 ? 'one token' : numberOf(cost.tokens, 'token')}</h4>
<dl class="facts">
${fact('traffic', `${traffic} (${bytesText(cost.bytesRead)} in, ${bytesText(cost.bytesWritten)} out)`)}
${fact('arithmetic', `${countText(cost.flops)} FLOP`)}
${fact('barriers', wholeText(cost.barriers))}
${fact('workgroup', kernel.workgroup.join(' × '))}
${fact('features', kernel.features.length === 0 ? 'none' : kernel.features.join(', '))}
${fact('predicted', `${timeText(use.microseconds)}, mostly ${use.bound}`)}
</dl>
<h4>Bindings</h4>
<ul class="plain">${kernel.bindings.map((binding) => markup`<li><code>${binding.name}</code> <span class="faint">${bytesText(binding.bytes)}${binding.access === 'read' ? '' : ', written'}</span></li>`)}</ul>
</div><pre tabindex="0" aria-label="WGSL of ${name}"><code>${highlightWgsl(kernel.wgsl)}</code></pre></div></div>
</details>
`;
}

function causes({ sources }: KernelPlan, lineId: LineId): Markup {
  if (sources.length === 0) return markup`<p class="faint">The plan itself.</p>`;
  const items = sources.map(({ file, line, text }) => {
    const id = lineId(file, line);
    const place = `${file}:${line}`;
    const linked = id === undefined ? markup`${place}` : markup`<a href="#${id}">${place}</a>`;
    return markup`<li>${linked}<code>${highlightModel(text)}</code></li>`;
  });
  return markup`<ol class="causes">${items}</ol>`;
}

function fact(name: string, value: string): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}</dd></div>\n`;
}
