// Explanations and reports of a compiled file, with the unfused plan made for comparison.
import { planGraph } from '../compiler/plan-graph.ts';
import { deviceProfile, type DeviceProfile } from '../compiler/report/devices.ts';
import { explain } from '../compiler/report/explain.ts';
import type { Explanation } from '../compiler/report/explanation.ts';
import type { Measured } from '../compiler/report/html-measured.ts';
import { graphSources } from '../compiler/report/sources.ts';
import type { CompiledFile } from './pipeline.ts';

export type { Measured } from '../compiler/report/html-measured.ts';

/** `device` is what times are predicted for. */
export function explainCompiled(compiled: CompiledFile, device?: DeviceProfile): Explanation {
  const { graph, planOptions } = compiled;
  const unfused = planGraph(graph, { ...planOptions, fuse: false }).plan;
  return explain(compiled, { unfused, device });
}

/** report.html: one page that needs nothing else. `measured` is what a run's timestamps said. */
export async function reportPage(
  compiled: CompiledFile,
  measured?: Measured,
  device?: DeviceProfile,
): Promise<string> {
  const { reportHtml } = await import('../compiler/report/report-html.ts');
  const { graph, plan, source } = compiled;
  const others = graphSources(graph).filter(({ name }) => name !== source.name);
  return reportHtml({
    explanation: explainCompiled(compiled, device ?? profileOf(measured)),
    plan,
    sources: [source, ...others],
    measured,
  });
}

/** Times on the software adapter are held against its own profile. */
function profileOf(measured: Measured | undefined): DeviceProfile | undefined {
  const isSoftware = measured !== undefined && /swiftshader|llvmpipe|software/i.test(measured.adapter);
  return isSoftware ? deviceProfile('software') : undefined;
}
