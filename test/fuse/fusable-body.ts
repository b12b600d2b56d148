// Random bodies made of the patterns that fusion looks for: norms before projections, siblings, gates, convs, scans with wide operands.
import * as fc from 'fast-check';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import type { Axis, Body, NodeId } from '../../compiler/ir/graph.ts';
import type { MapName } from '../../compiler/ir/ops/index.ts';
import { type Choices, choicesOf } from '../ir/choices.ts';
import { axis, perPosition } from '../ir/helpers.ts';

const WIDTH = axis('width', 6);
const CHANNEL = axis('channel', 8);
const HEAD = axis('head', 2);
const KEY = axis('key', 4);
const STATE = axis('n', 3);

interface Making {
  readonly builder: BodyBuilder;
  readonly choices: Choices;
  weights: number;
}

/** Bodies of 1 to 3 blocks in a row; outputs `stream`, and sometimes `extra`, a value from inside. */
export const fusableBody: fc.Arbitrary<Body> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(10_000), { minLength: 80, maxLength: 80 }))
  .map(([blocks, numbers]) => {
    const making: Making = { builder: new BodyBuilder('fusable'), choices: choicesOf(numbers), weights: 0 };
    const { builder, choices } = making;
    let stream = builder.input('stream', perPosition(WIDTH));
    const inside: NodeId[] = [];
    for (let i = 0; i < blocks; i++) {
      const normed = choices.maybe(stream, (value) => norm(making, value, WIDTH));
      const mixed = choices.of(MIXERS)(making, normed, inside);
      stream = choices.below(3) === 0 ? mixed : builder.map('add', [stream, mixed]);
    }
    const extra = inside.filter((id) => builder.typeOf(id).temporal);
    return builder.finish({
      stream: choices.maybe(stream, (value) => norm(making, value, WIDTH)),
      ...(extra.length === 0 || choices.below(2) === 0 ? {} : { extra: choices.of(extra) }),
    });
  });

function weight(making: Making, axes: readonly Axis[]): NodeId {
  making.weights += 1;
  return making.builder.weight(`w${making.weights}`, axes);
}

/** A root-mean-square or layer norm, with or without weight and bias. */
function norm(making: Making, x: NodeId, over: Axis): NodeId {
  const { builder, choices } = making;
  const mean = (value: NodeId): NodeId =>
    builder.map('mul', [builder.sum(value, [over.name]), builder.constant(1 / over.size)]);
  const centred = choices.maybe(x, (value) => builder.map('sub', [value, mean(value)]));
  const square =
    choices.below(2) === 0 ? builder.map('square', [centred]) : builder.map('mul', [centred, centred]);
  const scale = builder.map('rsqrt', [builder.map('add', [mean(square), builder.constant(1e-2)])]);
  const scaled = builder.map('mul', [centred, scale]);
  const weighted = choices.maybe(scaled, (value) => builder.map('mul', [value, weight(making, [over])]));
  return choices.maybe(weighted, (value) => builder.map('add', [value, weight(making, [over])]));
}

function project(making: Making, x: NodeId, from: readonly Axis[], to: readonly Axis[]): NodeId {
  const { builder, choices } = making;
  const axes = choices.below(2) === 0 ? [...to, ...from] : [...from, ...to];
  const sum = builder.contract(
    x,
    weight(making, axes),
    from.map(({ name }) => name),
  );
  return choices.maybe(sum, (value) => builder.map('add', [value, weight(making, to)]));
}

const ACTIVATIONS: readonly MapName[] = ['silu', 'gelu', 'softplus', 'tanh', 'sigmoid', 'neg', 'relu'];

function activate(making: Making, x: NodeId): NodeId {
  return making.builder.map(making.choices.of(ACTIVATIONS), [x]);
}

type Mixer = (making: Making, x: NodeId, inside: NodeId[]) => NodeId;

/** Two to four siblings, some convolved, combined in some order. */
const gated: Mixer = (making, x, inside) => {
  const { builder, choices } = making;
  const branches = Array.from({ length: 2 + choices.below(3) }, () => {
    const branch = project(making, x, [WIDTH], [CHANNEL]);
    const looking = choices.maybe(branch, (value) => lookBack(making, value));
    return choices.maybe(looking, (value) => activate(making, value));
  });
  inside.push(...branches);
  const combined = branches.reduce((so, branch) =>
    choices.below(4) === 0 ? so : builder.map(choices.of(['mul', 'add', 'sub'] as const), [so, branch]),
  );
  const late = choices.maybe(combined, (value) => norm(making, value, CHANNEL));
  inside.push(late);
  return project(making, late, [CHANNEL], [WIDTH]);
};

function lookBack(making: Making, x: NodeId): NodeId {
  const { builder, choices } = making;
  if (choices.below(3) === 0) return builder.shift(x, 1 + choices.below(3));
  const size = 1 + choices.below(4);
  const taps = axis(`taps${size}`, size);
  return builder.conv(x, weight(making, [CHANNEL, taps]), taps.name);
}

