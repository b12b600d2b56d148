// report.html: one self-contained page about a compiled model.
import type { Plan } from '../../runtime/plan.ts';
import type { Explanation } from './explain.ts';
import { costSection, summarySection } from './html-costs.ts';
import { fusionSection, kernelSection } from './html-kernels.ts';
import { measuredSection, type Measured } from './html-measured.ts';
import { escaped, markup, type Markup } from './markup.ts';
import { STYLE } from './style.ts';

export type { Measured } from './html-measured.ts';

export interface ReportInput {
  readonly explanation: Explanation;
  /** The letters of each layer, in order. */
  readonly layers: readonly (readonly string[])[];
  readonly plan: Plan;
  /** What the timestamps of a run said. */
  readonly measured?: Measured;
}

/** The page's text. It asks nothing of the network; the same input gives the same bytes. */
export function reportHtml(input: ReportInput): string {
  const { explanation, plan, measured } = input;
  const body = [
    summarySection(explanation),
    stripeSection(input),
    costSection(explanation),
    ...(measured === undefined ? [] : [measuredSection(measured)]),
    fusionSection(explanation),
    kernelSection(plan),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(explanation.name)} · hyb report</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body.map(({ html }) => html).join('\n')}
</main>
</body>
</html>
`;
}

/** One box for each layer, coloured by letter. */
function stripeSection({ layers }: ReportInput): Markup {
  const letters = [...new Set(layers.flat())];
  const box = (letter: string): Markup =>
    markup`<span class="letter hue-${String(letters.indexOf(letter) % 8)}">${letter}</span>`;
  const boxes = layers.map(
    (names, index) => markup`<li title="layer ${String(index)}">${names.map(box)}</li>`,
  );
  return markup`<section>
<h2>Stripe</h2>
<p>${String(layers.length)} layers of ${String(letters.length)} letters, in the order in which the stream passes them.</p>
<ol class="stripe" start="0">${boxes}</ol>
</section>`;
}
