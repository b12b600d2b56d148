// Makes a tensor of whatever stands where a tensor is expected.
import type { Span } from '../../../grammar/source.ts';
import type { Axis } from '../../ir/graph.ts';
import type { Constant } from '../constant.ts';
import * as errors from '../errors.ts';
import { sumAxis } from './axes.ts';
import { fail, type Frame } from './context.ts';
import { emit } from './emit.ts';
import {
  failed,
  type Failed,
  type PerCallValue,
  type TensorValue,
  type TupleValue,
  type Value,
} from './value.ts';
import { weightTensor } from './weight-node.ts';

export function asTensor(frame: Frame, value: Value, span: Span): TensorValue | Failed {
  switch (value.kind) {
    case 'failed':
    case 'tensor':
      return value;
    case 'constant':
      return typeof value.value === 'number'
        ? numberTensor(frame, value.value, span)
        : fail(frame, errors.notAValue(span, value.value));
    case 'perCall':
      return perCallTensor(frame, value, span);
    case 'complex':
      return fail(frame, errors.realNeeded(span));
    case 'weight':
      if (value.weight.complex) return fail(frame, errors.realNeeded(span));
      return weightTensor(frame, value.weight, 0, false) ?? failed;
    case 'tuple':
      return joinTuple(frame, value, span);
    case 'modal':
      return fail(frame, errors.modalIsNoValue(span, value.span));
    case 'axes':
      return fail(frame, errors.axisIsNoValue(span, value.axes));
    case 'callable':
      return fail(frame, errors.callableIsNoValue(span));
  }
}

export function numberTensor(frame: Frame, value: number, span: Span): TensorValue | Failed {
  if (!Number.isFinite(value)) return fail(frame, errors.notFinite(span, value));
  return emit(frame, {
    op: 'constant',
    inputs: [],
    attrs: { value },
    span,
  });
}

/** A constant that differs between layers is a parameter of the body. */
function perCallTensor(frame: Frame, value: PerCallValue, span: Span): TensorValue | Failed {
  const wrong = value.values.find((item): item is Exclude<Constant, number> => typeof item !== 'number');
  if (wrong !== undefined) return fail(frame, errors.notAValue(span, wrong));
  const infinite = value.values.find((item) => !Number.isFinite(item));
  if (typeof infinite === 'number') return fail(frame, errors.notFinite(span, infinite));
  const rows = value.values.map((item) => [typeof item === 'number' ? item : Number.NaN]);
  return parameterTensor(frame, 'constant', [], rows, span);
}

/** A `parameter` node with its values for each occurrence, row-major over its axes. */
export function parameterTensor(
  frame: Frame,
  hint: string,
  axes: readonly Axis[],
  rows: readonly (readonly number[])[],
  span: Span,
): TensorValue | Failed {
  const { parameters } = frame.body;
  const key = JSON.stringify(rows);
  let name = [...parameters].find(
    ([known, values]) => known.startsWith(hint) && JSON.stringify(values) === key,
  )?.[0];
  if (name === undefined) {
    name = `${hint}.${parameters.size}`;
    parameters.set(name, rows);
  }
  return emit(frame, {
    op: 'parameter',
    inputs: [],
    attrs: { name, axes },
    span,
  });
}

/** The items of a sum laid one after the other, as one value on the sum's axis. */
export function joinTuple(frame: Frame, tuple: TupleValue, span: Span): TensorValue | Failed {
  const axis = sumAxis(
    frame.body,
    tuple.items.map((item) => item.axes),
  );
  const parts = tuple.items.map((item) => item.axes.map(({ name }) => name));
  const plain = { name: axis.name, size: axis.size };
  return emit(frame, {
    op: 'concat',
    inputs: tuple.items.map((item) => item.value),
    attrs: { axis: plain, parts },
    span,
  });
}
