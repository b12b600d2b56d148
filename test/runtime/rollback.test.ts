// Going back: a session that has forgotten tokens is as one that never had them, whatever it did before.
import { array, assert, asyncProperty, constantFrom, integer, nat, record } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from '../../runtime/index.ts';
import type {
  GenerateOptions,
  LoadedModel,
  RollbackOptions,
  Session,
  Snapshot,
} from '../../runtime/index.ts';
import { openSoftwareDevice } from '../support/device.ts';
import type { TestDevice } from '../support/device.ts';
import { bigramPlan, expectedLogits, expectedTokens, VOCAB, WEIGHTS } from './bigram.ts';
import { countCalls } from './count-calls.ts';
import { describeOnDevice } from './on-device.ts';

let opened: TestDevice;
let model: LoadedModel;

beforeAll(async () => {
  opened = await openSoftwareDevice();
  model = await load(bigramPlan(), { weights: WEIGHTS, device: opened.device });
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

/** The session is exactly `tokens`. */
async function expectSequence(session: Session, tokens: readonly number[]): Promise<void> {
  expect([...session.tokens]).toEqual(tokens);
  expect(session.position).toBe(tokens.length);
  if (tokens.length === 0) await expect(session.logits()).rejects.toMatchObject({ code: 'no_logits' });
  else expect([...(await session.logits())]).toEqual(expectedLogits(tokens).at(-1));
}

describeOnDevice('going back', () => {
  test.each([1, 2, 5, 10, 11])('by %i tokens after a prefill', async (count) => {
    const session = await model.session();
    await session.prefill(PROMPT);
    await session.rollback(count);
    await expectSequence(session, PROMPT.slice(0, PROMPT.length - count));
    session.destroy();
  });

  test.each([
    [1, 1],
    [4, 1],
    [9, 4],
    [20, 8],
    [23, 1],
  ])('by %i tokens after a generation with %i per readback', async (count, tokensPerReadback) => {
    const session = await model.session({ rollback: { every: 4 } });
    const drawn = await collect(session, PROMPT, { maxTokens: 20, tokensPerReadback });
    const left = [...PROMPT, ...drawn].slice(0, -count);
    await session.rollback(count);
    expect(await collect(session, [], { maxTokens: 7 })).toEqual(expectedTokens(left, 7));
    await expectSequence(session, [...left, ...expectedTokens(left, 7)]);
    session.destroy();
  });

  test('runs only what lies behind the nearest copy', async () => {
    const session = await model.session({ rollback: { every: 8, copies: 100 } });
    await collect(session, PROMPT, { maxTokens: 64 });
    expect(await session.rollback(1)).toBe(0);
    for (const count of [3, 13, 17]) expect(await session.rollback(count)).toBeLessThan(8);
    session.destroy();
    const without = await model.session({ rollback: { copies: 0 } });
    await without.prefill(PROMPT);
    expect(await without.rollback(1)).toBe(PROMPT.length - 2);
    await expectSequence(without, PROMPT.slice(0, -1));
    without.destroy();
  });

  test('to where a prompt or a generation began runs nothing', async () => {
    const session = await model.session({ rollback: { every: 16 } });
    const first = await collect(session, PROMPT, { maxTokens: 5 });
    const second = await collect(session, [7, 7, 7], { maxTokens: 5 });
    expect(second).toHaveLength(5);
    expect(await session.rollback(5)).toBe(0);
    await expectSequence(session, [...PROMPT, ...first, 7, 7, 7]);
    expect(await session.rollback(3)).toBe(0);
    await expectSequence(session, [...PROMPT, ...first]);
    session.destroy();
  });

  test('the further back, the more has to run, but never the whole of a long text', async () => {
    const session = await model.session({ rollback: { every: 4, copies: 6 } });
    const drawn = await collect(session, PROMPT, { maxTokens: 300 });
    let length = PROMPT.length + drawn.length;
    for (const count of [10, 40, 100]) {
      length -= count;
      const ran = await session.rollback(count);
      expect(ran).toBeLessThan(length);
      expect(ran).toBeLessThanOrEqual(3 * count);
      await expectSequence(session, [...PROMPT, ...drawn].slice(0, length));
    }
    session.destroy();
  });

  test('the random numbers go on where they were', async () => {
    const session = await model.session();
    const options = { maxTokens: 12, temperature: 1, seed: 5 };
    const drawn = await collect(session, PROMPT, options);
    await session.rollback(6);
    expect(await collect(session, [], { maxTokens: 6, temperature: 1 })).not.toEqual(drawn.slice(6));
    await session.rollback(6);
    const other = await model.session();
    await collect(other, PROMPT, { ...options, maxTokens: 6 });
    const rest = { maxTokens: 6, temperature: 1 };
    expect(await collect(session, [], rest)).toEqual(await collect(other, [], rest));
    session.destroy();
    other.destroy();
  });

  test('ends where a state was set from outside', async () => {
    for (const before of [0, 3]) {
      const [session, other] = await Promise.all([model.session(), model.session()]);
      if (before > 0) await session.prefill(PROMPT.slice(0, before));
      await session.setState('layers.0.sum', [100, 0, 0, 0]);
      await other.setState('layers.0.sum', [100, 0, 0, 0]);
      await session.prefill([1, 2, 3, 4, 5, 6]);
      await other.prefill([1, 2, 7]);
      await session.rollback(4);
      await session.prefill([7]);
      expect(await session.logits()).toEqual(await other.logits());
      await session.rollback(3);
      await session.prefill([1, 2, 7]);
      expect(await session.logits()).toEqual(await other.logits());
      if (before > 0) await expect(session.rollback(4)).rejects.toThrow(/go back by 3 of its 6 tokens/);
      else expect(await session.edit([1, 2, 7, 8])).toEqual({ kept: 3, ran: 1 });
      session.destroy();
      other.destroy();
    }
  });

  test('during a generation ends it', async () => {
    const session = await model.session();
    const tokens = session.generate([2], { maxTokens: 20, tokensPerReadback: 3 });
    await tokens.next();
    await tokens.next();
    await session.rollback(1);
    await expect(tokens.next()).rejects.toMatchObject({ code: 'session_changed' });
    await expectSequence(session, [2, ...expectedTokens([2], 1)]);
    session.destroy();
  });

  test('an abort leaves a part of what was asked for', async () => {
    const session = await model.session({ rollback: { copies: 0 } });
    const long = Array.from({ length: 64 }, (_, i) => (i * 5 + 1) % VOCAB);
    await session.prefill(long);
    const abort = new AbortController();
    const back = session.rollback(2, { signal: abort.signal });
    abort.abort();
    await expect(back).rejects.toMatchObject({ code: 'aborted' });
    expect(session.position).toBeLessThan(62);
    const left = long.slice(0, session.position);
    await session.prefill([7]);
    await expectSequence(session, [...left, 7]);
    session.destroy();
  });

  test('too far, or by what is no number of tokens, changes nothing', async () => {
    const session = await model.session();
    await session.prefill([1, 2, 3]);
    await expect(session.rollback(4)).rejects.toThrow('the sequence has 3 tokens, so it cannot go back by 4');
    for (const bad of [-1, 0.5, NaN])
      await expect(session.rollback(bad)).rejects.toMatchObject({ code: 'bad_option' });
    for (const rollback of [{ every: 0 }, { copies: -1 }, { bytes: 0.5 }, { tokens: 0 }])
      await expect(model.session({ rollback })).rejects.toMatchObject({ code: 'bad_option' });
    await expectSequence(session, [1, 2, 3]);
    session.destroy();
  });

  test('further than tokens are remembered says how far it can go', async () => {
    const session = await model.session({ rollback: { tokens: 256, every: 100 } });
    const long = Array.from({ length: 700 }, (_, i) => (i * 7 + 2) % VOCAB);
    await session.prefill(long);
    expect(session.tokens.length).toBeLessThan(700);
    const refused = session.rollback(600);
    await expect(refused).rejects.toMatchObject({ code: 'rollback_too_far' });
    const message = await refused.catch(String);
    const [, most = '0'] = /can go back by (\d+) of its 700 tokens/.exec(String(message)) ?? [];
    expect(Number(most)).toBeGreaterThan(150);
    await expect(session.rollback(Number(most) + 1)).rejects.toMatchObject({ code: 'rollback_too_far' });
    await session.rollback(Number(most));
    expect([...(await session.logits())]).toEqual(expectedLogits(long.slice(0, 700 - Number(most))).at(-1));
    await session.rollback(700 - Number(most));
    await expectSequence(session, []);
    session.destroy();
  });
});

describeOnDevice('editing', () => {
  test('keeps what is the same at the start and runs the rest', async () => {
    const session = await model.session({ rollback: { every: 4, copies: 20 } });
    await session.prefill(PROMPT);
    expect(await session.edit([...PROMPT, 7, 8])).toEqual({ kept: 11, ran: 2 });
    await expectSequence(session, [...PROMPT, 7, 8]);
    const edited = [...PROMPT.slice(0, 9), 1, 1, 1];
    const { kept, ran } = await session.edit(edited);
    expect(kept).toBe(9);
    expect(ran).toBeLessThanOrEqual(3 + 4);
    await expectSequence(session, edited);
    expect(await session.edit(edited)).toEqual({ kept: 12, ran: 0 });
    expect(await session.edit(edited.slice(0, 10))).toMatchObject({ kept: 10 });
    await expectSequence(session, edited.slice(0, 10));
    expect(await session.edit([8, 8])).toEqual({ kept: 0, ran: 2 });
    await expectSequence(session, [8, 8]);
    await session.edit([]);
    await expectSequence(session, []);
    await expect(session.edit([1, VOCAB])).rejects.toMatchObject({ code: 'token_out_of_range' });
    session.destroy();
  });
});

interface Step {
  readonly what: keyof typeof STEPS;
  readonly count: number;
}

/** A session in the course of a test, and what its tokens should be. */
interface Trial {
  readonly session: Session;
  tokens: readonly number[];
  kept: { readonly tokens: readonly number[]; readonly snapshot: Snapshot } | null;
}

/** What a session may be told; each says what its tokens are then. */
const STEPS = {
  prefill: async ({ session, tokens }: Trial, count: number) => {
    const text = PROMPT.slice(0, 1 + (count % 11));
    await session.prefill(text);
    return [...tokens, ...text];
  },
  decode: async ({ session, tokens }: Trial, count: number) => {
    await session.decode(count % VOCAB);
    return [...tokens, count % VOCAB];
  },
  rollback: async ({ session, tokens }: Trial, count: number) => {
    const back = Math.min(count, tokens.length);
    await session.rollback(back);
    return tokens.slice(0, tokens.length - back);
  },
  edit: async ({ session, tokens }: Trial, count: number) => {
    const edited = [...tokens.slice(0, count), 1, 2];
    await session.edit(edited);
    return edited;
  },
  snapshot: async (trial: Trial) => {
    trial.kept?.snapshot.destroy();
    trial.kept = { tokens: trial.tokens, snapshot: await trial.session.snapshot() };
    return trial.tokens;
  },
  restore: async ({ session, tokens, kept }: Trial) => {
    if (kept !== null) await session.restore(kept.snapshot);
    return kept?.tokens ?? tokens;
  },
  generate: async ({ session, tokens }: Trial, count: number) => {
    if (tokens.length === 0) return tokens;
    const drawn = await collect(session, [], { maxTokens: count, tokensPerReadback: 4 });
    expect(drawn).toEqual(expectedTokens(tokens, count));
    return [...tokens, ...drawn];
  },
  leave: async ({ session, tokens }: Trial, count: number) => {
    if (tokens.length === 0) return tokens;
    const drawn: number[] = [];
    for await (const token of session.generate([], { maxTokens: 20, tokensPerReadback: 3 })) {
      drawn.push(token);
      if (drawn.length > count % 5) break;
    }
    return [...tokens, ...drawn];
  },
  logits: async ({ session, tokens }: Trial) => {
    await expectSequence(session, tokens);
    return tokens;
  },
} as const;

const STEP = record({
  what: constantFrom(
    'prefill',
    'decode',
    'rollback',
    'edit',
    'snapshot',
    'restore',
    'generate',
    'leave',
    'logits',
  ),
  count: nat(20),
});

async function runSteps(steps: readonly Step[], rollback: RollbackOptions): Promise<void> {
  const trial: Trial = { session: await model.session({ rollback }), tokens: [], kept: null };
  for (const { what, count } of steps) trial.tokens = await STEPS[what](trial, count);
  await expectSequence(trial.session, trial.tokens);
  trial.kept?.snapshot.destroy();
  trial.session.destroy();
}

describeOnDevice('whatever a session does', () => {
  test('it is what its tokens make it', async () => {
    const options = record({ every: integer({ min: 1, max: 20 }), copies: nat(4) });
    const steps = array<Step>(STEP, { maxLength: 14 });
    await assert(asyncProperty(steps, options, runSteps), { numRuns: 120, seed: 20, endOnFailure: true });
  });
});

describeOnDevice('what a copy costs', () => {
  test('is one submission of copies when it is due, and no object once the ring is full', async () => {
    const { device, counts } = countCalls(opened.device);
    const counted = await load(bigramPlan(), { weights: WEIGHTS, device });
    const session = await counted.session({ rollback: { every: 8, copies: 2 } });
    let before = new Map<string, number>();
    let seen = 0;
    for await (const token of session.generate([1, 2], { maxTokens: 100 })) {
      expect(token).toBeLessThan(VOCAB);
      seen++;
      if (seen === 40) before = new Map(counts);
      if (seen === 80) break;
    }
    const spent = [...counts].map(([call, count]) => [call, count - (before.get(call) ?? 0)] as const);
    expect(Object.fromEntries(spent.filter(([, count]) => count > 0))).toEqual({
      createCommandEncoder: 45,
      beginComputePass: 40,
      submit: 45,
      mapAsync: 40,
    });
    counted.destroy();
  });
});
