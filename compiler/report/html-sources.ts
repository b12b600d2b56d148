// The report's last section: the sources, each line with the kernels that it caused.
import type { Source } from '../../grammar/source.ts';
import type { Plan } from '../../runtime/plan.ts';
import { highlightModel } from './highlight.ts';
import { kernelId, type LineId } from './html-kernels.ts';
import { type Markup, markup, sectionOf } from './markup.ts';
import { numberOf } from './numbers.ts';

/** Ids like `file-0-line-12`, in the order of the sources. */
export function lineIds(sources: readonly Source[]): LineId {
  const indices = new Map(sources.map(({ name }, index) => [name, index]));
  return (file, line) => {
    const index = indices.get(file);
    return index === undefined ? undefined : `file-${index}-line-${line}`;
  };
}

export function sourceSection(sources: readonly Source[], plan: Plan, lineId: LineId): Markup {
  const caused = causedBy(plan);
  return sectionOf(
    'sources',
    'Sources',
    'The text that the kernels come from. A mark beside a line leads to what it caused.',
    ...sources.map((source, index) => sourceFile(source, index === 0, caused, lineId)),
  );
}

function sourceFile(
  source: Source,
  open: boolean,
  caused: ReadonlyMap<string, readonly string[]>,
  lineId: LineId,
): Markup {
  const texts = source.text.replace(/\s+$/, '').split(/\r\n|\r|\n/);
  const lines = texts.map((text, index) => {
    const line = index + 1;
    const id = lineId(source.name, line) ?? '';
    const kernels = caused.get(`${source.name}:${line}`) ?? [];
    return markup`<li id="${id}"${{ html: kernels.length === 0 ? '' : ' class="caused"' }}><code>${highlightModel(text)}</code>${kernelLinks(kernels)}</li>\n`;
  });
  const attribute = { html: open ? ' open' : '' };
  return markup`<details class="file"${attribute}><summary><code>${source.name}</code> <span class="faint">${numberOf(texts.length, 'line')}</span></summary>
<ol class="lines">
${lines}</ol></details>
`;
}

function kernelLinks(kernels: readonly string[]): Markup {
  const links = kernels.map(
    (name, index) =>
      markup`<a href="#${kernelId(name)}" title="${name}" aria-label="${name}">${index + 1}</a>`,
  );
  return kernels.length === 0 ? { html: '' } : markup`<span class="links">${links}</span>`;
}

/** Kernel names by `file:line`. */
function causedBy(plan: Plan): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name, sources } of plan.kernels)
    for (const { file, line } of sources) {
      const key = `${file}:${line}`;
      found.set(key, [...(found.get(key) ?? []), name]);
    }
  return found;
}
