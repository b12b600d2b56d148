// Depth costs dispatches and nothing else: the same kernels, and a compilation that stays short.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check } from '../../compiler/check/index.ts';
import { type Compiled, compile } from '../../compiler/compile.ts';
import { readLibrary } from '../models/models.ts';

const example = readFileSync(new URL('../../examples/samba-stories/samba.hyb', import.meta.url), 'utf8');

function inputOf(repetitions: number) {
  return {
    source: { name: 'samba.hyb', text: example.replace('× 2', `× ${repetitions}`) },
    resolve: () => undefined,
    prelude: readLibrary(),
  };
}

function compiled(repetitions: number): Compiled {
  const { value } = compile(inputOf(repetitions));
  if (value === undefined) throw new Error('the example does not compile');
  return value;
}

describe('a Samba of 48 layers', () => {
  it('has the kernels of one with 8', () => {
    const [short, long] = [compiled(2).plan, compiled(12).plan];
    expect(long.kernels).toEqual(short.kernels);
expect(short.programs.decode.length).toBe(2 * (4 + 2 + 3 + 2) + 2);
    expect(long.programs.decode.length).toBe(12 * (4 + 2 + 3 + 2) + 2);
  });

  it('compiles in a moment', () => {
    compiled(2);
    const start = performance.now();
    const checked = check(inputOf(12));
    const between = performance.now();
    compiled(12);
    const end = performance.now();
    expect(checked.value).toBeDefined();
    console.log(`48 layers: ${(end - between).toFixed(0)} ms, ${(between - start).toFixed(0)} ms of them for the check`);
    expect(end - between).toBeLessThan(5000);
  });
});
