// Runs the derived program of a body's outputs on given weights, as loading a model does.
import type { Body, NodeId } from '../../compiler/ir/graph.ts';
import type { GivenValues } from '../../compiler/ir/interpret-one.ts';
import { nodeAt } from '../../compiler/ir/ops/index.ts';
import { deriveProgram } from '../../compiler/plan/derive-program.ts';
import { checkDerived } from '../../runtime/derived/check.ts';
import { evaluateDerived } from '../../runtime/derived/evaluate.ts';
import type { DerivedPlan } from '../../runtime/plan.ts';

/** The program as a plan has it: each output goes to the buffer with its place among the outputs. */
export function programOf(
  body: Body,
  outputs: readonly NodeId[],
  given: GivenValues,
  most?: number,
): DerivedPlan {
  const { arrays, steps, flops } = deriveProgram(body, outputs, most);
  return {
    name: body.name,
    flops,
    weights: [],
    steps,
    arrays: arrays.map(({ elements, source, output }) => {
      const node = source === undefined ? undefined : nodeAt(body.nodes, source);
      const name = String(node?.attrs['name']);
      const values = node?.op === 'parameter' ? given.parameters?.[name] : given.weights?.[name];
      if (node !== undefined && values !== undefined) return { elements, values: [...values] };
      if (output === undefined) return { elements };
      return { elements, target: { buffer: outputs.indexOf(output), byteOffset: 0 } };
    }),
  };
}

/** The outputs' values, rounded to f32. The program is checked and goes through JSON before. */
export async function runProgram(plan: DerivedPlan): Promise<readonly Float32Array[]> {
  // What was made from a plan is one again.
  const read = JSON.parse(JSON.stringify(plan)) as DerivedPlan;
  checkDerived(read);
  const made = await evaluateDerived(read, new Map(), () => Promise.resolve());
  return made.toSorted((a, b) => a.buffer - b.buffer).map(({ values }) => values);
}
