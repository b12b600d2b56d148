// Streams token ids into text: a token's text comes out as soon as no later token can change it.
import type { Tokenizer } from '@huggingface/tokenizers';

export interface TextStream {
  /** The text that these ids add; ids whose bytes do not yet make whole characters are held back. */
  readonly push: (ids: readonly number[]) => string;
  /** What was held back, as it is. */
  readonly end: () => string;
}

/**
 * A stream over one tokenizer, special tokens left out. Some decoders drop a space at the start of a text, so every piece is decoded
 * together with the piece before it, and only the difference is given out.
 */
export function streamText(tokenizer: Pick<Tokenizer, 'decode'>): TextStream {
  // Clean-up would change text that has already been written.
  const decode = (ids: readonly number[]): string =>
    ids.length === 0
      ? ''
      : tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  let context: readonly number[] = [];
  let pending: readonly number[] = [];
  const take = (isLast: boolean): string => {
    const before = decode(context);
    const text = decode([...context, ...pending]);
    // A replacement character at the end is a character whose bytes are not all there.
    const isWhole = text.length > before.length && !text.endsWith('\uFFFD');
    if (!isWhole && !isLast) return '';
    context = pending;
    pending = [];
    return text.slice(before.length);
  };
  return {
    push: (ids) => {
      let text = '';
      for (const id of ids) {
        pending = [...pending, id];
        text += take(false);
      }
      return text;
    },
    end: () => take(true),
  };
}
