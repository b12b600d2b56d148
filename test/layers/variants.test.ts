// Small checkpoints of published layers with the options that the larger fixtures lack, against formulas in numpy (f64): the model
// that their tensors tell, compared in every way to run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hyb } from '../cli/support.ts';
import { type TensorToWrite, writeSafetensors } from '../runtime/write-safetensors.ts';

interface Stored {
  readonly shape: readonly number[];
  readonly values?: readonly number[];
  /** A whole number, as a buffer that counts is stored. */
  readonly whole?: number;
}

interface Variant {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: Readonly<Record<string, Stored>>;
  readonly golden: Readonly<Record<string, Stored>>;
}

// The file is ours, and every field of it is read below.
const variants = JSON.parse(readFileSync('test/layers/variants.json', 'utf8')) as readonly Variant[];

test.each(variants)('$name', async ({ config, tensors, golden }) => {
  const folder = mkdtempSync(join(tmpdir(), 'hyb-variant-'));
  try {
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(written(tensors)));
    writeFileSync(join(folder, 'golden.safetensors'), writeSafetensors(written(golden)));
    const { code, out, error } = await hyb('verify', folder, '--device', 'reference', '--tolerance', '1e-5');
    expect(code, `${out}${error}`).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function written(stored: Variant['tensors']): Readonly<Record<string, TensorToWrite>> {
  return Object.fromEntries(
    Object.entries(stored).map(([name, { shape, values, whole }]) => {
      const isWhole = whole !== undefined || name === 'input_ids';
      return [name, { dtype: isWhole ? 'I64' : 'F32', shape, values: values ?? [whole ?? 0] }];
    }),
  );
}
