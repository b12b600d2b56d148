// Joins arrays end to end, in f64.

export function joinArrays(parts: readonly (Float32Array | Float64Array)[]): Float64Array<ArrayBuffer> {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
