// The bench of recurrences, without its measurements: it counts every class, its models mean what they say, and its tables are whole.
import { expect, test } from 'vitest';
import { joined, numberField, textField } from '../../bench/onnx/protobuf.ts';
import { countRows } from '../../bench/scan/count.ts';
import { benchJobs } from '../../bench/scan/jobs.ts';
import { scanModel } from '../../bench/scan/model.ts';
import { BENCH_RECURRENCES, SIZES } from '../../bench/scan/recurrences.ts';
import { reportText } from '../../bench/scan/report.ts';
import { benchTensors } from '../../bench/scan/values.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { describeRecurrence } from '../../compiler/recurrence/describe-states.ts';

const LENGTHS = [128, 1024];

test('has a recurrence of every class', () => {
  const found = BENCH_RECURRENCES.map((recurrence) => {
    const { scan } = scanModel(recurrence, SIZES);
    const names = Array.from({ length: 9 }, (_, i) => `operand ${i}`);
    return describeRecurrence(scan, names).class;
  });
  expect(found).toEqual(['D', 'S', 'V', 'Δ', 'Δ']);
});

test('counts both schedules of each, and more work for more tokens', () => {
  const rows = countRows(LENGTHS);
  for (const { class: name } of BENCH_RECURRENCES)
    for (const schedule of ['looped', 'chunked']) {
      const own = rows.filter((row) => row.class === name && row.schedule === schedule);
      expect(own.map(({ tokens }) => tokens)).toEqual(LENGTHS);
      for (const what of ['flops', 'bytes'] as const)
        expect(own[1]?.[what] ?? 0).toBeGreaterThan(own[0]?.[what] ?? Infinity);
    }
});

test('plans every schedule, and gives the operator beside it inputs of its shapes', () => {
  const jobs = benchJobs([32], DEFAULT_TARGET);
  expect(jobs.map(({ onnx }) => onnx !== undefined)).toEqual([false, true, true, true, true]);
  for (const { plans, onnx } of jobs) {
    for (const [, plan] of plans) expect(plan.chunk).toBe(32);
    for (const { shape, data } of onnx?.inputs ?? [])
      expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
  }
});

test('its model is the formula: a decay for each head, keys and values added, read by the query', () => {
  const recurrence = BENCH_RECURRENCES.find(({ class: name }) => name === 'S');
  if (recurrence === undefined) throw new Error('class S is gone');
  const sizes = { heads: 1, key: 2, value: 1, state: 2 };
  const model = scanModel(recurrence, sizes);
  const tensors = benchTensors(model);
  const at = (name: string, index: number): number => tensors.get(name)?.data[index] ?? Number.NaN;
  const reference = createReference(model.graph, (id) => tensors.get(id)?.data ?? new Float32Array());
  const logits = reference.run([0, 1]).slice(-model.graph.vocab);
  const state = [0, 1].map(
    (key) => Math.exp(at('g', 1)) * at('k', key) * at('v', 0) + at('k', 2 + key) * at('v', 1),
  );
  const result = state.reduce((sum, value, key) => sum + value * at('q', 2 + key), 0);
  logits.forEach((logit, row) => expect(logit).toBeCloseTo(result * at('head', row), 12));
});

test('writes protocol buffers', () => {
  // Field 1, a varint of 300; field 2, two letters.
  expect([...joined([numberField(1, 300), textField(2, 'ab')])]).toEqual([8, 0xac, 2, 18, 2, 97, 98]);
});

test('its tables are Markdown, one row for each count and time', () => {
  const times = [{ class: 'S', tokens: 128, what: 'looped', median: 2, least: 1, repeats: 3 }];
  const text = reportText({
    command: 'npm run bench -- scan',
    date: '2026-01-02',
    adapter: 'an adapter',
    shape: SIZES,
    counts: countRows([128]),
    times,
    notes: ['a note'],
  });
  expect(text).toContain('| S     |    128 | looped |    2.0 |   1.0 |       3 |');
  expect(text).toContain('2026-01-02; an adapter.');
  expect(text.split('\n').filter((line) => line.includes('| looped '))).toHaveLength(6);
  expect(text.endsWith('- a note\n')).toBe(true);
});
