// How weights are stored on the GPU: one record per encoding, which alone knows how to read it in WGSL.
import type { WeightEncoding } from '../../runtime/plan.ts';
import { wrap } from './place.ts';
import type { Target } from './template.ts';

/** How a kernel reads an encoding. Elements come in quads of four; a matrix row is padded with zeroes to whole quads. */
export interface EncodingReader {
  /** The store type of a buffer of `quads` quads. */
  readonly storage: (quads: number) => string;
  /** Four consecutive elements as vec4<f32>; `quad` counts from the buffer's start. */
  readonly readQuad: (buffer: string, quad: string) => string;
  /** One element as f32; `index` counts elements from the buffer's start. */
  readonly readScalar: (buffer: string, index: string) => string;
  /** The feature without which this reader does not compile. */
  readonly feature?: keyof Pick<Target, 'shaderF16'>;
}

/** A weight encoding, with a reader that every device has. */
export interface EncodingRecord extends EncodingReader {
  readonly name: WeightEncoding;
  readonly bytesPerQuad: number;
  /** Better readers, for devices that have their feature; of the same bytes. */
  readonly others: readonly EncodingReader[];
}

/** Every encoding that weights can have. An encoder of the same name is in the runtime. */
export const ENCODINGS: Readonly<Record<WeightEncoding, EncodingRecord>> = {
  f32: {
    name: 'f32',
    bytesPerQuad: 16,
    storage: (quads) => `array<vec4<f32>, ${quads}>`,
    readQuad: (buffer, quad) => `${buffer}[${quad}]`,
    readScalar: (buffer, index) => `${buffer}[${wrap(index)} / 4u][${wrap(index)} % 4u]`,
    others: [],
  },
  // Two halves in each word, low half first. They are unpacked by a builtin of the core language, so no feature is needed.
  f16: {
    name: 'f16',
    bytesPerQuad: 8,
    storage: (quads) => `array<vec2<u32>, ${quads}>`,
    readQuad: (buffer, quad) =>
      `vec4<f32>(unpack2x16float(${buffer}[${quad}].x), unpack2x16float(${buffer}[${quad}].y))`,
    readScalar: (buffer, index) =>
      `unpack2x16float(${buffer}[${wrap(index)} / 4u][${wrap(index)} / 2u % 2u])[${wrap(index)} % 2u]`,
    others: [
      {
        feature: 'shaderF16',
        storage: (quads) => `array<vec4<f16>, ${quads}>`,
        readQuad: (buffer, quad) => `vec4<f32>(${buffer}[${quad}])`,
        readScalar: (buffer, index) => `f32(${buffer}[${wrap(index)} / 4u][${wrap(index)} % 4u])`,
      },
    ],
  },
};

/** The WebGPU features that a target's flags stand for. */
export const FEATURE_NAMES = { shaderF16: 'shader-f16' } as const;

/** The best reader that the target can compile. */
export function readerFor(encoding: WeightEncoding, target: Target): EncodingReader {
  const record = ENCODINGS[encoding];
  return record.others.find(({ feature }) => feature !== undefined && target[feature]) ?? record;
}
