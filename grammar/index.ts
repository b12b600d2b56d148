// The grammar's public face: text to tree and back, and diagnostics to text.
export type * from './ast.ts';
export { decodeSource } from './decode.ts';
export { parse, type Parsed } from './parse.ts';
export * from './source.ts';
export { closest } from './suggest.ts';
export { positionOf, type Position } from './lines.ts';
export {
  diagnosticsToJson,
  renderDiagnostics,
  type DiagnosticJson,
  type LabelJson,
  type RenderOptions,
} from './render.ts';
export { format, print } from './printer.ts';
