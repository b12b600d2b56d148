// Groups mean what their body means, in both phases and mixed, with every group seeing only what its kernel will see.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrixProduct, nodeOf, titleOf } from '../../compiler/fuse/facts.ts';
import type { Grouping } from '../../compiler/fuse/group.ts';
import { groupBody } from '../../compiler/fuse/grouping.ts';
import { REWRITE_RULES } from '../../compiler/fuse/index.ts';
import { nodeReadingAhead } from '../../compiler/ir/causality.ts';
import { type Body, elementCount } from '../../compiler/ir/graph.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { removeDeadNodes } from '../../compiler/ir/rewrite.ts';
import { arbitraryBody } from '../ir/arbitrary-body.ts';
import { largestDifference, randomGiven } from '../ir/helpers.ts';
import { fusableBody } from './fusable-body.ts';
import { GroupInterpreter } from './interpret-groups.ts';
import { modelBodies } from './model-bodies.ts';

const COUNT = 6;

/** Prefill, decode, and one after the other, as pieces of the sequence. */
const SCHEDULES: readonly (readonly number[])[] = [[COUNT], [2, 4], [1, 1, 1, 1, 1, 1], [4, 1, 1], [1, 4, 1]];

/** The body as grouping gets it: with every rule applied, or with what is needed alone. */
function rewritten(body: Body, fuse: boolean): Body {
  const [first, ...others] = Object.values(REWRITE_RULES);
  const start = first?.(removeDeadNodes(body)) ?? body;
  return fuse ? others.reduce((now, rule) => rule(now), start) : start;
}

function expectGroupsMean(body: Body, fuse: boolean, seed = 1): void {
  const one = groupBody(body, 'one', { fuse });
  const many = groupBody(body, 'many', { fuse });
  for (const grouping of [one, many]) expectWellFormed(grouping);
  const given = randomGiven(body, COUNT, seed);
  const expected = interpretBody(body, given, [COUNT]);
  const schedules = nodeReadingAhead(body) === undefined ? SCHEDULES : [[COUNT]];
  for (const schedule of schedules) {
    const interpreter = new GroupInterpreter(body, given);
    const pieces = schedule.map((count) => interpreter.run(count === 1 ? one : many, count));
    for (const [name, values] of Object.entries(expected)) {
      const temporal = body.nodes[body.outputs[name] ?? -1]?.type.temporal ?? false;
      const found = temporal
        ? pieces.flatMap((piece) => [...(piece[name] ?? [])])
        : (pieces[0]?.[name] ?? []);
      const size = Math.max(1, ...values.map(Math.abs));
      expect(largestDifference(found, values) / size, `${name} in ${schedule.join('+')}`).toBeLessThan(1e-9);
    }
  }
}

/** What kernels take for granted about a grouping. */
function expectWellFormed({ body, phase, groups, stored }: Grouping): void {
  const outputs = groups.flatMap((group) => group.segments.flatMap((segment) => segment.outputs));
  expect(new Set(outputs).size, 'every output is stored once').toBe(outputs.length);
  expect([...stored.keys()].toSorted()).toEqual(outputs.toSorted());
  groups.forEach((group, index) => {
    expect(group.index).toBe(index);
    for (const segment of group.segments) {
      expect(segment.streams.length, 'all segments have as many streams').toBe(
        group.segments[0]?.streams.length,
      );
      for (const id of segment.outputs) {
        const rows = segment.names.get(id) ?? segment.rows;
        expect(rows.map(({ name }) => name).toSorted()).toEqual(
          nodeOf(body, id)
            .type.axes.map(({ name }) => name)
            .toSorted(),
        );
        expect(rows.map(({ size }) => size)).toEqual(segment.rows.map(({ size }) => size));
      }
      for (const id of segment.streams)
        expect(elementCount(nodeOf(body, id).type.axes)).toBe(elementCount(segment.rows));
    }
    const streams = group.segments.flatMap((segment) => segment.streams);
    const products = streams.map((id) => matrixProduct(body, nodeOf(body, id)));
    const inputs = new Set(products.map((product) => product?.data));
    if (phase === 'many') expect(inputs.size, 'one input').toBeLessThanOrEqual(1);
    const depths = products.map((product) => elementCount(product?.over ?? []));
    expect(new Set(depths).size, 'one depth').toBeLessThanOrEqual(1);
    for (const rider of group.riders) {
      expect(phase).toBe('one');
      const axes = nodeOf(body, rider).attrs['over'];
      expect(axes).toEqual(expect.arrayContaining(products[0]?.over.map(({ name }) => name) ?? ['none']));
    }
  });
}

describe.each([true, false])('with fusion %s, groups mean what their body means:', (fuse) => {
  it('of every model', () => {
    for (const [, body] of modelBodies())
      if (body.nodes.length < 200 && elementsOf(body) < 60_000) expectGroupsMean(rewritten(body, fuse), fuse);
  });

  it('random bodies', () => {
    fc.assert(
      fc.property(arbitraryBody, fc.nat(1000), (body, seed) =>
        expectGroupsMean(rewritten(body, fuse), fuse, seed),
      ),
      { numRuns: 60 },
    );
  });

  it('random bodies of what fusion looks for', () => {
    fc.assert(
      fc.property(fusableBody, fc.nat(1000), (body, seed) =>
        expectGroupsMean(rewritten(body, fuse), fuse, seed),
      ),
      { numRuns: 60 },
    );
  });
});

function elementsOf(body: Body): number {
  return body.nodes.reduce((sum, node) => sum + elementCount(node.type.axes), 0);
}

describe('fusion notes', () => {
  it('name nodes that are in one group', () => {
    for (const [, body] of modelBodies()) {
      const after = rewritten(body, true);
      for (const phase of ['one', 'many'] as const) {
        const grouping = groupBody(after, phase, { fuse: true });
        const titles = new Set(after.nodes.map((node) => titleOf(after, node.id)));
        for (const note of grouping.notes) {
          const named = /^(.*?) (?:joins|is stored)/.exec(note.detail)?.[1];
          if (named !== undefined) expect(titles).toContain(named);
        }
      }
    }
  });
});
