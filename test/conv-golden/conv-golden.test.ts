// Layer cases of long convolutions and their kin, computed from the papers' formulas: every quantity on the reference executor, and what a
// layer gives on a device too.
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testOnDevice } from '../runtime/on-device.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { checkHeader } from '../../compiler/check/header.ts';
import { layers } from './cases.ts';
import { differenceFrom, readConvCases, type ConvCase } from './golden-file.ts';
import { isOutput, runOnDevice } from './on-device.ts';
import { runOnReference, type Found } from './on-reference.ts';
import { prepareCase, type PreparedCase } from './prepare-case.ts';

/** The file has nine digits of each number, and the last ones of some hundred add up in the sums of what was computed. */
const ON_REFERENCE = 2e-8;
const ON_DEVICE = 1e-5;

const known = readConvCases();

let opened: TestDevice | undefined;
beforeAll(async () => {
  opened = await openSoftwareDevice();
});
afterAll(() => opened?.close());

/** The largest |Δ| of each quantity. */
function differences(found: Found, { out }: ConvCase): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...found].map(([name, values]) => {
      const expected = out[name];
      return [name, expected === undefined ? Infinity : differenceFrom(expected, values)];
    }),
  );
}

test('no case, no quantity and no layer is left out', () => {
  const found = layers.flatMap(({ cases, finds }) =>
    cases.flatMap((name) => Object.keys(finds).map((quantity) => `${name}: ${quantity}`)),
  );
  const all = known.flatMap(({ name, out }) => Object.keys(out).map((quantity) => `${name}: ${quantity}`));
  expect(known).toHaveLength(16);
  expect(found.toSorted()).toEqual(all.toSorted());
  const files = readdirSync('test/conv-golden').filter((file) => file.endsWith('.hyb'));
  expect(layers.map(({ file }) => `${file}.hyb`).toSorted()).toEqual(files.toSorted());
});

describe.each(known)('$name', (golden) => {
  const own = layers.filter(({ cases }) => cases.includes(golden.name));
  const files = own.map(({ file }, index) => [file, index] as const);
  let prepared: readonly PreparedCase[] = [];
  beforeAll(() => {
    prepared = own.map((layer) => prepareCase(layer, golden));
  });

  function layerAt(index: number): PreparedCase {
    const found = prepared[index];
    if (found === undefined) throw new Error(`${golden.name} has no layer ${index}`);
    return found;
  }

  test('every parameter is read, in the shape that it has', () => {
    const read = prepared.flatMap(({ graph, layer, tensors }) => {
      expect(checkHeader(Object.values(graph.weights), graph.ignored, [...tensors.values()])).toEqual([]);
      return layer.input === 'impulse' ? [...tensors.keys()] : [layer.input ?? 'x', ...tensors.keys()];
    });
    const added = ['inputs', 'identity'];
    const names = new Set([...golden.params.map(({ name }) => name), ...added]);
    expect([...new Set(read)].toSorted()).toEqual([...names].toSorted());
  });

  test.each(files)('%s on the reference executor', (_, index) => {
    const { layer } = layerAt(index);
    const found = differences(runOnReference(layerAt(index)), golden);
    expect(Object.keys(found)).toEqual(Object.keys(layer.finds));
    for (const [name, delta] of Object.entries(found)) expect(delta, name).toBeLessThan(ON_REFERENCE);
  });

  testOnDevice.each(files.filter(([, index]) => own[index]?.input !== 'impulse'))(
    '%s on a device',
    async (_, index) => {
      if (opened === undefined) throw new Error('no device was opened');
      const { layer } = layerAt(index);
      const found = differences(await runOnDevice(layerAt(index), opened.device), golden);
      expect(Object.keys(found)).toEqual(
        Object.entries(layer.finds).flatMap(([name, place]) => (isOutput(place) ? [name] : [])),
      );
      for (const [name, delta] of Object.entries(found)) expect(delta, name).toBeLessThan(ON_DEVICE);
    },
  );
});
