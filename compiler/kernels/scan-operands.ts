// The operands of an elementwise scan: which of them the step and the end of a token read, and from where.
import type { Hook } from './template.ts';
import { Code } from './wgsl.ts';

/** One input of a scan. `over` says along which of the state's two axes it varies. */
export interface ScanOperand {
  readonly name: string;
  readonly over: 'parallel' | 'column' | 'both' | 'none';
  /** Whether it has one value for each token; if not, `token` is `0u`. */
  readonly temporal: boolean;
  /** One element; `p` and `n` are `0u` where it does not vary along them. Always within bounds. */
  readonly read: Hook<[token: string, p: string, n: string]>;
}

/** An operand's value by its name. Reading a name is what makes the kernel load it. */
export type ScanValues = Readonly<Record<string, string>>;

/** The names that a hook reads, found by letting it print into the void. */
export function namesRead(
  operands: readonly ScanOperand[],
  print: (code: Code, values: ScanValues) => void,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const values: Record<string, string> = {};
  for (const { name } of operands) {
    const get = (): string => {
      seen.add(name);
      return name;
    };
    Object.defineProperty(values, name, { get, enumerable: true });
  }
  print(new Code(), values);
  return seen;
}

/** Reads an operand into a fresh name. */
export function readOperand(
  code: Code,
  operand: ScanOperand,
  at: { readonly token: string; readonly p: string; readonly n: string },
): string {
  const { over } = operand;
  const token = operand.temporal ? at.token : '0u';
  const p = over === 'parallel' || over === 'both' ? at.p : '0u';
  const n = over === 'column' || over === 'both' ? at.n : '0u';
  return code.let(operand.name, operand.read(code, token, p, n));
}

/** Whether several invocations read the same values, `lanes` of them for each column, so that they belong in workgroup memory. */
export function isShared(operand: ScanOperand, lanes: number): boolean {
  if (!operand.temporal || operand.over === 'both') return false;
  return operand.over !== 'parallel' || lanes > 1;
}
