// Conversations: what a template makes of them, what runs again, and what the commands do.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { array, assert, property, string, stringMatching } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runChat, type ChatSetup } from '../../cli/chat.ts';
import { readChatTemplate, type Message } from '../../cli/chat-template.ts';
import type { Conversation } from '../../cli/engine.ts';
import { readGenerationDefaults } from '../../cli/generation-defaults.ts';
import { linesFrom, linesOf } from '../../cli/lines.ts';
import { startReply } from '../../cli/reply.ts';
import { GREEDY } from '../../cli/sampling-options.ts';
import { readVocabulary } from '../../cli/tokenizer.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { hybWith } from './support.ts';

const EXAMPLE = 'examples/samba-stories';
const missing = softwareAdapterMissing();

/** Every message in brackets; an answer ends with the end-of-text token. */
const BRACKETS = [
  '{{ bos_token }}{% for m in messages %}',
  "{{ '[' + m.role + ']\\n' + m.content }}",
  "{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}{{ '\\n' }}",
  "{% endfor %}{% if add_generation_prompt %}{{ '[assistant]\\n' }}{% endif %}",
].join('');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hyb-chat-'));
  cpSync(join(EXAMPLE, 'tokenizer.json'), join(folder, 'tokenizer.json'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | object): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}

const SETTINGS = { bos_token: '<|endoftext|>', eos_token: { content: '<|endoftext|>' } };

/** The text that a conversation becomes. */
function rendered(messages: readonly Message[], choice?: string): string {
  const vocabulary = readVocabulary([folder]);
  const ids = readChatTemplate([folder], vocabulary, choice).tokens(messages);
  return vocabulary.tokenizer?.decode([...ids], { skip_special_tokens: false }) ?? '';
}

const ASKED: readonly Message[] = [{ role: 'user', content: 'hello' }];

describe('a chat template', () => {
  test('of tokenizer_config.json gets the special tokens and the beginning of an answer', () => {
    write('tokenizer_config.json', { ...SETTINGS, chat_template: BRACKETS });
    expect(rendered(ASKED)).toBe('<|endoftext|>[user]\nhello\n[assistant]\n');
    const answered: readonly Message[] = [...ASKED, { role: 'assistant', content: 'yes' }];
    expect(rendered(answered)).toBe(
      '<|endoftext|>[user]\nhello\n[assistant]\nyes<|endoftext|>\n[assistant]\n',
    );
  });

  test('may have a name, or be a file', () => {
    const named = [
      { name: 'tools', template: 'T' },
      { name: 'default', template: 'D' },
    ];
    write('tokenizer_config.json', { chat_template: named });
    write('additional_chat_templates/other.jinja', 'O');
    write('mine.jinja', 'M');
    expect(rendered(ASKED)).toBe('D');
    expect(rendered(ASKED, 'tools')).toBe('T');
    expect(rendered(ASKED, 'other')).toBe('O');
    expect(rendered(ASKED, join(folder, 'mine.jinja'))).toBe('M');
    expect(() => rendered(ASKED, 'nothing')).toThrow(/no chat template 'nothing'/);
    write('chat_template.json', { chat_template: 'J' });
    expect(rendered(ASKED)).toBe('J');
    write('chat_template.jinja', 'F');
    expect(rendered(ASKED)).toBe('F');
  });

  test('that is none, or refuses, is told with its place', () => {
    write('chat_template.jinja', '{% for %}');
    expect(() => rendered(ASKED)).toThrow(/chat_template\.jinja cannot be read/);
    write('chat_template.jinja', "{{ raise_exception('no such role') }}");
    expect(() => rendered(ASKED)).toThrow(/refuses this: .*no such role/);
  });

  test('is a plain dialogue where there is none', () => {
    write('tokenizer_config.json', SETTINGS);
    const told: readonly Message[] = [{ role: 'system', content: 'Be kind.' }, ...ASKED];
    expect(rendered(told)).toBe('<|endoftext|>Be kind.\nUser: hello\nAssistant:');
  });
});

test('what the publishers say of drawing counts only where they draw', () => {
  expect(readGenerationDefaults([folder])).toEqual(GREEDY);
  write('generation_config.json', { temperature: 0.6, repetition_penalty: 1.05 });
  expect(readGenerationDefaults([folder])).toEqual({ ...GREEDY, repetitionPenalty: 1.05 });
  write('generation_config.json', { do_sample: true, temperature: 0.6, top_p: 0.95, min_p: null });
  const expected = { repetitionPenalty: 1, temperature: 0.6, topK: 50, topP: 0.95, minP: 0 };
  expect(readGenerationDefaults([folder])).toEqual(expected);
});

