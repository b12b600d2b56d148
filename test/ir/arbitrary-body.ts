// Random bodies for property tests: any op that fits the values so far.
import * as fc from 'fast-check';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import { elementCount, type Axis, type Body, type NodeId, type ValueType } from '../../compiler/ir/graph.ts';
import { isOpName, type MapName } from '../../compiler/ir/ops/index.ts';
import { RESULTS_AXIS } from '../../compiler/ir/ops/scan.ts';
import { type Choices, choicesOf } from './choices.ts';
import { axis, perPosition } from './helpers.ts';

/** Axes have one size each, so that any two values can meet. */
const AXES: readonly Axis[] = [axis('width', 6), axis('head', 2), axis('key', 4), axis('n', 3)];

/** Maps that stay in moderate range for moderate arguments. */
const UNARY: readonly MapName[] = [
  'neg',
  'tanh',
  'sigmoid',
  'silu',
  'gelu',
  'relu',
  'softplus',
  'square',
  'sin',
];
const BINARY: readonly MapName[] = ['add', 'sub', 'mul', 'maximum', 'minimum'];

/**
 * Bodies with inputs `stream` and `memory`, weights, a constant, and 4 to 20 further nodes of every kind that the compiler carries out;
 * some nodes are dead. The last nodes are the outputs `stream` and `extra`. Magnitudes stay moderate for inputs in [−1, 1).
 */
export const arbitraryBody: fc.Arbitrary<Body> = fc
  .tuple(fc.integer({ min: 4, max: 20 }), fc.array(fc.nat(10_000), { minLength: 60, maxLength: 60 }))
  .map(([length, numbers]) => {
    const builder = new BodyBuilder('random');
    const choices = choicesOf(numbers);
    builder.input('stream', perPosition(AXES[0]!));
    builder.input('memory', perPosition(AXES[1]!, AXES[2]!));
    builder.constant(0.5);
    builder.weight('scale', [AXES[0]!]);
    for (let i = 0; i < length; i++) tamed(builder, addNode(builder, choices, i));
    const temporal = builder.nodes.filter(({ type }) => type.temporal && type.dtype === 'f32' && small(type));
    return builder.finish({ stream: temporal.at(-1)!.id, extra: temporal.at(-2)!.id });
  });

/** Values that may have grown are followed by a tanh, which later nodes read as likely as the value. */
function tamed(builder: BodyBuilder, id: NodeId | undefined): void {
  const node = id === undefined ? undefined : builder.nodes[id];
  if (node?.type.dtype === 'f32' && small(node.type) && elementCount(node.type.axes) > 1)
    builder.map('tanh', [node.id]);
}

type Maker = (builder: BodyBuilder, choices: Choices, step: number) => NodeId | undefined;

/** A value so far that `accepts` holds for. */
function pick(
  builder: BodyBuilder,
  choices: Choices,
  accepts: (type: ValueType) => boolean,
): NodeId | undefined {
  const fitting = builder.nodes.filter(({ type }) => type.dtype === 'f32' && small(type) && accepts(type));
  return fitting.length === 0 ? undefined : choices.of(fitting).id;
}

/** Small enough to grow, and not the joined results of a scan, which only slices read. */
function small(type: ValueType): boolean {
  return elementCount(type.axes) <= 200 && type.axes.every(({ name }) => name !== RESULTS_AXIS);
}

const any = (): boolean => true;
const temporal = (type: ValueType): boolean => type.temporal;
const hasAxes = (type: ValueType): boolean => type.axes.length > 0;

const makeUnary: Maker = (builder, choices) => {
  const a = pick(builder, choices, any);
  return a === undefined ? undefined : builder.map(choices.of(UNARY), [a]);
};

const makeBinary: Maker = (builder, choices) => {
  const [a, b] = [pick(builder, choices, any), pick(builder, choices, any)];
  return a === undefined || b === undefined ? undefined : builder.map(choices.of(BINARY), [a, b]);
};

const makeChoice: Maker = (builder, choices) => {
  const [a, b] = [pick(builder, choices, any), pick(builder, choices, any)];
  if (a === undefined || b === undefined) return undefined;
  return builder.map('where', [builder.map('lt', [a, builder.constant(0.1)]), a, b]);
};

const makeReduction: Maker = (builder, choices) => {
  const a = pick(builder, choices, hasAxes);
  if (a === undefined) return undefined;
  const over = [choices.of(builder.typeOf(a).axes).name];
  return choices.below(2) === 0 ? builder.sum(a, over) : builder.max(a, over);
};

const makeProjection: Maker = (builder, choices, step) => {
  const a = pick(builder, choices, hasAxes);
  if (a === undefined) return undefined;
  const from = choices.of(builder.typeOf(a).axes);
  const to = choices.of(AXES);
  const known = builder.typeOf(a).axes.some(({ name }) => name === to.name);
  const axes = known ? [from] : choices.below(2) === 0 ? [to, from] : [from, to];
  return builder.contract(a, builder.weight(`map${step}`, axes), [from.name]);
};

