// HTML put together so that plain strings are always escaped.

/** HTML that is safe to put into a page. */
export interface Markup {
  readonly html: string;
}

type Part = string | Markup | readonly Markup[];

/** A template whose strings are escaped and whose markup is not. */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const html = texts.reduce((sum, text, index) => sum + partHtml(parts[index - 1] ?? '') + text);
  return { html };
}

function partHtml(part: Part): string {
  if (typeof part === 'string') return escaped(part);
  return 'html' in part ? part.html : part.map((one) => one.html).join('');
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A table with a head; the first column is text, the others are numbers. */
export function tableOf(head: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  const headCells = head.map((cell) => markup`<th>${cell}</th>`);
  const bodyRows = rows.map((row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`);
  return markup`<div class="wide"><table>
<thead><tr>${headCells}</tr></thead>
<tbody>
${bodyRows}</tbody>
</table></div>`;
}
