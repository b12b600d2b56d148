// The report's section about what a sequence remembers, by kind and by length.
import type { Explanation, StateKind } from './explanation.ts';
import { columnChart, type Piece, ticks } from './html-charts.ts';
import { type Markup, markup, sectionOf, tableOf } from './markup.ts';
import { keepingText } from './keeping-text.ts';
import { bytesText, countText, numberOf, wholeText } from './numbers.ts';

const STATE_HUES: Readonly<Record<StateKind, string>> = {
  recurrent: 'hue-0',
  filter: 'hue-2',
  window: 'hue-1',
  cache: 'hue-4',
};

const STATE_WORDS: Readonly<Record<StateKind, string>> = {
  recurrent: 'states of recurrences, always of one size',
  filter: 'the last positions for filters and shifts',
  window: 'keys and values in a window, until it is full',
  cache: 'keys and values of every position',
};

export function stateSection({ state, context: longest }: Explanation): Markup {
  const kinds = state.kinds.map(({ kind }) => kind);
  if (kinds.length === 0)
    return sectionOf('state', 'State', 'No operation of this model remembers anything.');
  const columns = state.growth.map(({ context, byKind }) =>
    kinds.map((kind): Piece => ({
      value: byKind[kind],
      hue: STATE_HUES[kind],
      title: `${wholeText(context)} positions, ${kind}: ${bytesText(byKind[kind])}`,
    })),
  );
  const legend = state.kinds.map(
    ({ kind, pieces, bytes }) =>
      markup`<li><span class="chip ${STATE_HUES[kind]}"></span><b>${kind}</b>${STATE_WORDS[kind]}<span class="faint">${bytesText(bytes)} in ${numberOf(pieces, 'piece')}</span></li>`,
  );
  const most = Math.max(...state.growth.map(({ bytes }) => bytes));
  return sectionOf(
    'state',
    'State of a sequence',
    `What one sequence keeps between tokens, in f32, as it grows. A session takes ${bytesText(state.allocated)} from the start: caches at full size, and windows with room for a prefill run. ${sentence(keepingText(state, longest))}`,
    markup`<div class="panels two"><figure><figcaption>Bytes by length <span class="faint">up to ${bytesText(most)}</span></figcaption>
${columnChart('State by length', columns)}
${ticks(state.growth.map(({ context }) => countText(context)))}</figure>
<ul class="legend tall">${legend}</ul></div>`,
    tableOf(
      'By length.',
      ['positions', ...kinds, 'all', 'FLOP a token'],
      state.growth.map(({ context, byKind, bytes, flops }) => [
        wholeText(context),
        ...kinds.map((kind) => bytesText(byKind[kind])),
        bytesText(bytes),
        countText(flops),
      ]),
    ),
  );
}

function sentence(phrases: readonly string[]): string {
  const text = phrases.join('; ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
