// Something whose bytes can be read at any place: a file, a Blob, an address or memory.
import { badWeightsInput, readFailed, reasonOf } from '../errors.ts';

/** Reads are bounded by the caller; a source never holds more than it was asked for, except memory given by the user. */
export interface ByteSource {
  /** For messages. */
  readonly name: string;
  readonly bytes: number;
  /** Whether a read costs nothing, so that reading ahead is pointless. */
  readonly resident: boolean;
  /** Exactly `length` bytes; `offset + length` is at most `bytes`. Throws `read_failed`. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A piece of memory as a source. */
export function memorySource(name: string, data: ArrayBuffer | ArrayBufferView): ByteSource {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  return {
    name,
    bytes: bytes.length,
    resident: true,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
  };
}

/** A Blob or File as a source. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    bytes: blob.size,
    resident: false,
    read: async (offset, length) => {
      try {
        return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch (cause) {
        throw readFailed(name, reasonOf(cause), cause);
      }
    },
    close: () => Promise.resolve(),
  };
}

/** The whole of a small text file, as UTF-8. */
export async function readText(source: ByteSource, maxBytes: number): Promise<string> {
  if (source.bytes > maxBytes)
    throw badWeightsInput(`${source.name} has ${source.bytes} bytes, too many for what it should be`);
  return new TextDecoder().decode(await source.read(0, source.bytes));
}
