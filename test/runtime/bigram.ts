// A model small enough to write by hand: the next token depends on the last one (a table) and on all before (one decaying sum).
import type {
  BufferUse,
  DerivedPlan,
  Dispatch,
  KernelPlan,
  Plan,
  ReadEncoding,
  WeightEncoding,
  WeightPlan,
} from '../../runtime/plan.ts';
import { PLAN_SCHEMA } from '../../runtime/plan.ts';
import { writeSafetensors } from './write-safetensors.ts';

export const VOCAB = 16;
export const CHUNK = 4;
const SCALE = 2;
/** Where the decaying sum starts. */
const INITIAL = 3;

/** Some table in which the likeliest next token differs from row to row; exact in half precision. */
export const TABLE: readonly number[] = Array.from(
  { length: VOCAB * VOCAB },
  (_, i) => ((i * 37 + (i >> 4) * 11) % 64) / 32,
);

export const WEIGHTS = writeSafetensors({
  table: { dtype: 'F32', shape: [VOCAB, VOCAB], values: TABLE },
});

/** Logits after each of `tokens`, as the kernels compute them; [token][vocab]. */
export function expectedLogits(tokens: readonly number[]): readonly (readonly number[])[] {
  let sum = INITIAL;
  return tokens.map((token) => {
    sum = Math.fround(sum * 0.5 + token);
    return Array.from({ length: VOCAB }, (_, j) =>
      Math.fround(SCALE * (TABLE[token * VOCAB + j] ?? 0) + Math.fround(sum * ((j % 5) / 16))),
    );
  });
}

/** Greedy continuation. */
export function expectedTokens(prompt: readonly number[], count: number): readonly number[] {
  const tokens = [...prompt];
  for (let i = 0; i < count; i++) {
    const logits = expectedLogits(tokens).at(-1) ?? [];
    tokens.push(logits.indexOf(Math.max(...logits)));
  }
  return tokens.slice(prompt.length);
}

const CONTROL_STRUCT = `struct Control {
  position: u32, count: u32, drawn: u32, seed: u32,
  temperature: f32, top_k: u32, top_p: f32, broken: u32,
  rest: array<u32, 8>,
}
`;
const LOGIT = `fn logit(token: u32, j: u32, sum: f32) -> f32 {
  return table[token * ${VOCAB}u + j] + sum * (f32(j % 5u) / 16.0);
}
`;

interface Bound {
  readonly name: string;
  readonly buffer: Buffer;
  readonly type: string;
  readonly access: 'read' | 'read_write';
}

type Buffer = keyof typeof BUFFERS;

const BUFFERS = {
  weights: { use: 'weights', bytes: VOCAB * VOCAB * 4 },
  constants: { use: 'constants', bytes: 16 },
  table: { use: 'constants', bytes: VOCAB * VOCAB * 4 },
  state: { use: 'state', bytes: 512 },
  sums: { use: 'activations', bytes: 512 },
  control: { use: 'control', bytes: 64 },
  tokens: { use: 'tokens', bytes: 16 },
  sampled: { use: 'tokens', bytes: 32 },
  seen: { use: 'tokens', bytes: 16 },
  logits: { use: 'logits', bytes: VOCAB * 4 },
  allLogits: { use: 'logits', bytes: CHUNK * VOCAB * 4 },
} as const satisfies Record<string, { use: BufferUse; bytes: number }>;

const read = (buffer: Buffer, type: string): Bound => ({ name: buffer, buffer, type, access: 'read' });
const write = (buffer: Buffer, type: string): Bound => ({ ...read(buffer, type), access: 'read_write' });

const TABLE_TYPE = `array<f32, ${VOCAB * VOCAB}>`;
const CONTROL_BINDING = read('control', 'Control');
const TOKENS = read('tokens', `array<u32, ${CHUNK}>`);
const STATE = write('state', 'array<f32, 128>');

/** Kernels by name: bindings, workgroup size and the body of main; `id` is the global invocation. */
const KERNELS: Readonly<Record<string, readonly [readonly Bound[], number, string]>> = {
  run: [
    [CONTROL_BINDING, TOKENS, STATE, write('sums', 'array<f32, 128>')],
    1,
    `for (var t = 0u; t < min(control.count, ${CHUNK}u); t++) {
    state[64] = state[64] * 0.5 + f32(tokens[t]);
    sums[t] = state[64];
  }`,
  ],
  last: [
    [
      CONTROL_BINDING,
      TOKENS,
      read('table', TABLE_TYPE),
      read('sums', 'array<f32, 128>'),
      write('logits', `array<f32, ${VOCAB}>`),
    ],
    VOCAB,
    `let t = control.count - 1u;
  logits[id.x] = logit(tokens[t], id.x, sums[t]);`,
  ],
  all: [
    [
      TOKENS,
      read('table', TABLE_TYPE),
      read('sums', 'array<f32, 128>'),
      write('allLogits', `array<f32, ${CHUNK * VOCAB}>`),
    ],
    VOCAB,
    `let t = id.y;
  allLogits[t * ${VOCAB}u + id.x] = logit(tokens[t], id.x, sums[t]);`,
  ],
  sample: [
    [
      write('control', 'Control'),
      write('tokens', `array<u32, ${CHUNK}>`),
      write('sampled', 'array<u32, 8>'),
      read('logits', `array<f32, ${VOCAB}>`),
    ],
    1,
    `var best = 0u;
  for (var j = 0u; j < ${VOCAB}u; j++) {
    if (logits[j] > logits[best]) { best = j; }
    if (!(abs(logits[j]) < 3e38)) { control.broken = 1u; }
  }
  if (control.temperature > 0.0) { best = (((control.seed + 7u * control.drawn) * 2654435761u) >> 16u) % ${VOCAB}u; }
  control.position += control.count;
  control.count = 1u;
  sampled[control.drawn % 8u] = best;
  control.drawn += 1u;
  tokens[0] = best;`,
  ],
};

