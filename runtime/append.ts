// Appending tokens to a sequence: they are checked, and what is to be kept for going back is kept, before anything runs.
import { emptyPrompt, notFinite, throwIfAborted, tokenOutOfRange } from './errors.ts';
import { runForLogits, runTokens } from './run-tokens.ts';
import type { Sequence } from './sequence.ts';

/** Throws `token_out_of_range`. All tokens are looked at. */
export function checkIds({ parts }: Sequence, tokens: ArrayLike<number>): void {
  const { vocab } = parts.plan;
  for (let i = 0; i < tokens.length; i++) {
    const token: unknown = tokens[i];
    if (typeof token !== 'number' || !Number.isInteger(token) || token < 0 || token >= vocab)
      throw tokenOutOfRange(token, i, vocab);
  }
}

/** Throws `empty_prompt`, `token_out_of_range` or `capacity_exceeded`. */
export function checkTokens(sequence: Sequence, tokens: ArrayLike<number>): void {
  if (tokens.length === 0) throw emptyPrompt();
  checkIds(sequence, tokens);
  sequence.checkRoom(tokens.length + (sequence.mark.waiting === null ? 0 : 1));
}

/** Appends tokens; the logits are those after them. */
export async function appendTokens(
  sequence: Sequence,
  tokens: ArrayLike<number>,
  signal: AbortSignal | undefined,
): Promise<void> {
  checkTokens(sequence, tokens);
  throwIfAborted(signal);
  const { waiting } = sequence.mark;
  const run = waiting === null ? tokens : [waiting, ...Array.from(tokens)];
  await sequence.keep(false);
  throwIfAborted(signal);
  sequence.mark = { ...sequence.mark, waiting: null };
  sequence.version++;
  await runTokens(sequence, run, 'last', signal);
}

/** Appends tokens and gives the logits of each: [token, vocab]. */
export async function appendForLogits(
  sequence: Sequence,
  tokens: ArrayLike<number>,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  checkTokens(sequence, tokens);
  sequence.flush();
  await sequence.keep(false);
  sequence.version++;
  const first = sequence.mark.ran;
  const logits = await runForLogits(sequence, tokens, signal);
  checkFinite(logits, sequence.parts.plan.vocab, first);
  return logits;
}

/** Throws `not_finite`; `first` is the position of the first row. */
export function checkFinite(logits: Float32Array, vocab: number, first: number): void {
  const index = logits.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) throw notFinite(`the logits after position ${first + Math.floor(index / vocab)} are`);
}
