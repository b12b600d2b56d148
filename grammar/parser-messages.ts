// What Chevrotain's exceptions carry for us: the words for what was expected, and nothing else.
import type { IParserErrorMessageProvider } from 'chevrotain';

/** The message of each exception is only the thing expected; `explain.ts` makes the sentence. */
export const mismatchMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNotAllInputParsedMessage: () => 'the end of the file',
  buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? 'something else',
  buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? 'something else',
};
