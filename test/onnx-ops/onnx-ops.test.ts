// LinearAttention and CausalConvWithState of the ONNX backend suite (opset 27), each an operator there and a few lines of .hyb here: the
// same outputs and the same state, in one prefill, in two, and token by token.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import type { Plan, StatePlan } from '../../runtime/plan.ts';
import { load, type Session } from '../../runtime/index.ts';
import { graphOf, root } from '../check/graph-of.ts';
import { checkpointOf } from '../plan/run-graph.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { type OperatorSequence, readCase, type StateValues } from './case.ts';

/** Beside the repository, unless the environment says otherwise. */
const folder = process.env['HYB_ONNX_OPS'] ?? resolve(root, '..', 'shared', 'data', 'onnx-ops');
const missing = existsSync(folder)
  ? undefined
  : 'the operator cases are not beside the repository; HYB_ONNX_OPS says where they are';
const files =
  missing === undefined
    ? readdirSync(folder).filter((name) => /^(?:linear_attention|causal_conv_with_state)_/.test(name))
    : [];

let opened: TestDevice;
beforeAll(async () => {
  opened = await openSoftwareDevice();
});
afterAll(() => opened.close());

test('there are 14 cases of linear attention and 13 of the causal filter', ({ skip }) => {
  if (missing !== undefined) skip(missing);
  expect(files.filter((name) => name.startsWith('linear')).length).toBe(14);
  expect(files.length).toBe(27);
});

test.each(files)('%s', async (name) => {
  const given = readCase(join(folder, name));
  const text = readFileSync(join(import.meta.dirname, `${given.mixer}.hyb`), 'utf8');
  const { plan } = planGraph(graphOf(text, given.config), { chunk: 8 });
  const model = await load(plan, { device: opened.device, weights: checkpointOf(given.weights) });
  const session = await model.session();
  for (const sequence of given.sequences)
    for (const runsOf of [whole, halves, steps])
      await compare(session, plan, given.tolerance, sequence, runsOf(sequence.tokens.length));
  session.destroy();
  model.destroy();
});

/** A prefill of so many tokens, or a decode step. */
type Run = number | 'step';

const whole = (time: number): readonly Run[] => [time];
const halves = (time: number): readonly Run[] => [Math.floor(time / 2), Math.ceil(time / 2)].filter(Boolean);
const steps = (time: number): readonly Run[] => Array.from({ length: time }, () => 'step');

async function compare(
  session: Session,
  plan: Plan,
  tolerance: number,
  { tokens, output, past, present }: OperatorSequence,
  runs: readonly Run[],
): Promise<void> {
  const [state, ...others] = plan.states;
  expect(others).toEqual([]);
  await session.reset();
  if (past !== undefined && state !== undefined) await session.setState(state.name, arranged(past, state));
  const logits: number[] = [];
  let at = 0;
  for (const run of runs) {
    const count = run === 'step' ? 1 : run;
    logits.push(...(await advance(session, tokens.slice(at, at + count), run)));
    at += count;
  }
  expect(at).toBe(tokens.length);
  output.forEach((row, position) =>
    row.forEach((value, i) =>
      expect(Math.abs((logits[position * plan.vocab + i] ?? Number.NaN) - value)).toBeLessThanOrEqual(
        tolerance,
      ),
    ),
  );
  // A filter of one tap remembers nothing.
  if (state === undefined) return expect(present.values.length).toBe(0);
  const held = await session.state(state.name);
  arranged(present, state).forEach((value, i) =>
    expect(Math.abs((held[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(tolerance),
  );
}

/** Logits of every token of a run. */
async function advance(session: Session, tokens: readonly number[], run: Run): Promise<Float32Array> {
  if (run !== 'step') return session.prefillAll(tokens);
  for (const token of tokens) await session.decode(token);
  return session.logits();
}

/** The operator's state in the order of the plan's axes; what it has no axis for, each index has a copy of. */
function arranged({ axes, values }: StateValues, { axes: own }: StatePlan): Float64Array {
  const strides = new Map(
    axes.map(([name], i) => [name, axes.slice(i + 1).reduce((product, [, size]) => product * size, 1)]),
  );
  const count = own.reduce((product, { size }) => product * size, 1);
  return Float64Array.from({ length: count }, (_, flat) => {
    let rest = flat;
    let from = 0;
    for (const { name, size } of own.toReversed()) {
      from += (rest % size) * (strides.get(name) ?? 0);
      rest = Math.floor(rest / size);
    }
    return values[from] ?? Number.NaN;
  });
}
