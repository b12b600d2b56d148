// A JSON parser that refuses what JSON.parse lets pass: keys given twice, and nesting without end.

export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>;

/** Why a text is not acceptable JSON, and where. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
}

const MAX_DEPTH = 16;

/** Parses `text`. Objects become maps. Throws a JsonFault. */
export function parseJson(text: string): Json {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** Holds the place in the text; lives for one parse. */
class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Json {
    if (depth > MAX_DEPTH) throw this.#fault(`nested deeper than ${MAX_DEPTH}`);
    const first = this.#peek();
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    return this.#scalar();
  }

  end(): void {
    if (this.#peek() !== '') throw this.#fault('text after the end');
  }

  /** The next character that is not white space, or '' at the end. */
  #peek(): string {
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
    }
    return this.#text.charAt(this.#at);
  }

  #accept(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw this.#fault(`expected \`${character}\``);
  }

  #object(depth: number): ReadonlyMap<string, Json> {
    const entries = new Map<string, Json>();
    this.#expect('{');
    if (this.#accept('}')) return entries;
    do {
      if (this.#peek() !== '"') throw this.#fault('expected a key in quotes');
      const key = this.#string();
      if (entries.has(key)) throw this.#fault(`\`${shortened(key)}\` is given twice`);
      this.#expect(':');
      entries.set(key, this.value(depth + 1));
    } while (this.#accept(','));
    this.#expect('}');
    return entries;
  }

  #array(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.#expect('[');
    if (this.#accept(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.#accept(','));
    this.#expect(']');
    return items;
  }

  #string(): string {
    const start = this.#at;
    let escaped = false;
    for (let at = start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code < 0x20) throw this.#fault('a control character inside a string');
      if (code === 0x22) {
        this.#at = at + 1;
        return escaped ? this.#unescaped(start) : this.#text.slice(start + 1, at);
      }
      if (code === 0x5c) {
        escaped = true;
        at++;
      }
    }
    throw this.#fault('a string without end');
  }

  /** JSON.parse knows the escapes; it sees this one string only. */
  #unescaped(start: number): string {
    try {
      const value: unknown = JSON.parse(this.#text.slice(start, this.#at));
      if (typeof value === 'string') return value;
    } catch {
      // Reported below in our words.
    }
    throw this.#fault('a string with a wrong escape');
  }

  #scalar(): null | boolean | number {
    const pattern = /(?:null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
    pattern.lastIndex = this.#at;
    const word = pattern.exec(this.#text)?.[0];
    if (word === undefined) throw this.#fault('expected a value');
    this.#at += word.length;
    if (word === 'null') return null;
    return word === 'true' ? true : word === 'false' ? false : Number(word);
  }

  #fault(problem: string): JsonFault {
    return new JsonFault(`${problem} (at character ${this.#at})`);
  }
}

/** Long names are cut, so that a message stays readable. */
export function shortened(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}
