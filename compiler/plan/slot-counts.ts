// How many positions each remembered key and value has room for: enough for every reader of it.
import type { BodyCall, Graph, NodeId } from '../ir/graph.ts';
import { valueOwner } from '../ir/memory.ts';
import { plannedPositions } from '../ir/positions.ts';
import type { PlanOptions } from './options.ts';

export interface Slots {
  readonly of: (body: string, node: NodeId) => { readonly slots: number; readonly bounded: boolean };
  /** Positions a sequence may have, or null where every memory is bounded. */
  readonly capacity: number | null;
}

/** A window needs a run's worth of positions more, since the run's own keys are written before any is read. */
export function slotsOfGraph(graph: Graph, options: PlanOptions): Slots {
  const capacity = Math.min(plannedPositions(graph.context, options.context), 1 << 24);
  const readers = memoryReaders(graph);
  const needs = new Map<string, { slots: number; bounded: boolean }>();
  const raise = (key: string, slots: number, bounded: boolean): boolean => {
    const known = needs.get(key);
    if (known !== undefined && known.slots >= slots && (bounded || !known.bounded)) return false;
    needs.set(key, {
      slots: Math.max(slots, known?.slots ?? 0),
      bounded: bounded && (known?.bounded ?? true),
    });
    return true;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const { body, node, origin, window, pinned } of readers) {
      const needed =
        window === undefined
          ? capacity
          : Math.min(window + pinned + options.chunk, Math.max(capacity, window + options.chunk));
      const most = Math.max(needed, needs.get(origin)?.slots ?? 0, needs.get(`${body}:${node}`)?.slots ?? 0);
      changed = raise(origin, most, window !== undefined) || changed;
      changed = raise(`${body}:${node}`, most, window !== undefined) || changed;
    }
  }
  const full = readers.some((reader) => reader.window === undefined);
  return {
    capacity: full ? capacity : null,
    of: (body, node) => needs.get(`${body}:${node}`) ?? { slots: capacity, bounded: false },
  };
}

interface Reader {
  readonly body: string;
  readonly node: NodeId;
  readonly origin: string;
  readonly window: number | undefined;
  readonly pinned: number;
}

function memoryReaders(graph: Graph): readonly Reader[] {
  return graph.calls.flatMap((call, index) => {
    const nodes = graph.bodies[call.body]?.nodes ?? [];
    return nodes
      .filter((node) => node.op === 'attend')
      .flatMap((node) =>
        node.inputs.slice(1, 3).map((input): Reader => {
          const origin = valueOwner(graph, { call: index, node: input });
          const producer = graph.calls[origin.call] as BodyCall; // Origins are calls of the graph.
          const window = node.attrs['window'];
          return {
            body: call.body,
            node: input,
            origin: `${producer.body}:${origin.node}`,
            window: typeof window === 'number' ? window : undefined,
            pinned: Number(node.attrs['pinned'] ?? 0),
          };
        }),
      );
  });
}
