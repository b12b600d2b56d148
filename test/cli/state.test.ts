// `hyb run` goes on from a state that it saved, and refuses what is none.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { hyb } from './support.ts';

const missing = softwareAdapterMissing();
const SOURCE = `model small {
  vocab 16
  width 8
  stripe X
  X = mamba(state: 3, inner: 8, dt_rank: 2)
  head tied
}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hyb-state-'));
  writeFileSync(join(folder, 'small.hyb'), SOURCE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

function run(...args: readonly string[]): ReturnType<typeof hyb> {
  const model = ['run', at('small.hyb'), '--weights', 'random', '--json'];
  return hyb(...model, ...args);
}

const idsOf = (out: string): readonly number[] => (JSON.parse(out) as { ids: readonly number[] }).ids; // The command's own output.

describe.skipIf(skipFor(missing))(`a saved state (${missing ?? 'on the software adapter'})`, () => {
  test('is where the text goes on', async () => {
    const device = ['--device', 'software'];
    const sampling = ['--temperature', '1', '--seed', '3', '--repetition-penalty', '1.2', '--min-p', '0.05'];
    const whole = await run('--tokens', '1,2,3', '--max-tokens', '6', ...device);
    expect(whole.code, whole.error).toBe(0);
    const first = await run('--tokens', '1,2,3', '--max-tokens', '4', ...device, '--save-state', at('state'));
    expect(first.code, first.error).toBe(0);
    const rest = await run('--max-tokens', '2', ...device, '--load-state', at('state'));
    expect([...idsOf(first.out), ...idsOf(rest.out)]).toEqual(idsOf(whole.out));
    const drawn = await run(
      '--tokens',
      '5',
      '--max-tokens',
      '2',
      ...device,
      ...sampling,
      '--load-state',
      at('state'),
    );
    expect(drawn.code, drawn.error).toBe(0);
    writeFileSync(at('cut'), readFileSync(at('state')).subarray(0, 300));
    const cut = await run(...device, '--load-state', at('cut'));
    expect(cut.code).toBe(1);
    expect(JSON.parse(cut.out)).toMatchObject({ error: { code: 'bad_snapshot' } });
    const absent = await run(...device, '--load-state', at('absent'));
    expect(JSON.parse(absent.out)).toMatchObject({ error: { code: 'cannot_read_file' } });
  });
});

test('states are the GPU’s, and penalties above 0', async () => {
  const reference = ['--tokens', '1', '--max-tokens', '1', '--device', 'reference'];
  const saved = await run(...reference, '--save-state', at('none'));
  expect(JSON.parse(saved.out)).toMatchObject({
    error: { code: 'needs_gpu' },
  });
  expect((await run('--repetition-penalty', '0')).error).toMatch(/a number above 0/);
  expect((await run('--min-p', '1.5')).error).toMatch(/a number, from 0 to 1/);
});
