// Making a sequence exactly what it should be, with as much of what it is as can stay.
import { appendTokens, checkIds } from './append.ts';
import { capacityExceeded } from './errors.ts';
import { rollBack, startAgain } from './rollback.ts';
import type { Sequence } from './sequence.ts';

/** What an edit did. */
export interface Edited {
  /** Tokens at the start that stayed. */
  readonly kept: number;
  /** Tokens that ran: those that are new, and those of the others that had to run again. */
  readonly ran: number;
}

/** Throws as `appendTokens` and `rollBack` do. */
export async function editTokens(
  sequence: Sequence,
  tokens: ArrayLike<number>,
  signal: AbortSignal | undefined,
): Promise<Edited> {
  const { history } = sequence;
  checkIds(sequence, tokens);
  if (tokens.length > sequence.room()) throw capacityExceeded(tokens.length, sequence.room(), 0);
  const kept = history.commonPrefix(tokens);
  if (kept === 0 && history.beginsEmpty) startAgain(sequence);
  const again = await rollBack(sequence, history.length - kept, signal);
  const rest = Array.from(tokens).slice(kept);
  if (rest.length > 0) await appendTokens(sequence, rest, signal);
  return { kept, ran: again + rest.length };
}