const NAMES = Object.keys(BUFFERS);
const KERNEL_NAMES = Object.keys(KERNELS);

function bytesOf({ buffer }: Bound): number {
  return BUFFERS[buffer].bytes;
}

function kernelPlan(name: string): KernelPlan {
  const [bindings, size, body] = KERNELS[name] ?? [[], 1, ''];
  const declared = bindings.map(
    ({ name: variable, type, access }, i) =>
      `@group(0) @binding(${i}) var<storage, ${access}> ${variable}: ${type};`,
  );
  const usesControl = bindings.some(({ type }) => type === 'Control');
  const wgsl = [
    ...(usesControl ? [CONTROL_STRUCT] : []),
    ...declared,
    ...(body.includes('logit(') ? [LOGIT] : []),
    `@compute @workgroup_size(${size})`,
    `fn main(@builtin(global_invocation_id) id: vec3<u32>) {\n  ${body}\n}`,
  ].join('\n');
  return {
    name,
    wgsl,
    bindings: bindings.map((bound) => ({ name: bound.name, access: bound.access, bytes: bytesOf(bound) })),
    workgroup: [size, 1, 1],
    features: [],
    cost: { tokens: 1, flops: 2, bytesRead: 64, bytesWritten: 64, barriers: 0 },
    sources: [],
    title: name,
  };
}

function dispatch(name: string, grid: Dispatch['grid'] = [1, 1, 1]): Dispatch {
  const [bindings] = KERNELS[name] ?? [[]];
  return {
    kernel: KERNEL_NAMES.indexOf(name),
    bindings: bindings.map((bound) => ({
      buffer: NAMES.indexOf(bound.buffer),
      byteOffset: 0,
      bytes: bytesOf(bound),
    })),
    grid,
    layer: null,
    label: name,
  };
}

function tableWeight<Encoding extends ReadEncoding>(encoding: Encoding): WeightPlan<Encoding> {
  return {
    name: 'table',
    tensors: ['table', 'model.table'],
    shape: [VOCAB, VOCAB],
    sourceOffset: 0,
    buffer: 0,
    targetByteOffset: 0,
    encoding,
    dimensions: [
      { size: VOCAB, source: VOCAB, target: VOCAB },
      { size: VOCAB, source: 1, target: 1 },
    ],
    fold: [],
    optional: false,
  };
}

/** The table times a number, in the buffer that kernels read. */
export const scaledTable = (scale = SCALE): DerivedPlan => ({
  name: 'head',
  flops: VOCAB * VOCAB,
  arrays: [
    { elements: VOCAB * VOCAB },
    { elements: 1, values: [scale] },
    { elements: VOCAB * VOCAB, target: { buffer: 2, byteOffset: 0 } },
  ],
  weights: [tableWeight('f64')],
  steps: [
    {
      kind: 'loop',
      function: 'mul',
      sizes: [VOCAB * VOCAB],
      operands: [
        { array: 0, offset: 0, strides: [1] },
        { array: 1, offset: 0, strides: [0] },
      ],
      out: { array: 2, offset: 0, strides: [1] },
    },
  ],
});

/** The plan of the model; `changes` replace whole fields. */
export function bigramPlan(changes: Partial<Plan> = {}, encoding: WeightEncoding = 'f32'): Plan {
  return {
    schema: PLAN_SCHEMA,
    name: 'Bigram',
    identity: 'bigram',
    vocab: VOCAB,
    chunk: CHUNK,
    capacity: null,
    requires: { features: [], limits: {} },
    buffers: Object.entries(BUFFERS).map(([name, buffer]) => ({ name, ...buffer })),
    weights: [tableWeight(encoding)],
    derived: [scaledTable()],
    constants: [{ buffer: 1, byteOffset: 4, values: [SCALE] }],
    states: [
      {
        name: 'layers.0.sum',
        kind: 'recurrent',
        buffer: 3,
        byteOffset: 256,
        bytes: 16,
        initial: INITIAL,
        reach: 0,
        axes: [{ name: 'one', size: 4 }],
      },
    ],
    kernels: KERNEL_NAMES.map(kernelPlan),
    programs: {
      prefill: [dispatch('run')],
      last: [dispatch('last')],
      all: [dispatch('all', [1, { tile: 1, times: 1 }, 1])],
      settle: [],
      decode: [dispatch('run'), dispatch('last')],
      sample: [dispatch('sample')],
    },
    io: { control: 5, tokens: 6, sampled: 7, sampledRing: 8, seen: 8, logits: 9, allLogits: 10 },
    ignored: ['*.num_batches_tracked'],
    ...changes,
  };
}
