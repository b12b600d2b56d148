// The tokens of a sequence, as far back as they are remembered, and which tokens it has ever had.

/** Rows that the history begins with; it doubles when it is full. */
const FIRST_ROOM = 256;

/** A token that the sequence has had, and the position at which it came first. */
export type FirstSeen = readonly [token: number, position: number];

/** What a history is made of, for copies and files. */
export interface HistoryRecord {
  /** The position of the first token that is remembered. */
  readonly first: number;
  /** See TokenHistory. */
  readonly beginsEmpty: boolean;
  readonly tokens: Uint32Array<ArrayBuffer>;
  /** For each of them, how many tokens had been drawn when it came. */
  readonly drawn: Uint32Array<ArrayBuffer>;
  readonly seen: readonly FirstSeen[];
}

/** Grows by one token at a time and is cut back; the oldest tokens are forgotten where there are too many. */
export class TokenHistory {
  readonly #most: number;
  readonly #seen = new Map<number, number>();
  #tokens = new Uint32Array(FIRST_ROOM);
  #drawn = new Uint32Array(FIRST_ROOM);
  #first = 0;
  #length = 0;
  #beginsEmpty = true;

  /** `most` is how many tokens are remembered at least, if there are as many. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Tokens of the sequence, forgotten ones included. */
  get length(): number {
    return this.#length;
  }

  /** The position of the first token that is remembered. */
  get first(): number {
    return this.#first;
  }

  /** Whether the empty state and the tokens alone make the state. */
  get beginsEmpty(): boolean {
    return this.#beginsEmpty;
  }

  /** Every token that the sequence has had. */
  get seen(): Iterable<number> {
    return this.#seen.keys();
  }

  /** Appends a token; `drawn` tokens have been drawn so far. */
  push(token: number, drawn: number): void {
    if (this.#length - this.#first === this.#tokens.length) this.#makeRoom();
    const at = this.#length - this.#first;
    this.#tokens[at] = token;
    this.#drawn[at] = drawn;
    if (!this.#seen.has(token)) this.#seen.set(token, this.#length);
    this.#length++;
  }

  /** Cuts the sequence back to `length` tokens; those cut off must be remembered. */
  truncate(length: number): void {
    if (length === 0 && this.#beginsEmpty) {
      this.clear();
      return;
    }
    for (const token of this.slice(length, this.#length))
      if ((this.#seen.get(token) ?? 0) >= length) this.#seen.delete(token);
    this.#length = length;
  }

  clear(): void {
    this.#seen.clear();
    this.#first = 0;
    this.#length = 0;
    this.#beginsEmpty = true;
  }

  /** Forgets all tokens, but not how many they are: the state here is not what they made it. */
  forget(): void {
    this.#first = this.#length;
    this.#beginsEmpty = false;
  }

  /** The tokens at positions `from` to `to`, without `to`; all must be remembered. */
  slice(from: number, to: number): Uint32Array<ArrayBuffer> {
    return this.#tokens.slice(from - this.#first, to - this.#first);
  }

  at(position: number): number {
    return this.#tokens[position - this.#first] ?? 0;
  }

  /** How many tokens had been drawn when the sequence had `length` tokens. */
  drawnAt(length: number): number {
    return length <= this.#first ? 0 : (this.#drawn[length - 1 - this.#first] ?? 0);
  }

  /** How many tokens at the start are those of `tokens`; 0 where the start is forgotten. */
  commonPrefix(tokens: ArrayLike<number>): number {
    if (this.#first > 0) return 0;
    const most = Math.min(this.#length, tokens.length);
    let at = 0;
    while (at < most && this.#tokens[at] === tokens[at]) at++;
    return at;
  }

  /** A copy of everything that is remembered. */
  record(): HistoryRecord {
    const count = this.#length - this.#first;
    return {
      first: this.#first,
      beginsEmpty: this.#beginsEmpty,
      tokens: this.#tokens.slice(0, count),
      drawn: this.#drawn.slice(0, count),
      seen: [...this.#seen],
    };
  }

  /** Becomes what was copied. */
  replace({ first, beginsEmpty, tokens, drawn, seen }: HistoryRecord): void {
    this.#tokens = new Uint32Array(Math.max(FIRST_ROOM, tokens.length));
    this.#tokens.set(tokens);
    this.#drawn = new Uint32Array(this.#tokens.length);
    this.#drawn.set(drawn);
    this.#first = first;
    this.#beginsEmpty = beginsEmpty;
    this.#length = first + tokens.length;
    this.#seen.clear();
    for (const [token, position] of seen) this.#seen.set(token, position);
  }

  /** Twice the room; or, where it holds twice what must be remembered, the older half is forgotten. */
  #makeRoom(): void {
    const count = this.#tokens.length;
    if (count >= 2 * this.#most) {
      const kept = this.#most;
      this.#tokens.copyWithin(0, count - kept, count);
      this.#drawn.copyWithin(0, count - kept, count);
      this.#first = this.#length - kept;
      return;
    }
    this.#tokens = grown(this.#tokens);
    this.#drawn = grown(this.#drawn);
  }
}

function grown(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(2 * words.length);
  wider.set(words);
  return wider;
}
