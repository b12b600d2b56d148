// Compiles .hyb texts to graphs with the library in scope, for tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../compiler/check/config.ts';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import { check, type CheckInput } from '../../compiler/check/index.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { verifyGraph } from '../../compiler/ir/verify.ts';
import { lower } from '../../compiler/lower/index.ts';
import { renderDiagnostics, type Diagnostic, type Source } from '../../grammar/index.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const library = join(root, 'std');

/** The library's files, by name. */
export const prelude: readonly Source[] = readdirSync(library)
  .filter((name) => name.endsWith('.hyb'))
  .toSorted()
  .map((name) => ({ name: `std/${name}`, text: readFileSync(join(library, name), 'utf8') }));

export function inputOf(text: string, config?: ConstantObject): CheckInput {
  return {
    source: { name: 'test.hyb', text },
    resolve: () => undefined,
    prelude,
    ...(config === undefined ? {} : { config }),
  };
}

export function diagnosticsOf(text: string, config?: ConstantObject): readonly Diagnostic[] {
  return check(inputOf(text, config)).diagnostics;
}

/** The verified graph of a text that has no mistakes. */
export function graphOf(text: string, config?: ConstantObject): Graph {
  const { value, diagnostics } = check(inputOf(text, config));
  if (value === undefined) throw new Error(renderDiagnostics(diagnostics));
  return verifyGraph(lower(value));
}

export function configOf(path: string): ConstantObject {
  const { value } = readConfig(readFileSync(path, 'utf8'), path);
  if (value === undefined) throw new Error(`${path} is no config`);
  return value;
}
