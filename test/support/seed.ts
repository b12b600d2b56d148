// Before each test file: the same random examples on every run, so that the judgement of a change repeats; HYB_SEED draws others.
import { configureGlobal, readConfigureGlobal } from 'fast-check';

const seed = Number(process.env['HYB_SEED'] ?? 1);
if (!Number.isSafeInteger(seed))
  throw new Error(`HYB_SEED is a whole number, not "${process.env['HYB_SEED']}"`);
configureGlobal({ ...readConfigureGlobal(), seed });
