// What schedules cost by counting, at the sizes of published models: chunks share what looped walks repeat.
import { expect, test } from 'vitest';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { scanWork, scheduleSteps } from '../../compiler/kernels/recurrence-work.ts';
import { RECURRENCES, recurrenceGraph, scanOf } from './recurrences.ts';

const LARGE = { heads: 8, per: 2, key: 128, value: 128 };

test.each(RECURRENCES)('$title', ({ body }) => {
  const { attrs } = scanOf(recurrenceGraph(body, LARGE));
  for (const tokens of [128, 1024, 8192]) {
    const works = scanWork(attrs, tokens, DEFAULT_TARGET);
    for (const work of works === undefined ? [] : [works.looped, ...(works.chunked ? [works.chunked] : [])]) {
      expect(work.dispatches.reduce((sum, { workgroups }) => sum + workgroups, 0)).toBe(work.workgroups);
      for (const count of [work.flops, work.bytes, work.workgroups, scheduleSteps(work)])
        expect(count).toBeGreaterThan(0);
    }
  }
});

test('a delta rule takes fewer steps in chunks, in more workgroups', () => {
  const delta = RECURRENCES.find(({ title }) => title === 'the delta rule');
  const { attrs } = scanOf(recurrenceGraph(delta?.body ?? '', LARGE));
  const works = scanWork(attrs, 1024, DEFAULT_TARGET);
  if (works?.chunked === undefined) throw new Error('no chunks');
  expect(scheduleSteps(works.chunked)).toBeLessThan(scheduleSteps(works.looped) / 10);
  expect(works.chunked.workgroups).toBeGreaterThan(works.looped.workgroups);
  expect(works.chunked.bytes).toBeLessThan(works.looped.bytes);
});
