// Protocol buffers, as much of them as an ONNX file needs: numbered fields of numbers, floats, texts and messages.

/** One field of a message: its number and its bytes on the wire. */
export type Field = Uint8Array;

/** Non-negative whole numbers below 2⁵³, in groups of seven bits, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

export function numberField(field: number, value: number): Field {
  return joined([varint(field * 8), varint(value)]);
}

/** A 32-bit float. */
export function floatField(field: number, value: number): Field {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joined([varint(field * 8 + 5), bytes]);
}

export function textField(field: number, text: string): Field {
  return bytesField(field, new TextEncoder().encode(text));
}

export function messageField(field: number, fields: readonly Field[]): Field {
  return bytesField(field, joined(fields));
}

function bytesField(field: number, bytes: Uint8Array): Field {
  return joined([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
