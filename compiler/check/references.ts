// The names that a tree of the source says, as values.
import type { Comprehension } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/source.ts';

/** Where a name is first said in a tree. */
export function findReference(tree: unknown, name: string): Span | undefined {
  let first: Span | undefined;
  forEachReference(tree, (reference) => {
    if (reference.name === name && (first === undefined || reference.span.start < first.start))
      first = reference.span;
  });
  return first;
}

type ReferenceNode = { readonly kind: 'reference'; readonly name: string; readonly span: Span };

/** Visits every reference in a tree, without recursion: trees may be deep. What a list binds for its items refers to nothing outside it. */
export function forEachReference(tree: unknown, visit: (reference: ReferenceNode) => void): void {
  const pending: { readonly at: unknown; readonly bound: ReadonlySet<string> }[] = [
    { at: tree, bound: new Set() },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { at } = next;
    if (typeof at !== 'object' || at === null) continue;
    if (isReference(at) && !next.bound.has(at.name)) visit(at);
    const bound = isComprehension(at)
      ? new Set([...next.bound, ...at.sources.map(({ name }) => name.text)])
      : next.bound;
    for (const [key, child] of Object.entries(at)) {
      if (!key.endsWith('pan') && typeof child === 'object') pending.push({ at: child, bound });
    }
  }
}

function isComprehension(node: object): node is Comprehension {
  return 'kind' in node && node.kind === 'comprehension';
}

function isReference(node: object): node is ReferenceNode {
  return (
    'kind' in node &&
    node.kind === 'reference' &&
    'name' in node &&
    typeof node.name === 'string' &&
    'span' in node
  );
}
