// What can be said of a chunk without the state: one workgroup for each chunk and head. Decays are multiplied, never divided by, so whatever
// is at most 1 stays so; what corrections find of one another is solved by forward substitution.
import { writeDecayedVectors } from './chunk-decayed.ts';
import { type ChunkLayout, chunkLayout, keyQuads, rowsOf, sourcesOf } from './chunk-sizes.ts';
import { writeSolution, writePairs } from './chunk-solve.ts';
import type { ChunkSpec, KeyHook } from './chunk-spec.ts';
import { writePairParts, writePairSums } from './chunk-sums.ts';
import { foldedIndex } from './contract.ts';
import type { Target, Templated } from './template.ts';
import { forEachItem, names, sharedFloats } from './text.ts';
import { Code, type SharedVariable } from './wgsl.ts';

/** Variables in workgroup memory and in registers, by their names in the kernel. */
export const PREPARE_NAMES = [
  'row_tile',
  'source_tile',
  'decays',
  'pairs',
  'sums',
  'count',
  'head',
  'first_token',
  'base',
  'line',
  'part',
  'source_token',
  'sees_own',
  'pair_sums',
] as const;

export interface PrepareKernel {
  readonly spec: ChunkSpec;
  readonly layout: ChunkLayout;
  /** Virtual tokens of a chunk, and real ones. */
  readonly tokens: number;
  readonly whole: number;
  readonly rows: number;
  readonly sources: number;
  readonly quads: number;
  readonly at: Readonly<Record<(typeof PREPARE_NAMES)[number], string>>;
}

export function prepareChunks(spec: ChunkSpec, target: Target): Templated {
  const { shape, tuning } = spec;
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...spec.reserved]);
  const kernel: PrepareKernel = {
    spec,
    layout: chunkLayout(shape, tuning.tokens),
    tokens: tuning.tokens,
    whole: tuning.whole,
    rows: rowsOf(shape),
    sources: sourcesOf(shape),
    quads: keyQuads(shape),
    at: names(code, PREPARE_NAMES),
  };
  if (shape.heads > target.maxWorkgroupsPerDimension) throw new Error('internal: more heads than workgroups');
  const grid = [shape.heads, { tile: tuning.whole, times: 1 }, 1] as const;
  writeCoordinates(code, kernel);
  writeBody(code, kernel);
  return {
    body: {
      workgroup: [tuning.prepare.workgroup, 1, 1],
      shared: sharedVariables(kernel),
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers:
        2 * tuning.prepare.slices + tuning.prepare.parts + spec.sums.length + (shape.corrections > 0 ? 2 : 0),
      functions: [],
      code,
    },
    grid,
  };
}

function sharedVariables({ spec, at, tokens, rows, sources }: PrepareKernel): readonly SharedVariable[] {
  const { slice } = spec.tuning.prepare;
  const { decay } = spec.shape;
  return [
    sharedFloats(at.row_tile, rows * tokens * slice),
    sharedFloats(at.source_tile, sources * tokens * slice),
    ...(decay === 'none' ? [] : [sharedFloats(at.decays, tokens * (decay === 'key' ? slice : 1))]),
    ...(spec.sums.length === 0 ? [] : [sharedFloats(at.sums, spec.sums.length * spec.tuning.whole)]),
    sharedFloats(at.pairs, rows * sources * tokens * tokens),
  ];
}

/** Which pairs of tokens an invocation sums for: those of one row, one source and one earlier token. */
function writeCoordinates(code: Code, { spec, at, layout, tokens, rows, sources }: PrepareKernel): void {
  const own = 'local_invocation_index';
  const lines = rows * sources * tokens;
  const { heads, before, after } = spec.shape;
  code.line(`let ${at.count} = ${spec.tokens.count};`);
  code.line(`let ${at.head} = ${foldedIndex([heads, 1, 1])};`);
  code.line(`let ${at.first_token} = workgroup_id.y * ${spec.tuning.whole}u;`);
  code.line(`let ${at.base} = (workgroup_id.y * ${heads}u + ${at.head}) * ${layout.size}u;`);
  code.line(`let ${at.line} = ${own} % ${lines}u;`);
  code.line(`let ${at.part} = ${own} / ${lines}u;`);
  code.line(`let ${at.source_token} = ${at.line} % ${tokens}u;`);
  const row = `${at.line} / ${tokens * sources}u`;
  const seesOwn = after === 0 ? 'false' : before === 0 ? 'true' : `${row} >= ${before}u`;
  code.line(`let ${at.sees_own} = ${seesOwn};`);
}

