// Filters of many taps become long convolutions; those of few stay as they are.
import { describe, expect, it } from 'vitest';
import { longFilters } from '../../compiler/fuse/long-filters.ts';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import type { Body } from '../../compiler/ir/graph.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { axis, expectClose, perPosition, randomGiven } from '../ir/helpers.ts';

function filtered(taps: number): Body {
  const builder = new BodyBuilder('body');
  const x = builder.input('x', perPosition(axis('d', 3)));
  const filter = builder.weight('filter', [axis('d', 3), axis('taps', taps)]);
  return builder.finish({ y: builder.conv(x, filter, 'taps') });
}

describe('long filters', () => {
  it.each([
    [4, 'conv'],
    [8, 'conv'],
    [9, 'longconv'],
    [40, 'longconv'],
  ])('%i taps: %s', (taps, op) => {
    const body = filtered(taps);
    const rewritten = longFilters(body);
    expect(rewritten.nodes.map((node) => node.op)).toContain(op);
    const given = randomGiven(body, 25);
    expectClose(interpretBody(rewritten, given, [25])['y']!, interpretBody(body, given, [25])['y']!);
  });
});
