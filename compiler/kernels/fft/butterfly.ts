// Small transforms in registers, as WGSL functions without a loop: the factors that are no numbers of their own cost nothing.
import { counted, float } from '../text.ts';

/** `fn dftN(x) -> X`, X[k] = Σ_r x[r]·e^(−2πi·kr / N), in natural order. */
export function butterflyFunction(radix: number): string {
  const type = `array<vec2<f32>, ${radix}>`;
  const lines: string[] = [];
  let names = 0;
  const bind = (value: string): string => {
    const name = `v${names++}`;
    lines.push(`  let ${name} = ${value};`);
    return name;
  };
  const results = halves(
    counted(radix, (r) => `x[${r}]`),
    bind,
  );
  return [
    `fn ${butterflyName(radix)}(x: ${type}) -> ${type} {`,
    ...lines,
    `  return ${type}(${results.join(', ')});`,
    '}',
  ].join('\n');
}

export function butterflyName(radix: number): string {
  return `fft_dft${radix}`;
}

/** The transform of the even ones and that of the odd ones make that of all. */
function halves(inputs: readonly string[], bind: (value: string) => string): readonly string[] {
  const size = inputs.length;
  if (size === 1) return inputs;
  const even = halves(
    inputs.filter((_, i) => i % 2 === 0),
    bind,
  );
  const odd = halves(
    inputs.filter((_, i) => i % 2 === 1),
    bind,
  );
  const turned = odd.map((value, k) => (k === 0 ? value : bind(turnedBy(value, k / size))));
  const sums = even.map((value, k) => bind(`${value} + ${turned[k]}`));
  return [...sums, ...even.map((value, k) => bind(`${value} - ${turned[k]}`))];
}

/** value · e^(−2πi·fraction), for fractions below a half. */
function turnedBy(value: string, fraction: number): string {
  const [x, y] = [`${value}.x`, `${value}.y`];
  if (fraction === 1 / 4) return `vec2<f32>(${y}, -${x})`;
  if (fraction === 1 / 8) return `${float(Math.SQRT1_2)} * vec2<f32>(${x} + ${y}, ${y} - ${x})`;
  if (fraction === 3 / 8) return `${float(Math.SQRT1_2)} * vec2<f32>(${y} - ${x}, -${x} - ${y})`;
  const [cos, sin] = [float(Math.cos(2 * Math.PI * fraction)), float(Math.sin(2 * Math.PI * fraction))];
  return `vec2<f32>(${x} * ${cos} + ${y} * ${sin}, ${y} * ${cos} - ${x} * ${sin})`;
}
