// How a conversation becomes the text that a model was trained on: its own chat template, or a plain one.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { badTemplate, cannotReadFile, noSuchTemplate, templateRefuses } from './errors.ts';
import { isFile, isFolder } from './files.ts';
import { promptIds, textIds, type Vocabulary } from './tokenizer.ts';
import { findBeside, readJson } from './weights.ts';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatTemplate {
  /** Where it comes from, for messages; null where it is the plain one. */
  readonly from: string | null;
  /** The tokens of a conversation up to where the assistant's answer begins. Throws a UsageError. */
  readonly tokens: (messages: readonly Message[]) => readonly number[];
  /** Text at which an answer ends, where no token says so. */
  readonly stopText: string | null;
}

/** A template's text and where it stands. */
interface Written {
  readonly from: string;
  readonly text: string;
}

/**
 * The template that `choice` means, a file or a name, or the model's own one: `chat_template.jinja`, `chat_template.json`, or
 * `chat_template` in tokenizer_config.json, which may be a list with names. Throws a UsageError.
 */
export function readChatTemplate(
  folders: readonly string[],
  vocabulary: Vocabulary,
  choice: string | undefined,
): ChatTemplate {
  if (choice !== undefined && isFile(choice))
    return compiled({ from: choice, text: read(choice) }, folders, vocabulary);
  const written = templatesOf(folders);
  const wanted =
    written.get(choice ?? 'default') ?? (choice === undefined ? [...written.values()][0] : undefined);
  if (wanted !== undefined) return compiled(wanted, folders, vocabulary);
  if (choice !== undefined) throw noSuchTemplate(choice, [...written.keys()]);
  return plainTemplate(vocabulary);
}

/** All templates by name, the first of a name only. */
function templatesOf(folders: readonly string[]): ReadonlyMap<string, Written> {
  const templates = new Map<string, Written>();
  const add = (name: string, from: string, text: unknown): void => {
    if (typeof text === 'string' && !templates.has(name)) templates.set(name, { from, text });
  };
  const file = findBeside('chat_template.jinja', folders);
  if (file !== undefined) add('default', file, read(file));
  for (const name of ['chat_template.json', 'tokenizer_config.json']) {
    const path = findBeside(name, folders);
    const value = path === undefined ? undefined : readJson(path)['chat_template'];
    if (path === undefined) continue;
    add('default', path, value);
    for (const entry of Array.isArray(value) ? value : [])
      if (isNamed(entry)) add(entry.name, path, entry.template);
  }
  for (const folder of folders.map((each) => join(each, 'additional_chat_templates')).filter(isFolder))
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.jinja')))
      add(basename(name, '.jinja'), join(folder, name), read(join(folder, name)));
  return templates;
}

function isNamed(entry: unknown): entry is { readonly name: string; readonly template: unknown } {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'name' in entry &&
    typeof entry.name === 'string' &&
    'template' in entry
  );
}

function compiled({ from, text }: Written, folders: readonly string[], vocabulary: Vocabulary): ChatTemplate {
  const special = specialTokens(folders);
  let template: Template;
  try {
    template = new Template(text);
  } catch (cause) {
    throw badTemplate(from, cause);
  }
  const render = (messages: readonly Message[]): string => {
    try {
      return template.render({ ...special, messages, add_generation_prompt: true });
    } catch (cause) {
      throw templateRefuses(from, cause);
    }
  };
  return { from, tokens: (messages) => textIds(render(messages), vocabulary), stopText: null };
}

/** `bos_token` and the like, which templates write out. */
function specialTokens(folders: readonly string[]): Readonly<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const name of ['special_tokens_map.json', 'tokenizer_config.json']) {
    const path = findBeside(name, folders);
    if (path === undefined) continue;
    for (const [key, value] of Object.entries(readJson(path))) {
      const text = typeof value === 'object' && value !== null && 'content' in value ? value.content : value;
      if (key.endsWith('_token') && typeof text === 'string') tokens[key] = text;
    }
  }
  return tokens;
}

const SPEAKERS = { system: '', user: 'User: ', assistant: 'Assistant: ' } as const;

/** For a model that was not trained to talk: a dialogue to go on with. */
function plainTemplate(vocabulary: Vocabulary): ChatTemplate {
  const tokens = (messages: readonly Message[]): readonly number[] => {
    const lines = messages.map(({ role, content }) => `${SPEAKERS[role]}${content}\n`);
    return promptIds(`${lines.join('')}Assistant:`, vocabulary);
  };
  return { from: null, tokens, stopText: '\nUser:' };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw cannotReadFile(path, cause);
  }
}
