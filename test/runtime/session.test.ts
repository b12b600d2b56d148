// Sessions of a hand-written model on the software adapter: prefill, decode, generation, snapshots.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { load } from '../../runtime/index.ts';
import type { GenerateOptions, LoadedModel, Session } from '../../runtime/index.ts';
import { openSoftwareDevice } from '../support/device.ts';
import type { TestDevice } from '../support/device.ts';
import { bigramPlan, expectedLogits, expectedTokens, scaledTable, VOCAB, WEIGHTS } from './bigram.ts';
import { describeOnDevice, testOnDevice } from './on-device.ts';

let opened: TestDevice;
let model: LoadedModel;

beforeAll(async () => {
  opened = await openSoftwareDevice();
  model = await load({ plan: bigramPlan() }, { weights: WEIGHTS, device: opened.device });
});
afterAll(() => {
  model.destroy();
  opened.close();
});

const PROMPT = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5];

async function collect(session: Session, prompt: readonly number[], options: GenerateOptions) {
  const tokens: number[] = [];
  for await (const token of session.generate(prompt, options)) tokens.push(token);
  return tokens;
}

async function next(session: Session): Promise<readonly number[]> {
  return [...(await session.logits())];
}

const after = (tokens: readonly number[]) => expectedLogits(tokens).at(-1);

describeOnDevice('running tokens', () => {
  test.each([1, 3, 4, 5, 8, 11])('a prompt of %i tokens, chunk by chunk', async (length) => {
    const session = await model.session();
    await session.prefill(PROMPT.slice(0, length));
    expect(await next(session)).toEqual(after(PROMPT.slice(0, length)));
    expect(session.position).toBe(length);
    session.destroy();
  });

  test('prefill, split prefill, decode and the logits of all positions agree', async () => {
    const session = await model.session();
    const expected = expectedLogits(PROMPT);
    expect([...(await session.prefillAll(PROMPT))]).toEqual(expected.flat());
    expect(await next(session)).toEqual(expected.at(-1));
    await session.reset();
    await session.prefill(Uint32Array.from(PROMPT.slice(0, 6)));
    await session.prefill(PROMPT.slice(6));
    expect(await next(session)).toEqual(expected.at(-1));
    await session.reset();
    for (const [i, token] of PROMPT.entries()) {
      await session.decode(token);
      expect(await next(session)).toEqual(expected[i]);
    }
    session.destroy();
  });

  test('sample draws without appending; decode appends what was drawn', async () => {
    const session = await model.session();
    await session.prefill(PROMPT);
    const [first, second] = expectedTokens(PROMPT, 2);
    expect(await session.sample()).toBe(first);
    expect(await session.sample()).toBe(first);
    expect(session.position).toBe(PROMPT.length);
    await session.decode();
    expect(await session.sample()).toBe(second);
    session.destroy();
  });

  test('sessions of one model are independent', async () => {
    const [a, b] = await Promise.all([model.session(), model.session()]);
    await a.prefill([1, 2, 3]);
    await b.prefill([4]);
    await a.prefill([5]);
    expect(await next(a)).toEqual(after([1, 2, 3, 5]));
    expect(await next(b)).toEqual(after([4]));
    a.destroy();
    b.destroy();
  });
});

