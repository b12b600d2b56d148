// Source text with its words marked: WGSL by Prism's grammar, the model language by a small one of ours.
import Prism from 'prismjs';
// oxlint-disable-next-line import/no-unassigned-import -- Prism's grammars register themselves.
import 'prismjs/components/prism-wgsl.js';
import { escaped, type Markup } from './markup.ts';

/** One letter for each kind of word, so that the page stays small; the style sheet has the colours. */
const CLASSES: Readonly<Record<string, string>> = {
  comment: 'c',
  keyword: 'k',
  builtin: 'b',
  'builtin-attribute': 'a',
  attributes: 'a',
  attribute: 'a',
  'built-in-values': 'a',
  functions: 'f',
  'function-calls': 'f',
  'bool-literal': 'n',
  'hex-int-literal': 'n',
  'hex-float-literal': 'n',
  'decimal-float-literal': 'n',
  'int-literal': 'n',
  number: 'n',
  string: 's',
};

const MODEL_LANGUAGE: Prism.Grammar = {
  comment: { pattern: /\/\/.*/, greedy: true },
  string: { pattern: /"[^"\n]*"/, greedy: true },
  keyword:
    /\b(?:model|mixer|block|function|vocab|width|meta|context|param|stripe|pattern|from|shared|norm|embed|head|output|sequence|tied|untied|checkpoint|layer|axis|input|weight|part|const|expose|scan|bias|per|in|as|if|else|for|return|import)\b/,
  'function-calls': /\b[A-Za-z_]\w*(?=\()/,
  number: /\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\b/i,
};

export function highlightWgsl(text: string): Markup {
  const grammar = Prism.languages['wgsl'];
  return grammar === undefined ? { html: escaped(text) } : marked(text, grammar);
}

export function highlightModel(text: string): Markup {
  return marked(text, MODEL_LANGUAGE);
}

function marked(text: string, grammar: Prism.Grammar): Markup {
  return { html: Prism.tokenize(text, grammar).map(tokenHtml).join('') };
}

function tokenHtml(token: string | Prism.Token): string {
  if (typeof token === 'string') return escaped(token);
  const inner = contentHtml(token.content);
  const name = CLASSES[token.type];
  return name === undefined ? inner : `<span class="${name}">${inner}</span>`;
}

function contentHtml(content: Prism.TokenStream): string {
  if (Array.isArray(content)) return content.map(tokenHtml).join('');
  return tokenHtml(content);
}
