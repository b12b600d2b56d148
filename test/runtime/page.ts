// Runs in a page: everything a session does, on the page's own WebGPU. Built and served by browser.test.ts.
import { load } from '../../runtime/index.ts';
import type { WeightsInput } from '../../runtime/index.ts';
import { bigramPlan, WEIGHTS } from './bigram.ts';

export interface PageResult {
  readonly generated: readonly (readonly number[])[];
  readonly revived: readonly number[];
  readonly refused: string;
}

/** `address` is where the weights are served. */
export async function runInPage(address: string): Promise<PageResult> {
  const generated: (readonly number[])[] = [];
  const inputs: WeightsInput[] = [address, new File([WEIGHTS], 'model.safetensors'), WEIGHTS];
  for (const [i, weights] of inputs.entries()) {
    const model = await load(bigramPlan(), { weights });
    const session = await model.session();
    generated.push(
      await collect(session.generate([3, 1, 4, 1, 5], { maxTokens: 12, tokensPerReadback: i + 1 })),
    );
    model.destroy();
  }
  const model = await load(bigramPlan(), { weights: WEIGHTS });
  const session = await model.session();
  await session.prefill([3, 1, 4, 1, 5]);
  const snapshot = await session.snapshot();
  const revived = await model.sessionFromBytes(await snapshot.toBytes());
  const tokens = await collect(revived.generate([], { maxTokens: 12 }));
  const refused = await load(bigramPlan({ requires: { features: ['no-such-feature'], limits: {} } }), {
    weights: WEIGHTS,
  }).then(String, String);
  model.destroy();
  return { generated, revived: tokens, refused };
}

async function collect(tokens: AsyncIterable<number>): Promise<readonly number[]> {
  const list: number[] = [];
  for await (const token of tokens) list.push(token);
  return list;
}
