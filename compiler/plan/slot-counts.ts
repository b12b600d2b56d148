// How many positions each remembered key and value has room for: enough for every reader of it.
import type { BodyCall, Graph, NodeId } from '../ir/graph.ts';
import { keysAndValues } from '../ir/attended.ts';
import { valueOwner } from '../ir/memory.ts';
import { reachBack } from '../ir/ops/attend-inputs.ts';
import { isOp } from '../ir/ops/index.ts';
import { mostLags } from '../kernels/longconv/roles.ts';
import { plannedPositions } from '../ir/positions.ts';
import type { PlanOptions } from './options.ts';

/** Room of one remembered key or value. */
export interface NodeSlots {
  readonly slots: number;
  /** Positions from the first one on that are never overwritten: what its readers pin. */
  readonly pinned: number;
  /** See StatePlan: null where there is no window. */
  readonly reach: number | null;
}

export interface Slots {
  readonly of: (body: string, node: NodeId) => NodeSlots;
  /** Positions a sequence may have, or null where every memory is bounded. */
  readonly capacity: number | null;
  /** Positions that memories without a bound of their own have room for. */
  readonly positions: number;
}

/** What the readers of a memory need together; the window is Infinity where one of them reads everything. */
interface Need {
  readonly window: number;
  readonly pinned: number;
}

export function slotsOfGraph(graph: Graph, options: Pick<PlanOptions, 'context' | 'chunk'>): Slots {
  const capacity = Math.min(plannedPositions(graph.context, options.context) + (graph.prefix ?? 0), 1 << 24);
  const readers = [...memoryReaders(graph), ...filteredValues(graph, capacity)];
  const needs = new Map<string, Need>();
  const raise = (key: string, need: Need): boolean => {
    const known = needs.get(key) ?? { window: 0, pinned: 0 };
    const wider = widest(known, need);
    needs.set(key, wider);
    return wider.window > known.window || wider.pinned > known.pinned;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const { places, window, pinned } of readers) {
      const own: Need = { window, pinned };
      const need = places.reduce<Need>((all, place) => {
        const other = needs.get(place);
        return other === undefined ? all : widest(all, other);
      }, own);
      for (const place of places) changed = raise(place, need) || changed;
    }
  }
  const full = readers.some((reader) => !Number.isFinite(reader.window));
  return {
    capacity: full ? capacity : null,
    positions: capacity,
    of: (body, node) => {
      const need = needs.get(`${body}:${node}`);
      if (need === undefined) return { slots: capacity, pinned: 0, reach: null };
      const slots = roomFor(need, capacity, options.chunk);
      const kept = Number.isFinite(need.window) ? need.pinned : 0;
      return { slots, pinned: kept, reach: reachOf(need, slots) };
    },
  };
}

function widest(a: Need, b: Need): Need {
  return {
    window: Math.max(a.window, b.window),
    pinned: Math.max(a.pinned, b.pinned),
  };
}

/** A window needs a run's worth of positions more, since the run's own keys are written before any is read. */
function roomFor({ window, pinned }: Need, capacity: number, chunk: number): number {
  return Number.isFinite(window)
    ? Math.min(window + pinned + chunk, Math.max(capacity, window + chunk))
    : capacity;
}

/** The token at the position gone back to sees `window − 1` positions before it, which must not have been overwritten. */
function reachOf({ window, pinned }: Need, slots: number): number | null {
  return Number.isFinite(window) ? Math.max(0, slots - pinned - window + 1) : null;
}

/** An attend, or a long convolution. Keys and values have their slots in common, so their rooms are one. */
interface Reader {
  /** Keys and values, where they are read and where they are made. */
  readonly places: readonly string[];
  /** Positions that it sees, or of whose block it may see some; Infinity for all. */
  readonly window: number;
  readonly pinned: number;
}

function memoryReaders(graph: Graph): readonly Reader[] {
  return graph.calls.flatMap((call, index) => {
    const nodes = graph.bodies[call.body]?.nodes ?? [];
    return nodes
      .filter((node) => isOp(node, 'attend'))
      .map((node): Reader => {
        const { attrs } = node;
        return {
          places: keysAndValues(node).flatMap((input) => {
            const origin = valueOwner(graph, { call: index, node: input });
            const producer = graph.calls[origin.call] as BodyCall; // Origins are calls of the graph.
            return [`${producer.body}:${origin.node}`, `${call.body}:${input}`];
          }),
          window: attrs.causal === false ? Infinity : reachBack(attrs),
          pinned: attrs.pinned ?? 0,
        };
      });
  });
}

/** What long convolutions remember, each under its own name: all positions where a filter is as long as a sequence can be. */
function filteredValues(graph: Graph, capacity: number): readonly Reader[] {
  return Object.entries(graph.bodies).flatMap(([name, body]) =>
    body.nodes.flatMap((node): readonly Reader[] => {
      if (!isOp(node, 'longconv')) return [];
      const window = mostLags(body, node) + 1;
      return [{ places: [`${name}:${node.id}`], window: window < capacity ? window : Infinity, pinned: 0 }];
    }),
  );
}
