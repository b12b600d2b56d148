// Whole graphs: phases agree, states can be saved, and the verifier, the printer and the costs.
import { describe, expect, it } from 'vitest';
import { bodyFlops, graphCost } from '../../compiler/ir/cost.ts';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { graphMemory } from '../../compiler/ir/memory.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { mapBody, removeDead } from '../../compiler/ir/rewrite.ts';
import { verifyGraph } from '../../compiler/ir/verify.ts';
import { expectClose, expectPhasesAgree, randomValues } from './helpers.ts';
import { sambaGraph, tinySamba } from './samba-graph.ts';

const graph = sambaGraph(tinySamba);
const tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5];

function weightsOf(model: Graph): (id: string) => Float64Array {
  return (id) => randomValues(id.length * 7 + id.charCodeAt(7), elementCount(model.weights[id]!.axes), 0.7);
}

describe('the reference executor', () => {
  it('means the same in prefill, split prefill and decode', () => {
    const logits = expectPhasesAgree(graph, weightsOf(graph), tokens);
    expect(logits).toHaveLength(tokens.length * tinySamba.vocab);
    expect(Math.max(...logits.map(Math.abs))).toBeGreaterThan(0.1);
  });

  it('saves, restores, forks and resets its state', () => {
    const reference = createReference(graph, weightsOf(graph));
    reference.run(tokens.slice(0, 6));
    const saved = reference.snapshot();
    const fork = reference.fork();
    const after = reference.run([2, 7]);
    expect(reference.position).toBe(8);
    expect(fork.position).toBe(6);
    expectClose(fork.run([2, 7]), after, 0);
    reference.restore(saved);
    expectClose(reference.run([2, 7]), after, 0);
    reference.reset();
    expect(reference.position).toBe(0);
    expectClose(reference.run([3]), createReference(graph, weightsOf(graph)).run([3]), 0);
  });

  it('refuses tokens outside the vocabulary before anything moves', () => {
    const reference = createReference(graph, weightsOf(graph));
    expect(() => reference.run([1, 11])).toThrow('internal: token 11 is outside the vocabulary of 11');
    expect(reference.position).toBe(0);
    expect(reference.run([])).toHaveLength(0);
  });

  it('shows every value to an observer', () => {
    const seen: string[] = [];
    createReference(graph, weightsOf(graph)).run([1, 2], (call, node, values) => {
      if (node.name === 'dt') seen.push(`${call} ${values.length}`);
    });
    expect(seen).toEqual(['1 16', '5 16']);
  });
});

describe('verifyGraph', () => {
  it('accepts a graph and returns it', () => {
    expect(verifyGraph(graph)).toBe(graph);
  });

  const call = graph.calls[1]!;
  const withCall = (changed: typeof call): Graph => ({ ...graph, calls: graph.calls.with(1, changed) });
  const body = graph.bodies['MLP']!;
  const withNode = (index: number, change: object): Graph => ({
    ...graph,
    bodies: {
      ...graph.bodies,
      MLP: { ...body, nodes: body.nodes.with(index, { ...body.nodes[index]!, ...change }) },
    },
  });

  const weight = graph.weights['head.norm']!;
  const withWeight = (change: object): Graph => ({
    ...graph,
    weights: { ...graph.weights, 'head.norm': { ...weight, ...change } },
  });
  const view = weight.views[0]!;

  it.each<[string, Graph, string]>([
    ['a missing weight', withCall({ ...call, weights: {} }), "weight 'norm' is not given"],
    [
      'a stray weight',
      withCall({ ...call, weights: { ...call.weights, x: 'y' } }),
      "gives weight 'x', which nobody reads",
    ],
    ['a missing input', withCall({ ...call, inputs: {} }), "input 'stream' is not given"],
    [
      'a later producer',
      withCall({ ...call, inputs: { stream: { call: 1, output: 'stream' } } }),
      'not earlier',
    ],
    [
      'an absent output',
      withCall({ ...call, inputs: { stream: { call: 0, output: 'x' } } }),
      "embed has no 'x'",
    ],
    ['an absent body', withCall({ ...call, body: 'none' }), "runs 'none', which is no body"],
    [
      'a wrong type',
      withNode(1, { type: { dtype: 'f32', axes: [], temporal: true } }),
      'MLP: %1 = square has type',
    ],
    ['a read ahead', withNode(1, { inputs: [7] }), '%1 = square reads %7, which does not come before it'],
    ['an unknown op', withNode(1, { op: 'cube' }), "no op is called 'cube'"],
    ['a wrong index', withNode(1, { id: 4 }), 'stands at index 1'],
    ['other axes of a weight', withWeight({ axes: [] }), "weight 'head.norm' is [], not [width 6]"],
    ['a second view', withWeight({ views: [view, view] }), 'has 2 views instead of 1'],
    [
      'a view too long',
      withWeight({ views: [{ ...view, offset: 1 }] }),
      'reads elements 1 to 6 of a tensor of 6',
    ],
    ['a view before', withWeight({ views: [{ ...view, strides: [-1] }] }), 'reads elements -5 to 0'],
    ['no calls', { ...graph, calls: [] }, 'the graph has no calls'],
    ['no logits', { ...graph, calls: graph.calls.slice(0, -1) }, 'no output logits'],
    ['a wrong vocabulary', { ...graph, vocab: 12 }, 'logits have 11 elements for a vocabulary of 12'],
  ])('rejects %s', (_, broken, message) => {
    expect(() => verifyGraph(broken)).toThrow(message);
    expect(() => verifyGraph(broken)).toThrow(/^internal: /);
  });
});

