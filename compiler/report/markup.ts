// HTML put together so that plain strings are always escaped.

/** HTML that is safe to put into a page. */
export interface Markup {
  readonly html: string;
}

export type Part = string | number | Markup | readonly Markup[];

/** A template whose strings are escaped and whose markup is not. */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const html = texts.reduce((sum, text, index) => sum + partHtml(parts[index - 1] ?? '') + text);
  return { html };
}

export const NO_MARKUP: Markup = { html: '' };

function partHtml(part: Part): string {
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escaped(part);
  return 'html' in part ? part.html : part.map((one) => one.html).join('');
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A section that the page's contents can lead to. */
export function sectionOf(id: string, title: string, intro: Part, ...body: readonly Markup[]): Markup {
  return markup`<section id="${id}">
<h2>${title}</h2>
<p class="intro">${intro}</p>
${body}
</section>`;
}

/** A table with a head; the first column is text, the others are numbers. `total` is set apart as the last row. */
export function tableOf(
  caption: string,
  head: readonly Part[],
  rows: readonly (readonly Part[])[],
  total?: readonly Part[],
): Markup {
  const headCells = head.map((cell) => markup`<th scope="col">${cell}</th>`);
  const last = total === undefined ? NO_MARKUP : markup`<tr class="total">${cells(total)}</tr>\n`;
  return markup`<div class="wide"><table>
<caption>${caption}</caption>
<thead><tr>${headCells}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${cells(row)}</tr>\n`)}${last}</tbody>
</table></div>`;
}

function cells([first = '', ...rest]: readonly Part[]): Markup {
  return markup`<th scope="row">${first}</th>${rest.map((cell) => markup`<td>${cell}</td>`)}`;
}
