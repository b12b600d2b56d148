// An answer as it comes: its text is given out as soon as it cannot be the beginning of what ends it.

export interface Reply {
  /** What may be shown of the text so far that has not been given yet. */
  readonly push: (piece: string) => string;
  /** Whether the text that ends an answer has come. */
  readonly isOver: () => boolean;
  /** What was held back. */
  readonly end: () => string;
  /** The whole answer, without white space around it. */
  readonly text: () => string;
}

/** Leading white space is left out. */
export function startReply(stopText: string | null): Reply {
  let whole = '';
  let given = 0;
  let over = false;
  const giveUpTo = (end: number): string => {
    const piece = whole.slice(given, end);
    given = Math.max(given, end);
    return piece;
  };
  return {
    push: (piece) => {
      whole = (whole + piece).replace(/^\s+/, '');
      if (stopText === null) return giveUpTo(whole.length);
      const stop = whole.indexOf(stopText);
      if (stop >= 0) {
        over = true;
        whole = whole.slice(0, stop);
        return giveUpTo(whole.length);
      }
      return giveUpTo(whole.length - heldBack(whole, stopText));
    },
    isOver: () => over,
    end: () => giveUpTo(whole.length),
    text: () => whole.trim(),
  };
}

/** The length of the longest end of `text` with which `stop` begins. */
function heldBack(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--)
    if (stop.startsWith(text.slice(-length))) return length;
  return 0;
}
