// The general scan, for bodies of any class: one invocation for each parallel element, token after token, with no barrier at all.
import { foldedIndex, foldGrid, type TokenRange } from './contract.ts';
import type { Action, Hook, Target, Templated } from './template.ts';
import { Code } from './wgsl.ts';

/** A state of which every parallel element has a column of its own; its WGSL type is array<f32, column>. */
export interface SequentialState {
  readonly name: string;
  readonly column: number;
  readonly read: Hook<[p: string, n: string]>;
  readonly write: Action<[p: string, n: string, value: string]>;
}

export interface SequentialSpec {
  /** Elements that never look at each other's states. */
  readonly parallel: number;
  readonly states: readonly SequentialState[];
  readonly tokens: TokenRange;
  /** Statements before the first token, for one element: what does not depend on the token. */
  readonly preamble?: (code: Code, p: string) => void;
  /** Statements for one token of one element: updates the states and stores the results. `state` gives the variable of a state. */
  readonly step: (code: Code, token: string, p: string, state: (name: string) => string) => void;
  readonly reserved?: readonly string[];
}

const WORKGROUP = 64;

export function scanSequential(spec: SequentialSpec, target: Target): Templated {
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  const workgroup = Math.min(WORKGROUP, target.maxInvocations);
  const grid = foldGrid(Math.ceil(spec.parallel / workgroup), target);
  const p = code.let('p', `${foldedIndex(grid)} * ${workgroup}u + local_invocation_index`);
  code.line(`if (${p} >= ${spec.parallel}u) { return; }`);
  const variables = new Map(spec.states.map(({ name }) => [name, code.fresh(name)]));
  writeScan(code, spec, p, (name) => {
    const variable = variables.get(name);
    if (variable === undefined) throw new Error(`internal: the scan has no state ${name}`);
    return variable;
  });
  return {
    body: {
      workgroup: [workgroup, 1, 1],
      shared: [],
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers: 0,
      functions: [],
      code,
    },
    grid,
  };
}

function writeScan(code: Code, spec: SequentialSpec, p: string, variable: (name: string) => string): void {
  for (const state of spec.states) {
    const name = variable(state.name);
    code.line(`var ${name}: array<f32, ${state.column}>;`);
    code.loop(code.fresh('n'), state.column, (inner, n) =>
      inner.line(`${name}[${n}] = ${state.read(inner, p, n)};`),
    );
  }
  spec.preamble?.(code, p);
  if (spec.tokens.maximum === 1) code.block('', (inner) => spec.step(inner, '0u', p, variable));
  else {
    const count = code.let('count', spec.tokens.count);
    const token = code.fresh('token');
    code.block(`for (var ${token} = 0u; ${token} < ${count}; ${token}++)`, (inner) =>
      spec.step(inner, token, p, variable),
    );
  }
  for (const state of spec.states)
    code.loop(code.fresh('n'), state.column, (inner, n) =>
      state.write(inner, p, n, `${variable(state.name)}[${n}]`),
    );
}
