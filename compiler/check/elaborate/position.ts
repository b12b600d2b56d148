// `position`: the index of each position in its sequence.
import type { Span } from '../../../grammar/source.ts';
import type { Frame } from './context.ts';
import { emit } from './emit.ts';
import type { Failed, TensorValue } from './value.ts';

export function positionTensor(frame: Frame, span: Span): TensorValue | Failed {
  return emit(frame, { op: 'position', inputs: [], name: 'position', span });
}
