// Reads of any place in a file, served from a few whole pieces of it, so that many small reads cost few large ones.
import type { ByteSource } from './byte-source.ts';

/** Bytes of one piece; also the most that one read may ask for. */
export const PIECE_BYTES = 8 << 20;
const KEPT_PIECES = 3;

/** A file read in pieces: the last few are kept, and the next one is on its way while this one is used. */
export class PieceReader {
  readonly #source: ByteSource;
  /** In order of use, oldest first. */
  readonly #pieces: Map<number, Promise<Uint8Array>> = new Map();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `length` bytes from `offset` on; at most PIECE_BYTES. The result is to be used before the next read. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#source.resident) return this.#source.read(offset, length);
    const first = Math.floor(offset / PIECE_BYTES);
    const start = offset - first * PIECE_BYTES;
    const piece = await this.#piece(first);
    this.#readAhead(first + 1);
    if (start + length <= piece.length) return piece.subarray(start, start + length);
    const next = await this.#piece(first + 1);
    const joined = new Uint8Array(length);
    joined.set(piece.subarray(start));
    joined.set(next.subarray(0, length - (piece.length - start)), piece.length - start);
    return joined;
  }

  #piece(index: number): Promise<Uint8Array> {
    const offset = index * PIECE_BYTES;
    const length = Math.min(PIECE_BYTES, this.#source.bytes - offset);
    const piece = this.#pieces.get(index) ?? this.#source.read(offset, length);
    this.#pieces.delete(index);
    this.#pieces.set(index, piece);
    for (const oldest of this.#pieces.keys()) {
      if (this.#pieces.size <= KEPT_PIECES) break;
      this.#pieces.delete(oldest);
    }
    return piece;
  }

  /** A failure shows when the piece is really wanted. */
  #readAhead(index: number): void {
    if (index * PIECE_BYTES >= this.#source.bytes || this.#pieces.has(index)) return;
    this.#piece(index).catch(() => undefined);
  }
}
