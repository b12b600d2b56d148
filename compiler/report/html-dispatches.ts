// The report's section about kernel calls: how many there are, and how many there would be without fusion.
import type { Explanation, LetterCost, Work } from './explanation.ts';
import { type Piece, stackedBar } from './html-charts.ts';
import type { HueOf } from './hues.ts';
import { type Markup, markup, NO_MARKUP, sectionOf, tableOf } from './markup.ts';
import { derivedText } from './derived-text.ts';
import { bytesText, countText, numberOf, timeText, wholeText } from './numbers.ts';
import { isDecoded } from './site-text.ts';

/** A name, what the phase does, and what it does in one letter. */
type Phase = readonly [string, Work, (letter: LetterCost) => Work];

export function dispatchSection(explanation: Explanation, hueOf: HueOf): Markup {
  const { decode, prefill, chunk, letters, derived, encoder } = explanation;
  const phases: readonly Phase[] = [
    ...(encoder === null ? [['One token', decode, (letter: LetterCost) => letter.decode] as const] : []),
    [
      `A ${encoder === null ? 'prompt' : 'sequence'} of ${wholeText(chunk)}`,
      prefill,
      (letter) => letter.prefill,
    ],
  ];
  return sectionOf(
    'dispatches',
    'Dispatches',
    'Kernel calls as they are, and as they would be with one kernel for each operation of the model.',
    markup`<div class="bars">${phases.flatMap(([name, work, of]) => phaseBars(name, work, of, letters, hueOf))}</div>`,
    markup`<div class="pair">${[programTable(phases, derived), letterTable(letters, encoder === null ? 'token' : 'sequence')]}</div>`,
  );
}

function programTable(phases: readonly Phase[], derived: Explanation['derived']): Markup {
  return tableOf(
    ['The two programs.', ...derivedText(derived)].join(' '),
    ['program', 'dispatches', 'barriers', 'traffic', 'FLOP', 'predicted'],
    phases.map(([name, work]) => [
      name,
      fusedText(work),
      wholeText(work.barriers),
      bytesText(work.bytes),
      countText(work.flops),
      timeText(work.microseconds),
    ]),
  );
}

function letterTable(letters: readonly LetterCost[], unit: string): Markup {
  return tableOf(
    `One site of each letter, one ${unit}.`,
    ['letter', 'sites', 'fused', 'unfused'],
    letters
      .filter(isDecoded)
      .map(({ label, sites, perSite }) => [
        label,
        wholeText(sites),
        wholeText(perSite.fused),
        perSite.unfused === null ? '–' : wholeText(perSite.unfused),
      ]),
  );
}

function phaseBars(
  name: string,
  work: Work,
  of: (letter: LetterCost) => Work,
  letters: readonly LetterCost[],
  hueOf: HueOf,
): readonly Markup[] {
  const most = Math.max(work.dispatches, work.unfused ?? 0);
  const bar = (title: string, count: number, part: (work: Work) => number): Markup => {
    const pieces = letters
      .filter((letter) => part(of(letter)) > 0)
      .map(({ label, ...letter }): Piece => {
        const value = part(of({ label, ...letter }));
        return { value, hue: hueOf(label), title: `${label}: ${numberOf(value, 'dispatch', 'dispatches')}` };
      });
    return markup`<span>${title}</span>${stackedBar(`${name}, ${title}`, pieces, most)}<span class="value">${wholeText(count)}</span>`;
  };
  return [
    bar(`${name}, fused`, work.dispatches, (part) => part.dispatches),
    work.unfused === null ? NO_MARKUP : bar('unfused', work.unfused, (part) => part.unfused ?? 0),
  ];
}

/** `25 of 150`. */
export function fusedText({ dispatches, unfused }: Work): string | Markup {
  if (unfused === null) return wholeText(dispatches);
  return markup`${wholeText(dispatches)} <span class="faint">of ${wholeText(unfused)}</span>`;
}
