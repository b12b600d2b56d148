// WGSL with its words marked, by Prism.
import Prism from 'prismjs';
import 'prismjs/components/prism-wgsl.js';
import type { Markup } from './markup.ts';
import { escaped } from './markup.ts';

/** Prism escapes what it marks; without its grammar the text is plain. */
export function highlightWgsl(text: string): Markup {
  const grammar = Prism.languages['wgsl'];
  return { html: grammar === undefined ? escaped(text) : Prism.highlight(text, grammar, 'wgsl') };
}
