// What it costs to keep a sequence's state: snapshots, and the copies for going back.
import type { StateCost } from './explanation.ts';
import { bytesText, numberOf, wholeText } from './numbers.ts';

/** Two phrases; `context` is the length that the snapshot is for. */
export function keepingText({ snapshot, rollback }: StateCost, context: number): readonly string[] {
  const { copies, bytes } = rollback;
  const back =
    bytes === 0
      ? 'going back needs no copy'
      : copies === 0
        ? `going back would take copies of ${bytesText(bytes)}, which is too much unless a session allows it`
        : `for going back a session keeps at most ${numberOf(copies, 'copy', 'copies')} of ${bytesText(bytes)}`;
  return [`a snapshot at ${wholeText(context)} positions takes ${bytesText(snapshot)}`, back];
}
