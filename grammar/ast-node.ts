// What every node of the syntax tree has.
import type { Span } from './source.ts';

export interface Node {
  readonly span: Span;
}

/** A name as it was written, with its place. */
export interface Name extends Node {
  readonly text: string;
}

/** A piece of text with its place: a string's value, or a comment with its slashes. */
export interface Text extends Node {
  readonly kind: 'text';
  readonly value: string;
}
