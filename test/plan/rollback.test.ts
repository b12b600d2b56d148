// Models of every kind of memory go back, and are as if they had never seen what came after.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../runtime/index.ts';
import { largestDifference } from '../ir/helpers.ts';
import { PLAIN, processedScores } from '../support/hf-scores.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { graphFrom } from './model-cases.ts';
import { type GraphRun, openGraph } from './run-graph.ts';

const missing = softwareAdapterMissing();
const CHUNK = 4;
const VOCAB = 23;

/** What a model remembers with, and positions by which it can go back without a copy and without running anything. */
const MODELS: readonly (readonly [name: string, lines: readonly string[], reach: number])[] = [
  ['attention', ['width 8', 'context 64', 'stripe X', 'X = attention(heads: 2, rope: 10_000)'], Infinity],
  ['a window', ['width 8', 'stripe X', 'X = attention(heads: 2, window: 5, rope: 100)'], CHUNK],
  ['a recurrence', ['width 8', 'stripe X', 'X = mamba(state: 3, inner: 8, dt_rank: 2)'], 0],
  [
    'a recurrence and a window',
    [
      'width 8',
      'stripe X, Y',
      'X = mamba(state: 3, inner: 8, dt_rank: 2)',
      'Y = attention(heads: 2, window: 5)',
    ],
    0,
  ],
];

async function collect(
  session: Session,
  prompt: readonly number[],
  maxTokens: number,
  tokensPerReadback: number,
) {
  const tokens: number[] = [];
  for await (const token of session.generate(prompt, { maxTokens, tokensPerReadback })) tokens.push(token);
  return tokens;
}

const text = (count: number, from = 0): readonly number[] =>
  Array.from({ length: count }, (_, i) => ((i + from) * 7 + 3) % VOCAB);

describe.skipIf(skipFor(missing))(`going back (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  describe.each(MODELS)('%s', (_, lines, reach) => {
    let run: GraphRun;
    beforeAll(async () => {
      run = await openGraph(opened.device, graphFrom(lines), { chunk: CHUNK });
    });

    /** The session's next logits are those of its tokens in the reference executor. */
    async function expectSequence(session: Session, tokens: readonly number[]): Promise<void> {
      expect([...session.tokens]).toEqual(tokens);
      run.reference.reset();
      const expected = run.reference.run(tokens).slice(-VOCAB);
      expect(largestDifference(await session.logits(), expected)).toBeLessThan(1e-5);
    }

    it('after a prefill that its window does not hold', async () => {
      const { session } = run;
      await session.reset();
      await session.prefill(text(29));
      let length = 29;
      for (const count of [1, 2, 7, 11]) {
        length -= count;
        await session.rollback(count);
        await expectSequence(session, text(length));
      }
      await session.prefill(text(6, 50));
      await expectSequence(session, [...text(8), ...text(6, 50)]);
    });

    it('after a generation, and goes on otherwise', async () => {
      const { session } = run;
      await session.reset();
      const drawn = await collect(session, text(9), 17, 5);
      const all = [...text(9), ...drawn];
      await session.rollback(6);
      expect((await collect(session, [], 6, 2)).slice(0, 6)).toEqual(drawn.slice(-6));
      await session.rollback(3);
      await session.prefill([5, 6]);
      await expectSequence(session, [...all.slice(0, 23), 5, 6]);
      await session.edit([...all.slice(0, 12), 1, 2, 3]);
      await expectSequence(session, [...all.slice(0, 12), 1, 2, 3]);
    });

    it('back and forth, with a drawing ahead that is left', async () => {
      const { session } = run;
      await session.reset();
      await session.prefill(text(20));
      await session.rollback(3);
      for await (const token of session.generate([], { maxTokens: 30, tokensPerReadback: 8 })) {
        expect(token).toBeLessThan(VOCAB);
        if (session.position === 21) break;
      }
      const tokens = [...session.tokens];
      await expectSequence(session, tokens);
      await session.rollback(4);
      await expectSequence(session, tokens.slice(0, 17));
    });

    it('and tokens that were taken back are not penalised', async () => {
      const { session, reference } = run;
      const penalty = { ...PLAIN, temperature: 0, repetitionPenalty: 3 };
      /** The likeliest tokens after the penalty, by the reference executor. */
      const expected = (prompt: readonly number[], count: number): readonly number[] => {
        const tokens = [...prompt];
        reference.reset();
        let logits: Float64Array = reference.run(prompt).slice(-VOCAB);
        for (let i = 0; i < count; i++) {
          const scores = processedScores(logits, penalty, new Set(tokens));
          tokens.push(scores.indexOf(Math.max(...scores)));
          logits = reference.run(tokens.slice(-1));
        }
        return tokens.slice(prompt.length);
      };
      await session.reset();
      const options = { ...penalty, maxTokens: 9, tokensPerReadback: 4 };
      const drawn: number[] = [];
      for await (const token of session.generate(text(5), options)) drawn.push(token);
      expect(drawn).toEqual(expected(text(5), 9));
      await session.rollback(11);
      const again: number[] = [];
      for await (const token of session.generate([22], { ...options, tokensPerReadback: 1 }))
        again.push(token);
      expect(again).toEqual(expected([...text(3), 22], 9));
    });

    it('without running anything where the memory allows it', async () => {
      const { session } = run;
      await session.reset();
      await session.prefill(text(11));
      if (reach > 0) expect(await session.rollback(Math.min(reach, 9))).toBe(0);
      else expect(await session.rollback(2)).toBe(8);
    });

    it('in the bytes of a snapshot, of which attention has only what is in use', async () => {
      const { session } = run;
      await session.reset();
      await session.prefill(text(7));
      const small = await session.snapshot();
      await session.prefill(text(20));
      const large = await session.snapshot();
      if (reach === Infinity) expect(small.bytes).toBeLessThan(large.bytes / 2);
      const bytes = await small.toBytes();
      await session.restore(small);
      await expectSequence(session, text(7));
      await session.restore(large);
      await expectSequence(session, [...text(7), ...text(20)]);
      expect(bytes.length).toBeGreaterThan(small.bytes);
      small.destroy();
      large.destroy();
    });
  });
});
