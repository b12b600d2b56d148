// A plan by hand, large enough to show every part of a bundle. It computes nothing.
import { PLAN_SCHEMA, type Plan } from '../../runtime/plan.ts';

const dimensions = [{ size: 4, source: 1, target: 1 }];
const weight = {
  shape: [4],
  sourceOffset: 0,
  buffer: 0,
  encoding: 'f32',
  fold: [],
  optional: false,
} as const;

export const tinyPlan: Plan = {
  schema: PLAN_SCHEMA,
  name: 'tiny',
  identity: '0123456789abcdef',
  vocab: 4,
  chunk: 16,
  capacity: null,
  requires: { features: [], limits: {} },
  buffers: [{ name: 'weights', use: 'weights', bytes: 32 }],
  weights: [
    { ...weight, name: 'embed.weight', tensors: ['embed.weight'], targetByteOffset: 0, dimensions },
    { ...weight, name: 'layers.0.SSM.in_proj', tensors: ['a', 'b'], targetByteOffset: 16, dimensions },
  ],
  constants: [],
  derived: [],
  states: [
    {
      name: 'layers.0.SSM.h',
      kind: 'recurrent',
      buffer: 0,
      byteOffset: 0,
      bytes: 16,
      initial: 0,
      reach: 0,
      axes: [{ name: 'channel', size: 4 }],
    },
  ],
  kernels: [
    {
      name: 'embed',
      wgsl: '@compute @workgroup_size(1)\nfn main() {}\n',
      bindings: [],
      workgroup: [1, 1, 1],
      features: [],
      cost: { tokens: 1, flops: 0, bytesRead: 0, bytesWritten: 0, barriers: 0 },
      sources: [{ file: 'tiny.hyb', line: 1, text: 'model tiny {' }],
      title: 'Looks up the embedding.',
    },
  ],
  programs: { prefill: [], last: [], all: [], settle: [], decode: [], sample: [] },
  io: { control: 0, tokens: 0, sampled: 0, sampledRing: 64, seen: 0, logits: 0, allLogits: 0 },
  ignored: [],
};
