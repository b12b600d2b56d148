// Random bodies in which nothing changes with time: any op that can be computed at load.
import * as fc from 'fast-check';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import { type Axis, type Body, elementCount, type NodeId, type ValueType } from '../../compiler/ir/graph.ts';
import type { MapName } from '../../compiler/ir/ops/index.ts';
import { type Choices, choicesOf } from '../ir/choices.ts';
import { axis } from '../ir/helpers.ts';

const AXES: readonly Axis[] = [
  axis('lag', 11),
  axis('head', 2),
  axis('key', 4),
  axis('n', 3),
  axis('one', 1),
];

/** Maps that are defined everywhere and stay in moderate range; `tanh` follows what may grow. */
const UNARY: readonly MapName[] = [
  'neg',
  'abs',
  'sigmoid',
  'silu',
  'gelu',
  'gelu_tanh',
  'relu',
  'softplus',
  'log_sigmoid',
  'square',
  'sin',
  'cos',
  'erf',
  'exp',
];
const BINARY: readonly MapName[] = ['atan2', 'add', 'sub', 'mul', 'maximum', 'minimum'];
const COMPARISONS: readonly MapName[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

/** Bodies of 4 to 16 nodes beside their sources. All values that are f32 and not sources are outputs, by their numbers. */
export const arbitraryFixed: fc.Arbitrary<Body> = fc
  .tuple(fc.integer({ min: 4, max: 16 }), fc.array(fc.nat(10_000), { minLength: 60, maxLength: 60 }))
  .map(([length, numbers]) => {
    const builder = new BodyBuilder('fixed');
    const choices = choicesOf(numbers);
    builder.weight('filter', [AXES[0]!, AXES[2]!]);
    builder.weight('scale', [AXES[2]!, AXES[1]!]);
    builder.parameter('rate', [AXES[3]!]);
    builder.constant(0.5);
    const lags = builder.map('mul', [builder.places([AXES[0]!]), builder.constant(0.1)]);
    builder.map('tanh', [lags]);
    for (let i = 0; i < length; i++) {
      const id = choices.of(MAKERS)(builder, choices, i);
      if (id !== undefined && builder.typeOf(id).dtype === 'f32') builder.map('tanh', [id]);
    }
    const made = builder.nodes.filter(({ type, inputs }) => type.dtype === 'f32' && inputs.length > 0);
    return builder.finish(Object.fromEntries(made.map(({ id }) => [String(id), id])));
  });

type Maker = (builder: BodyBuilder, choices: Choices, step: number) => NodeId | undefined;

function pick(builder: BodyBuilder, choices: Choices, accepts: (type: ValueType) => boolean = () => true) {
  const fitting = builder.nodes.filter(
    ({ type }) => type.dtype === 'f32' && elementCount(type.axes) <= 500 && accepts(type),
  );
  return fitting.length === 0 ? undefined : choices.of(fitting).id;
}

const hasAxes = (type: ValueType): boolean => type.axes.length > 0;

const makeUnary: Maker = (builder, choices) => builder.map(choices.of(UNARY), [pick(builder, choices)!]);

const makeBinary: Maker = (builder, choices) =>
  builder.map(choices.of(BINARY), [pick(builder, choices)!, pick(builder, choices)!]);

const makeQuotient: Maker = (builder, choices) => {
  const below = builder.map('add', [builder.map('sigmoid', [pick(builder, choices)!]), builder.constant(1)]);
  const over = builder.map(choices.of(['recip', 'sqrt', 'rsqrt', 'log'] as const), [below]);
  return builder.map(choices.of(['div', 'pow', 'mod'] as const), [choices.of([below, over]), below]);
};

const makeChoice: Maker = (builder, choices) => {
  const truth = builder.map(choices.of(COMPARISONS), [pick(builder, choices)!, pick(builder, choices)!]);
  const other = builder.map('gt', [pick(builder, choices)!, builder.constant(0.1)]);
  const both = builder.map(choices.of(['and', 'or'] as const), [truth, builder.map('not', [other])]);
  return builder.map('where', [both, pick(builder, choices)!, pick(builder, choices)!]);
};

const makeReduction: Maker = (builder, choices) => {
  const a = pick(builder, choices, hasAxes)!;
  const { axes } = builder.typeOf(a);
  const over = [...new Set([choices.of(axes).name, choices.of(axes).name])];
  return choices.below(2) === 0 ? builder.sum(a, over) : builder.max(a, over);
};

const makeProduct: Maker = (builder, choices, step) => {
  const a = pick(builder, choices, hasAxes)!;
  const { axes } = builder.typeOf(a);
  const over = [...new Set([choices.of(axes).name, choices.of(axes).name])];
  const shared = pick(builder, choices, (type) =>
    over.every((name) => type.axes.some((own) => own.name === name)),
  );
  const summed = axes.filter(({ name }) => over.includes(name));
  const weight = builder.weight(`map${step}`, [
    ...summed,
    ...(choices.below(2) === 0 ? [axis(`to${step}`, 5)] : []),
  ]);
  return builder.contract(a, choices.below(2) === 0 ? weight : (shared ?? weight), over);
};

const makeMove: Maker = (builder, choices, step) => {
  const a = pick(builder, choices, hasAxes)!;
  const { axes } = builder.typeOf(a);
  const { name, size } = choices.of(axes);
  const missing = AXES.filter((candidate) => axes.every((own) => own.name !== candidate.name));
  const kind = choices.below(7);
  if (kind === 0) return builder.rename(a, name, `${name}_${step}`);
  if (kind === 1) return builder.index(a, name, choices.below(size));
  if (kind === 2) return builder.slice(a, { axis: name, offset: choices.below(size), into: [] });
  if (kind === 3 && size >= 4)
    return builder.slice(a, {
      axis: name,
      offset: size - 4,
      into: [axis(`two_${step}`, 2), axis(`half_${step}`, 2)],
    });
  if (kind === 6) return builder.reverse(a, name);
  if (kind === 4 && missing.length > 0) return builder.broadcast(a, [choices.of(missing)]);
  return builder.concat([a, a], { axis: axis(`${name}_${step}`, 2 * size), parts: [[name], [name]] });
};

const makeTop: Maker = (builder, choices, step) => {
  const scores = pick(builder, choices, (type) => type.axes.some(({ size }) => size > 1))!;
  const over = choices.of(builder.typeOf(scores).axes.filter(({ size }) => size > 1));
  const count = 1 + choices.below(over.size);
  if (choices.below(2) === 0) {
    const chosen = builder.chosen(scores, { over: [over.name], count });
    return builder.map('where', [chosen, scores, builder.constant(-0.25)]);
  }
  const places = builder.top(scores, { over: [over.name], count, choice: `choice_${step}` });
  const table = builder.weight(`table${step}`, [axis(`extra${step}`, 2), over]);
  return builder.gather(table, places, [over.name]);
};

const makeTaps: Maker = (builder, choices, step) => {
  const modes = [pick(builder, choices, hasAxes)!, pick(builder, choices)!, pick(builder, choices)!];
  const size = builder.map('sigmoid', [pick(builder, choices)!]);
  const over = [choices.of(builder.typeOf(modes[0]!).axes).name];
  return builder.modalTaps([...modes, size], { over, axis: axis(`taps${step}`, 1 + choices.below(9)) });
};

const MAKERS: readonly Maker[] = [
  makeTaps,
  makeUnary,
  makeUnary,
  makeBinary,
  makeBinary,
  makeQuotient,
  makeChoice,
  makeReduction,
  makeProduct,
  makeProduct,
  makeMove,
  makeMove,
  makeTop,
];
