// Running a list of tokens, chunk by chunk.
import { throwIfAborted } from './errors.ts';
import { readBuffer } from './readback.ts';
import type { Sequence } from './sequence.ts';

/**
 * Runs tokens behind those that ran; `then` says whether the next token's logits follow. Copies of the state are kept on the way.
 * On abort, whole chunks have run.
 */
export async function runTokens(
  sequence: Sequence,
  tokens: ArrayLike<number>,
  then: 'nothing' | 'last',
  signal: AbortSignal | undefined,
): Promise<void> {
  const { chunk } = sequence.parts.plan;
  for (let at = 0; at < tokens.length; at += chunk) {
    throwIfAborted(signal);
    const count = Math.min(chunk, tokens.length - at);
    const isLast = at + count === tokens.length;
    const before = at === 0 ? null : sequence.parts.health.settle();
    if (at > 0) await sequence.keep(true);
    sequence.prefillChunk(tokens, at, count, isLast ? then : 'nothing');
    // One chunk runs while the next is encoded; an abort is seen in time, and the queue stays short.
    await before;
  }
}

/** Runs tokens and reads the logits of every position: [token, vocab]. */
export async function runForLogits(
  sequence: Sequence,
  tokens: ArrayLike<number>,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const { parts, memory } = sequence;
  const { vocab, chunk, io } = parts.plan;
  const logits = new Float32Array(tokens.length * vocab);
  for (let at = 0; at < tokens.length; at += chunk) {
    throwIfAborted(signal);
    const count = Math.min(chunk, tokens.length - at);
    if (at > 0) await sequence.keep(true);
    await sequence.prefillAllChunk(tokens, at, count);
    const rows = await readBuffer(parts, memory.buffer(io.allLogits), 0, count * vocab * 4);
    logits.set(new Float32Array(rows.buffer), at * vocab);
  }
  return logits;
}
