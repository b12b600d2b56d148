// Sampling on the GPU: greedy ties, what each processor leaves, frequencies, and how the run advances.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample } from '../../compiler/kernels/sample.ts';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { printKernel } from '../../compiler/kernels/wgsl.ts';
import { CONTROL } from '../../runtime/plan.ts';
import { openNullDevice, openSoftwareDevice, shaderErrors, type TestDevice } from '../support/device.ts';
import { PLAIN, processedScores, type ScoreSettings, softmax } from '../support/hf-scores.ts';
import { noise } from './attend-cases.ts';

interface Settings extends ScoreSettings {
  readonly seed: number;
  /** Tokens that the sequence has had. */
  readonly seen: readonly number[];
}

const DEFAULT: Settings = { ...PLAIN, seed: 0, seen: [] };
const GREEDY: Settings = { ...DEFAULT, temperature: 0 };

interface Drawn {
  readonly tokens: readonly number[];
  readonly next: number;
  readonly control: Uint32Array;
}

function kernel(vocab: number, ring: number): string {
  const made = sample({ vocab, ring }, DEFAULT_TARGET);
  return printKernel(['Draws a token'], made.bindings, made.body);
}

function controlWords(settings: Settings): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(CONTROL.words);
  const floats = new Float32Array(words.buffer);
  words[CONTROL.position] = 10;
  words[CONTROL.count] = 7;
  words[CONTROL.seed] = settings.seed;
  words[CONTROL.topK] = settings.topK;
  floats[CONTROL.temperature] = settings.temperature;
  floats[CONTROL.topP] = settings.topP;
  floats[CONTROL.minP] = settings.minP;
  floats[CONTROL.repetitionPenalty] = settings.repetitionPenalty;
  return words;
}

function seenWords(vocab: number, tokens: readonly number[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(vocab / 32));
  for (const token of tokens) words[token >>> 5] = (words[token >>> 5] ?? 0) | (1 << (token & 31));
  return words;
}

/** Draws of one test at most, and words of `sampled`. */
const RING = 2048;

interface Bench {
  readonly device: GPUDevice;
  /** By vocabulary: compiling is what takes longest. */
  readonly pipelines: Map<number, Promise<GPUComputePipeline>>;
}

function pipelineFor({ device, pipelines }: Bench, vocab: number): Promise<GPUComputePipeline> {
  const known = pipelines.get(vocab);
  if (known !== undefined) return known;
  const shader = device.createShaderModule({ code: kernel(vocab, RING) });
  const made = device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: shader, entryPoint: 'main' },
  });
  pipelines.set(vocab, made);
  return made;
}

/** Draws `times` tokens from the same logits, in one pass, as a run does. */
async function draw(
  bench: Bench,
  logits: Float32Array<ArrayBuffer>,
  settings: Settings,
  times: number,
): Promise<Drawn> {
  const { device } = bench;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const seen = seenWords(logits.length, settings.seen);
  const data = [logits, controlWords(settings), new Uint32Array(4), new Uint32Array(RING), seen];
  const buffers = data.map((values) => {
    const buffer = device.createBuffer({ size: values.byteLength, usage });
    device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  });
  const pipeline = await pipelineFor(bench, logits.length);
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  for (let time = 0; time < times; time++) pass.dispatchWorkgroups(1);
  pass.end();
  const sizes = [64, 16, 4 * times];
  const copies = sizes.map((size) =>
    device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }),
  );
  copies.forEach((copy, index) => {
    const source = buffers[index + 1];
    if (source !== undefined) encoder.copyBufferToBuffer(source, 0, copy, 0, copy.size);
  });
  device.queue.submit([encoder.finish()]);
  const [control, tokens, sampled] = await Promise.all(
    copies.map(async (copy) => {
      await copy.mapAsync(GPUMapMode.READ);
      return new Uint32Array(copy.getMappedRange().slice(0));
    }),
  );
  for (const buffer of [...buffers, ...copies]) buffer.destroy();
  return { tokens: [...(sampled ?? [])], next: tokens?.[0] ?? NaN, control: control ?? new Uint32Array() };
}

function reference(logits: Float32Array, settings: Settings): readonly number[] {
  return softmax(processedScores(logits, settings, new Set(settings.seen)));
}

/** Every token drawn may be drawn, and its frequency is within five standard deviations of its probability. */
function expectDraws(drawn: readonly number[], probabilities: readonly number[]): void {
  const counts = probabilities.map(() => 0);
  for (const token of drawn) counts[token] = (counts[token] ?? 0) + 1;
  probabilities.forEach((probability, token) => {
    const count = counts[token] ?? 0;
    if (probability === 0) expect(count, `token ${token}`).toBe(0);
    const deviation = Math.sqrt(drawn.length * probability * (1 - probability));
    expect(Math.abs(count - drawn.length * probability), `token ${token}`).toBeLessThanOrEqual(
      5 * deviation + 1,
    );
  });
}

