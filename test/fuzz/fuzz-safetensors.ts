// Mutated safetensors files: each must open or give a HybError, never crash, hang or take much memory.
import { HybError, openCheckpoint, readTensor } from '../../runtime/index.ts';
import { assemble, writeSafetensors } from '../runtime/write-safetensors.ts';

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
}

export interface FuzzResult {
  readonly count: number;
  readonly opened: number;
  readonly refused: number;
  /** Anything but success or a HybError, and anything slow; should be empty. */
  readonly faults: readonly string[];
}

/** No mutated file is longer than some kilobytes, so nothing may take longer than this. */
const SLOW_MILLISECONDS = 1000;

/** Opens `count` mutated files. The same seed makes the same files. */
export async function fuzzHeaders({ count, seed }: FuzzOptions): Promise<FuzzResult> {
  const random = randomFrom(seed);
  const faults: string[] = [];
  let opened = 0;
  for (let i = 0; i < count; i++) {
    const file = mutatedFile(random);
    const start = performance.now();
    try {
      const checkpoint = await openCheckpoint(file, undefined);
      for (const tensor of checkpoint.tensors.values())
        if (['F32', 'F16', 'BF16'].includes(tensor.dtype)) await readTensor(tensor);
      opened++;
    } catch (cause) {
      if (!(cause instanceof HybError)) faults.push(`file ${i} of seed ${seed}: ${String(cause)}`);
    }
    const took = performance.now() - start;
    if (took > SLOW_MILLISECONDS) faults.push(`file ${i} of seed ${seed} took ${took.toFixed(0)} ms`);
  }
  return { count, opened, refused: count - opened, faults };
}

type Random = (below: number) => number;

const VALID = writeSafetensors({
  'layers.0.weight': { dtype: 'F32', shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  'layers.0.bias': { dtype: 'F16', shape: [3], values: [0.5, 1, 2] },
  embedding: { dtype: 'BF16', shape: [1, 2], values: [1, -1] },
  empty: { dtype: 'F32', shape: [0, 7], values: [] },
  steps: { dtype: 'I64', shape: [], values: [9] },
});
const HEADER_BYTES = Number(new DataView(VALID.buffer).getBigUint64(0, true));
const HEADER = new TextDecoder().decode(VALID.subarray(8, 8 + HEADER_BYTES));
const DATA = VALID.subarray(8 + HEADER_BYTES);

/** Texts that stand for the mistakes and attacks a header can hold. */
const TOKENS: readonly string[] = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  '"a"',
  'null',
  'true',
  '-1',
  '0',
  '1.5',
  '1e3',
  '1e999',
  '9223372036854775808',
  '18446744073709551615',
  '9007199254740993',
  '4294967296',
  'F32',
  'F64',
  'F4',
  'Q8',
  '"dtype"',
  '"shape"',
  '"data_offsets"',
  '"__metadata__":{"a":1}',
  '__proto__',
  '"embedding":{"dtype":"BF16","shape":[1,2],"data_offsets":[30,34]},',
  '\u{1F600}',
  '\u0001',
  '['.repeat(3000),
];

const MUTATIONS: readonly ((random: Random) => Uint8Array<ArrayBuffer>)[] = [
  mutateBytes,
  mutateText,
  mutateNumber,
  mutateLength,
  truncate,
];

function mutatedFile(random: Random): Uint8Array<ArrayBuffer> {
  return (MUTATIONS[random(MUTATIONS.length)] ?? mutateBytes)(random);
}

/** Up to 4 bytes anywhere, changed to anything. */
function mutateBytes(random: Random): Uint8Array<ArrayBuffer> {
  const file = VALID.slice();
  for (let i = 0; i <= random(4); i++) file[random(file.length)] = random(256);
  return file;
}

/** Tokens put into the header or in place of a part of it, with the length kept right. */
function mutateText(random: Random): Uint8Array<ArrayBuffer> {
  let text = HEADER;
  for (let i = 0; i <= random(3); i++) {
    const at = random(text.length);
    const token = TOKENS[random(TOKENS.length)] ?? '';
    text = text.slice(0, at) + token + text.slice(at + random(8));
  }
  return assemble(text, [DATA]);
}

/** One number of the header replaced: shapes and offsets that do not fit. */
function mutateNumber(random: Random): Uint8Array<ArrayBuffer> {
  const numbers = [...HEADER.matchAll(/(?<=[[,])\d+/g)];
  const chosen = numbers[random(numbers.length)];
  const values = ['0', '1', '2', '3', '8', '24', '-1', '65536', '4294967295', '9223372036854775808', '1e400'];
  const value = values[random(values.length)] ?? '0';
  if (chosen === undefined) return VALID.slice();
  const text = HEADER.slice(0, chosen.index) + value + HEADER.slice(chosen.index + chosen[0].length);
  return assemble(text, [DATA]);
}

/** Another header length. */
function mutateLength(random: Random): Uint8Array<ArrayBuffer> {
  const file = VALID.slice();
  const view = new DataView(file.buffer);
  const lengths = [0n, 1n, 2n ** 63n, 2n ** 64n - 1n, 99_999_999n, 100_000_001n, BigInt(file.length)];
  const near = BigInt(HEADER_BYTES - 4 + random(9));
  view.setBigUint64(0, random(2) === 0 ? near : (lengths[random(lengths.length)] ?? 0n), true);
  return file;
}

/** Cut off, or with bytes behind. */
function truncate(random: Random): Uint8Array<ArrayBuffer> {
  const cut = VALID.slice(0, random(VALID.length + 1));
  if (random(2) === 0) return cut;
  const longer = new Uint8Array(VALID.length + 1 + random(9));
  longer.set(VALID);
  return longer;
}

/** A small generator (mulberry32), so that a run can be repeated. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
