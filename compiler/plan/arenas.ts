// Activations in few buffers: a first-fit allocator with lifetimes, and a colour for each block so that no dispatch reads and writes one buffer.
import { roundUp } from '../kernels/body-layout.ts';

/** A piece of an arena, in bytes. */
export interface ArenaBlock {
  readonly arena: number;
  readonly byteOffset: number;
  readonly bytes: number;
}

interface Live extends ArenaBlock {
  readonly until: number;
}

/** Allocates blocks step by step. Offsets are multiples of 256, as bindings need. */
export class Arenas {
  readonly #live: Live[] = [];
  readonly #bytes: number[] = [];

  /** Sizes of the arenas so far. */
  get bytes(): readonly number[] {
    return this.#bytes;
  }

  /** Memory for `bytes` from step `from` through step `until`, in an arena that is not among `avoid`. */
  allocate(bytes: number, from: number, until: number, avoid: ReadonlySet<number>): ArenaBlock {
    const size = roundUp(bytes, 256);
    let arena = 0;
    while (avoid.has(arena)) arena++;
    const byteOffset = this.#gap(arena, size, from);
    this.#live.push({ arena, byteOffset, bytes: size, until });
    this.#bytes[arena] = Math.max(this.#bytes[arena] ?? 0, byteOffset + size);
    return { arena, byteOffset, bytes: size };
  }

  #gap(arena: number, size: number, from: number): number {
    const taken = this.#live
      .filter((block) => block.arena === arena && block.until >= from)
      .toSorted((a, b) => a.byteOffset - b.byteOffset);
    let at = 0;
    for (const block of taken) {
      if (block.byteOffset - at >= size) break;
      at = Math.max(at, block.byteOffset + block.bytes);
    }
    return at;
  }
}
