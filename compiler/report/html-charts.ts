// Small charts: columns and stacked bars, drawn as inline SVG that stretches, with their words in HTML.
import { type Markup, markup, NO_MARKUP } from './markup.ts';

/** One part of a column or bar. */
export interface Piece {
  readonly value: number;
  readonly hue: string;
  /** What a pointer over it, and a screen reader, is told. */
  readonly title: string;
}

const HEIGHT = 100;

/** One column for each list of pieces, from the bottom up; as wide as there is room. */
export function columnChart(name: string, columns: readonly (readonly Piece[])[]): Markup {
  const most = Math.max(...columns.map(total), Number.MIN_VALUE);
  const drawn = columns.map((pieces, index) => column(pieces, index, most));
  return markup`<svg class="columns" viewBox="0 0 ${columns.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${name}">
${drawn}</svg>`;
}

function column(pieces: readonly Piece[], index: number, most: number): Markup {
  let top = HEIGHT;
  return {
    html: pieces
      .map(({ value, hue, title }) => {
        const height = (HEIGHT * value) / most;
        top -= height;
        return markup`<rect class="${hue}" x="${(index + 0.08).toFixed(2)}" y="${top.toFixed(2)}" width="0.84" height="${height.toFixed(2)}"><title>${title}</title></rect>\n`
          .html;
      })
      .join(''),
  };
}

/** What columns are called, below them; left out where there would be no room. */
export function ticks(names: readonly string[]): Markup {
  return names.length > 16
    ? NO_MARKUP
    : markup`<div class="ticks" aria-hidden="true">${names.map((name) => markup`<span>${name}</span>`)}</div>`;
}

/** One bar of several pieces, as wide as `total(pieces) / most` of the room. */
export function stackedBar(name: string, pieces: readonly Piece[], most = total(pieces)): Markup {
  let left = 0;
  const drawn = pieces.map(({ value, hue, title }) => {
    const width = (1000 * value) / (most || 1);
    const x = left;
    left += width;
    return markup`<rect class="${hue}" x="${x.toFixed(1)}" y="0" width="${Math.max(0, width - 1.5).toFixed(1)}" height="10"><title>${title}</title></rect>\n`;
  });
  return markup`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${name}">
${drawn}</svg>`;
}

/** A number with a bar behind it, whose length is a share of the largest. */
export function barCell(text: string, share: number): Markup {
  const percent = Math.max(0, Math.min(100, share * 100)).toFixed(1);
  return markup`<span class="share" style="--share:${percent}%">${text}</span>`;
}

function total(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { value }) => sum + value, 0);
}
