// The report's sections about costs: the whole model, each layer, each length, predicted times.
import type { Explanation, LayerCost } from './explain.ts';
import { markup, tableOf, type Markup } from './markup.ts';
import { bytesText, countText, timeText } from './numbers.ts';

export function summarySection({ name, vocab, width, dtype, total, kernels, context }: Explanation): Markup {
  const figure = (value: string, what: string): Markup =>
    markup`<div class="figure"><b>${value}</b><span>${what}</span></div>`;
  return markup`<header>
<h1>${name}</h1>
<p>Width ${String(width)}, vocabulary ${String(vocab)}, weights in ${dtype}.</p>
<div class="figures">
${figure(countText(total.parameters), 'parameters')}
${figure(bytesText(total.weightBytes), 'weights')}
${figure(countText(total.flops), 'FLOP per token')}
${figure(bytesText(total.stateBytes), `state at ${context} positions`)}
${figure(String(kernels), 'kernels')}
</div>
</header>`;
}

export function costSection(explanation: Explanation): Markup {
  return markup`<section>
<h2>Cost of each layer</h2>
<p>At a length of ${String(explanation.context)} positions. Bars compare a layer with the costliest one.</p>
${layerTable(explanation)}
</section>
<section>
<h2>Cost by length</h2>
${tableOf(
  ['positions', 'FLOP per token', 'state'],
  explanation.contexts.map(({ context, flops, stateBytes }) => [
    String(context),
    countText(flops),
    bytesText(stateBytes),
  ]),
)}
</section>
<section>
<h2>Dispatches</h2>
${tableOf(
  ['', 'fused', 'one kernel for each op'],
  explanation.dispatches.map(({ program, fused, unfused }) => [program, String(fused), String(unfused)]),
)}
</section>
<section>
<h2>Predicted times</h2>
<p>From bytes, operations and the time between dispatches; measured times, where there are any, count more.</p>
${tableOf(
  ['device', 'one token', 'tokens per second', 'a prefill run'],
  explanation.predictions.map(({ device, decodeSeconds, prefillSeconds }) => [
    device,
    timeText(decodeSeconds),
    countText(Math.round(1 / decodeSeconds)),
    timeText(prefillSeconds),
  ]),
)}
</section>`;
}

function layerTable({ layers }: Explanation): Markup {
  const most = (of: (cost: LayerCost) => number): number => Math.max(1, ...layers.map(of));
  const bytes = most((cost) => cost.weightBytes);
  const flops = most((cost) => cost.flops);
  return tableOf(
    ['layer', 'parameters', 'weights', 'FLOP per token', 'state'],
    layers.map((cost) => [
      cost.layer === null ? cost.label : `${cost.layer} ${cost.label}`,
      countText(cost.parameters),
      bar(bytesText(cost.weightBytes), cost.weightBytes / bytes),
      bar(countText(cost.flops), cost.flops / flops),
      bytesText(cost.stateBytes),
    ]),
  );
}

/** A number with a bar whose length is a share of the largest. */
export function bar(text: string, share: number): Markup {
  return markup`<span class="bar" style="--share:${(share * 100).toFixed(1)}%">${text}</span>`;
}
