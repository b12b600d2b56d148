// Several states and several results of one recurrence: what they are described by, that the form means what the updates mean, and that
// the states are kept once.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rewriteGraph } from '../../compiler/fuse/index.ts';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import type { Body, Graph, NodeId } from '../../compiler/ir/graph.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { isOp } from '../../compiler/ir/ops/index.ts';
import type { ScanAttrs } from '../../compiler/ir/ops/scan.ts';
import { isRefused } from '../../compiler/recurrence/affine.ts';
import { type CoupledForm, coupledForm } from '../../compiler/recurrence/coupled-form.ts';
import { describeRecurrence } from '../../compiler/recurrence/describe-states.ts';
import { graphOf } from '../check/graph-of.ts';
import { largestDifference, randomGiven } from '../ir/helpers.ts';
import { COUPLED, READ_TWICE } from './coupled.ts';
import { recurrenceGraph, scanOf } from './recurrences.ts';

/** The states of each recurrence that kernels are made for. */
function statesOf(graph: Graph): readonly (readonly string[])[] {
  return Object.values(rewriteGraph(graph).graph.bodies).flatMap(({ nodes }) =>
    nodes.flatMap((node) => (isOp(node, 'scan') ? [node.attrs.states.map(({ name }) => name)] : [])),
  );
}

/** The new states by the form: for each, the sum of its row's products, and what is added. */
function updatesBy({ states, coefficients, matrix, added }: CoupledForm): Body {
  const builder = new BodyBuilder('form');
  const copied: NodeId[] = [];
  for (const { op, inputs, attrs } of coefficients.nodes)
    copied.push(
      builder.addAny(
        op,
        inputs.map((input) => copied[input] ?? NaN),
        attrs,
      ),
    );
  const at = (id: NodeId): NodeId => copied[id] ?? NaN;
  const olds = states.map(({ name, axes }) =>
    builder.input(`state:${name}`, { dtype: 'f32', axes, temporal: false }),
  );
  const outputs = states.map(({ name, axes }, i) => {
    const zero = builder.broadcast(builder.constant(0), axes);
    const products = olds.flatMap((old, j) => {
      const factor = matrix[i]?.[j];
      return factor === undefined ? [] : [builder.map('mul', [at(factor), old])];
    });
    const rest = added[i];
    const terms = [...products, ...(rest === undefined ? [] : [at(rest)])];
    return [`state:${name}`, terms.reduce((sum, term) => builder.map('add', [sum, term]), zero)] as const;
  });
  return builder.finish(Object.fromEntries(outputs));
}

function updatesOf({ body, states }: ScanAttrs): Body {
  const names = states.map(({ name }) => `state:${name}`);
  return { ...body, outputs: Object.fromEntries(names.map((name) => [name, body.outputs[name] ?? NaN])) };
}

describe.each(COUPLED)('$title', ({ body, class: name, form: equation }) => {
  const { attrs, names } = scanOf(recurrenceGraph(body));

  test('is described', () => {
    const { class: found, form } = describeRecurrence(attrs, names);
    expect([found, form[0]]).toEqual([name, equation]);
  });

  test('means what its updates mean', () => {
    const form = coupledForm(attrs);
    if (isRefused(form)) throw new Error(form.refused);
    const [expected, found] = [updatesOf(attrs), updatesBy(form)];
    const property = fc.property(fc.nat(1e6), (seed) => {
      const given = randomGiven(expected, 1, seed);
      const values = interpretBody(expected, given, [1]);
      for (const [state, others] of Object.entries(interpretBody(found, given, [1])))
        expect(largestDifference(others, values[state] ?? [])).toBeLessThan(1e-12);
    });
    fc.assert(property, { numRuns: 10, seed: 1 });
  });
});

test.each([...COUPLED, ...READ_TWICE])('$title goes forward once', ({ body }) => {
  expect(statesOf(recurrenceGraph(body))).toHaveLength(1);
});

test('a stabiliser that is read old and new is kept once', () => {
  const text = 'model one {\n  vocab 11\n  width 12\n  stripe X\n  X = mlstm(heads: 3)\n}';
  expect(statesOf(graphOf(text))).toEqual([['m'], ['C'], ['n']]);
});

test.each(READ_TWICE)('$title is described', ({ body, class: name, form: equation }) => {
  const { attrs, names } = scanOf(recurrenceGraph(body));
  const { class: found, form } = describeRecurrence(attrs, names);
  expect([found, form[0]]).toEqual([name, equation]);
});
