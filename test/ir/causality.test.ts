// Whether a graph is causal, and which node breaks it; and the source op that counts places.
import { expect, test } from 'vitest';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import { isCausal, nodeReadingAhead, readsAhead } from '../../compiler/ir/causality.ts';
import type { Body, Graph } from '../../compiler/ir/graph.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { axis, perPosition } from './helpers.ts';

function withFilters(...ahead: readonly boolean[]): Body {
  const builder = new BodyBuilder('filtered');
  const x = builder.input('x', perPosition(axis('channel', 2)));
  const filter = builder.weight('filter', [axis('lag', 3)]);
  const filters = ahead.map((each) => ({ axis: 'lag', ahead: each, first: 0 }));
  return builder.finish({ stream: builder.add('longconv', [x, ...filters.map(() => filter)], { filters }) });
}

test('a filter that reads ahead and a flip break causality, and are found', () => {
  expect(nodeReadingAhead(withFilters(false))).toBeUndefined();
  expect(nodeReadingAhead(withFilters(false, true))?.op).toBe('longconv');
  const builder = new BodyBuilder('flipped');
  const x = builder.input('x', perPosition(axis('channel', 2)));
  const remembered = builder.conv(builder.shift(x), builder.weight('filter', [axis('taps', 3)]), 'taps');
  const flipped = builder.add('flip', [remembered], {});
  const found = nodeReadingAhead(builder.finish({ stream: remembered, flipped }));
  expect(found?.id).toBe(flipped);
});

test('a graph names the call whose body reads ahead', () => {
  const bodies = { plain: withFilters(false), ahead: withFilters(true) };
  const graph = (...names: readonly string[]): Graph => ({
    name: 'g',
    vocab: 2,
    width: 2,
    bodies,
    calls: names.map((body) => ({ body, label: body, site: 0, inputs: {}, weights: {}, parameters: {} })),
    weights: {},
    ignored: [],
  });
  expect(isCausal(graph('plain', 'plain'))).toBe(true);
  expect(isCausal(graph('plain', 'ahead'))).toBe(false);
  expect(readsAhead(graph('plain', 'ahead', 'plain'))).toMatchObject({
    call: { label: 'ahead' },
    node: { op: 'longconv' },
  });
});

test('places count the elements of their axes, the last fastest', () => {
  const builder = new BodyBuilder('places');
  const body = builder.finish({ y: builder.places([axis('a', 2), axis('b', 3)]) });
  const values = interpretBody(body, { inputs: {}, weights: {}, parameters: {} }, [1])['y'];
  expect([...values!]).toEqual([0, 1, 2, 3, 4, 5]);
});
