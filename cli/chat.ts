// A conversation, line by line: a question is answered, or a command changes what was said.
import { HybError } from '../runtime/errors.ts';
import type { ChatTemplate, Message } from './chat-template.ts';
import { streamText } from './detokenize.ts';
import type { Conversation, GenerateRequest } from './engine.ts';
import { UsageError } from './errors.ts';
import type { Lines } from './lines.ts';
import { startReply } from './reply.ts';
import type { Terminal } from './terminal.ts';
import type { Vocabulary } from './tokenizer.ts';

export interface ChatSetup {
  readonly conversation: Conversation;
  readonly template: ChatTemplate;
  readonly vocabulary: Vocabulary & Required<Pick<Vocabulary, 'tokenizer'>>;
  readonly system: string | undefined;
  /** How to answer where the sequence has so many tokens; `replies` have been given before, so that each has random numbers of its own. */
  readonly request: (length: number, replies: number) => GenerateRequest;
  readonly json: boolean;
}

/** What one question added. */
interface Turn {
  /** Tokens of the sequence before that it left as they were. */
  readonly kept: number;
  readonly question: string;
  readonly answer: string;
}

interface Chat extends ChatSetup {
  readonly terminal: Terminal;
  readonly lines: Lines;
  turns: readonly Turn[];
  replies: number;
}

const HELP = `/undo    take the last question and its answer back
/retry   another answer to the last question
/reset   begin again
/help    this list
/quit    end; so does Ctrl-D. Ctrl-C ends an answer
//…      a question that begins with /
`;

/** Ends with the lines or at /quit. */
export async function runChat(setup: ChatSetup, lines: Lines, terminal: Terminal): Promise<void> {
  const chat: Chat = { ...setup, terminal, lines, turns: [], replies: 0 };
  for (;;) {
    const line = (await lines.next('> '))?.trim();
    if (line === undefined || line === '/quit' || line === '/exit') return;
    if (line === '') continue;
    const act = COMMANDS.get(line);
    if (act !== undefined) await act(chat);
    else if (/^\/(?!\/)/.test(line)) say(chat, `there is no command ${line}; /help lists them`);
    else await answer(chat, line.replace(/^\/\//, '/'));
  }
}

const COMMANDS: ReadonlyMap<string, (chat: Chat) => Promise<void>> = new Map([
  ['/undo', undo],
  ['/retry', retry],
  ['/reset', reset],
  ['/help', help],
]);

/** Streams the answer to a question; where there is none, the question is as if it had not been asked. */
async function answer(chat: Chat, question: string): Promise<void> {
  const { conversation, template } = chat;
  const { length } = conversation;
  try {
    const { kept, ran } = await conversation.edit(template.tokens(messagesOf(chat, question)));
    const text = await stream(chat);
    chat.turns = [...chat.turns, { kept, question, answer: text }];
    chat.replies++;
    if (chat.json) chat.terminal.out(`${JSON.stringify({ reply: text, kept, ran })}\n`);
  } catch (cause) {
    if (!canGoOn(cause)) throw cause;
    say(chat, `${cause.message}`);
    if (cause instanceof HybError) say(chat, 'the question is taken back; /undo or /reset makes room');
    await shorten(conversation, length);
  }
}

/** A question may be too long, or against the template's rules; then another one can be asked. */
function canGoOn(cause: unknown): cause is Error {
  return (
    (cause instanceof UsageError && cause.code === 'template_refuses') ||
    (cause instanceof HybError && cause.code === 'capacity_exceeded')
  );
}

async function stream(chat: Chat): Promise<string> {
  const { conversation, vocabulary, template, terminal, lines, json } = chat;
  const text = streamText(vocabulary.tokenizer);
  const reply = startReply(template.stopText);
  let isInterrupted = false;
  lines.onInterrupt(() => {
    isInterrupted = true;
  });
  const show = (piece: string): void => {
    if (!json) terminal.out(piece);
  };
  try {
    for await (const id of conversation.generate([], chat.request(conversation.length, chat.replies))) {
      show(reply.push(text.push([id])));
      if (isInterrupted || reply.isOver()) break;
    }
  } finally {
    lines.onInterrupt(undefined);
  }
  if (!reply.isOver()) show(reply.push(text.end()));
  show(`${reply.end()}\n`);
  return reply.text();
}

function messagesOf({ system, turns }: Chat, question: string): readonly Message[] {
  const before = turns.flatMap((turn): readonly Message[] => [
    { role: 'user', content: turn.question },
    { role: 'assistant', content: turn.answer },
  ]);
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
    ...before,
    { role: 'user', content: question },
  ];
}

/** Takes the last turn back, and gives its question. */
async function takeBack(chat: Chat): Promise<string | undefined> {
  const last = chat.turns.at(-1);
  if (last === undefined) {
    say(chat, 'nothing has been said yet');
    return undefined;
  }
  chat.turns = chat.turns.slice(0, -1);
  await shorten(chat.conversation, last.kept);
  return last.question;
}

async function undo(chat: Chat): Promise<void> {
  const question = await takeBack(chat);
  if (question !== undefined) say(chat, `taken back: ${question}`);
}

async function retry(chat: Chat): Promise<void> {
  const question = await takeBack(chat);
  if (question !== undefined) await answer(chat, question);
}

async function reset(chat: Chat): Promise<void> {
  chat.turns = [];
  await chat.conversation.edit([]);
}

function help(chat: Chat): Promise<void> {
  chat.terminal.error(HELP);
  return Promise.resolve();
}

async function shorten(conversation: Conversation, length: number): Promise<void> {
  if (conversation.length > length) await conversation.rollback(conversation.length - length);
}

function say({ terminal }: Chat, text: string): void {
  terminal.error(`${text}\n`);
}
