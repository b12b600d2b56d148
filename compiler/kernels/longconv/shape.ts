// A long convolution in numbers: what its forms are chosen by.
import { type Body, elementCount, type NodeId } from '../../ir/graph.ts';
import { nodeIn } from '../elements.ts';
import { type LongConvNode, tapsOf } from './roles.ts';

export interface LongConvShape {
  /** Elements of the result at one position. */
  readonly channels: number;
  /** Channels that have equal taps. */
  readonly members: number;
  /** Channel c has the filter floor(c / inner) mod count; nothing where no such numbers say which filter a channel has. */
  readonly repeats: { readonly inner: number; readonly count: number } | undefined;
  /** The largest lags, back and ahead; no larger than a sequence is long. */
  readonly back: number;
  readonly ahead: number;
  /** Most positions of one run. */
  readonly maximum: number;
}

/** For runs of at most `maximum` positions, in sequences of at most `positions`. */
export function longConvShape(
  body: Body,
  node: LongConvNode,
  maximum: number,
  positions: number,
): LongConvShape {
  const { axes } = node.type;
  const filters = node.inputs.slice(1).map((id) => nodeIn(body, id).type.axes);
  const isGroup = axes.map(({ name }) => filters.some((own) => own.some((axis) => axis.name === name)));
  const groups = axes.filter((_, i) => isGroup[i]);
  const [first, last] = [isGroup.indexOf(true), isGroup.lastIndexOf(true)];
  const together = isGroup.slice(Math.max(first, 0), last + 1).every((own) => own);
  const reach = (ahead: boolean): number => {
    const lags = node.attrs.filters.flatMap((filter, i) =>
      filter.ahead === ahead ? [tapsOf(axesOf(body, node, i), filter) - 1 + filter.first] : [],
    );
    return Math.min(positions - 1, Math.max(0, ...lags));
  };
  return {
    channels: elementCount(axes),
    members: elementCount(axes) / elementCount(groups),
    repeats: together
      ? {
          inner: first < 0 ? elementCount(axes) : elementCount(axes.slice(last + 1)),
          count: elementCount(groups),
        }
      : undefined,
    back: reach(false),
    ahead: reach(true),
    maximum,
  };
}

function axesOf(body: Body, node: LongConvNode, filter: number) {
  return nodeIn(body, node.inputs[filter + 1] as NodeId).type.axes; // Every filter is an input.
}
