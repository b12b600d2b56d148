// Prints diagnostics: frames for a person, JSON for an editor.
import { renderDiagnostics, diagnosticsToJson } from '../grammar/index.ts';
import type { Diagnostic } from '../grammar/source.ts';
import type { Terminal } from './terminal.ts';

export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
  json: boolean,
): void {
  if (diagnostics.length === 0) return;
  if (json) terminal.out(`${JSON.stringify({ diagnostics: diagnosticsToJson(diagnostics) }, null, 2)}\n`);
  else terminal.error(renderDiagnostics(diagnostics, { color: terminal.color }));
}