function writeBody(code: Code, kernel: PrepareKernel): void {
  const { spec, at, tokens } = kernel;
  const { slices, slice } = spec.tuning.prepare;
  writeSums(code, kernel);
  if (spec.shape.decay === 'head') writeHeadDecays(code, kernel);
  // A variable of a loop is zero only in its first round on some drivers, whatever WGSL says.
  code.line(`var ${at.pair_sums} = array<f32, ${tokens}>();`);
  const each = (inner: Code, firstKey: string): void => {
    writeSlice(inner, kernel, firstKey);
    inner.line('workgroupBarrier();');
    writePairSums(inner, kernel);
    writeDecayedVectors(inner, kernel, firstKey);
    inner.line('workgroupBarrier();');
  };
  if (slices === 1) each(code, '0u');
  else
    code.loop(code.fresh('slice'), slices, (inner, index) =>
      each(inner, inner.let('first_key', `${index} * ${slice}u`)),
    );
  writePairParts(code, kernel);
  if (spec.shape.corrections > 0) writeSolution(code, kernel);
  writePairs(code, kernel);
}

/** Sums that coefficients are made from are taken once for each token, in an order in which each has what it needs. */
function writeSums(code: Code, { spec, at, whole, layout }: PrepareKernel): void {
  const { workgroup } = spec.tuning.prepare;
  spec.sums.forEach((sum, index) => {
    forEachItem(code, workgroup, whole, (inner, item) => {
      const token = inner.let('token', `min(${at.first_token} + ${item}, ${at.count} - 1u)`);
      const earlier = { ...spec, sums: spec.sums.slice(0, index) };
      const text = withSums(inner, earlier, at.sums, item, () => sum(inner, token, at.head));
      inner.line(`${at.sums}[${index * whole}u + ${item}] = ${text};`);
    });
    code.line('workgroupBarrier();');
  });
  forEachItem(code, workgroup, (spec.sums.length * whole) / 4, (inner, item) => {
    const sums = [0, 1, 2, 3].map((lane) => `${at.sums}[${item} * 4u + ${lane}u]`);
    inner.line(`${spec.scratch}[${at.base} + ${layout.sums}u + ${item}] = vec4<f32>(${sums.join(', ')});`);
  });
}

/** What `print` writes, with the sums of the token at hand. */
function withSums(code: Code, spec: ChunkSpec, sums: string, item: string, print: () => string): string {
  const { whole } = spec.tuning;
  spec.sums.forEach((_, i) => spec.bindSum(i, code.let('sum', `${sums}[${i * whole}u + ${item}]`)));
  const text = print();
  spec.sums.forEach((_, i) => spec.bindSum(i, undefined));
  return text;
}

/** The virtual token of a real one's step. */
export function stepToken(own: string, step: number, steps: number): string {
  return steps === 1 ? own : `(${own} * ${steps}u + ${step}u)`;
}

function writeHeadDecays(code: Code, { spec, at, whole }: PrepareKernel): void {
  forEachItem(code, spec.tuning.prepare.workgroup, whole, (inner, own) => {
    const raw = inner.let('token', `${at.first_token} + ${own}`);
    const token = inner.let('token', `min(${raw}, ${at.count} - 1u)`);
    spec.steps.forEach(({ decay }, step) => {
      const place = stepToken(own, step, spec.steps.length);
      const text = withSums(inner, spec, at.sums, own, () => decay?.(inner, token, at.head, '0u') ?? '1.0');
      inner.line(`${at.decays}[${place}] = select(1.0, ${text}, ${raw} < ${at.count});`);
    });
  });
}

/** The vectors of one slice of the keys; past the run and past the keys they are zero, and nothing decays. */
function writeSlice(code: Code, { spec, at, tokens, whole }: PrepareKernel, firstKey: string): void {
  const { slice, workgroup } = spec.tuning.prepare;
  const { keys, decay } = spec.shape;
  const tile = tokens * slice;
  forEachItem(code, workgroup, whole * slice, (inner, item) => {
    const own = inner.let('own', `${item} / ${slice}u`);
    const raw = inner.let('token', `${at.first_token} + ${own}`);
    const token = inner.let('token', `min(${raw}, ${at.count} - 1u)`);
    const all = keys % slice === 0;
    const column = inner.let('column', `${item} % ${slice}u`);
    const rawKey = inner.let('key', `${firstKey} + ${column}`);
    const key = all ? rawKey : inner.let('key', `min(${rawKey}, ${keys - 1}u)`);
    const inside = inner.let('inside', `${raw} < ${at.count}${all ? '' : ` && ${rawKey} < ${keys}u`}`);
    spec.steps.forEach((hooks, step) => {
      const place =
        spec.steps.length === 1
          ? item
          : inner.let('place', `${stepToken(own, step, spec.steps.length)} * ${slice}u + ${column}`);
      const fill = (into: string, vectors: readonly (KeyHook | undefined)[], outside: string): void =>
        vectors.forEach((hook, i) => {
          const text = hook?.(inner, token, at.head, key) ?? outside;
          inner.line(`${into}[${i * tile}u + ${place}] = select(${outside}, ${text}, ${inside});`);
        });
      withSums(inner, spec, at.sums, own, () => {
        fill(at.row_tile, [...hooks.before, ...hooks.after], '0.0');
        fill(at.source_tile, [...hooks.corrections, ...hooks.writes.map((write) => write?.k)], '0.0');
        if (decay === 'key') fill(at.decays, [hooks.decay], '1.0');
        return '';
      });
    });
  });
}
