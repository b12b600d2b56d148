// Streams weights from their files through a window of memory into GPU buffers.
import { throwIfAborted, weightTooLargeForHalf } from '../errors.ts';
import { foldOf } from '../folds.ts';
import type { Fold } from '../folds.ts';
import { halfFromSingleBits } from '../half.ts';
import { WeightSample } from './weight-sample.ts';
import { boxesBySource, boxesInWindow, forEachRow } from './box.ts';
import type { Box } from './box.ts';
import { decodeElements, halfWords, storedBytes } from './decode-elements.ts';
import type { MatchedWeight } from './match-weights.ts';
import { PIECE_BYTES } from './piece-reader.ts';
import { encodedBytes, regionsOf } from './regions.ts';
import type { Region } from './regions.ts';

/** Bytes of a destination that are put together before they go to the GPU. */
export const WINDOW_BYTES = 32 << 20;
/** Source bytes converted at once: small enough that a read crosses at most two pieces. */
const READ_BYTES = PIECE_BYTES / 2;
/** Bytes handed to the queue before it is given time to pass them on. */
const QUEUED_BYTES = 64 << 20;

export interface UploadTarget {
  /** Writes bytes to a buffer of the plan; lengths and offsets are multiples of 4. The bytes may change afterwards. */
  write(buffer: number, byteOffset: number, bytes: Uint8Array): void;
  /** Resolves when everything written so far has left our memory. */
  flush(): Promise<void>;
}

/** Called with the bytes of destinations filled so far, and of all. */
export type UploadProgress = (done: number, total: number) => void;

/**
 * Copies all weights. Memory use is bounded by the window and the pieces, whatever the checkpoint's size. Gives a checksum of each
 * weight's name and first bytes, by which weights are told apart; in `sample` it goes on from what was read before.
 */
export async function uploadWeights(
  weights: readonly MatchedWeight[],
  target: UploadTarget,
  signal: AbortSignal | undefined,
  progress: UploadProgress,
  windowBytes = WINDOW_BYTES,
  sample = new WeightSample(),
): Promise<string> {
  const regions = regionsOf(weights);
  const total = regions.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const largest = Math.max(
    0,
    ...weights.map(({ tensor }) => (tensor.end - tensor.begin) / storedBytes(tensor.dtype)),
  );
  const scratch = new Float32Array(Math.min(READ_BYTES / 2, largest));
  const memory = new ArrayBuffer(Math.min(windowBytes, Math.max(0, ...regions.map((r) => r.end - r.begin))));
  let done = 0;
  let queued = 0;
  for (const region of regions) {
    for (let at = region.begin; at < region.end; at += windowBytes) {
      const image = new Uint8Array(memory, 0, Math.min(windowBytes, region.end - at)).fill(0);
      await fillWindow(region, { begin: at, image, scratch, sample }, signal);
      target.write(region.buffer, at, image);
      done += image.length;
      queued += image.length;
      if (queued >= QUEUED_BYTES) {
        await target.flush();
        queued = 0;
      }
      progress(done, total);
    }
  }
  return sample.text();
}

interface Window {
  /** Byte of the buffer that the image starts at. */
  readonly begin: number;
  readonly image: Uint8Array<ArrayBuffer>;
  readonly scratch: Float32Array;
  readonly sample: WeightSample;
}

async function fillWindow(region: Region, window: Window, signal: AbortSignal | undefined): Promise<void> {
  for (const weight of region.weights) {
    const { plan, tensor } = weight;
    const encoded = encodedBytes(plan);
    const origin = (plan.targetByteOffset - window.begin) / encoded;
    const box: Box = { source: plan.sourceOffset, target: origin, dimensions: plan.dimensions };
    const store = storeFor(weight, window);
    const stored = storedBytes(tensor.dtype);
    const most = READ_BYTES / stored;
    for (const wide of boxesInWindow(box, 0, window.image.length / encoded, most)) {
      for (const part of boxesBySource(wide, most)) {
        throwIfAborted(signal);
        const count = reachOf(part);
        const bytes = await tensor.file.reader.read(tensor.begin + part.source * stored, count * stored);
        window.sample.add(plan.name, bytes);
        store(part, bytes);
      }
    }
  }
}

