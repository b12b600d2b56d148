// How many positions each remembered key and value has room for: enough for every reader of it.
import type { BodyCall, Graph, NodeId } from '../ir/graph.ts';
import { valueOwner } from '../ir/memory.ts';
import { plannedPositions } from '../ir/positions.ts';
import type { PlanOptions } from './options.ts';

/** Room of one remembered key or value. */
export interface NodeSlots {
  readonly slots: number;
  /** See StatePlan: null where there is no window. */
  readonly reach: number | null;
}

export interface Slots {
  readonly of: (body: string, node: NodeId) => NodeSlots;
  /** Positions a sequence may have, or null where every memory is bounded. */
  readonly capacity: number | null;
}

/** What the readers of a memory need together; the window is Infinity where one of them reads everything. */
interface Need {
  readonly slots: number;
  readonly window: number;
  readonly pinned: number;
}

/** A window needs a run's worth of positions more, since the run's own keys are written before any is read. */
export function slotsOfGraph(graph: Graph, options: PlanOptions): Slots {
  const capacity = Math.min(plannedPositions(graph.context, options.context) + (graph.prefix ?? 0), 1 << 24);
  const readers = memoryReaders(graph);
  const needs = new Map<string, Need>();
  const raise = (key: string, need: Need): boolean => {
    const known = needs.get(key) ?? { slots: 0, window: 0, pinned: 0 };
    const wider = widest(known, need);
    needs.set(key, wider);
    return wider.slots > known.slots || wider.window > known.window || wider.pinned > known.pinned;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const { body, node, origin, window, pinned } of readers) {
      const slots =
        window === undefined
          ? capacity
          : Math.min(window + pinned + options.chunk, Math.max(capacity, window + options.chunk));
      const own: Need = { slots, window: window ?? Infinity, pinned };
      const need = [needs.get(origin), needs.get(`${body}:${node}`)].reduce<Need>(
        (all, other) => (other === undefined ? all : widest(all, other)),
        own,
      );
      changed = raise(origin, need) || changed;
      changed = raise(`${body}:${node}`, need) || changed;
    }
  }
  const full = readers.some((reader) => reader.window === undefined);
  return {
    capacity: full ? capacity : null,
    of: (body, node) => {
      const need = needs.get(`${body}:${node}`);
      return need === undefined
        ? { slots: capacity, reach: null }
        : { slots: need.slots, reach: reachOf(need) };
    },
  };
}

function widest(a: Need, b: Need): Need {
  return {
    slots: Math.max(a.slots, b.slots),
    window: Math.max(a.window, b.window),
    pinned: Math.max(a.pinned, b.pinned),
  };
}

/** The token at the position gone back to sees `window − 1` positions before it, which must not have been overwritten. */
function reachOf({ slots, window, pinned }: Need): number | null {
  return Number.isFinite(window) ? Math.max(0, slots - pinned - window + 1) : null;
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
