// Every encoding, read on the GPU by quads and by elements, against the numbers that were stored.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENCODINGS } from '../../compiler/kernels/encodings.ts';
import { openSoftwareDevice, runKernel, type TestDevice } from '../support/device.ts';
import { exactHalves, packHalves } from '../support/half.ts';

const COUNT = 64;

let software: TestDevice;
beforeAll(async () => {
  software = await openSoftwareDevice();
});
afterAll(() => software.close());

test.each(Object.values(ENCODINGS))(
  '$name',
  async ({ name, bytesPerQuad, storage, readQuad, readScalar }) => {
    const values = exactHalves(COUNT, 7);
    const data = name === 'f16' ? packHalves(values) : values;
    expect(data.byteLength).toBe((bytesPerQuad * COUNT) / 4);
    const wgsl = `
    @group(0) @binding(0) var<storage, read> stored: ${storage(COUNT / 4)};
    @group(0) @binding(1) var<storage, read_write> quads: array<vec4<f32>, ${COUNT / 4}>;
    @group(0) @binding(2) var<storage, read_write> scalars: array<f32, ${COUNT}>;
    @compute @workgroup_size(${COUNT})
    fn main(@builtin(local_invocation_index) index: u32) {
      scalars[index] = ${readScalar('stored', 'index')};
      if (index < ${COUNT / 4}u) { quads[index] = ${readQuad('stored', 'index')}; }
    }`;
    const empty = new Float32Array(COUNT);
    const bindings = [
      { access: 'read', data },
      { access: 'read_write', data: empty },
      { access: 'read_write', data: empty },
    ] as const;
    const [, quads, scalars] = await runKernel(software.device, wgsl, bindings, [1, 1, 1]);
    expect(new Float32Array(quads ?? new ArrayBuffer(0))).toEqual(values);
    expect(new Float32Array(scalars ?? new ArrayBuffer(0))).toEqual(values);
  },
);
