// Sources, spans and diagnostics: the three things every stage speaks about.

/** A text with the name a user knows it by. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A half-open range of UTF-16 offsets in one source. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place a diagnostic points at, with what is to be said about it. An empty text draws only the carets. */
export interface Label {
  readonly span: Span;
  readonly text: string;
}

/** A user's mistake, or a notice, in the user's words. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** The code in words, snake_case: `axis_does_not_divide`. */
  readonly code: string;
  /** One sentence, in the user's terms, with a full stop. */
  readonly message: string;
  /** Where it is wrong. Absent only where no source has a place for it (a missing file, a weight file). */
  readonly primary?: Label;
  /** The other places that conflict. */
  readonly secondary?: readonly Label[];
  /** What to do, one line each, without the word "help". */
  readonly help?: readonly string[];
}

/** A result that keeps what could be understood beside what was wrong. */
export interface Checked<T> {
  /** Absent when there was an error that left nothing to go on with. */
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether any of the diagnostics is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** The smallest span that covers both; both lie in one source. */
export function cover(first: Span, last: Span): Span {
  return {
    source: first.source,
    start: Math.min(first.start, last.start),
    end: Math.max(first.end, last.end),
  };
}
