// The report's headline: what the model is, in six figures.
import type { Explanation } from './explanation.ts';
import { type Markup, markup } from './markup.ts';
import { bytesText, countText, numberOf, timeText, wholeText } from './numbers.ts';

export function headerOf(explanation: Explanation): Markup {
  const { name, parameters, flops, weights, state, decode, kernels, device, context } = explanation;
  const encodings = weights.encodings.map(({ encoding }) => encoding).join(' and ');
  const saved =
    decode.unfused === null ? 'dispatches a token' : `dispatches a token, not ${wholeText(decode.unfused)}`;
  const room =
    explanation.capacity === null
      ? 'sequences of any length'
      : `sequences of at most ${wholeText(explanation.capacity)} positions`;
  return markup`<header>
<p class="kind">hyb report</p>
<h1>${name}</h1>
<p class="intro">${numberOf(explanation.layers, 'layer')} of width ${wholeText(explanation.width)}, vocabulary ${wholeText(explanation.vocab)}, ${room}, ${numberOf(kernels.length, 'kernel')}. Costs of a token are at ${wholeText(context)} positions.</p>
<dl class="figures">
${figure(countText(parameters), 'parameters')}
${figure(bytesText(weights.bytes), `of weights, ${encodings}`)}
${figure(countText(flops), 'FLOP a token')}
${figure(bytesText(state.bytes), 'of state a sequence')}
${figure(wholeText(decode.dispatches), saved)}
${figure(timeText(decode.microseconds), `a token at best on ${device.name}`)}
</dl>
</header>`;
}

function figure(value: string, what: string): Markup {
  return markup`<div><dd>${value}</dd><dt>${what}</dt></div>`;
}
