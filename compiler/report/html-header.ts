// The report's headline: what the model is, in six figures.
import type { Explanation } from './explanation.ts';
import { type Markup, markup } from './markup.ts';
import { bytesText, countText, numberOf, timeText, wholeText } from './numbers.ts';

export function headerOf(explanation: Explanation): Markup {
  const { name, parameters, flops, weights, state, decode, kernels, device, context } = explanation;
  const encodings = weights.encodings.map(({ encoding }) => encoding).join(' and ');
  const { encoder, takes, gives, chunk } = explanation;
  const unit = encoder === null ? 'token' : 'sequence';
  const saved =
    decode.unfused === null
      ? `dispatches a ${unit}`
      : `dispatches a ${unit}, not ${wholeText(decode.unfused)}`;
  const input = takes === null ? `vocabulary ${wholeText(explanation.vocab)}` : `takes ${takes}`;
  const output = gives.length === 0 ? '' : `, gives ${gives.join(' and ')}`;
  const costs =
    encoder === null
      ? `Costs of a token are at ${wholeText(context)} positions.`
      : `An encoder, without decode: ${encoder}. Costs of a sequence are for ${wholeText(chunk)} positions.`;
  const room =
    explanation.capacity === null
      ? 'sequences of any length'
      : `sequences of at most ${wholeText(explanation.capacity)} positions`;
  return markup`<header>
<p class="kind">hyb report</p>
<h1>${name}</h1>
<p class="intro">${numberOf(explanation.layers, 'layer')} of width ${wholeText(explanation.width)}, ${input}${output}, ${room}, ${numberOf(kernels.length, 'kernel')}. ${costs}</p>
<dl class="figures">
${figure(countText(parameters), 'parameters')}
${figure(bytesText(weights.bytes), `of weights, ${encodings}`)}
${figure(countText(flops), encoder === null ? 'FLOP a token' : 'FLOP a position')}
${figure(bytesText(state.bytes), 'of state a sequence')}
${figure(wholeText(decode.dispatches), saved)}
${figure(timeText(decode.microseconds), `a ${unit} at best on ${device.name}`)}
</dl>
</header>`;
}

function figure(value: string, what: string): Markup {
  return markup`<div><dd>${value}</dd><dt>${what}</dt></div>`;
}
