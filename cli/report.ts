// Explanations and reports of a compiled file, with the unfused plan made for comparison.
import { planGraph } from '../compiler/plan-graph.ts';
import { explain, reportHtml, type Explanation, type Measured } from '../compiler/report/index.ts';
import type { CompiledFile } from './pipeline.ts';

export type { Measured } from '../compiler/report/index.ts';

export function explainCompiled(compiled: CompiledFile): Explanation {
  const { graph, plan, notes } = compiled;
  const unfused = planGraph(graph, { chunk: plan.chunk, fuse: false }).plan;
  return explain({ graph, plan, notes, unfused });
}

/** report.html: one page that needs nothing else. `measured` is what a run's timestamps said. */
export function reportPage(compiled: CompiledFile, measured?: Measured): string {
  const { model, plan } = compiled;
  return reportHtml({
    explanation: explainCompiled(compiled),
    layers: model.layers,
    plan,
    ...(measured !== undefined && { measured }),
  });
}
