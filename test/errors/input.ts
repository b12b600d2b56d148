// What a folder of test/errors has as its input: a text, or a recipe for bytes that no editor would keep.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A recipe is a list of texts, repeated texts and bytes, joined. */
type Piece =
  string | { readonly repeat: string; readonly times: number } | { readonly bytes: readonly number[] };

/** The bytes of `input.hyb`, or those that `input.json` describes. */
export function inputBytes(folder: string): Uint8Array {
  const text = join(folder, 'input.hyb');
  if (existsSync(text)) return readFileSync(text);
  // The recipes are part of the tests and have this form.
  const pieces = JSON.parse(readFileSync(join(folder, 'input.json'), 'utf8')) as readonly Piece[];
  return Buffer.concat(pieces.map(pieceBytes));
}

function pieceBytes(piece: Piece): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece);
  return 'bytes' in piece ? Uint8Array.from(piece.bytes) : Buffer.from(piece.repeat.repeat(piece.times));
}