/** Grouped attention with optional norms on queries and keys, rotary embedding and window. */
const attention: Mixer = (making, x, inside) => {
  const { builder, choices } = making;
  const per = choices.below(2) === 0 ? [] : [axis('per', 2)];
  const prepare = (value: NodeId): NodeId => {
    const normed = choices.maybe(value, (each) => norm(making, each, KEY));
    return choices.maybe(normed, (each) =>
      builder.rotate([each, builder.parameter('frequencies', [axis('pair', 2)]), builder.position()], {
        axis: KEY.name,
        style: choices.of(['half', 'interleaved'] as const),
        pairs: 2,
        scale: 1,
      }),
    );
  };
  const q = prepare(project(making, x, [WIDTH], [HEAD, ...per, KEY]));
  const k = prepare(project(making, x, [WIDTH], [HEAD, KEY]));
  const v = project(making, x, [WIDTH], [HEAD, axis('value', 3)]);
  inside.push(k, v);
  const window = choices.of([{}, { window: 3 }, { window: 1 }, { chunk: 3 }]);
  const attended = builder.attend([q, k, v], { over: KEY.name, scale: 0.5, ...window });
  const late = choices.maybe(attended, (value) => activate(making, value));
  return project(making, late, [HEAD, ...per, axis('value', 3)], [WIDTH]);
};

/** A selective scan whose operands are as wide as its state, as Mamba's are, with a skip and a gate. */
const selective: Mixer = (making, x, inside) => {
  const { builder, choices } = making;
  const branch = project(making, x, [WIDTH], [CHANNEL]);
  const u = choices.maybe(branch, (value) => activate(making, lookBack(making, value)));
  const rate = choices.below(2) === 0 ? project(making, x, [WIDTH], [CHANNEL]) : narrow(making, u);
  const dt = builder.map('softplus', [rate]);
  const [b, c] = [project(making, x, [WIDTH], [STATE]), project(making, x, [WIDTH], [STATE])];
  const a = builder.map('neg', [builder.map('exp', [weight(making, [CHANNEL, STATE])])]);
  const decay = builder.map('exp', [builder.map('mul', [dt, a])]);
  const kick = builder.map('mul', [builder.map('mul', [dt, b]), u]);
  const y = scan(making, [decay, kick, c]);
  const skipped = choices.maybe(y, (value) =>
    builder.map('add', [value, builder.map('mul', [u, weight(making, [CHANNEL])])]),
  );
  inside.push(u, dt, skipped);
  const out = choices.maybe(skipped, (value) =>
    builder.map('mul', [value, builder.map('silu', [project(making, x, [WIDTH], [CHANNEL])])]),
  );
  return project(making, out, [CHANNEL], [WIDTH]);
};

/** Through a few numbers and back, as Mamba's dt. */
function narrow(making: Making, u: NodeId): NodeId {
  const rank = axis('rank', 2);
  return project(making, project(making, u, [CHANNEL], [rank]), [rank], [CHANNEL]);
}

function scan(making: Making, [decay, kick, c]: readonly [NodeId, NodeId, NodeId]): NodeId {
  const { builder, choices } = making;
  const inner = new BodyBuilder('recurrence');
  const operand = (at: number, id: NodeId): NodeId =>
    inner.input(`operand:${at}`, { ...builder.typeOf(id), temporal: false });
  const state = inner.input('state:h', { dtype: 'f32', axes: [CHANNEL, STATE], temporal: false });
  const next = inner.map('add', [inner.map('mul', [operand(0, decay), state]), operand(1, kick)]);
  const read = choices.below(4) === 0 ? state : next;
  const y = inner.contract(read, operand(2, c), [STATE.name]);
  const body = inner.finish({ 'state:h': next, y });
  const states = [{ name: 'h', axes: [CHANNEL, STATE], initial: choices.of([0, 0.5]) }];
  return builder.scan([decay, kick, c], { states, body, results: ['y'] });
}

/** One weight read twice, by products of different inputs. */
const sharedWeight: Mixer = (making, x) => {
  const { builder, choices } = making;
  const shared = weight(making, [CHANNEL, WIDTH]);
  const other = weight(making, [CHANNEL, WIDTH]);
  const bent = activate(making, x);
  const [first, second] = choices.below(2) === 0 ? [shared, other] : [other, shared];
  const products = [
    builder.contract(x, first, [WIDTH.name]),
    builder.contract(x, second, [WIDTH.name]),
    builder.contract(bent, shared, [WIDTH.name]),
  ];
  const sum = products.reduce((so, each) => builder.map('mul', [so, each]));
  return project(
    making,
    choices.maybe(sum, (value) => norm(making, value, CHANNEL)),
    [CHANNEL],
    [WIDTH],
  );
};

const MIXERS: readonly Mixer[] = [gated, gated, attention, selective, selective, sharedWeight];
