// Syntax trees without their places, to compare what they say.
import type { File } from '../../grammar/ast.ts';

/** Everything of a tree but spans, the source and the comments. */
export function withoutPlaces(file: File): unknown {
  return strip({ ...file, comments: [] });
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key]) => key !== 'source' && key !== 'span' && !key.endsWith('Span'),
  );
  return Object.fromEntries(entries.map(([key, of]) => [key, strip(of)]));
}
