// A name for what a model means, by which state that was kept finds out whether it is this model's.
import type { Graph } from '../ir/graph.ts';

/** 16 hexadecimal digits: equal for equal graphs, wherever in the source they come from. */
export function graphIdentity(graph: Graph): string {
  const text = JSON.stringify(graph, (key, value: unknown) => (key === 'span' ? undefined : value));
  return [0x811c9dc5, 0x9dc5811c].map((start) => hashOf(text, start)).join('');
}

/** FNV-1a over the text's code units (Fowler, Noll, Vo), with a shift that lets high bits reach the low ones. */
function hashOf(text: string, start: number): string {
  let hash = start;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 15;
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
