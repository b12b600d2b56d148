// From the bytes of a file to its text.
import { notUtf8 } from './errors.ts';
import type { Checked, Source } from './source.ts';

/** Reads bytes as UTF-8; where they are not, says at which one it fails, and there is no value. */
export function decodeSource(name: string, bytes: Uint8Array): Checked<Source> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { value: { name, text }, diagnostics: [] };
  } catch {
    const offset = firstBadByte(bytes);
    // The replacement characters show the reader where it is; the text is for the frame only.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const source = { name, text: decoder.decode(bytes) };
    const start = decoder.decode(bytes.subarray(0, offset)).length;
    return { diagnostics: [notUtf8({ source, start, end: start + 1 }, offset)] };
  }
}

/** The offset of the first byte that is no part of a well-formed character. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  // All prefixes up to a bad byte decode as a stream, and none beyond it does.
  while (good < bad) {
    const middle = Math.floor((good + bad + 1) / 2);
    if (isPrefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle - 1;
  }
  return good;
}

function isPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
