// What a chunk brings into workgroup memory: the vectors of its tokens along a slice of the keys, their decays and their values.
import type { ChunkedKernel, KeyHook } from './chunked-spec.ts';
import { CHUNK_TOKENS } from './chunked-tuning.ts';
import { forEachItem } from './text.ts';
import type { Code } from './wgsl.ts';

/** The values that the chunk's tokens write, and decays that are the same for all keys; past the run nothing is written or decays. */
export function writeChunkInputs(code: Code, { spec, tuning, at }: ChunkedKernel): void {
  const { columns, workgroup } = tuning;
  const firstWrite = spec.corrections.length * CHUNK_TOKENS * columns;
  forEachItem(code, workgroup, CHUNK_TOKENS * columns, (inner, item) => {
    const raw = inner.let('token', `${at.first_token} + ${item} / ${columns}u`);
    const token = inner.let('token', `min(${raw}, ${at.count} - 1u)`);
    const value = inner.let('value', `min(${at.first_value} + ${item} % ${columns}u, ${spec.values - 1}u)`);
    spec.writes.forEach(({ v }, i) => {
      const place = `${firstWrite + i * CHUNK_TOKENS * columns}u + ${item}`;
      const text = v(inner, token, at.head, value);
      inner.line(`${at.written}[${place}] = select(0.0, ${text}, ${raw} < ${at.count});`);
    });
  });
  const { decay } = spec;
  if (decay?.along === 'head')
    forEachItem(code, workgroup, CHUNK_TOKENS, (inner, item) => {
      const raw = inner.let('token', `${at.first_token} + ${item}`);
      const token = inner.let('token', `min(${raw}, ${at.count} - 1u)`);
      const text = decay.read(inner, token, at.head, '0u');
      inner.line(`${at.decays}[${item}] = select(1.0, ${text}, ${raw} < ${at.count});`);
    });
}

/** The vectors of one slice; past the run and past the keys they are zero. `rows` says whether those that look at the state are needed. */
export function writeSlice(code: Code, kernel: ChunkedKernel, firstKey: string, rows: boolean): void {
  const { spec, tuning, at } = kernel;
  const { slice, workgroup } = tuning;
  const tile = CHUNK_TOKENS * slice;
  forEachItem(code, workgroup, tile, (inner, item) => {
    const raw = inner.let('token', `${at.first_token} + ${item} / ${slice}u`);
    const token = inner.let('token', `min(${raw}, ${at.count} - 1u)`);
    const whole = spec.keys % slice === 0;
    const rawKey = inner.let('key', `${firstKey} + ${item} % ${slice}u`);
    const key = whole ? rawKey : inner.let('key', `min(${rawKey}, ${spec.keys - 1}u)`);
    const inside = `${raw} < ${at.count}${whole ? '' : ` && ${rawKey} < ${spec.keys}u`}`;
    const fill = (into: string, hooks: readonly KeyHook[], outside: string): void =>
      hooks.forEach((hook, i) => {
        const text = hook(inner, token, at.head, key);
        inner.line(`${into}[${i * tile}u + ${item}] = select(${outside}, ${text}, ${inside});`);
      });
    if (rows) fill(at.row_tile, [...spec.before, ...spec.after], '0.0');
    fill(at.source_tile, [...spec.corrections, ...spec.writes.map(({ k }) => k)], '0.0');
    if (spec.decay?.along === 'key') fill(at.decays, [spec.decay.read], '1.0');
  });
}
