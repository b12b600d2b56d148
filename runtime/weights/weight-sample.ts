// A name for a set of weights, made of the first bytes of each as they are read.
import { Checksum } from '../hash.ts';

/** Bytes of a weight that count. */
const SAMPLE_BYTES = 64;

/** The order in which weights come does not count. */
export class WeightSample {
  readonly #sums = new Map<string, string>();

  /** Only the first bytes that come of each weight count. */
  add(name: string, bytes: Uint8Array): void {
    if (!this.#sums.has(name))
      this.#sums.set(name, new Checksum().add(bytes.subarray(0, SAMPLE_BYTES)).text());
  }

  /** 16 hexadecimal digits. */
  text(): string {
    const lines = [...this.#sums].map(([name, sum]) => `${name} ${sum}\n`).toSorted();
    return new Checksum().add(new TextEncoder().encode(lines.join(''))).text();
  }
}
