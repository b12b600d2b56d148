// Takes a value on a sum of axes apart again: `x, B, C = silu(conv(in_proj(u), filter))`.
import type { Name } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import { elementCount } from '../../ir/graph.ts';
import * as errors from '../errors.ts';
import { fail, type Frame } from './context.ts';
import { emit } from './emit.ts';
import { failed, typeOf, type TensorValue, type Value } from './value.ts';

export function unpackTensor(
  frame: Frame,
  tensor: TensorValue,
  names: readonly Name[],
  span: Span,
): readonly Value[] {
  const { sums } = frame.body;
  const axis = typeOf(tensor).axes.find(({ name }) => sums.has(name));
  const terms = axis === undefined ? undefined : sums.get(axis.name);
  if (axis === undefined || terms === undefined || terms.length !== names.length) {
    fail(frame, errors.unpackCount(span, terms?.length ?? 1, names));
    return [];
  }
  const kept = typeOf(tensor).axes.filter(({ name }) => name !== axis.name);
  let offset = 0;
  return terms.map((axes): Value => {
    const twice = axes.find(({ name }) => kept.some((other) => other.name === name));
    if (twice !== undefined) return fail(frame, errors.axisTwice(span, twice));
    const into = axes.map(({ name, size }) => ({ name, size }));
    const part = emit(frame, {
      op: 'slice',
      inputs: [tensor],
      attrs: { axis: axis.name, offset, into },
      span,
    });
    offset += elementCount(axes);
    return part.kind === 'failed' ? failed : part;
  });
}
