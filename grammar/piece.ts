// What the printer lays out: one statement or entry, with the bodies that hang on it.
import type { Doc } from './layout.ts';
import type { Span } from './source.ts';

export interface Piece {
  readonly span: Span;
  /** Pieces of one kind on consecutive lines have their tails aligned. */
  readonly align?: string;
  readonly head: string;
  readonly tail: Doc;
  /** Braces with pieces in them, in order; `lead` stands before the brace: `else `. */
  readonly blocks?: readonly Block[];
}

export interface Block {
  readonly lead: string;
  readonly pieces: readonly Piece[];
  /** Where the body begins at the latest: what lies before belongs to the piece itself. */
  readonly start: number;
  /** Where its closing brace is. */
  readonly end: number;
}