describeOnDevice('generation', () => {
  test.each([1, 2, 3, 8])('greedy, %i tokens per readback', async (tokensPerReadback) => {
    const session = await model.session();
    const expected = expectedTokens(PROMPT, 21);
    expect(await collect(session, PROMPT, { maxTokens: 21, tokensPerReadback })).toEqual(expected);
    expect(session.position).toBe(PROMPT.length + 21);
    expect(await next(session)).toEqual(after([...PROMPT, ...expected]));
    session.destroy();
  });

  test.each([
    [1, 5],
    [4, 5],
    [8, 3],
    [8, 1],
  ])(
    'with %i per readback, stopped after %i tokens, the state is right',
    async (tokensPerReadback, count) => {
      const session = await model.session();
      const expected = expectedTokens(PROMPT, 60);
      const tokens: number[] = [];
      for await (const token of session.generate(PROMPT, { maxTokens: 60, tokensPerReadback })) {
        tokens.push(token);
        if (tokens.length === count) break;
      }
      expect(session.position).toBe(PROMPT.length + count);
      expect(tokens).toEqual(expected.slice(0, count));
      // The last token given has not run yet; whatever comes next runs it first.
      await session.prefill([7, 7]);
      expect(await next(session)).toEqual(after([...PROMPT, ...tokens, 7, 7]));
      expect(await collect(session, [], { maxTokens: 9, tokensPerReadback })).toEqual(
        expectedTokens([...PROMPT, ...tokens, 7, 7], 9),
      );
      session.destroy();
    },
  );

  test('stop tokens end it, and are given', async () => {
    const session = await model.session();
    const expected = expectedTokens([2], 40);
    const stop = expected[6] ?? 0;
    const tokens = await collect(session, [2], { maxTokens: 40, stop: [stop], tokensPerReadback: 4 });
    expect(tokens).toEqual(expected.slice(0, expected.indexOf(stop) + 1));
    session.destroy();
  });

  test('looking at the sequence between two tokens changes nothing', async () => {
    const session = await model.session();
    const expected = expectedTokens([2], 20);
    const tokens: number[] = [];
    for await (const token of session.generate([2], { maxTokens: 20, tokensPerReadback: 3 })) {
      tokens.push(token);
      if (tokens.length % 4 === 1) expect(await next(session)).toEqual(after([2, ...tokens]));
      if (tokens.length % 4 === 2) (await session.snapshot()).destroy();
      expect(session.position).toBe(1 + tokens.length);
    }
    expect(tokens).toEqual(expected);
    session.destroy();
  });

  test('the empty submissions that Firefox needs change nothing', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 Gecko/20100101 Firefox/145.0' });
    const session = await model.session();
    expect(await collect(session, [2], { maxTokens: 6 })).toEqual(expectedTokens([2], 6));
    session.destroy();
    vi.unstubAllGlobals();
  });

  test('a seed gives the same tokens again, another one others', async () => {
    const session = await model.session();
    const drawn: (readonly number[])[] = [];
    for (const [seed, tokensPerReadback] of [
      [1, 1],
      [1, 5],
      [2, 1],
    ] as const) {
      await session.reset();
      drawn.push(await collect(session, [0], { maxTokens: 12, temperature: 1, seed, tokensPerReadback }));
    }
    expect(drawn[1]).toEqual(drawn[0]);
    expect(drawn[2]).not.toEqual(drawn[0]);
    session.destroy();
  });

  test('changing the sequence meanwhile is an error', async () => {
    const session = await model.session();
    const tokens = session.generate([2], { maxTokens: 20, tokensPerReadback: 3 });
    await tokens.next();
    await session.prefill([1]);
    await expect(tokens.next()).rejects.toMatchObject({ code: 'session_changed' });
    expect(await next(session)).toEqual(after([2, ...expectedTokens([2], 1), 1]));
    session.destroy();
  });

  test('an abort leaves what was given', async () => {
    const session = await model.session();
    const abort = new AbortController();
    const tokens: number[] = [];
    const run = async () => {
      const options = { maxTokens: 20, tokensPerReadback: 4, signal: abort.signal };
      for await (const token of session.generate([2], options)) {
        tokens.push(token);
        if (tokens.length === 6) abort.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'aborted' });
    expect(tokens).toEqual(expectedTokens([2], 6));
    expect(await next(session)).toEqual(after([2, ...tokens]));
    session.destroy();
  });
});

describeOnDevice('states by name', () => {
  test('are read, and set from outside', async () => {
    const name = model.plan.states[0]?.name ?? '';
    const session = await model.session();
    await session.prefill([1, 2]);
    const held = await session.state(name);
    const other = await model.session();
    await other.setState(name, held);
    await expect(other.logits()).rejects.toMatchObject({ code: 'no_logits' });
    await other.prefill([5]);
    expect(await next(other)).toEqual(after([1, 2, 5]));
    await other.reset();
    await other.prefill([5]);
    expect(await next(other)).toEqual(after([5]));
    for (const freed of [session, other]) freed.destroy();
  });

  test('are refused where there is none of that name or size', async () => {
    const session = await model.session();
    const name = model.plan.states[0]?.name ?? '';
    await expect(session.state('nothing')).rejects.toMatchObject({ code: 'no_such_state' });
    await expect(session.setState(name, [])).rejects.toMatchObject({ code: 'bad_option' });
    session.destroy();
  });
});

describeOnDevice('snapshots', () => {
  test('restore, fork and bytes all continue as the original would', async () => {
    const session = await model.session();
    const first = await collect(session, PROMPT, { maxTokens: 5 });
    const snapshot = await session.snapshot();
    const expected = expectedTokens([...PROMPT, ...first], 8);
    const fork = await session.fork();
    const bytes = await snapshot.toBytes();
    expect(await collect(session, [], { maxTokens: 8 })).toEqual(expected);
    expect(await collect(fork, [], { maxTokens: 8 })).toEqual(expected);
    await session.restore(snapshot);
    expect(session.position).toBe(PROMPT.length + 5);
    expect(await collect(session, [], { maxTokens: 8 })).toEqual(expected);
    const revived = await model.sessionFromBytes(bytes);
    expect(await collect(revived, [], { maxTokens: 8 })).toEqual(expected);
    const again = await model.snapshotFromBytes(bytes);
    expect(again.position).toBe(snapshot.position);
    expect(await again.toBytes()).toEqual(bytes);
    for (const freed of [snapshot, again, fork, revived, session]) freed.destroy();
  });

  test('a snapshot of an empty session, and damaged bytes', async () => {
    const session = await model.session();
    const empty = await session.snapshot();
    await session.prefill([1, 2]);
    await session.restore(empty);
    await expect(session.logits()).rejects.toMatchObject({ code: 'no_logits' });
    await session.prefill([5]);
    expect(await next(session)).toEqual(after([5]));
    const bytes = await empty.toBytes();
    const damaged = [
      bytes.slice(0, 7),
      bytes.slice(0, 40),
      bytes.slice(0, -4),
      bytes.map((b, i) => (i === 30 ? b ^ 1 : b)),
    ];
    for (const bad of damaged)
      await expect(model.snapshotFromBytes(bad)).rejects.toMatchObject({ code: 'bad_snapshot' });
    empty.destroy();
    await expect(session.restore(empty)).rejects.toMatchObject({ code: 'destroyed' });
    session.destroy();
  });
});

