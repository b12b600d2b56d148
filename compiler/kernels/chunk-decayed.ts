// A chunk's vectors with their decays: those that look at the state, from the chunk's start; those that are added, to its end.
import type { PrepareKernel } from './chunk-prepare.ts';
import { forEachItem } from './text.ts';
import type { Code } from './wgsl.ts';

/** Stores the vectors of one slice of the keys as quads, and what is left of the state after the chunk. */
export function writeDecayedVectors(code: Code, kernel: PrepareKernel, firstKey: string): void {
  const { rows, sources, spec } = kernel;
  forEachQuad(code, kernel, firstKey, rows, (inner, row, quad) => writeRow(inner, kernel, row, quad));
  forEachQuad(code, kernel, firstKey, sources, (inner, source, quad) =>
    writeSource(inner, kernel, source, quad),
  );
  if (spec.shape.decay !== 'none')
    forEachQuad(code, kernel, firstKey, 1, (inner, _, quad) => writeDecay(inner, kernel, quad));
}

interface Quad {
  /** The first of its keys in the slice, and its number among all quads. */
  readonly own: string;
  readonly whole: string;
}

/** One invocation for each quad of keys that the state has, of each of `count` vectors. */
function forEachQuad(
  code: Code,
  { spec, quads }: PrepareKernel,
  firstKey: string,
  count: number,
  body: (inner: Code, vector: string, quad: Quad) => void,
): void {
  const { slice, workgroup, slices } = spec.tuning.prepare;
  const per = slice / 4;
  forEachItem(code, workgroup, count * per, (inner, item) => {
    const vector = inner.let('vector', count === 1 ? '0u' : `${item} / ${per}u`);
    const index = inner.let('index', count === 1 ? item : `${item} % ${per}u`);
    const whole = inner.let('quad', slices === 1 ? index : `${firstKey} / 4u + ${index}`);
    const own = inner.let('own', `${index} * 4u`);
    if (slices * per === quads) body(inner, vector, { own, whole });
    else inner.block(`if (${whole} < ${quads}u)`, (guarded) => body(guarded, vector, { own, whole }));
  });
}

function quadText(array: string, place: string): string {
  const elements = [0, 1, 2, 3].map((lane) => `${array}[${place}${lane === 0 ? '' : ` + ${lane}u`}]`);
  return `vec4<f32>(${elements.join(', ')})`;
}

/** A token's decays of the quad's keys; one number where they are the same for all. */
function decayAt({ spec, at }: PrepareKernel, t: string, quad: Quad): string {
  const { slice } = spec.tuning.prepare;
  return spec.shape.decay === 'key'
    ? quadText(at.decays, `${t} * ${slice}u + ${quad.own}`)
    : `${at.decays}[${t}]`;
}

function writeRow(code: Code, kernel: PrepareKernel, row: string, quad: Quad): void {
  const { spec, at, tokens, layout, quads } = kernel;
  const { before, after, decay } = spec.shape;
  const { slice } = spec.tuning.prepare;
  const seesOwn = after === 0 ? 'false' : before === 0 ? 'true' : `${row} >= ${before}u`;
  const ratio = code.fresh('ratio');
  code.line(`var ${ratio} = ${decay === 'key' ? 'vec4<f32>(1.0)' : '1.0'};`);
  code.loop(code.fresh('t'), tokens, (step, t) => {
    const place = step.let('place', `(${row} * ${tokens}u + ${t}) * ${slice}u + ${quad.own}`);
    const vector = quadText(at.row_tile, place);
    const into = `${spec.scratch}[${at.base} + ${layout.rows}u + (${row} * ${tokens}u + ${t}) * ${quads}u + ${quad.whole}]`;
    if (decay === 'none') return void step.line(`${into} = ${vector};`);
    const earlier = step.let('before', ratio);
    step.line(`${ratio} *= ${decayAt(kernel, t, quad)};`);
    step.line(`${into} = ${vector} * select(${earlier}, ${ratio}, ${seesOwn});`);
  });
}

function writeSource(code: Code, kernel: PrepareKernel, source: string, quad: Quad): void {
  const { spec, at, tokens, layout, quads } = kernel;
  const { decay } = spec.shape;
  const { slice } = spec.tuning.prepare;
  const ratio = code.fresh('ratio');
  code.line(`var ${ratio} = ${decay === 'key' ? 'vec4<f32>(1.0)' : '1.0'};`);
  code.loop(code.fresh('back'), tokens, (step, back) => {
    const t = step.let('t', `${tokens - 1}u - ${back}`);
    const place = step.let('place', `(${source} * ${tokens}u + ${t}) * ${slice}u + ${quad.own}`);
    const into = `${spec.scratch}[${at.base} + ${layout.sources}u + (${source} * ${tokens}u + ${t}) * ${quads}u + ${quad.whole}]`;
    const ratioText = decay === 'none' ? '' : ` * ${ratio}`;
    step.line(`${into} = ${quadText(at.source_tile, place)}${ratioText};`);
    if (decay !== 'none') step.line(`${ratio} *= ${decayAt(kernel, t, quad)};`);
  });
}

function writeDecay(code: Code, kernel: PrepareKernel, quad: Quad): void {
  const { spec, at, tokens, layout } = kernel;
  const ratio = code.fresh('ratio');
  code.line(`var ${ratio} = vec4<f32>(1.0);`);
  code.loop(code.fresh('t'), tokens, (step, t) => step.line(`${ratio} *= ${decayAt(kernel, t, quad)};`));
  const store = (inner: Code): void =>
    void inner.line(
      `${spec.scratch}[${at.base} + ${layout.decay}u${spec.shape.decay === 'key' ? ` + ${quad.whole}` : ''}] = ${ratio};`,
    );
  if (spec.shape.decay === 'key') store(code);
  else code.block(`if (${quad.whole} == 0u)`, store);
}
