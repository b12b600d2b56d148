// What is carried from segment to segment of a run: one invocation for each quad of the state's keys, segment after segment.
import { chunkLayout, keyQuads, scratchQuads } from './chunk-sizes.ts';
import type { ChunkSpec } from './chunk-spec.ts';
import { foldedIndex, foldGrid } from './contract.ts';
import type { Target, Templated } from './template.ts';
import { Code, plainBody } from './wgsl.ts';

const WORKGROUP = 64;

/** Where a quad of the state of a segment lies in the scratch memory, behind what was prepared. */
export function carriedAt(
  spec: ChunkSpec,
  segment: string,
  head: string,
  quad: string,
  value: string,
): string {
  const { shape, tuning, tokens } = spec;
  const start = scratchQuads(shape, tuning, tokens.maximum);
  return `${start}u + ((${segment} * ${shape.heads}u + ${head}) * ${keyQuads(shape)}u + ${quad}) * ${shape.values}u + ${value}`;
}

/** Quads of scratch memory for the states of the segments. */
export function carriedQuads({
  shape,
  segment,
  tokens,
}: Pick<ChunkSpec, 'shape' | 'segment' | 'tokens'>): number {
  if (segment === undefined) return 0;
  return Math.ceil(tokens.maximum / segment) * shape.heads * keyQuads(shape) * shape.values;
}

/** Where a segment's own part of the state was, leaves the state before the segment; and the one after the run in its memory. */
export function carryChunks(spec: ChunkSpec, target: Target): Templated {
  const { shape, tuning, segment = tuning.whole } = spec;
  const quads = keyQuads(shape);
  const items = shape.heads * quads * shape.values;
  const [width, folds] = foldGrid(Math.ceil(items / WORKGROUP), target);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...spec.reserved]);
  const item = code.let('item', `${foldedIndex([width, folds, 1])} * ${WORKGROUP}u + local_invocation_index`);
  code.line(`if (${item} >= ${items}u) { return; }`);
  const value = code.let('value', `${item} % ${shape.values}u`);
  const quad = code.let('quad', `${item} / ${shape.values}u % ${quads}u`);
  const head = code.let('head', `${item} / ${shape.values * quads}u`);
  const keys = [0, 1, 2, 3].map((lane) => code.let('key', `${quad} * 4u + ${lane}u`));
  const whole = shape.keys % 4 === 0;
  const start = keys.map((key) => {
    const held = spec.stateRead(code, head, whole ? key : `min(${key}, ${shape.keys - 1}u)`, value);
    return whole ? held : `select(0.0, ${held}, ${key} < ${shape.keys}u)`;
  });
  const held = code.fresh('held');
  code.line(`var ${held} = vec4<f32>(${start.join(', ')});`);
  const chunks = code.let('chunks', `(${spec.tokens.count} + ${tuning.whole - 1}u) / ${tuning.whole}u`);
  const per = segment / tuning.whole;
  const first = code.fresh('first_chunk');
  code.block(`for (var ${first} = 0u; ${first} < ${chunks}; ${first} += ${per}u)`, (inner) => {
    const place = inner.let('place', carriedAt(spec, `${first} / ${per}u`, head, quad, value));
    const local = inner.let('local', `${spec.scratch}[${place}]`);
    inner.line(`${spec.scratch}[${place}] = ${held};`);
    if (shape.decay !== 'none') writeDecays(inner, spec, { held, head, quad, first, chunks, per });
    inner.line(`${held} += ${local};`);
  });
  keys.forEach((key, lane) => {
    const store = (inner: Code): void => spec.stateWrite(inner, head, key, value, `${held}.${'xyzw'[lane]}`);
    if (whole) store(code);
    else code.block(`if (${key} < ${shape.keys}u)`, store);
  });
  return {
    body: plainBody(WORKGROUP, code),
    grid: [width, folds, 1],
  };
}

function writeDecays(
  code: Code,
  { shape, tuning, scratch }: ChunkSpec,
  at: Readonly<Record<'held' | 'head' | 'quad' | 'first' | 'chunks', string>> & { readonly per: number },
): void {
  const layout = chunkLayout(shape, tuning.tokens);
  const chunk = code.fresh('chunk');
  const end = `min(${at.first} + ${at.per}u, ${at.chunks})`;
  code.block(`for (var ${chunk} = ${at.first}; ${chunk} < ${end}; ${chunk}++)`, (inner) => {
    const place = `(${chunk} * ${shape.heads}u + ${at.head}) * ${layout.size}u + ${layout.decay}u`;
    inner.line(`${at.held} *= ${scratch}[${place}${shape.decay === 'key' ? ` + ${at.quad}` : ''}];`);
  });
}
