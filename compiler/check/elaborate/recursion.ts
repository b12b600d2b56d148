// Finds declarations that come back to themselves: bodies are inlined, so a cycle would never end.
import type { Block, FunctionDeclaration, Mixer } from '../../../grammar/ast.ts';
import type { Program } from './context.ts';

type Declared = Mixer | Block | FunctionDeclaration;

/** The declarations of a cycle that starts and ends with this one, or undefined. Mixers given as arguments make no cycle. */
export function recursionThrough(program: Program, start: Declared): readonly Declared[] | undefined {
  if (program.cycles.has(start)) return program.cycles.get(start);
  const cycle = findCycle(program, start);
  program.cycles.set(start, cycle);
  return cycle;
}

function findCycle(program: Program, start: Declared): readonly Declared[] | undefined {
  const cameFrom = new Map<Declared, Declared>();
  const pending: Declared[] = [start];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const next of program.references(at)) {
      if (next === start) return pathTo(at, start, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      pending.push(next);
    }
  }
  return undefined;
}

function pathTo(
  last: Declared,
  start: Declared,
  cameFrom: ReadonlyMap<Declared, Declared>,
): readonly Declared[] {
  const path: Declared[] = [];
  for (let at: Declared | undefined = last; at !== undefined && at !== start; at = cameFrom.get(at))
    path.unshift(at);
  return [start, ...path, start];
}

/** Every name that a declaration's body says and does not itself declare or assign. */
export function namesSaid(declaration: Declared): ReadonlySet<string> {
  const own = new Set<string>();
  const said = new Set<string>();
  const pending: unknown[] = [declaration.body, declaration.parameters];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (typeof at !== 'object' || at === null) continue;
    if (isReference(at)) said.add(at.name);
    if (isName(at)) own.add(at.text);
    for (const [key, child] of Object.entries(at))
      if (!key.endsWith('pan') && typeof child === 'object') pending.push(child);
  }
  return new Set([...said].filter((name) => !own.has(name)));
}

function isReference(node: object): node is { readonly kind: 'reference'; readonly name: string } {
  return 'kind' in node && node.kind === 'reference' && 'name' in node && typeof node.name === 'string';
}

function isName(node: object): node is { readonly text: string } {
  return !('kind' in node) && 'text' in node && typeof node.text === 'string';
}
