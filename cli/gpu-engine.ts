// A model on a WebGPU device.
import type { Plan } from '../runtime/plan.ts';
import { outputsOf } from '../runtime/ends.ts';
import { load } from '../runtime/load.ts';
import type { Bundle } from '../runtime/bundle.ts';
import type { LoadedModel } from '../runtime/model.ts';
import type { Session } from '../runtime/session.ts';
import type { WeightsInput } from '../runtime/weights/checkpoint.ts';
import type { OpenedDevice } from './adapter.ts';
import {
  type Conversation,
  type Engine,
  type EngineEnds,
  type EngineValues,
  type GenerateRequest,
  joinRuns,
  partOf,
  type SequenceInput,
} from './engine.ts';
import type { Progress } from './progress.ts';

export interface GpuEngine extends Engine {
  readonly model: LoadedModel;
}

/** Loads weights onto the device. `close` frees the model and the device. */
export async function createGpuEngine(
  bundle: Bundle,
  weights: WeightsInput,
  opened: OpenedDevice,
  progress: Progress,
): Promise<GpuEngine> {
  const model = await load(bundle, {
    weights,
    device: opened.device,
    onProgress: ({ stage, done, total }) => {
      if (stage === 'weights') progress.update(done, total);
    },
  });
  const ends = endsOfPlan(model.plan);
  return {
    name: opened.name,
    ...ends,
    model,
    converse: async (state) =>
      conversationOf(state === undefined ? await model.session() : await model.sessionFromBytes(state)),
    logits: (tokens, runs) => logits(model, tokens, runs),
    encode: (input, runs) => encode(model, ends, input, runs),
    close: () => {
      model.destroy();
      opened.close();
    },
  };
}

function conversationOf(session: Session): Conversation {
  return {
    get length() {
      return session.position;
    },
    generate: (prompt, request) => generate(session, prompt, request),
    edit: (tokens) => session.edit(tokens),
    rollback: async (count) => {
      await session.rollback(count);
    },
    save: async () => {
      const snapshot = await session.snapshot();
      try {
        return await snapshot.toBytes();
      } finally {
        snapshot.destroy();
      }
    },
    close: () => session.destroy(),
  };
}

async function* generate(
  session: Session,
  prompt: readonly number[],
  request: GenerateRequest,
): AsyncGenerator<number, void, void> {
  for await (const token of session.generate(prompt, request)) {
    if (request.stop.includes(token)) return;
    yield token;
  }
}

async function logits(
  model: LoadedModel,
  tokens: readonly number[],
  runs: readonly number[],
): Promise<Float32Array> {
  const { vocab } = model.plan;
  const session = await model.session();
  const all = new Float32Array(tokens.length * vocab);
  try {
    let at = 0;
    for (const count of runs) {
      all.set(await runLogits(session, tokens.slice(at, at + count)), at * vocab);
      at += count;
    }
    return all;
  } finally {
    session.destroy();
  }
}

/** What goes into a plan's model and what comes out. */
export function endsOfPlan(plan: Plan): EngineEnds {
  const { vocab, features, readsAhead } = plan;
  return {
    vocab,
    ...(features !== undefined && { features: { name: features.name, shape: sizesOf(features.axes) } }),
    outputs: outputsOf(plan).map(({ name, per, axes }) => ({ name, per, shape: sizesOf(axes) })),
    ...(readsAhead !== undefined && { readsAhead }),
  };
}

function sizesOf(axes: readonly { readonly size: number }[]): readonly number[] {
  return axes.map(({ size }) => size);
}

async function encode(
  model: LoadedModel,
  ends: EngineEnds,
  input: SequenceInput,
  runs: readonly number[],
): Promise<EngineValues> {
  const encoder = await model.encoder();
  const parts: EngineValues[] = [];
  try {
    let at = 0;
    for (const count of runs) {
      at += count;
      const given = await encoder.run(partOf(ends, input, at - count, at));
      parts.push(Object.fromEntries(Object.entries(given).map(([name, { data }]) => [name, data])));
    }
    return joinRuns(ends.outputs, parts);
  } finally {
    encoder.destroy();
  }
}

async function runLogits(session: Session, tokens: readonly number[]): Promise<Float32Array> {
  const [only] = tokens;
  if (tokens.length !== 1 || only === undefined) return session.prefillAll(tokens);
  await session.decode(only);
  return session.logits();
}
