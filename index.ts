// hyb: reads, checks and compiles .hyb models. What runs them is `hyb/runtime`.
import type { BundleFile, EmitOptions } from './compiler/emit/index.ts';
import type { ReportInput } from './compiler/report/report-html.ts';

export { format, parse, diagnosticsToJson, renderDiagnostics } from './grammar/index.ts';
export type {
  Checked,
  Diagnostic,
  DiagnosticJson,
  Label,
  Parsed,
  RenderOptions,
  Source,
  Span,
} from './grammar/index.ts';
export type * as syntax from './grammar/ast.ts';
export { check } from './compiler/check/index.ts';
export type { CheckInput, Model } from './compiler/check/index.ts';
export { readConfig } from './compiler/check/config.ts';
export { lower } from './compiler/lower/index.ts';
export { compile, compileModel } from './compiler/compile.ts';
export type { Compiled, CompileInput, CompileOptions } from './compiler/compile.ts';
export { planGraph } from './compiler/plan-graph.ts';
export { createReference } from './compiler/ir/interpret.ts';
export type { Reference, WeightValues } from './compiler/ir/interpret.ts';
export type { Graph } from './compiler/ir/graph.ts';
export { printGraph } from './compiler/ir/print.ts';
export { explain } from './compiler/report/explain.ts';
export type { ExplainOptions } from './compiler/report/explain.ts';
export type { Explanation } from './compiler/report/explanation.ts';
export { explanationText } from './compiler/report/explain-text.ts';
export { DEFAULT_TARGET } from './compiler/kernels/template.ts';
export type { Target } from './compiler/kernels/template.ts';
export type { BundleFile, EmitOptions } from './compiler/emit/index.ts';
export { standardLibrary } from './cli/library.ts';

/** The files of a bundle. Loads the emitter, which is large, on the first call. */
export async function emitBundle(options: EmitOptions): Promise<readonly BundleFile[]> {
  const emitter = await import('./compiler/emit/index.ts');
  return emitter.emitBundle(options);
}

/** The text of report.html. */
export async function reportHtml(input: ReportInput): Promise<string> {
  const report = await import('./compiler/report/report-html.ts');
  return report.reportHtml(input);
}
