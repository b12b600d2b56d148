// The sums over the keys of a chunk: of each pair of tokens, and of each token with the state before the chunk.
import type { ChunkedKernel } from './chunked-spec.ts';
import { CHUNK_TOKENS } from './chunked-tuning.ts';
import type { Code } from './wgsl.ts';

/** Adds a slice of the keys to what each later token's vector finds of what `source_token` wrote. */
export function writePairSums(code: Code, kernel: ChunkedKernel): void {
  const { tuning, shape, at } = kernel;
  const { slice, pairParts } = tuning;
  const each = slice / pairParts;
  const pairs = shape.rows * shape.sources * CHUNK_TOKENS;
  code.block(`if (${at.pair_part} < ${pairParts}u)`, (body) => {
    const source = body.let('source', `${at.pair} % ${shape.sources * CHUNK_TOKENS}u * ${slice}u`);
    const row = body.let('first', `${at.pair} / ${shape.sources * CHUNK_TOKENS}u * ${CHUNK_TOKENS * slice}u`);
    body.loop(body.fresh('n'), each, (inner, n) => {
      const key = inner.let('own', `${at.pair_part} * ${each}u + ${n}`);
      const written = inner.let('along', `${at.source_tile}[${source} + ${key}]`);
      writeTokens(inner, kernel, key, at.pair_after, `t > ${at.source_token}`, (step, t, decay) =>
        step.line(
          `${at.pair_sums}[${t}] += ${at.row_tile}[${row} + ${t} * ${slice}u + ${key}] * ${written}${decay};`,
        ),
      );
    });
  });
  if (pairs * pairParts > tuning.workgroup) throw new Error('internal: more pairs than invocations');
}

/** Adds a slice of the keys to what each token's vector finds in the state before the chunk. */
export function writeReadSums(code: Code, kernel: ChunkedKernel, firstKey: string): void {
  const { spec, tuning, at } = kernel;
  const { slice, columns, readParts } = tuning;
  const each = slice / readParts;
  code.block(`if (${at.read_part} < ${readParts}u)`, (body) => {
    const row = body.let('first', `${at.row} * ${CHUNK_TOKENS * slice}u`);
    body.loop(body.fresh('n'), each, (inner, n) => {
      const key = inner.let('own', `${at.read_part} * ${each}u + ${n}`);
      const whole = spec.keys % slice === 0;
      const stateKey = whole ? `(${firstKey} + ${key})` : `min(${firstKey} + ${key}, ${spec.keys - 1}u)`;
      const held = inner.let('held', `${at.state}[${stateKey} * ${columns}u + ${at.column}]`);
      writeTokens(inner, kernel, key, at.read_after, 'true', (step, t, decay) =>
        step.line(
          `${at.read_sums}[${t}] += ${at.row_tile}[${row} + ${t} * ${slice}u + ${key}] * ${held}${decay};`,
        ),
      );
    });
  });
}

/** A walk over the chunk's tokens, with the product of the key's decays where each key has its own. */
function writeTokens(
  code: Code,
  { tuning, shape, at }: ChunkedKernel,
  key: string,
  after: string,
  decays: string,
  add: (step: Code, t: string, decay: string) => void,
): void {
  if (shape.decay !== 'key')
    return void code.loop(code.fresh('t'), CHUNK_TOKENS, (step, t) => add(step, t, ''));
  const ratio = code.fresh('ratio');
  code.line(`var ${ratio} = 1.0;`);
  code.loop(code.fresh('t'), CHUNK_TOKENS, (step, t) => {
    const decay = `${at.decays}[${t} * ${tuning.slice}u + ${key}]`;
    add(step, t, ` * ${writeRatio(step, ratio, decay, t, after, decays)}`);
  });
}

/** Brings the product of decays from before the token to after it, and gives the one that the vector sees. */
function writeRatio(
  code: Code,
  ratio: string,
  decay: string,
  t: string,
  after: string,
  decays: string,
): string {
  const condition = decays.replace(/^t\b/, t);
  const next = condition === 'true' ? decay : `select(1.0, ${decay}, ${condition})`;
  const before = code.let('before', ratio);
  code.line(`${ratio} *= ${next};`);
  return after === 'true' ? ratio : after === 'false' ? before : `select(${before}, ${ratio}, ${after})`;
}

/** Puts the parts of the sums together in workgroup memory, and the decays in that are the same for all keys. */
export function writeParts(code: Code, kernel: ChunkedKernel): void {
  const { tuning, at } = kernel;
  const { pairParts, readParts, columns } = tuning;
  for (let part = 0; part < Math.max(pairParts, readParts); part++) {
    const store = part === 0 ? '=' : '+=';
    if (part < pairParts)
      code.block(`if (${at.pair_part} == ${part}u)`, (body) =>
        writeDecayed(body, kernel, at.pair_after, `t > ${at.source_token}`, (step, t, decay) => {
          const sees = `${t} > ${at.source_token} || (${at.pair_after} && ${t} == ${at.source_token})`;
          const sum = `select(0.0, ${at.pair_sums}[${t}]${decay}, ${sees})`;
          step.line(`${at.pairs}[${at.pair} * ${CHUNK_TOKENS}u + ${t}] ${store} ${sum};`);
        }),
      );
    if (part < readParts)
      code.block(`if (${at.read_part} == ${part}u)`, (body) =>
        writeDecayed(body, kernel, at.read_after, 'true', (step, t, decay) => {
          const place = `(${at.row} * ${CHUNK_TOKENS}u + ${t}) * ${columns}u + ${at.column}`;
          step.line(`${at.found}[${place}] ${store} ${at.read_sums}[${t}]${decay};`);
        }),
      );
    code.line('workgroupBarrier();');
  }
}

function writeDecayed(
  code: Code,
  { shape, at }: ChunkedKernel,
  after: string,
  decays: string,
  add: (step: Code, t: string, decay: string) => void,
): void {
  if (shape.decay !== 'head')
    return void code.loop(code.fresh('t'), CHUNK_TOKENS, (step, t) => add(step, t, ''));
  const ratio = code.fresh('ratio');
  code.line(`var ${ratio} = 1.0;`);
  code.loop(code.fresh('t'), CHUNK_TOKENS, (step, t) =>
    add(step, t, ` * ${writeRatio(step, ratio, `${at.decays}[${t}]`, t, after, decays)}`),
  );
}
