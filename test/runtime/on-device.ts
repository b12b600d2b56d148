// Tests that run kernels: skipped, with the reason, where there is no software adapter.
import { describe, test } from 'vitest';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';

const missing = skipFor(softwareAdapterMissing());

export const describeOnDevice = describe.skipIf(missing);
export const testOnDevice = test.skipIf(missing);
