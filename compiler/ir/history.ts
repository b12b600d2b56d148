// The memory of one value: its rows at the positions that temporal ops may still look at.
import { joinArrays } from './join-arrays.ts';

/** Rows of `size` elements: the first `pinned` positions, and a contiguous run of the latest ones. */
export class History {
  readonly size: number;
  /** Rows kept between runs: the latest `keep` (Infinity for all) and the first `pinned`. */
  readonly keep: number;
  readonly pinned: number;
  #rows: Float64Array = new Float64Array(0);
  #first = 0;
  #end = 0;
  #pinnedRows: Float64Array = new Float64Array(0);

  constructor(size: number, keep: number, pinned: number) {
    this.size = size;
    this.keep = keep;
    this.pinned = pinned;
  }

  /** The positions seen so far. */
  get end(): number {
    return this.#end;
  }

  /** The array that holds the row of a position, which `offset` finds there. */
  rows(position: number): Float64Array {
    return position < this.#first ? this.#pinnedRows : this.#rows;
  }

  offset(position: number): number {
    return (position < this.#first ? position : position - this.#first) * this.size;
  }

  append(values: Float64Array): void {
    const used = (this.#end - this.#first) * this.size;
    if (used + values.length > this.#rows.length) this.#grow(used, used + values.length);
    this.#rows.set(values, used);
    const missing = Math.min(this.pinned - this.#end, values.length / this.size);
    if (missing > 0)
      this.#pinnedRows = joinArrays([this.#pinnedRows, values.subarray(0, missing * this.size)]);
    this.#end += values.length / this.size;
  }

  #grow(used: number, needed: number): void {
    const larger = new Float64Array(Math.max(needed, 2 * this.#rows.length));
    larger.set(this.#rows.subarray(0, used));
    this.#rows = larger;
  }

  /** Forgets what no op may look at any more; rows move only when that frees half of them. */
  trim(): void {
    const length = this.#end - this.#first;
    if (length <= 2 * this.keep + 16) return;
    this.#rows = this.#rows.slice((length - this.keep) * this.size, length * this.size);
    this.#first = this.#end - this.keep;
  }

  clone(): History {
    const copy = new History(this.size, this.keep, this.pinned);
    copy.#rows = this.#rows.slice(0, (this.#end - this.#first) * this.size);
    copy.#first = this.#first;
    copy.#end = this.#end;
    copy.#pinnedRows = this.#pinnedRows.slice();
    return copy;
  }
}
