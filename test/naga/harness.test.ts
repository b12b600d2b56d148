// The Naga harness itself: a right kernel is accepted, a wrong one is not.
import { describe, expect, test } from 'vitest';
import { askNaga, nagaMissing } from '../support/naga.ts';
import { skipFor } from '../support/needs.ts';

const missing = nagaMissing();

describe.skipIf(skipFor(missing))(`wgpu and Naga (${missing ?? 'installed'})`, () => {
  test('accept a right kernel and refuse a wrong one', async () => {
    const binding = '@group(0) @binding(0) var<storage, read_write> x: array<f32, 4>;';
    const verdicts = await askNaga([
      { name: 'right', wgsl: `${binding}\n@compute @workgroup_size(4)\nfn main() { x[0] = 1.0; }\n` },
      { name: 'wrong', wgsl: `${binding}\n@compute @workgroup_size(4)\nfn main() { x[0] = 1u; }\n` },
    ]);
    expect(verdicts[0]).toEqual({ name: 'right', errors: [] });
    expect(verdicts[1]?.errors.length).toBeGreaterThan(0);
  });
});
