// Every combination of an attend's options against attention written out by hand, position by position.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import type { Body } from '../../compiler/ir/graph.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import type { AttendAttrs, LagTable } from '../../compiler/ir/ops/attend-inputs.ts';
import { axis, expectClose, expectTimeless, perPosition, randomGiven } from './helpers.ts';

const [COUNT, HEADS, KEY, VALUE] = [13, 2, 3, 2];

/** 1 / (1 + score²). */
function bell(): Body {
  const builder = new BodyBuilder('bell');
  const score = builder.input('score', { dtype: 'f32', axes: [], temporal: false });
  const square = builder.add('square', [score], {});
  const one = builder.constant(1);
  return builder.finish({ weight: builder.add('recip', [builder.add('add', [one, square], {})], {}) });
}

const lagTable = fc.record({
  size: fc.integer({ min: 1, max: 6 }),
  farthestFirst: fc.boolean(),
  perHead: fc.boolean(),
});

const options = fc.record({
  window: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  chunk: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  softcap: fc.option(fc.constant(0.7), { nil: undefined }),
  perVisible: fc.boolean(),
  causal: fc.boolean(),
  weighed: fc.boolean(),
  sink: fc.boolean(),
  bias: fc.option(lagTable, { nil: undefined }),
  ahead: fc.option(lagTable, { nil: undefined }),
});

it('means what attention by hand means', () => {
  fc.assert(
    fc.property(options, (chosen) => {
      const { window, chunk, softcap, perVisible, causal, weighed } = chosen;
      const builder = new BodyBuilder('attend');
      const head = axis('head', HEADS);
      const q = builder.input('q', perPosition(head, axis('key', KEY)));
      const k = builder.input('k', perPosition(head, axis('key', KEY)));
      const v = builder.input('v', perPosition(head, axis('value', VALUE)));
      const sides = [chosen.bias, causal ? undefined : chosen.ahead];
      const tables = sides.flatMap((table, side) =>
        table === undefined ? [] : [{ ...table, ahead: side === 1 }],
      );
      const biases = tables.map(({ ahead, farthestFirst }): LagTable => ({
        axis: ahead ? 'later' : 'back',
        ahead,
        first: ahead ? 1 : 0,
        farthestFirst,
      }));
      const weights = tables.map(({ ahead, size, perHead }) =>
        builder.weight(ahead ? 'ahead' : 'bias', [
          axis(ahead ? 'later' : 'back', size),
          ...(perHead ? [head] : []),
        ]),
      );
      const sink = chosen.sink && !weighed ? [builder.weight('sink', [head])] : [];
      const attrs: AttendAttrs = {
        over: 'key',
        scale: 0.5,
        ...(window !== undefined && { window }),
        ...(chunk !== undefined && { chunk }),
        ...(softcap !== undefined && { softcap }),
        ...(perVisible && { perVisible }),
        ...(causal ? {} : { causal: false }),
        ...(biases.length > 0 && { biases }),
        ...(weighed && { body: bell() }),
      };
      const body = builder.finish({ y: builder.attend([q, k, v, ...weights, ...sink], attrs) });
      const given = randomGiven(body, COUNT);

      const at = (name: 'q' | 'k' | 'v', t: number, h: number, i: number, size: number): number =>
        given.inputs[name]![(t * HEADS + h) * size + i]!;
      const biasAt = (lag: number, h: number): number => {
        const side = tables.find(({ ahead }) => ahead === lag < 0) ?? tables.find(({ ahead }) => !ahead);
        if (side === undefined || (lag >= 0 && side.ahead)) return 0;
        const near = Math.min(Math.abs(lag) - (side.ahead ? 1 : 0), side.size - 1);
        const entry = side.farthestFirst ? side.size - 1 - near : near;
        const values = given.weights[side.ahead ? 'ahead' : 'bias']!;
        return side.perHead ? values[entry * HEADS + h]! : values[entry]!;
      };
      const expected: number[] = [];
      for (let t = 0; t < COUNT; t++)
        for (let h = 0; h < HEADS; h++) {
          const seen = Array.from({ length: COUNT }, (_, s) => s).filter(
            (s) =>
              (causal ? s <= t : true) &&
              Math.abs(t - s) < (window ?? Infinity) &&
              (chunk === undefined || Math.floor(s / chunk) === Math.floor(t / chunk)),
          );
          const scores = seen.map((s) => {
            let sum = 0;
            for (let i = 0; i < KEY; i++) sum += at('q', t, h, i, KEY) * at('k', s, h, i, KEY);
            const scaled = (0.5 * sum) / (perVisible ? seen.length : 1);
            const bent = softcap === undefined ? scaled : softcap * Math.tanh(scaled / softcap);
            return bent + biasAt(t - s, h);
          });
          const extra = sink.length > 0 ? Math.exp(given.weights['sink']![h]!) : 0;
          const total = scores.reduce((sum, score) => sum + Math.exp(score), extra);
          for (let i = 0; i < VALUE; i++)
            expected.push(
              seen.reduce((sum, s, index) => {
                const score = scores[index]!;
                const weight = weighed ? 1 / (1 + score * score) : Math.exp(score) / total;
                return sum + weight * at('v', s, h, i, VALUE);
              }, 0),
            );
        }
      expectClose(interpretBody(body, given, [COUNT])['y']!, expected);
      if (causal) expectTimeless(body, given, COUNT);
      else
        expect(() => interpretBody(body, given, [COUNT - 1, 1])).toThrow(
          'internal: a sequence whose positions see later ones was continued',
        );
    }),
    { numRuns: 150, seed: 7 },
  );
});
