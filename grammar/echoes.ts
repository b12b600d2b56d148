// One mistake, one message: what only echoes an earlier finding is dropped, and the rest is put in order.
import type { Diagnostic } from './source.ts';

/** More findings than this are not worth reading, nor the time to compare them. */
const maximumFindings = 200;

/** Findings of lexing and brackets come first in the list, so a later one on the same line is their echo. */
export function withoutEchoes(all: readonly Diagnostic[]): readonly Diagnostic[] {
  const found = all.slice(0, maximumFindings);
  const echoing = new Set([
    'unexpected_token',
    'missing_operator',
    'unused_value',
    'expected_expression',
    'unknown_statement',
  ]);
  const causes = new Set([
    'unclosed_bracket',
    'unexpected_closing_bracket',
    'unterminated_string',
    'malformed_number',
    'unexpected_character',
    'foreign_syntax',
    'nesting_too_deep',
  ]);
  const lines = new Set(found.filter(({ code }) => causes.has(code)).flatMap(linesOf));
  const kept = found.filter(
    (diagnostic) => !echoing.has(diagnostic.code) || !linesOf(diagnostic).some((line) => lines.has(line)),
  );
  return kept.toSorted((a, b) => (a.primary?.span.start ?? 0) - (b.primary?.span.start ?? 0));
}

/** The starts of the lines a diagnostic points at. */
function linesOf(diagnostic: Diagnostic): number[] {
  return [diagnostic.primary, ...(diagnostic.secondary ?? [])].flatMap((label) => {
    if (label === undefined) return [];
    const { source, start } = label.span;
    return [source.text.lastIndexOf('\n', start - 1)];
  });
}
