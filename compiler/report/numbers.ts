// Numbers for people: three digits and a unit.

/** 2 077 440 → `2.08 M`. */
export function countText(value: number): string {
  return scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P'], '');
}

/** 8 388 608 → `8.00 MiB`. */
export function bytesText(value: number): string {
  return scaled(value, 1024, ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'], 'B');
}

/** 1250 → `1.25 ms`. */
export function timeText(microseconds: number): string {
  if (microseconds >= 1e6) return `${digits(microseconds / 1e6)} s`;
  return microseconds >= 1e3 ? `${digits(microseconds / 1e3)} ms` : `${digits(microseconds)} µs`;
}

/** 3.35e12 and `B/s` → `3.35 TB/s`. */
export function rateText(perSecond: number, unit: string): string {
  return scaled(perSecond, 1000, ['', 'k', 'M', 'G', 'T', 'P'], unit);
}

/** 0.0712 → `7.1 %`. */
export function shareText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** 4096 → `4,096`. */
export function wholeText(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** 2, `dispatch`, `dispatches` → `2 dispatches`. */
export function numberOf(count: number, one: string, many = `${one}s`): string {
  return `${wholeText(count)} ${count === 1 ? one : many}`;
}

function scaled(value: number, base: number, prefixes: readonly string[], unit: string): string {
  let power = 0;
  let rest = value;
  // What would be rounded up to the base belongs to the next prefix.
  while (rest >= base - 0.5 && power < prefixes.length - 1) {
    rest /= base;
    power += 1;
  }
  const suffix = `${prefixes[power] ?? ''}${unit}`;
  const text = power === 0 && Number.isInteger(rest) ? String(rest) : digits(rest);
  return suffix === '' ? text : `${text} ${suffix}`;
}

/** Three significant digits, without an exponent. */
function digits(value: number): string {
  return value >= 99.95 ? String(Math.round(value)) : value.toPrecision(3);
}
