// The second half of the error tests: the checker, for inputs that parse.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { File } from '../../grammar/ast.ts';
import type { Diagnostic } from '../../grammar/source.ts';

interface Checker {
  readonly check: (file: File) => { readonly diagnostics: readonly Diagnostic[] };
}

/** What the checker says about a file that has no mistakes of syntax. */
export async function checkInput(file: File): Promise<readonly Diagnostic[]> {
  const path = fileURLToPath(new URL('../../compiler/check/index.ts', import.meta.url));
  if (!existsSync(path)) return [];
  const module: unknown = await import(path);
  return isChecker(module) ? module.check(file).diagnostics : [];
}

function isChecker(module: unknown): module is Checker {
  return (
    typeof module === 'object' && module !== null && 'check' in module && typeof module.check === 'function'
  );
}
