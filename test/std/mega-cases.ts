// Settings of Mega, of the block around it, and of the norms that it may have.
import type { StdCase } from './std-cases.ts';

const biased = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [name, `${name}.bias`]);
const average = ['delta', 'alpha', 'damp', 'read', 'omega'];
const maps = biased(['v_proj', 'mx_proj.0', 'mx_proj.1', 'mx_proj.2', 'mx_proj.3', 'h_proj']);
const layerNorm = ['norm_weight', 'norm_weight.bias'];
const mega = [...average, ...maps, 'gamma', 'beta'];
const mlp = biased(['fc1', 'fc2']);

export const megaCases: readonly StdCase[] = [
  {
    name: 'mega',
    covers: 'mega',
    letter: 'mega(inner: 5, key: 4, modes: 2, reach: 12)',
    statements: 'block around_stream',
    weights: [...layerNorm, ...mega, 'rel_pos_bias'],
  },
  {
    name: 'mega-rotary-blocks',
    covers: 'turned_bias',
    letter: 'mega(inner: 5, key: 4, modes: 2, chunk: 3, reach: 3, rel_pos: "rotary")',
    statements: 'block around_stream(before: false)',
    weights: [...layerNorm, ...mega, 'left', 'right'],
  },
  {
    name: 'mega-truncated',
    covers: 'damped_average',
    letter: 'mega(inner: 5, key: 4, modes: 2, reach: 12, truncate: 4)',
    statements: 'block around_stream(kind: "rmsnorm", before: false)',
    weights: ['norm_weight', ...mega, 'rel_pos_bias'],
  },
  {
    name: 'mega-laplace',
    covers: 'laplace',
    letter: 'mega(inner: 5, key: 4, modes: 2, reach: 12, score: "laplace")',
    statements: 'block around_stream(kind: "rmsnorm")',
    weights: ['norm_weight', ...mega, 'rel_pos_bias'],
  },
  {
    name: 'mega-relu2',
    covers: 'squared_relu',
    letter: 'mega(inner: 5, key: 4, modes: 2, reach: 12, score: "relu2", act: "gelu")',
    statements: 'block around_stream(kind: "scalenorm")',
    weights: ['norm_scalar', ...mega, 'rel_pos_bias'],
  },
  {
    name: 'stream_mlp',
    covers: 'stream_mlp',
    letter: 'stream_mlp(hidden: 5)',
    statements: 'block around_stream(kind: "batchnorm", before: false)',
    weights: [...layerNorm, 'running_mean', 'running_var', ...mlp],
  },
  {
    name: 'around_stream',
    covers: 'around_stream',
    letter: 'stream_mlp(hidden: 5, act: "relu")',
    statements: 'block around_stream(kind: "layernorm", affine: false)',
    weights: mlp,
  },
  {
    name: 'named_norm',
    covers: 'named_norm',
    letter: 'stream_mlp(hidden: 5)',
    statements: 'block around_stream(kind: "rmsnorm", affine: false)',
    weights: mlp,
  },
  {
    name: 'scale_norm',
    covers: 'scale_norm',
    letter: 'stream_mlp(hidden: 5)',
    statements: 'block around_stream(kind: "scalenorm", before: false)',
    weights: ['norm_scalar', ...mlp],
  },
];
