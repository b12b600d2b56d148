// Layer cases of long convolutions and their kin: every quantity on the reference executor; those with implicit filters on a device too.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../ir/helpers.ts';
import { readConvCases, type ConvCase } from '../conv-cases/conv-cases.ts';
import { testOnDevice } from '../runtime/on-device.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import type { CaseModel } from './case-model.ts';
import { hyenaCases } from './cases-hyena.ts';
import { blockCases } from './cases-blocks.ts';
import { stateSpaceCases } from './cases-state-space.ts';
import { prepareCase, runOnDevice, runOnReference, type Found } from './run-case.ts';

const models: readonly CaseModel[] = [...hyenaCases, ...stateSpaceCases, ...blockCases];
const cases = readConvCases().filter(({ name }) => models.some(({ golden }) => golden === name));

let opened: TestDevice | undefined;
beforeAll(async () => {
  opened = await openSoftwareDevice();
});
afterAll(() => opened?.close());

/** The largest |Δ| of each quantity. */
function differences(found: Found, { out }: ConvCase): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...found].map(([name, values]) => [name, largestDifference(values, out[name]?.data ?? [])]),
  );
}

describe.each(cases)('$name', (golden) => {
  const own = models.filter((model) => model.golden === golden.name);

  test('leaves no quantity out', () => {
    const found = own.flatMap(({ finds }) => Object.keys(finds));
    expect(found.toSorted()).toEqual(Object.keys(golden.out).toSorted());
  });

  test.each(own.map((model) => [Object.keys(model.finds).join(', '), model] as const))(
    '%s on the reference executor',
    (_, model) => {
      // The file has nine digits of each number.
      for (const [name, delta] of Object.entries(
        differences(runOnReference(prepareCase(model, golden)), golden),
      ))
        expect(delta, name).toBeLessThan(2e-8);
    },
  );

  testOnDevice.each(
    own
      .filter((model) => hyenaCases.includes(model))
      .map((model) => [Object.keys(model.finds).join(', '), model] as const),
  )('%s on a device', async (_, model) => {
    if (opened === undefined) throw new Error('no device was opened');
    const found = await runOnDevice(prepareCase(model, golden), opened.device);
    for (const [name, delta] of Object.entries(differences(found, golden)))
      expect(delta, name).toBeLessThan(5e-6);
  });
});
