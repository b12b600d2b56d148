// Snapshots as bytes: what a file must have to be taken, and what is said of one that is not.
import { assert, asyncProperty, nat, record } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from '../../runtime/index.ts';
import type { LoadedModel, Plan } from '../../runtime/index.ts';
import { openSoftwareDevice } from '../support/device.ts';
import type { TestDevice } from '../support/device.ts';
import { bigramPlan, expectedLogits, expectedTokens, TABLE, VOCAB, WEIGHTS } from './bigram.ts';
import { describeOnDevice } from './on-device.ts';
import { writeSafetensors } from './write-safetensors.ts';

let opened: TestDevice;
let model: LoadedModel;
let bytes: Uint8Array<ArrayBuffer>;

const PROMPT = [3, 1, 4, 1, 5, 9];
const DRAWN = expectedTokens(PROMPT, 3);

beforeAll(async () => {
  opened = await openSoftwareDevice();
  model = await load(bigramPlan(), { weights: WEIGHTS, device: opened.device });
  const session = await model.session();
  for await (const token of session.generate(PROMPT, { maxTokens: 3 })) expect(DRAWN).toContain(token);
  const snapshot = await session.snapshot();
  bytes = await snapshot.toBytes();
  snapshot.destroy();
  session.destroy();
});
afterAll(() => {
  model.destroy();
  opened.close();
});

/** What is said of these bytes. */
async function refusal(of: LoadedModel, damaged: Uint8Array): Promise<string> {
  const refused = of.sessionFromBytes(damaged);
  await expect(refused).rejects.toMatchObject({ code: 'bad_snapshot' });
  return refused.then(
    () => '',
    (error: unknown) => String(error),
  );
}

async function other(changes: Partial<Plan>, weights: Uint8Array = WEIGHTS): Promise<LoadedModel> {
  return load(bigramPlan(changes), { weights, device: opened.device });
}

describeOnDevice('a snapshot’s bytes', () => {
  test('give the session back with its tokens, and it can go back further than the snapshot', async () => {
    const session = await model.sessionFromBytes(bytes);
    expect([...session.tokens]).toEqual([...PROMPT, ...DRAWN]);
    await session.rollback(5);
    expect([...(await session.logits())]).toEqual(expectedLogits(PROMPT.slice(0, 4)).at(-1));
    session.destroy();
  });

  test('are known by where they begin, and by their version', async () => {
    expect(await refusal(model, new Uint8Array(0))).toMatch(/does not begin as a snapshot does/);
    expect(await refusal(model, WEIGHTS)).toMatch(/does not begin as a snapshot does/);
    const newer = bytes.slice();
    newer[8] = 9;
    expect(await refusal(model, newer)).toMatch(/version 9, and this runtime reads 2/);
  });

  test('that are cut off or longer are refused, wherever', async () => {
    for (let length = 0; length < bytes.length; length += 13) await refusal(model, bytes.slice(0, length));
    expect(await refusal(model, bytes.slice(0, -4))).toMatch(/has \d+ bytes and should have \d+/);
    expect(await refusal(model, Uint8Array.from([...bytes, 0]))).toMatch(/has \d+ bytes and should have \d+/);
  });

  test('with one bit changed are refused, whichever', async () => {
    const at = record({ byte: nat(bytes.length - 1), bit: nat(7) });
    const run = async ({ byte, bit }: { readonly byte: number; readonly bit: number }): Promise<void> => {
      await refusal(
        model,
        bytes.map((value, i) => (i === byte ? value ^ (1 << bit) : value)),
      );
    };
    await assert(asyncProperty(at, run), { numRuns: 150, seed: 3 });
    expect(
      await refusal(
        model,
        bytes.map((value, i) => (i === bytes.length - 1 ? value ^ 1 : value)),
      ),
    ).toMatch(/damaged/);
  });

  test('of other models, versions, weights and plans are told apart', async () => {
    const named = await other({ name: 'Trigram' });
    expect(await refusal(named, bytes)).toMatch(/of the model `Bigram`, and this is `Trigram`/);
    const changed = await other({ identity: 'another' });
    expect(await refusal(changed, bytes)).toMatch(/another version of `Bigram`/);
    const values = TABLE.map((value, i) => (i === 0 ? value + 1 : value));
    const table = { dtype: 'F32', shape: [VOCAB, VOCAB], values } as const;
    const tuned = await other({}, writeSafetensors({ table }));
    expect(await refusal(tuned, bytes)).toMatch(/other weights for `Bigram`/);
    const [state] = bigramPlan().states;
    if (state === undefined) throw new Error('the model has a state');
    const larger = await other({ states: [{ ...state, bytes: 32 }] });
    expect(await refusal(larger, bytes)).toMatch(/compiled in another way/);
    for (const made of [named, changed, tuned, larger]) made.destroy();
  });

  test('say what they may, but nothing is made for it', async () => {
    const text = new TextDecoder().decode(bytes);
    for (const lie of ['"position":9', '"seen":', '"state":', '"first":0']) expect(text, lie).toContain(lie);
    const start = text.indexOf('"position":9');
    const huge = bytes.slice();
    huge.set(new TextEncoder().encode('"position":8'), start);
    await refusal(model, huge);
  });
});
