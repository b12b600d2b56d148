// Numbers for people.

/** 2 077 440 → `2.08 M`. */
export function countText(value: number): string {
  return scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P'], '');
}

/** 8 388 608 → `8.00 MiB`. */
export function bytesText(value: number): string {
  return scaled(value, 1024, ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'], 'B');
}

/** 0.00125 → `1.25 ms`. */
export function timeText(seconds: number): string {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${(seconds * 1e6).toPrecision(3)} µs`;
}

function scaled(value: number, base: number, prefixes: readonly string[], unit: string): string {
  let power = 0;
  let rest = value;
  while (rest >= base && power < prefixes.length - 1) {
    rest /= base;
    power += 1;
  }
  const digits = Number.isInteger(rest) || rest >= 100 ? String(Math.round(rest)) : rest.toPrecision(3);
  const suffix = `${prefixes[power] ?? ''}${unit}`;
  return suffix === '' ? digits : `${digits} ${suffix}`;
}