const logitsOf = (vocab: number, seed: number, spread = 3): Float32Array<ArrayBuffer> =>
  noise(vocab, seed).map((value) => value * spread);

describe('sampling', () => {
  let opened: TestDevice;
  let bench: Bench;
  let compiling: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
    bench = { device: opened.device, pipelines: new Map() };
    compiling = await openNullDevice();
  });
  afterAll(() => {
    opened.close();
    compiling.close();
  });

  it('takes the best token at temperature 0, for vocabularies of many sizes', async () => {
    for (const vocab of [1, 255, 256, 257]) {
      const logits = logitsOf(vocab, vocab);
      const { next } = await draw(bench, logits, GREEDY, 1);
      expect(next).toBe(logits.indexOf(Math.max(...logits)));
    }
  });

  it('takes the lowest of equal best tokens', async () => {
    const logits = new Float32Array(600).fill(-5);
    for (const token of [590, 258, 261, 517]) logits[token] = 4;
    expect((await draw(bench, logits, GREEDY, 1)).next).toBe(258);
    const zeroes = new Float32Array(600).fill(-1);
    zeroes[300] = -0;
    zeroes[301] = 0;
    expect((await draw(bench, zeroes, GREEDY, 1)).next).toBe(300);
    expect((await draw(bench, new Float32Array(70).fill(-3e38), GREEDY, 1)).next).toBe(0);
  });

  it('advances the run', async () => {
    const { tokens, next, control } = await draw(bench, Float32Array.of(0, 3, 1), GREEDY, 3);
    expect(tokens).toEqual([1, 1, 1]);
    expect(next).toBe(1);
    expect(control[CONTROL.position]).toBe(10 + 7 + 1 + 1);
    expect(control[CONTROL.count]).toBe(1);
    expect(control[CONTROL.drawn]).toBe(3);
    expect(control[CONTROL.broken]).toBe(0);
  });

  it('marks what is not finite, and draws something else', async () => {
    for (const bad of [NaN, -Infinity])
      for (const settings of [GREEDY, { ...DEFAULT, topK: 3, topP: 0.9, seed: 1, seen: [0, 2] }]) {
        const { next, control } = await draw(bench, Float32Array.of(bad, 1, bad, bad), settings, 1);
        expect(next).toBe(1);
        expect(control[CONTROL.broken]).toBe(1);
      }
    const infinite = await draw(bench, Float32Array.of(0, 1, Infinity), { ...GREEDY, temperature: 1 }, 1);
    expect(infinite.next).toBe(2);
    expect(infinite.control[CONTROL.broken]).toBe(1);
    const nothing = await draw(bench, Float32Array.of(NaN, NaN), { ...GREEDY, temperature: 1 }, 1);
    expect(nothing.next).toBe(0);
    expect(nothing.control[CONTROL.broken]).toBe(1);
  });

  const MANY: Readonly<Record<string, Settings & { readonly draws: number }>> = {
    'temperature alone': { ...DEFAULT, temperature: 1.3, seed: 1, draws: 2000 },
    'top-k': { ...DEFAULT, temperature: 0.8, topK: 6, seed: 2, draws: 500 },
    'top-p': { ...DEFAULT, topP: 0.7, seed: 3, draws: 500 },
    'top-k, then top-p': { ...DEFAULT, temperature: 0.9, topK: 9, topP: 0.8, seed: 4, draws: 800 },
    'min-p': { ...DEFAULT, temperature: 1.2, minP: 0.2, seed: 5, draws: 500 },
    'top-k and top-p that leave everything': { ...DEFAULT, topK: 40, topP: 1, seed: 6, draws: 500 },
    'top-k beyond the vocabulary': { ...DEFAULT, topK: 4e9, seed: 7, draws: 500 },
    everything: {
      repetitionPenalty: 1.3,
      temperature: 0.9,
      topK: 12,
      topP: 0.9,
      minP: 0.05,
      seed: 8,
      seen: Array.from({ length: 40 }, (_, token) => token),
      draws: 800,
    },
  };
  for (const [name, settings] of Object.entries(MANY))
    it(`${name}: ${settings.draws} draws`, async () => {
      const logits = logitsOf(40, 17);
      const { tokens } = await draw(bench, logits, settings, settings.draws);
      expectDraws(tokens, reference(logits, settings));
    });

  it('keeps all that tie at the threshold of top-k, and only as many as top-p needs', async () => {
    const logits = Float32Array.of(1, 2, 1, 3, 1, 0, -4, 1);
    const byCount = { ...DEFAULT, topK: 3, seed: 5 };
    expect(reference(logits, byCount).filter((p) => p > 0)).toHaveLength(6);
    expectDraws((await draw(bench, logits, byCount, 300)).tokens, reference(logits, byCount));
    const equal = new Float32Array(300).fill(0.5);
    const byMass = { ...DEFAULT, temperature: 0.7, topP: 0.05, seed: 6 };
    const { tokens } = await draw(bench, equal, byMass, 150);
    expect(new Set(tokens)).toEqual(new Set(Array.from({ length: 15 }, (_, token) => token)));
  });

  it('always takes the best when top-k is 1, top-p is 0 or min-p is 1', async () => {
    const logits = logitsOf(33, 3);
    const best = logits.indexOf(Math.max(...logits));
    for (const settings of [
      { ...DEFAULT, temperature: 5, topK: 1, seed: 1 },
      { ...DEFAULT, temperature: 5, topP: 0, seed: 1 },
      { ...DEFAULT, temperature: 5, minP: 1, seed: 1 },
    ]) {
      const { tokens } = await draw(bench, logits, settings, 20);
      expect(new Set(tokens)).toEqual(new Set([best]));
    }
  });

  it('penalises once what the sequence has had, and then what it draws', async () => {
    const logits = Float32Array.of(2, 1.5, -1, 0, -1.2);
    const penalty = { ...GREEDY, repetitionPenalty: 1.5 };
    // 2 → 2/1.5 < 1.5; then 1.5 → 1; then 1.333 again, which is not divided twice.
    expect((await draw(bench, logits, penalty, 4)).tokens).toEqual([0, 1, 0, 0]);
    expect((await draw(bench, logits, { ...penalty, seen: [0] }, 1)).tokens).toEqual([1]);
    const negative = Float32Array.of(-1, -1.2, -1.6);
    expect((await draw(bench, negative, { ...penalty, seen: [0] }, 3)).tokens).toEqual([1, 0, 0]);
    expect(
      (await draw(bench, logits, { ...GREEDY, repetitionPenalty: 0.1, seen: [3, 1] }, 1)).tokens,
    ).toEqual([1]);
  });

  it('draws what the processors leave, whatever they are told', async () => {
    for (let seed = 0; seed < 24; seed++) {
      const random = noise(6, 100 + seed);
      const pick = (at: number): number => Math.abs(random[at] ?? 0) % 1;
      const settings: Settings = {
        repetitionPenalty: 0.6 + pick(0),
        temperature: 0.2 + 2 * pick(1),
        topK: Math.floor(60 * pick(2)),
        topP: 0.1 + 0.9 * pick(3),
        minP: 0.5 * pick(4) ** 2,
        seed,
        seen: [seed, 3 * seed, 39],
      };
      const logits = logitsOf(257, seed, 5);
      const probabilities = reference(logits, settings);
      const { tokens } = await draw(bench, logits, settings, 1);
      for (const token of tokens) expect(probabilities[token], `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  it('repeats itself for a seed and differs between seeds', async () => {
    const logits = logitsOf(500, 8, 0.5);
    const settings = { ...DEFAULT, seed: 77 };
    const first = await draw(bench, logits, settings, 20);
    expect((await draw(bench, logits, settings, 20)).tokens).toEqual(first.tokens);
    expect((await draw(bench, logits, { ...settings, seed: 78 }, 20)).tokens).not.toEqual(first.tokens);
  });

  it('draws from large vocabularies only what is allowed', async () => {
    for (const settings of [
      { ...DEFAULT, topK: 50, topP: 0.9, seed: 9 },
      { ...DEFAULT, topP: 0.4, seed: 10 },
      { ...DEFAULT, topP: 0.95, minP: 0.3, repetitionPenalty: 1.2, seen: [3, 4, 50_256], seed: 11 },
    ]) {
      const logits = logitsOf(50_257, 4, 10);
      const probabilities = reference(logits, settings);
      const { tokens } = await draw(bench, logits, settings, 12);
      for (const token of tokens) expect(probabilities[token]).toBeGreaterThan(0);
    }
  });

  it('is accepted by the null backend for every vocabulary', async () => {
    for (const vocab of [1, 256, 1024, 151_936, 300_000])
      expect(await shaderErrors(compiling.device, kernel(vocab, 64))).toEqual([]);
  });
});
