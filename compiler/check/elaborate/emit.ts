// Adds a node to the body, or to the scan in it where an input depends on the scan's state.
import type { Span } from '../../../grammar/source.ts';
import { elementCount, type Axis, type NodeId } from '../../ir/graph.ts';
import { recordOf } from '../../ir/ops/index.ts';
import * as errors from '../errors.ts';
import { fail, type Frame, type ScanContext } from './context.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { typeOf, type Failed, type TensorValue } from './value.ts';

/** One position of a value may have so many elements at most. */
const mostElements = 2 ** 31;

export interface Emitted {
  readonly op: string;
  readonly inputs: readonly TensorValue[];
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly span: Span;
}

export function emit(frame: Frame, node: Emitted): TensorValue | Failed {
  const place = placeOf(frame, node.inputs);
  const ids = node.inputs.map((input) => bring(place, input));
  const attrs = node.attrs ?? {};
  const types = ids.map((id) => typeOf({ kind: 'tensor', graph: place.graph, node: id }));
  const type = recordOf(node.op).infer(types, attrs);
  if (elementCount(type.axes) >= mostElements) return fail(frame, errors.valueTooLarge(node.span, type.axes));
  if (place.graph.nodes.length > 50_000) return fail(frame, errors.modelTooLarge(node.span));
  const id = place.graph.add({
    op: node.op,
    inputs: ids,
    attrs,
    type,
    span: node.span,
    ...(node.name === undefined ? {} : { name: node.name }),
  });
  return { kind: 'tensor', graph: place.graph, node: id };
}

interface Place {
  readonly graph: GraphBuilder;
  readonly scan?: ScanContext;
}

function placeOf(frame: Frame, inputs: readonly TensorValue[]): Place {
  const { scan, graph } = frame.body;
  return scan !== undefined && inputs.some((input) => input.graph === scan.graph)
    ? { graph: scan.graph, scan }
    : { graph };
}

/** The node in the graph of `place`: what does not depend on the state becomes an operand of the scan. */
function bring(place: Place, value: TensorValue): NodeId {
  if (value.graph === place.graph || place.scan === undefined) return value.node;
  return operand(place.scan, value).node;
}

/** The value as the scan's body sees it: one position of it, or all of a value that has no positions. */
export function operand(scan: ScanContext, value: TensorValue): TensorValue {
  const node = value.graph.nodes[value.node];
  if (node === undefined) throw new Error('internal: an operand refers to a node that is not there');
  const { op, attrs, name, span, type } = node;
  const more = { ...(name === undefined ? {} : { name }), ...(span === undefined ? {} : { span }) };
  if (op === 'constant') {
    return {
      kind: 'tensor',
      graph: scan.graph,
      node: scan.graph.add({ op, inputs: [], attrs, type, ...more }),
    };
  }
  let index = scan.operands.findIndex((other) => other.node === value.node);
  if (index < 0) index = scan.operands.push(value) - 1;
  const id = scan.graph.add({
    op: 'input',
    inputs: [],
    attrs: { name: `operand:${index}`, type: { ...type, temporal: false } },
    type: { ...type, temporal: false },
    ...more,
  });
  return { kind: 'tensor', graph: scan.graph, node: id };
}

export function without(axes: readonly Axis[], names: readonly string[]): readonly Axis[] {
  return axes.filter((axis) => !names.includes(axis.name));
}
