// What a matrix product is told: its shape, and the hooks that read weights and inputs and write results.
import type { GridExtent, Target } from './template.ts';
import type { Code } from './wgsl.ts';

/**
 * `sums[stream][token][row] = Σ_depth weight[stream][row][depth] · input[token][depth]`, handed to `finish`.
 *
 * Hooks read four consecutive positions of the depth at a time, a quad. A template asks only for quads 0 … quadsOf(depth) − 1,
 * rows 0 … rows − 1 and tokens 0 … maximum − 1, so a hook has to give zeroes in one case: past the depth within the last quad, where the depth
 * is not a multiple of four. `quad` and `row` have ranges that Tint can prove, so reads of fixed-size arrays need no clamp.
 */
export interface ContractSpec {
  /** Output rows of one stream. */
  readonly rows: number;
  /** Positions summed over; not necessarily a multiple of 4. */
  readonly depth: number;
  /** Weight matrices that share the input and whose equal rows are finished together (gate and up: 2); at least 1. */
  readonly streams: number;
  /** What stands for a row where `weight` is asked, found once for each row; the row itself unless said. */
  readonly weightRow?: (code: Code, token: string, row: string) => string;
  /** Four consecutive weights of a stream's row, as vec4<f32>. */
  readonly weight: (code: Code, stream: number, row: string, quad: string, token: string) => string;
  /** Four consecutive inputs of a token, as vec4<f32>, with whatever pointwise prologue belongs to them; `row` is one of those it is for. */
  readonly input: (code: Code, token: string, quad: string, row: string) => string;
  readonly riders: readonly Rider[];
  /** Statements for the whole workgroup, of so many invocations, before anything else; under uniform control flow. */
  readonly preamble?: (code: Code, workgroup: number) => void;
  /**
   * Writes the results of one row and token; run by exactly one invocation for each. `sums` holds one f32 name per stream, `riders`
   * one per rider. No barrier can follow or stand in it.
   */
  readonly finish: (
    code: Code,
    token: string,
    row: string,
    sums: readonly string[],
    riders: readonly string[],
  ) => void;
  readonly tokens: 'one' | 'each' | TokenRange;
  /** Names that the hooks mention (bindings, functions), so that the template's own names avoid them. */
  readonly reserved?: readonly string[];
}

/** A sum over the depth that rides along in the same loop: Σ_quad term, such as dot(x, x) for a folded RMSNorm. */
export interface Rider {
  readonly name: string;
  /** One f32 for a quad. */
  readonly term: (code: Code, token: string, quad: string) => string;
}

export interface TokenRange {
  /** Most tokens of a run: the rows that the input and output buffers have. */
  readonly maximum: number;
  /** WGSL expression for the run's token count, a uniform u32. */
  readonly count: string;
}

/** A product for one token, which the hooks are given as `0u`; or for each token of a run by itself. */
export interface GemvSpec extends ContractSpec {
  readonly tokens: 'one' | 'each';
  /** Rows at which another input begins; none where all rows have one. */
  readonly borders?: readonly number[];
}

/** A product for many tokens; nothing can ride along. */
export interface GemmSpec extends ContractSpec {
  readonly tokens: TokenRange;
  readonly riders: readonly [];
}

/** Quads in one row: rows of a matrix are stored padded with zeroes to whole quads, in every encoding. */
export function quadsOf(depth: number): number {
  return Math.ceil(depth / 4);
}

/** Throws where the shape makes no sense: the planner never asks for it. */
export function checkContract(spec: ContractSpec): void {
  for (const [what, size] of [
    ['rows', spec.rows],
    ['depth', spec.depth],
    ['streams', spec.streams],
  ] as const) {
    if (!Number.isInteger(size) || size < 1)
      throw new Error(`internal: a product with ${size} for its ${what}`);
  }
}

/** A number of workgroups as a grid of one or two dimensions; the second is used where one dimension cannot hold them all. */
export function foldGrid(workgroups: number, target: Target): readonly [number, number, number] {
  const folds = Math.ceil(workgroups / target.maxWorkgroupsPerDimension);
  if (folds > target.maxWorkgroupsPerDimension)
    throw new Error(`internal: ${workgroups} workgroups fit no grid`);
  return [Math.ceil(workgroups / folds), folds, 1];
}

/** The workgroup's number in a folded grid, as an expression. */
export function foldedIndex(grid: readonly [GridExtent, GridExtent, GridExtent]): string {
  const [width, folds] = grid;
  return folds === 1 ? 'workgroup_id.x' : `(workgroup_id.y * ${String(width)}u + workgroup_id.x)`;
}
