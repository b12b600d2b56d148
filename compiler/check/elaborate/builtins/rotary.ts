// The frequencies of rotary positions, in f64, as published implementations compute them.
import { isObject, type Constant, type ConstantObject } from '../../constant.ts';

export const rotaryStyles: readonly string[] = ['half', 'interleaved'];

/** Frequencies of each pair, and what rotated entries are multiplied by besides. */
interface Spectrum {
  readonly values: readonly number[];
  readonly scale: number;
}
export type Frequencies =
  | Spectrum
  | { readonly unknown: string; readonly known: readonly string[] }
  | { readonly missing: string }
  | { readonly wrongLength: string; readonly length: number; readonly pairs: number };

/** What the scalings look at besides the config's own numbers. */
export interface Rotary {
  readonly base: number;
  /** Entries that turn. */
  readonly dims: number;
  /** Positions that the plan has room for. */
  readonly planned: number;
  /** Positions that the model says it takes, where it says so. */
  readonly context: number | undefined;
  /** Positions that it was trained for before they were stretched; the scaling's own number unless given. */
  readonly original: number | undefined;
}

/** base^(−2i / dims) for each pair, changed as the config's `rope_scaling` says. */
export function rotaryFrequencies(rotary: Rotary, scaling: Constant): Frequencies {
  if (scaling === null || !isObject(scaling)) return plain(rotary, 1);
  const type = String(scaling['rope_type'] ?? scaling['type'] ?? 'default');
  const byPair = Array.isArray(scaling['short_factor']) && Array.isArray(scaling['long_factor']);
  // Phi-3's first configs call it `su` or `yarn`; the lists tell.
  const named = Object.hasOwn(SCALINGS, type) ? SCALINGS[type] : undefined;
  const scale = byPair ? longRoPE : named;
  if (scale === undefined) return { unknown: type, known: Object.keys(SCALINGS) };
  const original = rotary.original ?? numberOf(scaling, 'original_max_position_embeddings') ?? rotary.context;
  const given = original === undefined ? scaling : { ...scaling, original_max_position_embeddings: original };
  return scale(rotary, given);
}

type Scaling = (rotary: Rotary, given: ConstantObject) => Frequencies;

const SCALINGS: Readonly<Record<string, Scaling>> = {
  default: (rotary) => plain(rotary, 1),
  linear: (rotary, given) => withNumbers(given, ['factor'], ([factor = 1]) => plain(rotary, factor)),
  dynamic,
  llama3,
  yarn,
  longrope: longRoPE,
  su: longRoPE,
};

function pairsOf({ dims }: Rotary): readonly number[] {
  return Array.from({ length: dims / 2 }, (_, pair) => pair);
}

function plain(rotary: Rotary, factor: number): Spectrum {
  return spectrum(rotary, (frequency) => frequency / factor);
}

function spectrum(rotary: Rotary, change: (frequency: number, pair: number) => number, scale = 1): Spectrum {
  const values = pairsOf(rotary).map((pair) => change(rotary.base ** ((-2 * pair) / rotary.dims), pair));
  return { values, scale };
}

/** A base that grows with the positions beyond the model's context (NTK-aware, dynamic). */
function dynamic(rotary: Rotary, given: ConstantObject): Frequencies {
  const names = ['factor', 'original_max_position_embeddings'];
  return withNumbers(given, names, ([factor = 1, original = 1]) => {
    const context = rotary.context ?? original;
    const positions = Math.max(rotary.planned, context);
    const { base, dims } = rotary;
    const grown = base * ((factor * positions) / context - (factor - 1)) ** (dims / (dims - 2));
    return plain({ ...rotary, base: grown }, 1);
  });
}

/** Short waves stay, long ones are slowed by `factor`, and those between change smoothly (Llama 3, arXiv:2407.21783). */
function llama3(rotary: Rotary, given: ConstantObject): Frequencies {
  const names = ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'];
  return withNumbers(given, names, ([factor = 1, low = 1, high = 1, context = 1]) =>
    spectrum(rotary, (frequency) => byWavelength(frequency, factor, low, high, context)),
  );
}

function byWavelength(frequency: number, factor: number, low: number, high: number, context: number): number {
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < context / high) return frequency;
  if (wavelength > context / low) return frequency / factor;
  const smooth = (context / wavelength - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** Pairs between those that turn often and those that hardly turn change smoothly (Peng et al. 2023, arXiv:2309.00071). */
function yarn(rotary: Rotary, given: ConstantObject): Frequencies {
  return withNumbers(given, ['factor', 'original_max_position_embeddings'], ([factor = 1, context = 1]) => {
    const { base, dims } = rotary;
    const turning = (turns: number): number =>
      (dims * Math.log(context / (2 * Math.PI * turns))) / (2 * Math.log(base));
    const truncate = given['truncate'] !== false;
    const fast = turning(numberOf(given, 'beta_fast') ?? 32);
    const slow = turning(numberOf(given, 'beta_slow') ?? 1);
    const low = Math.max(0, truncate ? Math.floor(fast) : fast);
    const top = Math.min(dims - 1, truncate ? Math.ceil(slow) : slow);
    const high = top === low ? top + 0.001 : top;
    return spectrum(
      rotary,
      (frequency, pair) => {
        const ramp = Math.min(1, Math.max(0, (pair - low) / (high - low)));
        return (frequency / factor) * ramp + frequency * (1 - ramp);
      },
      yarnScale(given, factor),
    );
  });
}

function yarnScale(given: ConstantObject, factor: number): number {
  const said = numberOf(given, 'attention_factor');
  if (said !== undefined) return said;
  const grow = (weight: number): number => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  const all = numberOf(given, 'mscale_all_dim');
  const some = numberOf(given, 'mscale');
  return all !== undefined && all !== 0 && some !== undefined && some !== 0
    ? grow(some) / grow(all)
    : grow(1);
}

/**
 * Each pair has a factor of its own: from one list up to the original context, from another beyond it (Ding et al. 2024,
 * arXiv:2402.13753). Implementations change the list when a sequence outgrows the original context; here the plan's room decides.
 */
function longRoPE(rotary: Rotary, given: ConstantObject): Frequencies {
  return withNumbers(given, ['original_max_position_embeddings'], ([original = 1]) => {
    const name = rotary.planned > original ? 'long_factor' : 'short_factor';
    const factors = given[name];
    if (!Array.isArray(factors)) return { missing: name };
    const pairs = rotary.dims / 2;
    if (factors.length !== pairs) return { wrongLength: name, length: factors.length, pairs };
    const factor = numberOf(given, 'factor') ?? (rotary.context ?? original) / original;
    const scale = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    return spectrum(
      rotary,
      (frequency, pair) => frequency / Number(factors[pair]),
      numberOf(given, 'attention_factor') ?? scale,
    );
  });
}

function numberOf(given: ConstantObject, name: string): number | undefined {
  const value = given[name];
  return typeof value === 'number' ? value : undefined;
}

/** The named numbers of the config in order, or which of them is missing. */
function withNumbers(
  given: ConstantObject,
  names: readonly string[],
  use: (numbers: readonly number[]) => Frequencies,
): Frequencies {
  const missing = names.find((name) => numberOf(given, name) === undefined);
  return missing === undefined ? use(names.map((name) => numberOf(given, name) ?? 0)) : { missing };
}
