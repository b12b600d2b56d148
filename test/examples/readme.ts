// Pages that show commands with what they print: each command is run, and the page must show the same.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { hyb } from '../cli/support.ts';

/** A `sh` block, and the `text` block behind it. */
const SHOWN = /```sh\nnpx hyb ([^\n]+)\n```\n\n```text\n([^]*?)```/g;
/** What differs between machines: small differences, and times. */
const VARYING = /\d(?:\.\d+)?e[-+]\d+|\d+(?:\.\d+)? (?:ms|s)\b|\d+(?:\.\d+)? tokens\/s/g;

/** Whether the page shows what its commands print; with UPDATE=1 it is made to. */
export async function expectPage(path: string): Promise<void> {
  const page = readFileSync(path, 'utf8');
  const today = await runPage(page);
  if (process.env['UPDATE'] === '1') writeFileSync(path, today);
  else expect(page).toBe(today);
}

/**
 * The page with what its commands print today. Of a report only the parts are taken whose first lines are on the page, and where only
 * differences or times have changed, what the page shows is left.
 */
async function runPage(page: string): Promise<string> {
  let text = '';
  let end = 0;
  for (const match of page.matchAll(SHOWN)) {
    const [block, command = '', shown = ''] = match;
    const { out, error } = await hyb(...command.trim().split(/\s+/), '--device', 'software');
    const printed = partsShown(`${out}${error}`.replace(/ +$/gm, ''), shown);
    const same = printed.replace(VARYING, '#') === shown.replace(VARYING, '#');
    text += page.slice(end, match.index) + block.replace(shown, () => (same ? shown : printed));
    end = match.index + block.length;
  }
  return text + page.slice(end);
}

/** The parts, divided by empty lines, whose first lines begin like one that is shown. */
function partsShown(printed: string, shown: string): string {
  const headings = new Set(partsOf(shown).map(headingOf));
  const parts = partsOf(printed).filter((part) => headings.has(headingOf(part)));
  return `${(parts.length === 0 ? partsOf(printed) : parts).join('\n\n')}\n`;
}

function partsOf(text: string): readonly string[] {
  return text.replace(/\n+$/, '').split('\n\n');
}

function headingOf(part: string): string {
  return (part.split('\n')[0] ?? '').split(/[:—,]/)[0]?.trim() ?? '';
}
