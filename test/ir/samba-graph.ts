// A Samba (SSM, MLP, SWA, MLP) × 2 as a graph, written by hand with the builder: what lowering should arrive at.
import { BodyBuilder } from '../../compiler/ir/build.ts';
import type { Axis, Body, BodyCall, Graph, GraphWeight, NodeId } from '../../compiler/ir/graph.ts';
import { axis, perPosition } from './helpers.ts';

export interface SambaSizes {
  readonly vocab: number;
  readonly width: number;
  readonly channel: number;
  readonly n: number;
  readonly rank: number;
  readonly kv: number;
  readonly per: number;
  readonly key: number;
  readonly hidden: number;
  readonly window: number;
  readonly repeats: number;
}

export const tinySamba: SambaSizes = {
  vocab: 11,
  width: 6,
  channel: 8,
  n: 3,
  rank: 2,
  kv: 2,
  per: 2,
  key: 4,
  hidden: 10,
  window: 3,
  repeats: 2,
};

type Weights = Readonly<Record<string, { readonly axes: readonly Axis[]; readonly tensor: string }>>;

interface Letter {
  readonly body: Body;
  readonly weights: Weights;
}

/** Collects the weights of a body while it is built. */
class LetterBuilder extends BodyBuilder {
  readonly weights: Record<string, { axes: readonly Axis[]; tensor: string }> = {};

  tensor = (name: string, tensor: string, ...axes: readonly Axis[]): NodeId => {
    this.weights[name] = { axes, tensor };
    return this.weight(name, axes);
  };

  norm = (x: NodeId, tensor: string, width: Axis): NodeId => {
    const mean = this.map('div', [this.sum(this.map('square', [x]), ['width']), this.constant(width.size)]);
    const scale = this.map('rsqrt', [this.map('add', [mean, this.constant(1e-5)])]);
    return this.map('mul', [this.map('mul', [x, scale]), this.tensor('norm', tensor, width)], {
      name: 'normed',
    });
  };

  letter = (outputs: Readonly<Record<string, NodeId>>): Letter => ({
    body: this.finish(outputs),
    weights: this.weights,
  });
}

function embedLetter(sizes: SambaSizes): Letter {
  const builder = new LetterBuilder('embed');
  const table = builder.tensor(
    'table',
    'model.embed_tokens.weight',
    axis('vocab', sizes.vocab),
    axis('width', sizes.width),
  );
  return builder.letter({ stream: builder.gather(table, builder.token(), ['vocab']) });
}

function headLetter(sizes: SambaSizes): Letter {
  const builder = new LetterBuilder('head');
  const width = axis('width', sizes.width);
  const x = builder.input('stream', perPosition(width));
  const table = builder.tensor('table', 'model.embed_tokens.weight', axis('vocab', sizes.vocab), width);
  const normed = builder.norm(x, 'model.norm.weight', width);
  return builder.letter({ logits: builder.contract(normed, table, ['width'], { name: 'logits' }) });
}

function mlpLetter(sizes: SambaSizes): Letter {
  const builder = new LetterBuilder('MLP');
  const [width, hidden] = [axis('width', sizes.width), axis('hidden', sizes.hidden)];
  const x = builder.input('stream', perPosition(width));
  const u = builder.norm(x, '{layer}.input_layernorm.weight', width);
  const project = (name: string, value: NodeId, over: string, ...axes: readonly Axis[]): NodeId =>
    builder.contract(value, builder.tensor(name, `{layer}.mlp.${name}_proj.weight`, ...axes), [over], {
      name,
    });
  const gate = builder.map('silu', [project('gate', u, 'width', hidden, width)]);
  const gated = builder.map('mul', [gate, project('up', u, 'width', hidden, width)]);
  return builder.letter({ stream: builder.map('add', [x, project('down', gated, 'hidden', width, hidden)]) });
}

function attentionLetter(sizes: SambaSizes): Letter {
  const builder = new LetterBuilder('SWA');
  const width = axis('width', sizes.width);
  const [kv, per, key] = [axis('kv', sizes.kv), axis('per', sizes.per), axis('key', sizes.key)];
  const x = builder.input('stream', perPosition(width));
  const u = builder.norm(x, '{layer}.input_layernorm.weight', width);
  const project = (name: string, ...axes: readonly Axis[]): NodeId =>
    builder.contract(
      u,
      builder.tensor(name, `{layer}.self_attn.${name}_proj.weight`, ...axes, width),
      ['width'],
      { name },
    );
  const frequencies = builder.parameter('frequencies', [axis('pair', sizes.key / 2)]);
  const turned = (value: NodeId): NodeId =>
    builder.rotate([value, frequencies, builder.position()], {
      axis: 'key',
      style: 'half',
      pairs: sizes.key / 2,
      scale: 1,
    });
  const q = turned(project('q', kv, per, key));
  const k = turned(project('k', kv, key));
  const v = builder.rename(project('v', kv, key), 'key', 'value');
  const attended = builder.attend([q, k, v], {
    over: 'key',
    scale: sizes.key ** -0.5,
    window: sizes.window,
  });
  const out = builder.tensor(
    'out',
    '{layer}.self_attn.o_proj.weight',
    width,
    kv,
    per,
    axis('value', sizes.key),
  );
  const mixed = builder.contract(attended, out, ['kv', 'per', 'value']);
  return builder.letter({ stream: builder.map('add', [x, mixed]), k });
}

