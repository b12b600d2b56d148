// The copies of the state that a session keeps of its own accord, so that it can go back without running everything again.
import { HybError } from './errors.ts';
import type { ModelParts } from './model-parts.ts';
import type { Rollback } from './rollback-options.ts';
import { copyToGoBack, createStateCopy, destroyCopy } from './state-copy.ts';
import type { CopyLayout, StateCopy } from './state-copy.ts';

/** The state after `ran` tokens. */
export interface KeptState {
  readonly ran: number;
  /** Positions written when it was copied, see Mark. */
  readonly written: number;
  /** Whether its logits are those after the last token. */
  readonly ready: boolean;
  readonly copy: StateCopy;
}

/** Copies that stand closer than this part of `every` to the one before are not made: the tokens between run as quickly. */
const CLOSE = 1 / 16;

/** Bounded in number and bytes. Where it is full, the copy goes that is missed least: the further back, the fewer there are. */
export class SnapshotRing {
  readonly #parts: ModelParts;
  readonly #layout: CopyLayout;
  readonly #every: number;
  #most: number;
  /** Ascending by `ran`. */
  #kept: readonly KeptState[] = [];
  readonly #free: StateCopy[] = [];

  constructor(parts: ModelParts, { every, copies, bytes }: Rollback) {
    this.#parts = parts;
    this.#layout = copyToGoBack(parts.plan, Infinity);
    this.#every = every;
    const needed = parts.plan.states.some(({ reach }) => reach !== null);
    this.#most = needed ? Math.min(copies, Math.floor(bytes / this.#layout.bytes)) : 0;
  }

  /** Positions of the copies, ascending. */
  get positions(): readonly number[] {
    return this.#kept.map(({ ran }) => ran);
  }

  /** Whether a copy after `ran` tokens is worth while: `far`, only where the one before is a whole stretch away. */
  isDue(ran: number, far: boolean): boolean {
    const distance = ran - (this.nearest(ran)?.ran ?? 0);
    return this.#most > 0 && distance > 0 && distance >= (far ? this.#every : this.#every * CLOSE);
  }

  /** The last copy after at most `ran` tokens. */
  nearest(ran: number): KeptState | undefined {
    return this.#kept.findLast((kept) => kept.ran <= ran);
  }

  /** Memory for one more copy, if need be that of one before; null where there is none to be had. */
  async memory(): Promise<StateCopy | null> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#kept.length < this.#most) {
      try {
        return await createStateCopy(this.#parts, this.#layout);
      } catch (cause) {
        if (!(cause instanceof HybError) || cause.code !== 'out_of_memory') throw cause;
        this.#most = this.#kept.length;
      }
    }
    const least = leastMissed(this.#kept);
    if (least === undefined) return null;
    this.#kept = this.#kept.filter((kept) => kept !== least);
    return least.copy;
  }

  /** Adds a copy that stands behind all others. */
  add(kept: KeptState): void {
    this.#kept = [...this.#kept, kept];
  }

  /** Forgets the copies after more than `ran` tokens. */
  dropAfter(ran: number): void {
    for (const kept of this.#kept) if (kept.ran > ran) this.#free.push(kept.copy);
    this.#kept = this.#kept.filter((kept) => kept.ran <= ran);
  }

  /** Forgets all copies. */
  clear(): void {
    this.dropAfter(-1);
  }

  destroy(): void {
    for (const copy of [...this.#free, ...this.#kept.map((kept) => kept.copy)]) destroyCopy(copy);
    this.#kept = [];
  }
}

/** The copy whose neighbours are nearest to each other, measured by how far back they lie. */
function leastMissed(kept: readonly KeptState[]): KeptState | undefined {
  const end = kept.at(-1)?.ran ?? 0;
  const gap = (index: number): number => {
    const before = kept[index - 1]?.ran ?? 0;
    const after = kept[index + 1]?.ran ?? end;
    return (after - before) / (end - before + 1);
  };
  return kept.reduce<KeptState | undefined>((least, candidate, index) => {
    if (least === undefined) return candidate;
    return gap(index) < gap(kept.indexOf(least)) ? candidate : least;
  }, undefined);
}