function reachOf(box: Box): number {
  return box.dimensions.reduce((sum, { size, source }) => sum + (size - 1) * source, 1);
}

/** Writes the elements of a box, given the bytes from its first source element on. */
type Store = (box: Box, bytes: Uint8Array) => void;

function storeFor({ plan, tensor }: MatchedWeight, { image, scratch }: Window): Store {
  const fold = foldOf(plan.fold);
  const singles = (bytes: Uint8Array) => decodeElements(bytes, tensor.dtype, scratch);
  if (plan.encoding === 'f64') {
    const store = storeNumbers(new Float64Array(image.buffer, 0, image.length / 8), fold);
    return (box, bytes) => store(box, singles(bytes));
  }
  if (plan.encoding === 'f32') {
    const store = storeNumbers(new Float32Array(image.buffer, 0, image.length / 4), fold);
    return (box, bytes) => store(box, singles(bytes));
  }
  const halves = new Uint16Array(image.buffer, 0, image.length / 2);
  if (tensor.dtype === 'F16' && fold === null) return (box, bytes) => copyRows(box, halfWords(bytes), halves);
  const store = storeHalves(halves, fold, plan.name);
  return (box, bytes) => store(box, singles(bytes));
}

/** Copies the elements of a box as they are. */
function copyRows(
  box: Box,
  values: Uint16Array | Float32Array,
  image: Uint16Array | Float32Array | Float64Array,
): void {
  forEachRow(box, (source, target, size, sourceStride, targetStride) => {
    const from = source - box.source;
    const [first, last] = clip(target, targetStride, size, image.length);
    if (sourceStride === 1 && targetStride === 1 && first < last) {
      image.set(values.subarray(from + first, from + last), target + first);
      return;
    }
    for (let i = first; i < last; i++)
      image[target + i * targetStride] = values[from + i * sourceStride] ?? 0;
  });
}

function storeNumbers(
  image: Float32Array | Float64Array,
  fold: Fold | null,
): (box: Box, values: Float32Array) => void {
  if (fold === null) return (box, values) => copyRows(box, values, image);
  return (box, values) => {
    forEachRow(box, (source, target, size, sourceStride, targetStride) => {
      const from = source - box.source;
      const [first, last] = clip(target, targetStride, size, image.length);
      for (let i = first; i < last; i++)
        image[target + i * targetStride] = fold(values[from + i * sourceStride] ?? 0);
    });
  };
}

function storeHalves(
  image: Uint16Array,
  fold: Fold | null,
  name: string,
): (box: Box, values: Float32Array) => void {
  const single = new Float32Array(1);
  const singleBits = new Uint32Array(single.buffer);
  return (box, values) => {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    forEachRow(box, (source, target, size, sourceStride, targetStride) => {
      const from = source - box.source;
      const [first, last] = clip(target, targetStride, size, image.length);
      for (let i = first; i < last; i++) {
        const at = from + i * sourceStride;
        let word = bits[at] ?? 0;
        if (fold !== null) {
          single[0] = fold(values[at] ?? 0);
          word = singleBits[0] ?? 0;
        }
        const half = halfFromSingleBits(word);
        if ((half & 0x7fff) === 0x7c00 && (word & 0x7fff_ffff) !== 0x7f80_0000) {
          singleBits[0] = word;
          throw weightTooLargeForHalf(name, single[0] ?? 0);
        }
        image[target + i * targetStride] = half;
      }
    });
  };
}

/** The indices [first, last) of a row that fall inside an image of `length` elements. */
function clip(target: number, stride: number, size: number, length: number): readonly [number, number] {
  if (size === 1) return target >= 0 && target < length ? [0, 1] : [0, 0];
  const first = target >= 0 ? 0 : Math.ceil(-target / stride);
  const last = Math.min(size, Math.ceil((length - target) / stride));
  return [first, Math.max(first, last)];
}