function ssmLetter(sizes: SambaSizes): Letter {
  const builder = new LetterBuilder('SSM');
  const width = axis('width', sizes.width);
  const [channel, n, rank] = [axis('channel', sizes.channel), axis('n', sizes.n), axis('rank', sizes.rank)];
  const x = builder.input('stream', perPosition(width));
  const u = builder.norm(x, '{layer}.input_layernorm.weight', width);
  const projected = axis('projected', 2 * sizes.channel);
  const both = builder.contract(
    u,
    builder.tensor('in_proj', '{layer}.mamba.in_proj.weight', projected, width),
    ['width'],
  );
  const [value, z] = [0, sizes.channel].map((offset) =>
    builder.slice(both, { axis: 'projected', offset, into: [channel] }),
  );
  const filter = builder.tensor('conv1d', '{layer}.mamba.conv1d.weight', channel, axis('taps', 4));
  const bias = builder.tensor('conv1d_bias', '{layer}.mamba.conv1d.bias', channel);
  const filtered = builder.map('add', [builder.conv(value!, filter, 'taps'), bias]);
  const active = builder.map('silu', [filtered]);
  const small = axis('small', sizes.rank + 2 * sizes.n);
  const mixed = builder.contract(
    active,
    builder.tensor('x_proj', '{layer}.mamba.x_proj.weight', small, channel),
    ['channel'],
  );
  const part = (offset: number, into: Axis): NodeId =>
    builder.slice(mixed, { axis: 'small', offset, into: [into] });
  const wide = builder.contract(
    part(0, rank),
    builder.tensor('dt_proj', '{layer}.mamba.dt_proj.weight', channel, rank),
    ['rank'],
  );
  const dt = builder.map(
    'softplus',
    [builder.map('add', [wide, builder.tensor('dt_bias', '{layer}.mamba.dt_proj.bias', channel)])],
    { name: 'dt' },
  );
  const rate = builder.map('neg', [
    builder.map('exp', [builder.tensor('A_log', '{layer}.mamba.A_log', channel, n)]),
  ]);
  const operands = [dt, rate, active, part(sizes.rank, n), part(sizes.rank + sizes.n, n)];
  const y = builder.scan(operands, {
    states: [{ name: 'h', axes: [channel, n], initial: 0 }],
    body: recurrence(channel, n),
    results: ['y'],
  });
  const skip = builder.map('mul', [builder.tensor('D', '{layer}.mamba.D', channel), active]);
  const gated = builder.map('mul', [builder.map('add', [y, skip]), builder.map('silu', [z!])]);
  const out = builder.tensor('out_proj', '{layer}.mamba.out_proj.weight', width, channel);
  return builder.letter({ stream: builder.map('add', [x, builder.contract(gated, out, ['channel'])]) });
}

/** h = exp(dt · rate) · h + dt · B · x, read by C. */
function recurrence(channel: Axis, n: Axis): Body {
  const builder = new BodyBuilder('scan');
  const fixed = (name: string, ...axes: readonly Axis[]): NodeId =>
    builder.input(name, { dtype: 'f32', axes, temporal: false });
  const dt = fixed('operand:0', channel);
  const decay = builder.map('exp', [builder.map('mul', [dt, fixed('operand:1', channel, n)])]);
  const driven = builder.map('mul', [
    builder.map('mul', [dt, fixed('operand:2', channel)]),
    fixed('operand:3', n),
  ]);
  const h = builder.map('add', [builder.map('mul', [decay, fixed('state:h', channel, n)]), driven]);
  return builder.finish({ 'state:h': h, y: builder.contract(h, fixed('operand:4', n), ['n']) });
}

/** The graph; its weights' only tensor names are those of the published layout. */
export function sambaGraph(sizes: SambaSizes): Graph {
  const letters = {
    embed: embedLetter(sizes),
    SSM: ssmLetter(sizes),
    MLP: mlpLetter(sizes),
    SWA: attentionLetter(sizes),
    head: headLetter(sizes),
  };
  const stripe = Array.from({ length: sizes.repeats }, () => ['SSM', 'MLP', 'SWA', 'MLP'] as const).flat();
  const order = ['embed', ...stripe, 'head'] as const;
  const weights: Record<string, GraphWeight> = {};
  const seen = new Map<string, number>();
  const frequencies = Array.from({ length: sizes.key / 2 }, (_, i) => 10_000 ** ((-2 * i) / sizes.key));
  const calls = order.map((label, index): BodyCall => {
    const site = seen.get(label) ?? 0;
    seen.set(label, site + 1);
    const inLayer = label !== 'embed' && label !== 'head';
    const prefix = inLayer ? `layers.${index - 1}.${label}` : '';
    const ids = Object.entries(letters[label].weights).map(([name, weight]) => {
      const id = weight.tensor.includes('embed_tokens') ? 'embed.table' : `${prefix || label}.${name}`;
      weights[id] = graphWeight(
        id,
        weight.axes,
        weight.tensor.replace('{layer}', `model.layers.${index - 1}`),
      );
      return [name, id] as const;
    });
    return {
      body: label,
      label,
      ...(inLayer ? { layer: index - 1 } : {}),
      site,
      inputs: index === 0 ? {} : { stream: { call: index - 1, output: 'stream' } },
      weights: Object.fromEntries(ids),
      parameters: label === 'SWA' ? { frequencies } : {},
    };
  });
  const bodies = Object.fromEntries(Object.entries(letters).map(([name, { body }]) => [name, body]));
  return { name: 'samba', vocab: sizes.vocab, width: sizes.width, bodies, calls, weights, ignored: [] };
}

function graphWeight(id: string, axes: readonly Axis[], tensor: string): GraphWeight {
  const shape = axes.map(({ size }) => size);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1));
  const views = [{ tensors: [tensor], shape, offset: 0, strides }];
  return { id, axes, pinned: false, views, fold: [], optional: false };
}