test('lines are read from a pipe, and asked for on a screen', async () => {
  const pipe = new PassThrough();
  const piped = linesFrom(pipe, undefined);
  pipe.end('one\ntwo\nthree');
  const read: (string | undefined)[] = [];
  for (let i = 0; i < 4; i++) {
    read.push(await piped.next('> '));
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  expect(read).toEqual(['one', 'two', 'three', undefined]);
  const [keys, screen] = [new PassThrough(), new PassThrough()];
  const typed = linesFrom(keys, screen);
  let interrupts = 0;
  typed.onInterrupt(() => interrupts++);
  const first = typed.next('> ');
  keys.write('\u0003hello\n');
  expect(await first).toBe('hello');
  expect(interrupts).toBe(1);
  typed.onInterrupt(undefined);
  const second = typed.next('> ');
  keys.write('\u0003');
  expect(await second).toBeUndefined();
  expect(String(screen.read())).toContain('> ');
});

describe('an answer', () => {
  test('ends where its text says so, and shows nothing of it', () => {
    const pieces = array(stringMatching(/^[ab#]{0,4}$/), { maxLength: 8 });
    assert(
      property(pieces, (list) => {
        const reply = startReply('#b#');
        let shown = '';
        for (const piece of list) if (!reply.isOver()) shown += reply.push(piece);
        shown += reply.end();
        expect(shown).toBe(list.join('').split('#b#')[0]);
        expect(reply.isOver()).toBe(list.join('').includes('#b#'));
      }),
    );
  });

  test('is the whole text without white space before it where nothing ends it', () => {
    assert(
      property(array(string(), { maxLength: 5 }), (pieces) => {
        const reply = startReply(null);
        const shown = pieces.map((piece) => reply.push(piece)).join('');
        expect(shown + reply.end()).toBe(pieces.join('').trimStart());
        expect(reply.text()).toBe(pieces.join('').trim());
      }),
    );
  });
});

interface Talk {
  readonly out: string;
  readonly error: string;
  /** Tokens at the end. */
  readonly tokens: readonly number[];
  /** What every question kept and ran. */
  readonly edits: readonly { readonly kept: number; readonly ran: number }[];
}

/** Talks to a model that gives these answers, one after the other, each with the end-of-text token. */
async function talk(answers: readonly string[], typed: readonly string[], system?: string): Promise<Talk> {
  const vocabulary = readVocabulary([folder]);
  const { tokenizer } = vocabulary;
  if (tokenizer === undefined) throw new Error('the example has a tokenizer');
  let tokens: readonly number[] = [];
  const edits: { kept: number; ran: number }[] = [];
  const rest = answers.values();
  const conversation: Conversation = {
    get length() {
      return tokens.length;
    },
    async *generate(_, { stop, maxTokens }) {
      for (const id of tokenizer.encode(rest.next().value ?? '').ids.slice(0, maxTokens)) {
        tokens = [...tokens, id];
        yield id;
      }
      tokens = [...tokens, ...stop];
    },
    edit: (wanted) => {
      const differs = wanted.findIndex((token, index) => token !== tokens[index]);
      const kept = differs < 0 ? wanted.length : differs;
      edits.push({ kept, ran: wanted.length - kept });
      tokens = wanted;
      return Promise.resolve({ kept, ran: wanted.length - kept });
    },
    rollback: (count) => {
      tokens = tokens.slice(0, tokens.length - count);
      return Promise.resolve();
    },
    save: () => Promise.resolve(new Uint8Array()),
    close: () => undefined,
  };
  let out = '';
  let error = '';
  const terminal = {
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += text),
    isScreen: false,
    color: false,
  };
  const setup: ChatSetup = {
    conversation,
    template: readChatTemplate([folder], vocabulary, undefined),
    vocabulary: { ...vocabulary, tokenizer },
    system,
    request: () => ({ ...GREEDY, seed: 0, maxTokens: 50, stop: [0] }),
    json: false,
  };
  await runChat(setup, linesOf(typed), terminal);
  return { out, error, tokens, edits };
}

describe('a conversation', () => {
  beforeEach(() => write('tokenizer_config.json', { ...SETTINGS, chat_template: BRACKETS }));

  test('runs only what is new, answer after answer', async () => {
    const { out, edits } = await talk(
      ['a dog', 'a cat', 'a bird'],
      ['who?', '', 'and then?', 'and?', '/quit', 'no'],
    );
    expect(out).toBe('a dog\na cat\na bird\n');
    expect(edits).toHaveLength(3);
    const vocabulary = readVocabulary([folder]);
    const added = vocabulary.tokenizer?.encode('\n[user]\nand then?\n[assistant]\n').ids.length ?? 0;
    expect(edits[1]?.ran).toBe(added);
    expect(edits[1]?.kept).toBeGreaterThan(edits[0]?.ran ?? 0);
  });

  test('is told first what the system says', async () => {
    const { tokens } = await talk(['yes'], ['who?'], 'Be kind.');
    const { tokenizer } = readVocabulary([folder]);
    const text = tokenizer?.decode([...tokens], { skip_special_tokens: false });
    expect(text).toMatch(/^<\|endoftext\|>\[system\]\nBe kind\.\n\[user\]\nwho\?\n/);
  });

  test('takes questions back, asks them again, and begins again', async () => {
    const once = await talk(['a dog'], ['who?']);
    const undone = await talk(['a dog', 'a cat'], ['who?', 'and?', '/undo']);
    expect(undone.tokens).toEqual(once.tokens);
    expect(undone.error).toMatch(/taken back: and\?/);
    const retried = await talk(['a cat', 'a dog'], ['who?', '/retry']);
    expect(retried.out).toBe('a cat\na dog\n');
    expect(retried.tokens).toEqual(once.tokens);
    const reset = await talk(['a cat', 'a dog'], ['what?', '/reset', 'who?']);
    expect(reset.tokens).toEqual(once.tokens);
    expect((await talk([], ['/undo'])).error).toMatch(/nothing has been said yet/);
  });

  test('helps, and knows a slash from a command', async () => {
    const { error, out } = await talk(['fine'], ['/help', '/what', '//not a command']);
    expect(error).toMatch(/\/undo +take the last question/);
    expect(error).toMatch(/there is no command \/what/);
    expect(out).toBe('fine\n');
  });

  test('goes on after a question that the template refuses', async () => {
    const strict = `{% if 'bad' in messages[-1].content %}{{ raise_exception('rude') }}{% endif %}${BRACKETS}`;
    write('tokenizer_config.json', { ...SETTINGS, chat_template: strict });
    const { error, out } = await talk(['a dog'], ['bad?', 'good?']);
    expect(error).toMatch(/rude/);
    expect(out).toBe('a dog\n');
  });

  test('of a model without a template ends an answer where the next question would begin', async () => {
    write('tokenizer_config.json', SETTINGS);
    const { out } = await talk([' a dog\nUser: and?', 'a cat'], ['who?', 'and?']);
    expect(out).toBe('a dog\na cat\n');
  });
});

describe.skipIf(skipFor(missing))(`hyb chat (${missing ?? 'on the software adapter'})`, () => {
  const MODEL = `model small {
  vocab 1024
  width 8
  stripe X
  X = mamba(state: 3, inner: 8, dt_rank: 2)
  head tied
}
`;

  test.each(['software', 'reference'])('keeps the state from turn to turn on %s', async (device) => {
    write('small.hyb', MODEL);
    write('tokenizer_config.json', { ...SETTINGS, chat_template: BRACKETS });
    const args = ['chat', join(folder, 'small.hyb'), '--weights', 'random', '--device', device];
    const typed = ['who was there?', '/undo', 'who was there?', 'and then?'];
    const { code, out, error } = await hybWith(typed, [...args, '--max-tokens', '4', '--json']);
    expect(code, error).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toHaveLength(3);
    expect(lines[1]).toEqual(lines[0]);
    expect(lines[2]).toMatchObject({ kept: expect.any(Number) });
  });

  test('needs a tokenizer', async () => {
    rmSync(join(folder, 'tokenizer.json'));
    write('small.hyb', MODEL);
    const args = ['chat', join(folder, 'small.hyb'), '--weights', 'random', '--device', 'reference'];
    const { code, error } = await hybWith(['x'], args);
    expect(code).toBe(1);
    expect(error).toMatch(/needs tokenizer\.json/);
  });
});
