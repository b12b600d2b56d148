// The builder: inferred types, shared nodes, and what it refuses.
import { describe, expect, it } from 'vitest';
import { BodyBuilder } from '../../compiler/ir/build.ts';

const stream = { dtype: 'f32', axes: [{ name: 'width', size: 4 }], temporal: true } as const;

describe('BodyBuilder', () => {
  it('infers the type of a projection', () => {
    const body = new BodyBuilder('SSM');
    const u = body.input('stream', stream);
    const w = body.weight('in_proj', [
      { name: 'inner', size: 6 },
      { name: 'width', size: 4 },
    ]);
    const x = body.contract(u, w, ['width'], { name: 'x' });
    expect(body.typeOf(x)).toEqual({ dtype: 'f32', axes: [{ name: 'inner', size: 6 }], temporal: true });
  });

  it('makes one node of identical ones and keeps the first name', () => {
    const body = new BodyBuilder('SSM');
    const u = body.input('stream', stream);
    const first = body.map('exp', [u]);
    const second = body.map('exp', [u], { name: 'decay' });
    expect(second).toBe(first);
    expect(body.map('exp', [u], { name: 'other' })).toBe(first);
    expect(body.nodes[first]?.name).toBe('decay');
  });

  it('tells constants apart that JSON writes alike', () => {
    const body = new BodyBuilder('SSM');
    const values = [Infinity, -Infinity, 0, -0].map((value) => body.constant(value));
    expect(new Set(values).size).toBe(4);
  });

  it('names the node that cannot be', () => {
    const body = new BodyBuilder('SSM');
    const u = body.input('stream', stream);
    expect(() => body.sum(u, ['channel'], { name: 'total' })).toThrow(
      "internal: SSM: %1 total = sum: no axis 'channel' among [width 4]",
    );
    const other = body.weight('w', [{ name: 'width', size: 5 }]);
    expect(() => body.map('add', [u, other])).toThrow("axis 'width' has sizes 4 and 5");
    expect(() => body.map('not', [u])).toThrow('input 0 of a map is f32');
  });
});