const makeMove: Maker = (builder, choices, step) => {
  const a = pick(builder, choices, hasAxes);
  if (a === undefined) return undefined;
  const { axes } = builder.typeOf(a);
  const { name, size } = choices.of(axes);
  const missing = AXES.filter((candidate) => axes.every((own) => own.name !== candidate.name));
  const kind = choices.below(6);
  if (kind === 0) return builder.rename(a, name, `${name}_${step}`);
  if (kind === 1) return builder.index(a, name, choices.below(size));
  if (kind === 2) return builder.slice(a, { axis: name, offset: choices.below(size), into: [] });
  if (kind === 5) return builder.reverse(a, name);
  if (kind === 3 && missing.length > 0) return builder.broadcast(a, [choices.of(missing)]);
  return builder.concat([a, a], { axis: axis(`${name}_${step}`, 2 * size), parts: [[name], [name]] });
};

const makeLookBack: Maker = (builder, choices, step) => {
  const a = pick(builder, choices, temporal);
  if (a === undefined) return undefined;
  if (choices.below(2) === 0) return builder.shift(a, 1 + choices.below(2));
  const taps = axis(`taps_${step}`, 2 + choices.below(3));
  return builder.conv(a, builder.weight(`filter${step}`, [...builder.typeOf(a).axes, taps]), taps.name);
};

const makeRotation: Maker = (builder, choices, step) => {
  const a = pick(builder, choices, (type) => type.temporal && type.axes.some(({ size }) => size >= 4));
  if (a === undefined) return undefined;
  const { name } = choices.of(builder.typeOf(a).axes.filter((one) => one.size >= 4));
  const pairs = 2;
  const frequencies = builder.parameter(`frequencies${step}`, [axis('pair', pairs)]);
  const style = choices.of(['half', 'interleaved'] as const);
  return builder.rotate([a, frequencies, builder.position()], { axis: name, style, pairs, scale: 1 });
};

const makeAttention: Maker = (builder, choices, step) => {
  const q = pick(builder, choices, (type) => type.temporal && hasAxes(type));
  if (q === undefined) return undefined;
  const over = choices.of(builder.typeOf(q).axes).name;
  const k = pick(builder, choices, (type) => type.temporal && fitsKeys(type, builder.typeOf(q), over));
  const v = pick(builder, choices, (type) => type.temporal && type.axes.every(({ name }) => name !== over));
  if (k === undefined || v === undefined) return undefined;
  const sights = [
    {},
    { window: 1 + choices.below(4) },
    { window: 2, pinned: 1 },
    { chunk: 2, perVisible: true },
  ];
  const sight = sights[choices.below(4)];
  if (choices.below(2) === 0) return builder.attend([q, k, v], { over, scale: 0.5, ...sight });
  const lag = axis(`lag_${step}`, 3);
  const bias = builder.weight(`bias${step}`, [lag]);
  const biases = [{ axis: lag.name, ahead: false, first: 0, farthestFirst: true }];
  return builder.attend([q, k, v, bias], { over, scale: 0.5, ...sight, biases });
};

function fitsKeys(k: ValueType, q: ValueType, over: string): boolean {
  return (
    k.axes.some(({ name }) => name === over) &&
    k.axes.every(({ name }) => q.axes.some((own) => own.name === name))
  );
}

/** A leaky sum of a value, whose rate is another value. */
const makeScan: Maker = (builder, choices) => {
  const x = pick(builder, choices, temporal);
  const rate =
    x === undefined ? undefined : pick(builder, choices, (type) => within(type, builder.typeOf(x)));
  if (x === undefined || rate === undefined) return undefined;
  const inner = new BodyBuilder('scan');
  const { axes } = builder.typeOf(x);
  const source = (name: string, type: ValueType): NodeId => inner.input(name, { ...type, temporal: false });
  const state = source('state:h', builder.typeOf(x));
  const kept = inner.map('mul', [state, inner.map('sigmoid', [source('operand:1', builder.typeOf(rate))])]);
  const next = inner.map('add', [kept, source('operand:0', builder.typeOf(x))]);
  const body = inner.finish({ 'state:h': next, y: inner.map('tanh', [next]), before: state });
  const states = [{ name: 'h', axes, initial: 0.25 }];
  if (choices.below(3) > 0) return builder.scan([x, rate], { states, body, results: ['y'] });
  const both = builder.scan([x, rate], { states, body, results: ['before', 'y'] });
  return builder.slice(both, {
    axis: RESULTS_AXIS,
    offset: choices.below(2) * elementCount(axes),
    into: axes,
  });
};

function within(type: ValueType, other: ValueType): boolean {
  return type.axes.every(({ name }) => other.axes.some((own) => own.name === name));
}

const MAKERS: readonly Maker[] = [
  makeUnary,
  makeUnary,
  makeBinary,
  makeBinary,
  makeChoice,
  makeReduction,
  makeProjection,
  makeProjection,
  makeMove,
  makeLookBack,
  makeRotation,
  makeAttention,
  makeScan,
];

function addNode(builder: BodyBuilder, choices: Choices, step: number): NodeId | undefined {
  const id = choices.of(MAKERS)(builder, choices, step);
  const node = id === undefined ? undefined : builder.nodes[id];
  if (node !== undefined && !isOpName(node.op)) throw new Error(`a random body has the op ${node.op}`);
  return id;
}
