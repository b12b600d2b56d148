// Encoders and models of features on the software adapter, against the reference executor; and what they refuse.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomCheckpoint } from '../../cli/random-weights.ts';
import { compile } from '../../compiler/compile.ts';
import { createReference, type RunInput, type RunOutputs } from '../../compiler/ir/interpret.ts';
import { readReferenceWeights } from '../../cli/reference-weights.ts';
import { load, type Encoded, type LoadedModel } from '../../runtime/index.ts';
import { inputOf } from '../check/graph-of.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';
import { describeOnDevice } from '../runtime/on-device.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';

const SIDES = `
mixer sides(state = 3) {
  axis n = state
  weight gain : width * n
  const pole = exp(-exp(gain))
  scan h[width, n] = 0 { h = pole * h + u }
  v = flip(u)
  scan g[width, n] = 0 { g = pole * g + v }
  return sum(h * gain, n) + flip(sum(g * gain, n)) + 0.3 * flip(u) * silu(u)
}`;

const ENCODER = `model two_ways {
  vocab 23
  width 12
  context 20
  stripe A, B
  A = sides(), B = swiglu(hidden: 16)
  output hidden
  output pooled per sequence {
    axis class = 5
    weight to : width -> class, bias
    scan s[width] = 0 { s = s + where(token == 0, 0, x) }
    return tanh(to(s / (position + 1)))
  }
  head tied
}${SIDES}`;

const LAYER = `model layer {
  input bands : band
  axis band = 5
  width 8
  embed { weight into : band -> width  return into(bands) }
  stripe X
  X = mamba(state: 3, inner: 8, dt_rank: 2)
}`;

interface Opened {
  readonly model: LoadedModel;
  readonly expected: (input: RunInput) => RunOutputs;
}

let device: TestDevice;
let encoder: Opened;
let layer: Opened;

beforeAll(async () => {
  device = await openSoftwareDevice();
  [encoder, layer] = [await open(ENCODER), await open(LAYER, 4)];
});
afterAll(() => {
  encoder.model.destroy();
  layer.model.destroy();
  device.close();
});

async function open(text: string, chunk?: number): Promise<Opened> {
  const { value } = compile({ ...inputOf(text), chunk });
  if (value === undefined) throw new Error('internal: the model has mistakes');
  const { plan, graph } = value;
  const wanted = [...plan.weights, ...plan.derived.flatMap((derived) => derived.weights)];
  const file = randomCheckpoint(wanted, 5);
  const model = await load({ plan }, { weights: file, device: device.device });
  const weights = await readReferenceWeights(graph, { open: () => [file] });
  return { model, expected: (input) => createReference(graph, weights).evaluate(input) };
}

function expectSame(found: Encoded, expected: RunOutputs): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected))
    expect(largestDifference(found[name]?.data ?? [], values), name).toBeLessThan(2e-5);
}

const TOKENS = [3, 1, 4, 1, 5, 0, 2, 6, 5, 3, 5, 0, 0];

describeOnDevice('an encoder', () => {
  test.each([1, 2, 13])('of %i tokens gives all that it gives, again and again', async (length) => {
    const tokens = TOKENS.slice(0, length);
    const first = await encoder.model.encode(tokens);
    expectSame(first, encoder.expected(tokens));
    expect(first['pooled']?.shape).toEqual([5]);
    expect(first['hidden']?.shape).toEqual([length, 12]);
    expectSame(await encoder.model.encode(tokens), encoder.expected(tokens));
  });

  test('gives what is asked for, and calls may overlap', async () => {
    const both = [TOKENS, TOKENS.slice(0, 4)].map((tokens) =>
      encoder.model.encode(tokens, { outputs: ['pooled'] }),
    );
    const found = await Promise.all(both);
    expect(found.map((each) => Object.keys(each))).toEqual([['pooled'], ['pooled']]);
    const wanted = encoder.expected(TOKENS.slice(0, 4))['pooled'] ?? [];
    expect(largestDifference(found[1]?.['pooled']?.data ?? [], wanted)).toBeLessThan(2e-5);
  });

  test('has no decode, and says why', async () => {
    await expect(encoder.model.session()).rejects.toMatchObject({
      code: 'no_decode',
      message: expect.stringMatching(/`flip` in layer 0 \(A\), at test\.hyb:\d+, reads later positions/),
    });
    const run = await encoder.model.encoder();
    await run.run([1, 2]);
    await expect(run.run([3])).rejects.toMatchObject({ code: 'no_decode' });
    run.reset();
    await expect(run.run([3])).resolves.toHaveProperty('pooled');
    run.destroy();
    await expect(run.run([3])).rejects.toMatchObject({ code: 'destroyed' });
  });

  test.each([
    [[], {}, 'empty_prompt'],
    [[23], {}, 'token_out_of_range'],
    [Array.from({ length: 21 }, () => 1), {}, 'capacity_exceeded'],
    [[1], { outputs: ['polled'] }, 'bad_option'],
  ])('refuses %j', async (tokens, options, code) => {
    await expect(encoder.model.encode(tokens, options)).rejects.toMatchObject({ code });
  });
});

describeOnDevice('a layer', () => {
  const input = randomValues(3, 11 * 5, 1);

  test.each([[[11]], [[3, 8]], [[2, 1, 1, 7]], [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]]])(
    'runs in runs of %j as it runs whole',
    async (runs) => {
      const { output: wanted = new Float64Array() } = layer.expected(input);
      const run = await layer.model.encoder();
      const found: number[] = [];
      for (const count of runs) {
        const at = run.position * 5;
        const { output } = await run.run(Float32Array.from(input.subarray(at, at + count * 5)));
        found.push(...(output?.data ?? []));
      }
      run.destroy();
      expect(largestDifference(found, wanted)).toBeLessThan(2e-5);
    },
  );

  test('takes whole positions, and writes no text', async () => {
    await expect(layer.model.encode(Float32Array.of(1, 2, 3))).rejects.toMatchObject({
      code: 'bad_features',
    });
    await expect(layer.model.session()).rejects.toMatchObject({
      code: 'no_decode',
      message: expect.stringContaining('it takes `bands`, not tokens'),
    });
  });
});
