// Explanations: their numbers add up to what the graph and the plan say, and their text and JSON are as expected.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { graphCost } from '../../compiler/ir/cost.ts';
import { elementCount } from '../../compiler/ir/graph.ts';
import { deviceProfile } from '../../compiler/report/devices.ts';
import { explanationText } from '../../compiler/report/explain-text.ts';
import type { SiteCost, Work } from '../../compiler/report/explanation.ts';
import { sambaGraph, tinySamba } from '../ir/samba-graph.ts';
import { CACHED, compiled, exampleSource, explained } from './planned.ts';

const tiny = explained(sambaGraph(tinySamba), { chunk: 8 });
const example = compiled(exampleSource('samba-stories/samba.hyb'));
const half = explained(example.graph, { dtype: 'f16' });
const cached = explained(compiled(CACHED).graph, { context: 512 });

function mark(text: string): string {
  return `\u001B[1m${text}\u001B[0m`;
}

/** Compares with a file beside this one; `UPDATE=1` writes it anew. */
function expectFile(name: string, text: string): void {
  const path = join(import.meta.dirname, name);
  if (process.env['UPDATE'] === '1' || !existsSync(path)) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

describe('a small Samba', () => {
  test('is explained in text', () => {
    const text = explanationText(tiny.explanation);
    expectFile('tiny-samba.explain.txt', text);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test('is explained in JSON, which survives as it is', () => {
    const json = JSON.stringify(tiny.explanation, null, 2);
    expectFile('tiny-samba.explain.json', `${json}\n`);
    expect(JSON.parse(json)).toEqual(tiny.explanation);
  });

  test('is painted without changing the text', () => {
    const painted = explanationText(tiny.explanation, { heading: mark, faint: mark, good: mark });
    expect(painted).not.toBe(explanationText(tiny.explanation));
    expect(painted.replaceAll('\u001B[1m', '').replaceAll('\u001B[0m', '')).toBe(
      explanationText(tiny.explanation),
    );
  });
});

describe.each([
  ['a small Samba', tiny],
  ['a trained Samba in half precision', half],
  ['a model with caches', cached],
])('%s', (_, { planned, explanation }) => {
  const { graph, plan } = planned;
  const sum = (of: (site: SiteCost) => number): number =>
    explanation.sites.reduce((total, site) => total + of(site), 0);

  test('has the parameters of its weights, shared ones once', () => {
    const weights = Object.values(graph.weights).map(({ axes }) => elementCount(axes));
    expect(explanation.parameters).toBe(weights.reduce((total, count) => total + count, 0));
    expect(sum((site) => site.parameters)).toBe(explanation.parameters);
  });

  test('has the bytes of its weights in each encoding', () => {
    const encoded = explanation.weights.encodings.reduce((total, { bytes }) => total + bytes, 0);
    expect(encoded).toBe(explanation.weights.bytes);
    expect(sum((site) => site.weightBytes)).toBe(explanation.weights.bytes);
    expect(explanation.weights.allocated).toBeGreaterThanOrEqual(explanation.weights.bytes);
  });

  test('has the operations and the state of its graph', () => {
    const cost = graphCost(graph, { context: explanation.context });
    expect(explanation.flops).toBe(cost.flops);
    expect(sum((site) => site.flops)).toBe(cost.flops);
    expect(sum((site) => site.stateBytes)).toBe(cost.stateBytes);
    expect(explanation.state.bytes).toBe(cost.stateBytes);
    expect(explanation.state.kinds.reduce((total, { bytes }) => total + bytes, 0)).toBe(cost.stateBytes);
  });

  test('has the dispatches of its plan', () => {
    const { decode, sample, prefill, last } = plan.programs;
    expect(explanation.decode.dispatches).toBe(decode.length + sample.length);
    expect(explanation.prefill.dispatches).toBe(prefill.length + last.length);
    for (const [index, { uses }] of explanation.kernels.entries())
      for (const { program, dispatches } of uses) {
        const lists: Readonly<Record<string, readonly { readonly kernel: number }[]>> = { ...plan.programs };
        expect(lists[program]?.filter(({ kernel }) => kernel === index).length).toBe(dispatches);
      }
  });

  test('has letters and sites that add up to its programs', () => {
    for (const phase of ['decode', 'prefill'] as const)
      for (const parts of [explanation.sites, explanation.letters])
        for (const key of ['dispatches', 'unfused', 'flops', 'bytes', 'barriers', 'microseconds'] as const) {
          const of = (work: Work): number => work[key] ?? Number.NaN;
          const total = parts.reduce((all, part) => all + of(part[phase]), 0);
          expect(total).toBeCloseTo(of(explanation[phase]), 6);
        }
  });

  test('has fewer dispatches than without fusion', () => {
    expect(explanation.decode.dispatches).toBeLessThan(explanation.decode.unfused ?? 0);
    expect(explanation.prefill.dispatches).toBeLessThan(explanation.prefill.unfused ?? 0);
  });

  test('has every remark about fusion', () => {
    const counted = explanation.fusions
      .flatMap(({ details }) => details)
      .reduce((total, { count }) => total + count, 0);
    expect(counted).toBe([...planned.notes.values()].flat().length);
  });
});

describe('state', () => {
  test('stops growing where every memory is bounded', () => {
    const { growth, bytes } = half.explanation.state;
    expect(growth.at(-1)?.context).toBe(262_144);
    expect(growth.at(-1)?.bytes).toBe(bytes);
    expect(growth.at(-1)?.byKind.cache).toBe(0);
  });

  test('grows with every position where there is a cache', () => {
    const { growth, kinds } = cached.explanation.state;
    expect(kinds.map(({ kind }) => kind)).toEqual(['cache']);
    const [first, last] = [growth[0], growth.at(-1)];
    expect(last?.context).toBe(512);
    expect((last?.bytes ?? 0) / 512).toBeCloseTo((growth.at(-2)?.bytes ?? 0) / 256, 3);
    expect(first?.bytes).toBeLessThan(last?.bytes ?? 0);
  });
});

describe('predictions', () => {
  test('are the longer of traffic and arithmetic, and the gap', () => {
    const device = deviceProfile('software');
    if (device === undefined) throw new Error('no profile');
    const { explanation, planned } = explained(sambaGraph(tinySamba), { chunk: 8 }, { device });
    const times = [...planned.plan.programs.decode, ...planned.plan.programs.sample].map(({ kernel }) => {
      const { bytesRead, bytesWritten, flops } = planned.plan.kernels[kernel]?.cost ?? {
        bytesRead: 0,
        bytesWritten: 0,
        flops: 0,
      };
      return 1e6 * Math.max((bytesRead + bytesWritten) / 0.5e9, flops / 1.5e9) + 8;
    });
    const total = times.reduce((sum, time) => sum + time, 0);
    expect(explanation.decode.microseconds).toBeCloseTo(total, 6);
    const own = explanation.predictions.find((prediction) => prediction.device.id === 'software');
    expect(own?.decodeMicroseconds).toBeCloseTo(total, 6);
  });
});

test('the floors of a decoded token', () => {
  const most = new Map(half.explanation.letters.map(({ label, perSite }) => [label, perSite.fused]));
  expect(most.get('SSM')).toBeLessThanOrEqual(4);
  expect(most.get('SWA')).toBeLessThanOrEqual(4);
  expect(most.get('MLP')).toBeLessThanOrEqual(2);
  for (const label of ['embed', 'head', 'sample']) expect(most.get(label)).toBe(1);
});
