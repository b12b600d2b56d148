// What people read of a compiled model.
export { explain } from './explain.ts';
export type { Explanation, ExplainInput } from './explain.ts';
export { explanationText } from './explain-text.ts';
export { reportHtml } from './html.ts';
export type { Measured, ReportInput } from './html.ts';
