// What the `require` statements of a model say about the room for positions, which a user asks for and no config decides.
import type { Expression } from '../../grammar/ast.ts';

/** Whether an expression says `model.context` anywhere. */
export function mentionsRoom(tree: unknown): boolean {
  const pending: unknown[] = [tree];
  while (pending.length > 0) {
    const at = pending.pop();
    if (typeof at !== 'object' || at === null) continue;
    if (isRoom(at)) return true;
    for (const [key, child] of Object.entries(at)) if (!key.endsWith('pan')) pending.push(child);
  }
  return false;
}

/** The right side of `model.context <= …`, which may stand behind an `or`. */
export function mostRoom(condition: Expression): Expression | undefined {
  if (condition.kind !== 'binary') return undefined;
  const { operator, left, right } = condition;
  if (operator === 'or') return mostRoom(right);
  return operator === '<=' && isRoom(left) ? right : undefined;
}

function isRoom(node: object): boolean {
  if (!('kind' in node) || node.kind !== 'member' || !('of' in node) || !('name' in node)) return false;
  const { of, name } = node;
  return isNamed(of, 'name', 'model') && isNamed(name, 'text', 'context');
}

function isNamed(node: unknown, key: string, name: string): boolean {
  return (
    typeof node === 'object' &&
    node !== null &&
    Object.entries(node).some(([k, v]) => k === key && v === name)
  );
}
