// A small structured builder of WGSL: modules, bindings, blocks and loops with constant trip counts.
import type { BindingAccess } from '../../runtime/plan.ts';
import { isWgslWord } from './words.ts';

/** A storage buffer the kernel sees. `type` is its WGSL store type, always of fixed size: `array<vec4<f32>, 96>`. */
export interface Binding {
  readonly name: string;
  readonly access: BindingAccess;
  readonly type: string;
  readonly bytes: number;
}

/** A `var<workgroup>` variable. */
export interface SharedVariable {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
}

export type Builtin =
  | 'workgroup_id'
  | 'local_invocation_index'
  | 'global_invocation_id'
  | 'subgroup_invocation_id'
  | 'subgroup_size';

/** What a template makes: everything of a kernel but its bindings and its header. */
export interface KernelBody {
  readonly workgroup: readonly [number, number, number];
  readonly shared: readonly SharedVariable[];
  readonly builtins: readonly Builtin[];
  /** Features the code needs: `subgroups`, `shader-f16`. */
  readonly features: readonly string[];
  /** Barriers a workgroup executes; see KernelCost for the unit. */
  readonly barriers: number;
  /** Top-level helper functions, each whole; printed once. */
  readonly functions: readonly string[];
  readonly code: Code;
}

/** The body of a kernel whose workgroups are lines of invocations that share nothing. */
export function plainBody(workgroup: number, code: Code): KernelBody {
  return {
    workgroup: [workgroup, 1, 1],
    shared: [],
    builtins: ['workgroup_id', 'local_invocation_index'],
    features: [],
    barriers: 0,
    functions: [],
    code,
  };
}

/** Statements being written, with their indentation. Mutable while a kernel is built, never kept. */
export class Code {
  readonly #lines: string[] = [];
  readonly #depth: number;
  readonly #names: Map<string, number>;
  /** What was given a name since the last statement that may change anything: the same again has that name. */
  readonly #given = new Map<string, string>();

  constructor(depth = 1, names: Map<string, number> = new Map()) {
    this.#depth = depth;
    this.#names = names;
  }

  /** One statement or comment; a blank line for ''. */
  line(text: string): this {
    this.#given.clear();
    this.#lines.push(text === '' ? '' : '  '.repeat(this.#depth) + text);
    return this;
  }

  /** `head {` … `}`; a bare block for an empty head. */
  block(head: string, body: (inner: Code) => void, tail = '}'): this {
    const inner = new Code(this.#depth + 1, this.#names);
    body(inner);
    this.line(head === '' ? '{' : `${head} {`);
    this.#lines.push(...inner.#lines);
    return this.line(tail);
  }

  /** `for (var name = 0u; name < count; name++) { … }`; the trip count is constant so that bounds checks can be left out. */
  loop(name: string, count: number, body: (inner: Code, index: string) => void): this {
    return this.block(`for (var ${name} = 0u; ${name} < ${count}u; ${name}++)`, (inner) => body(inner, name));
  }

  /** `let` with a fresh name near `hint`, or the name that the same value has by the statement before; returns the name. */
  let(hint: string, value: string): string {
    const known = this.#given.get(value);
    if (known !== undefined) return known;
    const name = this.fresh(hint);
    this.#lines.push(`${'  '.repeat(this.#depth)}let ${name} = ${value};`);
    this.#given.set(value, name);
    return name;
  }

  /** A name not given before in this kernel and no word of WGSL, made of the hint's letters and digits. */
  fresh(hint: string): string {
    const stem = hint.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[0-9]|op_)|^_+/, 'v');
    for (let number = (this.#names.get(stem) ?? 0) + 1; ; number++) {
      const name = number === 1 ? stem : `${stem}_${number}`;
      if (this.#names.has(name) || isWgslWord(name)) continue;
      this.#names.set(name, 1).set(stem, number);
      return name;
    }
  }

  /** Marks names as taken (bindings, builtins, shared variables). */
  reserve(names: readonly string[]): this {
    for (const name of names) this.#names.set(name, Math.max(this.#names.get(name) ?? 0, 1));
    return this;
  }

  text(): string {
    return this.#lines.join('\n');
  }
}

/** The text of a whole kernel. Bindings are @group(0), numbered in order; the entry point is `main`. */
export function printKernel(
  header: readonly string[],
  bindings: readonly Binding[],
  body: KernelBody,
): string {
  const enables = body.features.flatMap((feature) => ENABLES[feature] ?? []);
  const parts = [
    header.map((line) => `// ${line}`.trimEnd()).join('\n'),
    enables.map((name) => `enable ${name};`).join('\n'),
    bindings.map(printBinding).join('\n'),
    body.shared.map((variable) => `var<workgroup> ${variable.name}: ${variable.type};`).join('\n'),
    [...new Set(body.functions)].join('\n\n'),
    printEntry(body),
  ];
  return parts.filter((part) => part !== '').join('\n\n') + '\n';
}

const ENABLES: Readonly<Record<string, readonly string[]>> = {
  'shader-f16': ['f16'],
  subgroups: ['subgroups'],
};

function printBinding(binding: Binding, index: number): string {
  return `@group(0) @binding(${index}) var<storage, ${binding.access}> ${binding.name}: ${binding.type};`;
}

const BUILTIN_TYPES: Readonly<Record<Builtin, string>> = {
  workgroup_id: 'vec3<u32>',
  local_invocation_index: 'u32',
  global_invocation_id: 'vec3<u32>',
  subgroup_invocation_id: 'u32',
  subgroup_size: 'u32',
};

function printEntry(body: KernelBody): string {
  const parameters = body.builtins.map((name) => `@builtin(${name}) ${name}: ${BUILTIN_TYPES[name]}`);
  const size = body.workgroup.join(', ');
  return `@compute @workgroup_size(${size})\nfn main(${parameters.join(', ')}) {\n${body.code.text()}\n}`;
}
