// How deeply a syntax tree nests, found without recursion so that no tree can exhaust the stack.
import type { Node } from './ast.ts';

/** Deeper trees are refused, so that every later stage may walk a tree by recursion. */
export const maximumTreeDepth = 400;

/** The first node that lies deeper than the limit, or nothing. */
export function tooDeepNode(root: Node, limit: number): Node | undefined {
  let level: object[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return level.find(isNode);
    level = level.flatMap(children);
  }
  return undefined;
}

function children(node: object): object[] {
  const found: object[] = [];
  for (const key in node) {
    // Spans and sources are no part of the tree.
    if (key === 'span' || key === 'source' || key.endsWith('Span') || key === 'comments') continue;
    const value: unknown = Reflect.get(node, key);
    if (Array.isArray(value)) collect(value, found);
    else if (typeof value === 'object' && value !== null) found.push(value);
  }
  return found;
}

function collect(items: readonly unknown[], found: object[]): void {
  for (const item of items) {
    if (Array.isArray(item)) collect(item, found);
    else if (typeof item === 'object' && item !== null) found.push(item);
  }
}

function isNode(value: object): value is Node {
  return 'span' in value;
}
