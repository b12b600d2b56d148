// Lines that a person types or a program writes.
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Lines {
  /** The next line; undefined at the end. `ask` is shown where a person types. */
  readonly next: (ask: string) => Promise<string | undefined>;
  /** What Ctrl-C does from now on; undefined for the end of the lines. */
  readonly onInterrupt: (act: (() => void) | undefined) => void;
  readonly close: () => void;
}

/** Standard input. What is asked is written to standard error. */
export function processLines(): Lines {
  return linesFrom(process.stdin, process.stdin.isTTY === true ? process.stderr : undefined);
}

/** Lines of a stream; `screen` is there where a person types them. */
export function linesFrom(input: Readable, screen: Writable | undefined): Lines {
  const isScreen = screen !== undefined;
  const reader = createInterface({ input, ...(isScreen && { output: screen }), terminal: isScreen });
  const lines = reader[Symbol.asyncIterator]();
  let interrupt: (() => void) | undefined;
  reader.on('SIGINT', () => {
    if (interrupt === undefined) reader.close();
    else interrupt();
  });
  return {
    next: async (ask) => {
      if (isScreen) {
        reader.setPrompt(ask);
        reader.prompt();
      }
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
    },
    onInterrupt: (act) => {
      interrupt = act;
    },
    close: () => reader.close(),
  };
}

/** Lines that are known beforehand. */
export function linesOf(texts: readonly string[]): Lines {
  const rest = texts.values();
  return {
    next: () => Promise.resolve(rest.next().value),
    onInterrupt: () => undefined,
    close: () => undefined,
  };
}
