// The report's sections about kernels: what was fused, and every kernel beside the lines that caused it.
import type { KernelPlan, Plan } from '../../runtime/plan.ts';
import type { Explanation } from './explain.ts';
import { highlightWgsl } from './highlight.ts';
import { markup, tableOf, type Markup } from './markup.ts';
import { bytesText, countText } from './numbers.ts';

export function fusionSection({ fusions }: Explanation): Markup {
  const rows = fusions.map(({ fired, body, calls, rule, detail }) => [
    markup`<span class="${fired ? 'fired' : 'declined'}">${fired ? 'fused' : 'declined'}</span>`,
    `${body} (${calls}×)`,
    rule,
    detail,
  ]);
  return markup`<section class="prose">
<h2>Fusions</h2>
${tableOf(['', 'in', 'rule', 'what, or why not'], rows)}
</section>`;
}

export function kernelSection(plan: Plan): Markup {
  const calls = countCalls(plan);
  return markup`<section>
<h2>Kernels</h2>
<p>Each is emitted once, however many layers call it. Open one to read its WGSL.</p>
${plan.kernels.map((kernel, index) => kernelDetails(kernel, calls.get(index) ?? []))}
</section>`;
}

function kernelDetails(kernel: KernelPlan, calls: readonly string[]): Markup {
  const { name, title, cost, sources, wgsl } = kernel;
  const per = cost.tokens === 1 ? 'a token' : `${cost.tokens} tokens`;
  const lines = sources.map(
    ({ file, line, text }) => markup`<li><code>${file}:${String(line)}</code> <code>${text}</code></li>`,
  );
  const traffic = bytesText(cost.bytesRead + cost.bytesWritten);
  return markup`<details id="${name}">
<summary><b>${name}</b> <span>${title}</span></summary>
<p>${calls.join(', ')} · ${countText(cost.flops)} FLOP and ${traffic} for ${per} · workgroup ${kernel.workgroup.join(' × ')}</p>
<div class="beside"><ol class="sources">${lines}</ol><pre><code>${highlightWgsl(wgsl)}</code></pre></div>
</details>
`;
}

/** For each kernel, how often each program calls it. */
function countCalls({ programs }: Plan): ReadonlyMap<number, readonly string[]> {
  const counts = new Map<number, string[]>();
  for (const [program, dispatches] of Object.entries(programs)) {
    const inProgram = new Map<number, number>();
    for (const { kernel } of dispatches) inProgram.set(kernel, (inProgram.get(kernel) ?? 0) + 1);
    for (const [kernel, count] of inProgram)
      counts.set(kernel, [...(counts.get(kernel) ?? []), `${program} ${count}×`]);
  }
  return counts;
}
