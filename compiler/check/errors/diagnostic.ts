// Builds diagnostics, and says names, axes and lists in the user's words.
import type { Diagnostic, Label, Span } from '../../../grammar/source.ts';
import { closest } from '../../../grammar/suggest.ts';
import type { Axis } from '../../ir/graph.ts';
import type { BodyContext } from '../elaborate/context.ts';

export interface Parts {
  readonly label?: string;
  readonly secondary?: readonly (Label | undefined)[];
  readonly help?: readonly string[];
}

export function error(code: string, span: Span, message: string, parts: Parts = {}): Diagnostic {
  const secondary = (parts.secondary ?? []).filter((label) => label !== undefined);
  const help = parts.help ?? [];
  return {
    severity: 'error',
    code,
    message,
    primary: { span, text: parts.label ?? '' },
    ...(secondary.length > 0 && { secondary }),
    ...(help.length > 0 && { help }),
  };
}

export function at(span: Span | undefined, text: string): Label | undefined {
  return span === undefined ? undefined : { span, text };
}

/** "did you mean": one line, or none where nothing is close. */
export function didYouMean(name: string, candidates: readonly string[]): readonly string[] {
  const near = closest(name, candidates);
  return near === undefined ? [] : [`did you mean \`${near}\`?`];
}

/** The suggestions, or this one line where there is none. */
export function orElse(suggestions: readonly string[], line: string): readonly string[] {
  return suggestions.length > 0 ? suggestions : [line];
}

export function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** `channel (384), n (16)`, or `no axis`. */
export function showAxes(axes: readonly (Axis & { readonly label?: string })[], body?: BodyContext): string {
  if (axes.length === 0) return 'no axis';
  return axes.map((axis) => `${axis.label ?? labelOf(axis.name, body)} (${axis.size})`).join(', ');
}

function labelOf(name: string, body: BodyContext | undefined): string {
  const key = body && [...body.axisNames].find(([, known]) => known === name)?.[0];
  return key === undefined ? name : key.slice(0, key.lastIndexOf(':'));
}
