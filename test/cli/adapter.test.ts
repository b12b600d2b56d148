// Opening devices: the software adapter, what is asked of it, and what is said when it lacks something.
import { describe, expect, test } from 'vitest';
import { openDevice } from '../../cli/adapter.ts';
import { nodeGPU } from '../../cli/node.ts';
import { load } from '../../runtime/load.ts';
import { bigramPlan, WEIGHTS } from '../runtime/bigram.ts';

const bare = process.platform !== 'linux' || process.arch !== 'x64';

describe.skipIf(bare)('the software adapter (Linux on x86-64 only)', () => {
  test('opens, computes nothing, and closes', async () => {
    const opened = await openDevice({ kind: 'software' });
    expect(opened.name).toBe('SwiftShader (software)');
    expect(opened.software).toBe(true);
    const buffer = opened.device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
    expect(buffer.size).toBe(16);
    opened.close();
  });

  test('gives every feature and the highest limits when asked', async () => {
    const opened = await openDevice({ kind: 'software', optionalFeatures: 'all', requiredLimits: 'all' });
    expect(opened.device.features.has('subgroups')).toBe(true);
    expect(opened.device.limits.maxBufferSize).toBeGreaterThan(268_435_456);
    opened.close();
  });

  test('is what a program in Node loads a model with', async () => {
    const model = await load(bigramPlan(), { weights: WEIGHTS, gpu: await nodeGPU('software') });
    const session = await model.session();
    const drawn: number[] = [];
    for await (const token of session.generate([1], { maxTokens: 2 })) drawn.push(token);
    expect(drawn).toHaveLength(2);
    model.destroy();
  });

  test('names a feature it lacks', async () => {
    const refusal = openDevice({ kind: 'software', requiredFeatures: ['shader-f16'] });
    await expect(refusal).rejects.toMatchObject({
      code: 'feature_missing',
      message: "the adapter 'SwiftShader (software)' lacks 'shader-f16'",
    });
  });

  test('names a limit that is too low', async () => {
    const refusal = openDevice({ kind: 'software', requiredLimits: { maxBufferSize: 1e15 } });
    await expect(refusal).rejects.toMatchObject({ code: 'limit_too_low' });
  });

  test('two devices live side by side', async () => {
    const first = await openDevice({ kind: 'software' });
    const second = await openDevice({ kind: 'software' });
    first.close();
    expect(second.device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE }).size).toBe(16);
    second.close();
  });
});
