// A checksum of bytes: finds damage and tells files apart; no protection against forgery.

/** FNV-1a over little-endian words (Fowler, Noll, Vo), with a shift that lets high bits reach the low ones. */
export class Checksum {
  #low = 0x811c9dc5;
  #high = 0x9dc5811c;

  /** Bytes at the end that make no whole word are filled up with zeros. */
  add(bytes: Uint8Array): this {
    const whole = bytes.length - (bytes.length % 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < whole; at += 4) this.#word(view.getUint32(at, true));
    let rest = 0;
    for (let at = whole; at < bytes.length; at++) rest |= (bytes[at] ?? 0) << (8 * (at - whole));
    if (whole < bytes.length) this.#word(rest >>> 0);
    return this;
  }

  /** 16 hexadecimal digits. */
  text(): string {
    return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #word(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x01000193);
    this.#low ^= this.#low >>> 15;
    this.#high = Math.imul(this.#high ^ word, 0x01000193);
    this.#high ^= this.#high >>> 13;
  }
}