describe('removeDead', () => {
  it('drops outputs that nobody reads, and keeps what is read', () => {
    const pruned = verifyGraph(removeDead(graph));
    expect(Object.keys(pruned.bodies['SWA']!.outputs)).toEqual(['stream']);
    expect(pruned.bodies['SSM']!.nodes).toHaveLength(graph.bodies['SSM']!.nodes.length);
    expectClose(
      createReference(pruned, weightsOf(graph)).run(tokens),
      createReference(graph, weightsOf(graph)).run(tokens),
      0,
    );
  });

  it('drops layers, weights and parameters that nothing depends on', () => {
    const last = graph.calls.length - 1;
    const skipping = graph.calls.with(last, {
      ...graph.calls[last]!,
      inputs: { stream: { call: 2, output: 'stream' } },
    });
    const pruned = verifyGraph(removeDead({ ...graph, calls: skipping }));
    expect(Object.keys(pruned.bodies).toSorted()).toEqual(['MLP', 'SSM', 'SWA', 'embed', 'head']);
    const onlyEmbedding = graph.calls.with(last, {
      ...graph.calls[last]!,
      inputs: { stream: { call: 0, output: 'stream' } },
    });
    const bare = verifyGraph(removeDead({ ...graph, calls: onlyEmbedding }));
    expect(bare.calls.map(({ label }) => label)).toEqual(['embed', 'head']);
    expect(Object.keys(bare.weights)).toEqual(['embed.table', 'head.norm']);
    expect(bare.calls[1]!.inputs).toEqual({ stream: { call: 0, output: 'stream' } });
  });
});

describe('mapBody', () => {
  it('replaces nodes, shares equal ones and drops what died', () => {
    const body = graph.bodies['MLP']!;
    const rewritten = mapBody(body, (node, inputs, builder) => {
      if (node.op !== 'silu') return undefined;
      return builder.map('mul', [inputs[0]!, builder.map('sigmoid', inputs)]);
    });
    expect(rewritten.nodes.some((node) => node.op === 'silu')).toBe(false);
    const changed = verifyGraph({ ...graph, bodies: { ...graph.bodies, MLP: rewritten } });
    expectClose(
      createReference(changed, weightsOf(graph)).run(tokens),
      createReference(graph, weightsOf(graph)).run(tokens),
      1e-12,
    );
    expect(mapBody(body, () => undefined)).toEqual(body);
  });
});

describe('printGraph', () => {
  it('prints bodies and folds like layers', async () => {
    await expect(printGraph(graph)).toMatchFileSnapshot('tiny-samba.graph.txt');
  });
});

describe('costs', () => {
  it('counts parameters, operations and bytes', () => {
    const sizes = { ...tinySamba, vocab: 1024, width: 192, channel: 384, n: 16, rank: 12 };
    const stories = sambaGraph({ ...sizes, kv: 2, per: 3, key: 32, hidden: 512, window: 64 });
    const cost = graphCost(stories, { context: 200 });
    expect(cost.parameters).toBe(2_077_632);
    expect(cost.weightBytes).toBe(4 * 2_077_632);
    expect(graphCost(stories, { context: 200, weightBytes: 2 }).weightBytes).toBe(2 * 2_077_632);
    const attention = 4 * 2 * 2 * 32 * 63;
    const ssm = 4 * (384 * 16 + 3 * 384);
    expect(cost.stateBytes).toBe(2 * (attention + ssm));
    expect(graphCost(stories, { context: 10 }).stateBytes).toBe(2 * ((attention / 63) * 10 + ssm));
    expect(cost.flops).toBeGreaterThan(2 * (cost.parameters - 2 * (384 * 16 + 384 * 7)));
    expect(cost.flops).toBeLessThan(2.5 * cost.parameters);
    const { SWA } = stories.bodies;
    expect(bodyFlops(SWA!, 64) - bodyFlops(SWA!, 32)).toBe(32 * (4 * 6 * 32 + 4 * 6));
    expect(bodyFlops(SWA!, 64)).toBe(bodyFlops(SWA!, 1000));
  });

  it('finds one memory for each remembered value', () => {
    const { values, nodes } = graphMemory(graph);
    expect(values.map(({ call, positions }) => [call, positions])).toEqual([
      [1, 3],
      [3, 2],
      [3, 2],
      [5, 3],
      [7, 2],
      [7, 2],
    ]);
    expect(nodes.map(({ call, states }) => [call, states[0]?.count])).toEqual([
      [1, 24],
      [5, 24],
    ]);
  });
});
