// report.html: one self-contained page about a compiled model.
import type { Source } from '../../grammar/source.ts';
import type { Plan } from '../../runtime/plan.ts';
import type { Explanation } from './explanation.ts';
import { costSection } from './html-costs.ts';
import { deviceSection } from './html-devices.ts';
import { dispatchSection } from './html-dispatches.ts';
import { fusionSection } from './html-fusion.ts';
import { headerOf } from './html-header.ts';
import { kernelSection } from './html-kernels.ts';
import { type Measured, measuredSection } from './html-measured.ts';
import { lineIds, sourceSection } from './html-sources.ts';
import { stateSection } from './html-state.ts';
import { stripeSection } from './html-stripe.ts';
import { huesOf } from './hues.ts';
import { escaped, type Markup, markup } from './markup.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface ReportInput {
  readonly explanation: Explanation;
  readonly plan: Plan;
  /** The texts that kernels come from, the model's own first. */
  readonly sources: readonly Source[];
  /** What the timestamps of a run said. */
  readonly measured?: Measured | undefined;
}

/** The page may load nothing: its style and its script are in it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** The page's text. It asks nothing of the network; the same input gives the same bytes. */
export function reportHtml(input: ReportInput): string {
  const { explanation, measured } = input;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(explanation.name)} · hyb report</title>
<style>${STYLE}</style>
</head>
<body>
${contents(measured !== undefined).html}
<main>
${sections(input)
  .map(({ html }) => html)
  .join('\n')}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function sections({ explanation: given, plan, sources, measured }: ReportInput): readonly Markup[] {
  const explanation = ofSequences(given);
  const hueOf = huesOf(explanation);
  const lineId = lineIds(sources);
  return [
    headerOf(explanation),
    stripeSection(explanation, hueOf),
    ...(measured === undefined ? [] : [measuredSection(measured, explanation, hueOf)]),
    costSection(explanation, hueOf),
    dispatchSection(explanation, hueOf),
    ...(explanation.encoder === null ? [stateSection(explanation)] : []),
    deviceSection(explanation),
    kernelSection(plan, explanation, hueOf, lineId),
    fusionSection(explanation, hueOf),
    sourceSection(sources, plan, lineId),
  ];
}

function contents(measured: boolean): Markup {
  const entries: readonly (readonly [string, string])[] = [
    ['stripe', 'Stripe'],
    ...(measured ? [['measured', 'Measured'] as const] : []),
    ['cost', 'Cost'],
    ['dispatches', 'Dispatches'],
    ['state', 'State'],
    ['devices', 'Devices'],
    ['kernels', 'Kernels'],
    ['fusion', 'Fusion'],
    ['sources', 'Sources'],
  ];
  return markup`<nav aria-label="Contents"><ul>${entries.map(([id, title]) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
}

/** An encoder decodes nothing: where the page tells of a token, it tells of a whole sequence. */
function ofSequences(explanation: Explanation): Explanation {
  if (explanation.encoder === null) return explanation;
  const { sites, letters } = explanation;
  return {
    ...whole(explanation),
    sites: sites.map((site) => whole(site)),
    letters: letters.map((letter) => whole(letter)),
  };
}

function whole<Cost extends Pick<Explanation, 'decode' | 'prefill'>>(cost: Cost): Cost {
  return { ...cost, decode: cost.prefill };
}