describeOnDevice('mistakes', () => {
  test('tokens out of range and empty prompts are told before anything runs', async () => {
    const session = await model.session();
    for (const bad of [VOCAB, -1, 1.5, NaN])
      await expect(session.prefill([1, bad])).rejects.toMatchObject({ code: 'token_out_of_range' });
    await expect(session.prefill([])).rejects.toMatchObject({ code: 'empty_prompt' });
    await expect(collect(session, [], {})).rejects.toMatchObject({ code: 'empty_prompt' });
    await expect(session.decode()).rejects.toMatchObject({ code: 'bad_option' });
    await expect(session.logits()).rejects.toMatchObject({ code: 'no_logits' });
    await expect(session.sample()).rejects.toMatchObject({ code: 'no_logits' });
    for (const options of [
      { temperature: -1 },
      { topP: 0 },
      { topK: 0.5 },
      { maxTokens: -1 },
      { tokensPerReadback: 9 },
    ])
      await expect(collect(session, [1], options)).rejects.toMatchObject({ code: 'bad_option' });
    expect(session.position).toBe(0);
    session.destroy();
    await expect(session.prefill([1])).rejects.toMatchObject({ code: 'destroyed' });
  });

  test('two calls at once are refused', async () => {
    const session = await model.session();
    const first = session.prefill(PROMPT);
    await expect(session.prefill([1])).rejects.toMatchObject({ code: 'session_busy' });
    session.destroy();
    await first;
    await expect(session.prefill([1])).rejects.toMatchObject({ code: 'destroyed' });
    const other = await model.session();
    await other.prefill([1]);
    expect(await next(other)).toEqual(after([1]));
    other.destroy();
  });

  test('a full cache is an error before running, and an end where no number was asked for', async () => {
    const { device } = opened;
    const small = await load(bigramPlan({ capacity: 8 }), { weights: WEIGHTS, device });
    const session = await small.session();
    const full = { code: 'capacity_exceeded' };
    await expect(session.prefill(PROMPT.slice(0, 9))).rejects.toMatchObject(full);
    await expect(collect(session, [1, 2, 3], { maxTokens: 7 })).rejects.toMatchObject(full);
    expect(session.position).toBe(0);
    expect(await collect(session, [1, 2, 3], { maxTokens: 6 })).toEqual(expectedTokens([1, 2, 3], 6));
    await expect(session.logits()).rejects.toMatchObject(full);
    await session.reset();
    expect(await collect(session, [1, 2, 3], { tokensPerReadback: 4 })).toEqual(expectedTokens([1, 2, 3], 6));
    small.destroy();
  });

  test('logits that are not finite are told with advice', async () => {
    const broken = await load(bigramPlan({ derived: [scaledTable(NaN)] }), {
      weights: WEIGHTS,
      device: opened.device,
    });
    const session = await broken.session();
    await session.prefill([1]);
    await expect(session.logits()).rejects.toThrow(/--check/);
    await expect(session.prefillAll([1])).rejects.toThrow(/after position 1 are not finite/);
    await expect(session.sample()).rejects.toMatchObject({ code: 'not_finite' });
    await expect(collect(session, [1], { maxTokens: 3 })).rejects.toMatchObject({ code: 'not_finite' });
    broken.destroy();
  });
});

testOnDevice('measure gives a time for every call and leaves the sequence alone', async () => {
  const session = await model.session();
  await session.prefill(PROMPT);
  for (const program of ['decode', 'prefill', 'sample'] as const) {
    const times = await session.measure({ program, repeats: 3 });
    expect(times?.map(({ label }) => label)).toEqual(model.plan.programs[program].map(({ label }) => label));
  }
  expect(await next(session)).toEqual(after(PROMPT));
  expect(await collect(session, [], { maxTokens: 3 })).toEqual(expectedTokens(PROMPT, 3));
  session.destroy();
});
