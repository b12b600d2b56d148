// The sums over the keys for each pair of tokens of a chunk: what a later token's vector finds of what an earlier one adds.
import type { PrepareKernel } from './chunk-prepare.ts';
import type { Code } from './wgsl.ts';

/** Adds a slice of the keys to what each later token's vector finds of what `source_token` adds. */
export function writePairSums(code: Code, kernel: PrepareKernel): void {
  const { spec, at, tokens, sources } = kernel;
  const { slice, parts } = spec.tuning.prepare;
  const each = slice / parts;
  code.block(`if (${at.part} < ${parts}u)`, (body) => {
    const source = body.let('source', `${at.line} % ${sources * tokens}u * ${slice}u`);
    const row = body.let('first', `${at.line} / ${sources * tokens}u * ${tokens * slice}u`);
    body.loop(body.fresh('n'), each, (inner, n) => {
      const key = inner.let('own', `${at.part} * ${each}u + ${n}`);
      const along = inner.let('along', `${at.source_tile}[${source} + ${key}]`);
      const decay =
        spec.shape.decay === 'key' ? (t: string) => `${at.decays}[${t} * ${slice}u + ${key}]` : undefined;
      forEachLater(inner, kernel, decay, (step, t, ratio) =>
        step.line(
          `${at.pair_sums}[${t}] += ${at.row_tile}[${row} + ${t} * ${slice}u + ${key}] * ${along}${ratio};`,
        ),
      );
    });
  });
}

/** Puts the parts of the sums together in workgroup memory, zero where a token does not see the other, with decays that are the same for all keys. */
export function writePairParts(code: Code, kernel: PrepareKernel): void {
  const { spec, at, tokens } = kernel;
  const { parts } = spec.tuning.prepare;
  const decay = spec.shape.decay === 'head' ? (t: string) => `${at.decays}[${t}]` : undefined;
  for (let part = 0; part < parts; part++) {
    code.block(`if (${at.part} == ${part}u)`, (body) =>
      forEachLater(body, kernel, decay, (step, t, ratio) => {
        const sees = `${t} > ${at.source_token} || (${at.sees_own} && ${t} == ${at.source_token})`;
        const sum = `select(0.0, ${at.pair_sums}[${t}]${ratio}, ${sees})`;
        step.line(`${at.pairs}[${at.line} * ${tokens}u + ${t}] ${part === 0 ? '=' : '+='} ${sum};`);
      }),
    );
    code.line('workgroupBarrier();');
  }
}

/** A walk over the chunk's tokens, with the product of the decays since `source_token` that the row's vector sees. */
function forEachLater(
  code: Code,
  { at, tokens }: PrepareKernel,
  decay: ((t: string) => string) | undefined,
  add: (step: Code, t: string, ratio: string) => void,
): void {
  if (decay === undefined) return void code.loop(code.fresh('t'), tokens, (step, t) => add(step, t, ''));
  const ratio = code.fresh('ratio');
  code.line(`var ${ratio} = 1.0;`);
  code.loop(code.fresh('t'), tokens, (step, t) => {
    const before = step.let('before', ratio);
    step.line(`${ratio} *= select(1.0, ${decay(t)}, ${t} > ${at.source_token});`);
    add(step, t, ` * select(${before}, ${ratio}, ${at.sees_own})`);
  });
}
