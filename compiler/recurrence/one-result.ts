// One result of a recurrence of several: the recurrence with only the states and operands that it is made from.
import { BodyBuilder } from '../ir/build.ts';
import type { Body, NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { nodeAt } from '../ir/ops/index.ts';
import type { ScanAttrs } from '../ir/ops/scan.ts';

export interface OneResult {
  readonly attrs: ScanAttrs;
  readonly inputs: readonly NodeId[];
}

/** `inputs` are the operands. */
export function oneResult(attrs: ScanAttrs, inputs: readonly NodeId[], result: string): OneResult {
  const { body } = attrs;
  const needed = neededFor(body, result);
  const states = attrs.states.filter(({ name }) => needed.has(inputNamed(body, `state:${name}`)));
  const operands = inputs
    .map((_, index) => index)
    .filter((index) => needed.has(inputNamed(body, `operand:${index}`)));
  const inner = new BodyBuilder(body.name);
  const copied = new Map<NodeId, NodeId>();
  for (const node of body.nodes) {
    if (!needed.has(node.id)) continue;
    const operand = node.op === 'input' ? /^operand:(\d+)$/.exec(String(node.attrs['name'])) : null;
    const made =
      operand === null
        ? inner.addAny(
            node.op,
            node.inputs.map((input) => copied.get(input) ?? internal('a node before its input')),
            node.attrs,
            node,
          )
        : inner.input(`operand:${operands.indexOf(Number(operand[1]))}`, node.type, node);
    copied.set(node.id, made);
  }
  const outputs = [...states.map(({ name }) => `state:${name}`), result].map((name) => {
    const id = copied.get(outputOf(body, name));
    return [name, id ?? internal(`a recurrence without ${name}`)] as const;
  });
  return {
    attrs: { ...attrs, states, body: inner.finish(Object.fromEntries(outputs)), results: [result] },
    inputs: operands.map((index) => inputs[index] ?? internal(`a recurrence without operand ${index}`)),
  };
}

/** The nodes that the result is made from, at its own position and at those before. */
function neededFor(body: Body, result: string): ReadonlySet<NodeId> {
  const needed = new Set<NodeId>();
  const pending = [outputOf(body, result)];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    const { op, attrs, inputs } = nodeAt(body.nodes, id);
    pending.push(...inputs);
    // What a state is comes from what it was given before.
    if (op === 'input' && String(attrs['name']).startsWith('state:'))
      pending.push(outputOf(body, String(attrs['name'])));
  }
  return needed;
}

function inputNamed({ nodes }: Body, name: string): NodeId {
  return nodes.find(({ op, attrs }) => op === 'input' && attrs['name'] === name)?.id ?? -1;
}

function outputOf({ outputs }: Body, name: string): NodeId {
  return outputs[name] ?? internal(`a recurrence without ${name}`);
}
