// Going back: from the nearest place at which the state is known, through the tokens that follow it there.
import { badOption, rollbackTooFar, throwIfAborted } from './errors.ts';
import { runTokens } from './run-tokens.ts';
import type { Sequence } from './sequence.ts';
import type { KeptState } from './snapshot-ring.ts';

/** A state that is to be had: as it is now, a copy that was kept, or the empty one. */
interface Origin {
  /** Tokens it has seen. */
  readonly ran: number;
  /** Whether it is there with its logits. */
  readonly ready: boolean;
  readonly kept: KeptState | null;
}

/**
 * Takes the last `count` tokens off the sequence, and says how many of the others had to run again. On abort, the sequence is the
 * part of the others that ran. Throws `bad_option`, `rollback_too_far` or `aborted`.
 */
export async function rollBack(
  sequence: Sequence,
  count: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { history } = sequence;
  if (!Number.isSafeInteger(count) || count < 0)
    throw badOption(`the number of tokens to go back must be a whole number, and is ${count}`);
  if (count > history.length) throw rollbackTooFar(count, farthest(sequence), history.length);
  if (count === 0) return 0;
  const target = history.length - count;
  const origin = originFor(sequence, target);
  if (origin === null) throw rollbackTooFar(count, farthest(sequence), history.length);
  throwIfAborted(signal);
  return goTo(sequence, origin, target, signal);
}

/** Back to the empty sequence. */
export function startAgain(sequence: Sequence): void {
  sequence.history.clear();
  sequence.ring.clear();
  sequence.clear();
}

async function goTo(
  sequence: Sequence,
  { ran, ready, kept }: Origin,
  target: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { history, ring } = sequence;
  history.truncate(target);
  ring.dropAfter(target);
  const drawn = history.drawnAt(target);
  const { written } = sequence.mark;
  const isEmpty = ran === 0 && history.beginsEmpty;
  if (kept !== null) sequence.load(kept.copy);
  else if (isEmpty) sequence.clear();
  const reached = kept?.written ?? (isEmpty ? 0 : written);
  if (ran === target) {
    sequence.moveTo({ ran, waiting: null, drawn, ready, written: reached });
    return 0;
  }
  // The last token waits, so that whatever comes next runs it along, or makes its logits.
  const again = history.slice(ran, target - 1);
  const last = history.at(target - 1);
  sequence.moveTo({ ran, waiting: null, drawn, ready: false, written: reached });
  try {
    await runTokens(sequence, again, 'nothing', signal);
  } catch (cause) {
    history.truncate(sequence.mark.ran);
    throw cause;
  }
  sequence.mark = { ...sequence.mark, waiting: last, drawn };
  return again.length;
}

/** Where to begin for a sequence of `target` tokens: as near to it as can be. Null where none can be reached. */
function originFor(sequence: Sequence, target: number): Origin | null {
  return originsFor(sequence, target).reduce<Origin | null>(
    (best, origin) => (best === null || origin.ran > best.ran ? origin : best),
    null,
  );
}

function originsFor(sequence: Sequence, target: number): readonly Origin[] {
  const { mark, history, ring } = sequence;
  const origins: Origin[] = [];
  if (history.beginsEmpty && (history.first === 0 || target === 0))
    origins.push({ ran: 0, ready: false, kept: null });
  // Where the history begins, there may be no logits.
  const begins = target === history.first;
  for (const ran of [target, target - 1]) {
    const kept = ring.nearest(ran);
    if (kept !== undefined && kept.ran >= history.first && (kept.ready || kept.ran < target || begins))
      origins.push({ ran: kept.ran, ready: kept.ready, kept });
  }
  if (mark.ran === target && mark.ready) origins.push({ ran: target, ready: true, kept: null });
  const back = target - 1;
  if (back >= history.first && back <= mark.ran && mark.written - back <= reachOf(sequence))
    origins.push({ ran: back, ready: false, kept: null });
  return origins;
}

/** Positions by which the state can go back as it is. */
function reachOf({ parts }: Sequence): number {
  return Math.min(Infinity, ...parts.plan.states.map(({ reach }) => reach ?? Infinity));
}

/** The most tokens that can be taken off. */
function farthest(sequence: Sequence): number {
  const { history, ring, mark } = sequence;
  if (history.first === 0 && history.beginsEmpty) return history.length;
  const near = Math.max(history.first, mark.written - reachOf(sequence)) + 1;
  const candidates = [near, mark.ran, ...ring.positions].flatMap((ran) => [ran, ran + 1]);
  const targets = candidates.filter(
    (target) => target <= history.length && originFor(sequence, target) !== null,
  );
  return history.length - Math.min(history.length, ...targets);
}
