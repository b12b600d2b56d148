// A small model with everything that explanations and reports are made of.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type Compiled } from '../../compiler/compile.ts';
import { type CompileOptions, planGraph, type PlannedGraph } from '../../compiler/plan-graph.ts';
import { explain, type ExplainOptions } from '../../compiler/report/explain.ts';
import type { Explanation } from '../../compiler/report/explanation.ts';
import type { Measured } from '../../compiler/report/html-measured.ts';
import type { ReportInput } from '../../compiler/report/report-html.ts';
import { graphSources } from '../../compiler/report/sources.ts';
import { resolveImport } from '../../cli/files.ts';
import { packageRoot, standardLibrary } from '../../cli/library.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import type { Source } from '../../grammar/source.ts';

export interface Explained {
  readonly planned: PlannedGraph;
  readonly explanation: Explanation;
}

/** The graph planned with and without fusion, and explained. */
export function explained(
  graph: Graph,
  options: CompileOptions = {},
  explainOptions: ExplainOptions = {},
): Explained {
  const planned = planGraph(graph, options);
  const unfused = planGraph(graph, { ...options, fuse: false }).plan;
  return { planned, explanation: explain(planned, { unfused, ...explainOptions }) };
}

/** A model whose memory grows with every position. */
export const CACHED: Source = {
  name: 'cached.hyb',
  text: `model cached {
  vocab  64
  width  16
  stripe (ATT & MLP) × 2

  ATT = attention(heads: 4, kv_heads: 2)
  MLP = swiglu(hidden: 32)

  norm rms(eps: 1e-5)
  head tied
}
`,
};

/** A file of examples/ as a source. */
export function exampleSource(path: string): Source {
  const name = `examples/${path}`;
  return { name, text: readFileSync(join(packageRoot(), name), 'utf8') };
}

export function compiled(source: Source): Compiled {
  const { value, diagnostics } = compile({ source, resolve: resolveImport, prelude: standardLibrary() });
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

/** What the page is made of. */
export function reportInput(source: Source, measured?: Measured): ReportInput {
  const { graph } = compiled(source);
  const { planned, explanation } = explained(graph);
  const others = graphSources(graph).filter(({ name }) => name !== source.name);
  return { explanation, plan: planned.plan, sources: [source, ...others], measured };
}
