// Any readonly structure as JSON, with spans short and shared objects written once.

/** JSON with two spaces; a span is `file:start-end`, and a source its name. */
export function structureText(value: unknown): string {
  return `${JSON.stringify(plain(value, []), null, 2)}\n`;
}

function plain(value: unknown, above: readonly unknown[]): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'function') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '(above)';
  const inside = [...above, value];
  if (isSpan(value)) return `${value.source.name}:${value.start}-${value.end}`;
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [nameOf(key), plain(item, inside)]));
  if (value instanceof Set) return [...value].map((item) => plain(item, inside));
  if (value instanceof Float64Array || value instanceof Float32Array) return [...value];
  if (Array.isArray(value)) return value.map((item) => plain(item, inside));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, inside)]));
}

function nameOf(key: unknown): string {
  if (typeof key === 'object' && key !== null && 'name' in key) return String(key.name);
  return String(key);
}

interface SpanLike {
  readonly source: { readonly name: string };
  readonly start: number;
  readonly end: number;
}

function isSpan(value: object): value is SpanLike {
  return 'source' in value && 'start' in value && 'end' in value && isNamed(value.source);
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && 'text' in value;
}
