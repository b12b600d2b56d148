// Prints the calls of a graph; layers that repeat are printed once, with how often they come.
import type { BodyCall, Graph } from './graph.ts';

/** `period` calls that come `repeats` times from call `start`. */
interface Run {
  readonly start: number;
  readonly period: number;
  readonly repeats: number;
}

/** All calls, one line each or a run of like calls in braces. */
export function printCalls({ calls }: Graph): string {
  const keys = calls.map((call, index) => callKey(call, index));
  const lines: string[] = [];
  for (let at = 0; at < calls.length;) {
    const run = longestRun(keys, at);
    const lead = calls.slice(at, at + run.period).flatMap((call, i) => callLines(call, at + i, calls, run));
    if (run.repeats === 1) lines.push(...lead.map((line) => `  ${line}`));
    else lines.push(`  ${run.repeats} times {`, ...lead.map((line) => `    ${line}`), '  }');
    at += run.period * run.repeats;
  }
  return ['calls {', ...lines, '}'].join('\n');
}

/** Equal for calls that differ only by where they stand: inputs count from the call, and weights' layer numbers are left out. */
function callKey(call: BodyCall, index: number): string {
  const inputs = Object.entries(call.inputs).map(([name, from]) => [name, index - from.call, from.output]);
  const weights = Object.entries(call.weights).map(([name, id]) => [name, withoutLayer(id, call)]);
  return JSON.stringify([call.body, call.label, inputs, weights, Object.keys(call.parameters)]);
}

function withoutLayer(id: string, { layer }: BodyCall): string {
  return id.replace(`layers.${layer}.`, 'layers.{i}.');
}

/** The run from `at` that covers most calls; of those, the one with the shortest period. */
function longestRun(keys: readonly string[], at: number): Run {
  let best: Run = { start: at, period: 1, repeats: 1 };
  for (let period = 1; at + 2 * period <= keys.length; period++) {
    let length = period;
    while (at + length < keys.length && keys[at + length] === keys[at + length - period]) length++;
    const repeats = Math.floor(length / period);
    if (repeats > 1 && repeats * period > best.repeats * best.period) best = { start: at, period, repeats };
  }
  return best;
}

function callLines(call: BodyCall, index: number, calls: readonly BodyCall[], run: Run): readonly string[] {
  const same = Array.from({ length: run.repeats }, (_, i) => calls[index + i * run.period] ?? call);
  const inputs = Object.entries(call.inputs).map(
    ([name, from]) => `${name}: ${describeProducer(calls, from.call, index, run)}.${from.output}`,
  );
  const body = call.body === call.label ? '' : ` = ${call.body}`;
  const numbers = layerNumbers(same);
  const head = `${numbers}${call.label}${body}(${inputs.join(', ')})`;
  const weights = Object.entries(call.weights).map(
    ([name, id]) => `  ${name} <- ${run.repeats > 1 ? withoutLayer(id, call) : id}`,
  );
  const parameters = Object.keys(call.parameters).map(
    (name) => `  ${name} = ${same.map((other) => printNumbers(other.parameters[name] ?? [])).join(' | ')}`,
  );
  return [head, ...weights, ...parameters];
}

function layerNumbers(calls: readonly BodyCall[]): string {
  const layers = calls.flatMap((call) => (call.layer === undefined ? [] : [call.layer]));
  return layers.length === 0 ? '' : `layer ${layers.join(', ')}: `;
}

/** A producer outside a repeated run is another call at each repetition, so it is told by its distance. */
function describeProducer(calls: readonly BodyCall[], from: number, index: number, run: Run): string {
  const call = calls[from];
  if (from === index - 1) return 'previous';
  if (call === undefined || (run.repeats > 1 && from < run.start)) return `${index - from} calls back`;
  return call.layer === undefined ? call.label : `layer ${call.layer} ${call.label}`;
}

/** A few numbers; of many only the first and how many there are. */
function printNumbers(values: readonly number[]): string {
  const shown = values.slice(0, 4).map((value) => String(Number(value.toPrecision(7))));
  return values.length > 4 ? `[${shown.join(', ')}, … ${values.length}]` : `[${shown.join(', ')}]`;
}
