// What the language allows and the kernels do not carry out yet, found on the finished bodies.
import type { Diagnostic } from '../../grammar/source.ts';
import { keysAndValues } from '../ir/attended.ts';
import type { AnyNode, Body, BodyCall, NodeId } from '../ir/graph.ts';
import * as errors from './errors.ts';

interface Assembled {
  readonly bodies: Readonly<Record<string, Body>>;
  readonly calls: readonly BodyCall[];
}

/** A diagnostic for every such form, at the text that caused it. */
export function uncarriedForms(assembled: Assembled): readonly Diagnostic[] {
  return uncarriedMemories(assembled);
}

function at(node: AnyNode, what: string): readonly Diagnostic[] {
  return node.span === undefined ? [] : [errors.notCarriedOutYet(node.span, what)];
}

// ---------------------------------------------------------------------------------------------- keys and values of other layers

/** The layer that makes keys and values writes them into their memory, and does so where it attends to them. */
function uncarriedMemories({ bodies, calls }: Assembled): readonly Diagnostic[] {
  const said = new Set<AnyNode>();
  calls.forEach((call, index) => {
    for (const node of bodies[call.body]?.nodes ?? []) {
      const unwritten = keysAndValues(node).some((input) => !isWritten(bodies, calls, index, input));
      if (unwritten) said.add(node);
    }
  });
  return [...said].flatMap((node) =>
    at(node, '`attend` over keys or values of a layer that does not attend to them itself'),
  );
}

/** Whether an attend of the body that made the value reads it there. */
function isWritten(
  bodies: Assembled['bodies'],
  calls: readonly BodyCall[],
  call: number,
  node: NodeId,
): boolean {
  const body = bodies[calls[call]?.body ?? ''];
  const value = body?.nodes[node];
  if (body === undefined || value === undefined) return false;
  const given = value.op === 'input' ? calls[call]?.inputs[String(value.attrs['name'])] : undefined;
  if (given === undefined) return body.nodes.some((each) => keysAndValues(each).includes(node));
  const producer = bodies[calls[given.call]?.body ?? '']?.outputs[given.output];
  return producer !== undefined && isWritten(bodies, calls, given.call, producer);
}
