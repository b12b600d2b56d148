// The bench of long convolutions, without its measurements: it counts every form, finds where the planner changes, and its tables are whole.
import { expect, test } from 'vitest';
import { causalCase, CHANNELS, MODAL, MODAL_SIZES, PATH_X } from '../../bench/longconv/cases.ts';
import { countForms, countModal, crossings } from '../../bench/longconv/count.ts';
import { longConvText } from '../../bench/longconv/report.ts';
import { scanModel } from '../../bench/scan/model.ts';
import { chooseForm } from '../../compiler/kernels/longconv/choose.ts';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { describeRecurrence } from '../../compiler/recurrence/describe-states.ts';

test('counts every form that fits, of which the planner takes one', () => {
  const rows = countForms(causalCase(1024));
  expect(rows.map(({ form }) => form)).toContain('direct');
  expect(rows.map(({ form }) => form)).toContain('window');
  expect(rows.filter(({ chosen }) => chosen).length).toBe(1);
  // One workgroup holds no window of 8192 points at the default limits.
  const longer = countForms(causalCase(4096)).map(({ form }) => form);
  expect(longer).not.toContain('window');
  expect(longer).toContain('four-step');
});

test('counts the layers of Path-X, whose filters read both ways', () => {
  const [six, one] = [countForms(PATH_X), countForms({ ...PATH_X, layers: 1 })];
  six.forEach((row, i) => {
    expect(row.flops).toBe(6 * one[i]!.flops);
    expect(row.dispatches).toBe(6 * one[i]!.dispatches);
  });
  const causal = countForms({ ...PATH_X, shape: { ...PATH_X.shape, ahead: 0 } });
  const direct = (rows: typeof six) => rows.find(({ form }) => form === 'direct')?.flops ?? Number.NaN;
  expect(direct(six)).toBeGreaterThan(direct(causal));
});

test('modes are complex states of each channel', () => {
  const { scan } = scanModel(MODAL, MODAL_SIZES);
  const names = Array.from({ length: 9 }, (_, i) => `operand ${i}`);
  expect(describeRecurrence(scan, names).class).toBe('D');
  const [short, long] = [countModal(1024), countModal(4096)];
  expect(short.map(({ form }) => form)).toEqual(['modal, looped', 'modal, chunked']);
  short.forEach((row, i) => expect(long[i]!.flops / row.flops).toBeCloseTo(4, 0));
});

/** With one filter of so many taps for all channels, in runs as long. */
function formFor(taps: number) {
  const repeats = { inner: CHANNELS, count: 1 };
  const lags = { back: taps - 1, ahead: 0, maximum: taps };
  return chooseForm({ channels: CHANNELS, members: CHANNELS, repeats, ...lags }, DEFAULT_TARGET).plan.form;
}

test('the planner’s choice changes exactly where the table says', () => {
  const rows = crossings(CHANNELS).filter(({ filters, run }) => filters === 'one for all' && run !== '1024');
  expect(rows[0]).toMatchObject({ from: 1, form: 'direct' });
  expect(rows.length).toBeGreaterThan(2);
  rows.slice(1).forEach(({ from, form }, i) => {
    expect(formFor(from)).toBe(form);
    expect(formFor(from - 1)).toBe(rows[i]?.form);
  });
});

test('its text has a table of counts, of crossings and of times', () => {
  const text = longConvText({
    command: 'bench',
    date: '2000-01-01',
    adapter: 'an adapter',
    channels: CHANNELS,
    counts: countForms(causalCase(1024)),
    crossings: crossings(CHANNELS),
    times: [
      { case: 'causal', tokens: 1024, form: 'direct', median: 2, least: 1, repeats: 3 },
      { case: 'causal', tokens: 1024, form: 'window', median: 1, least: 1, repeats: 3, difference: 1e-7 },
    ],
    notes: ['A note.'],
  });
  expect(text).toContain('## Where the planner’s choice changes');
  expect(text).toContain('1.0e-7');
  expect(text.trimEnd().endsWith('- A note.')).toBe(true);
});
