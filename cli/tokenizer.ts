// Text to token ids and back, through the model's own tokenizer.json.
import { Tokenizer } from '@huggingface/tokenizers';
import { noPromptTokens, noTokenizer } from './errors.ts';
import { findBeside, readJson } from './weights.ts';

/** What a model's files say of its tokens. */
export interface Vocabulary {
  readonly tokenizer?: Tokenizer;
  /** The beginning-of-text token. */
  readonly bos?: number;
  /** Tokens that end a text. */
  readonly eos: readonly number[];
  /** The folder it was read from, for messages. */
  readonly folder: string;
}

/** Reads tokenizer.json, tokenizer_config.json, generation_config.json and config.json, each from the first folder that has it. */
export function readVocabulary(folders: readonly string[]): Vocabulary {
  const read = (name: string): Readonly<Record<string, unknown>> => {
    const path = findBeside(name, folders);
    return path === undefined ? {} : readJson(path);
  };
  const settings = read('tokenizer_config.json');
  const configs = [read('generation_config.json'), read('config.json')];
  const file = findBeside('tokenizer.json', folders);
  const tokenizer = file === undefined ? undefined : new Tokenizer(readJson(file), settings);
  const bos = idsOf('bos', configs, settings, tokenizer)[0];
  return {
    ...(tokenizer !== undefined && { tokenizer }),
    ...(bos !== undefined && { bos }),
    eos: idsOf('eos', configs, settings, tokenizer),
    folder: folders[0] ?? '.',
  };
}

/** The ids of a prompt: the tokenizer's, with the beginning-of-text token in front unless it is there; no prompt is that token alone. */
export function promptIds(prompt: string | undefined, vocabulary: Vocabulary): readonly number[] {
  const { tokenizer, bos } = vocabulary;
  if (prompt !== undefined && prompt !== '' && tokenizer === undefined) throw noTokenizer(vocabulary.folder);
  const ids = prompt === undefined || prompt === '' ? [] : (tokenizer?.encode(prompt).ids ?? []);
  const whole = bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
  if (whole.length === 0) throw noPromptTokens();
  return whole;
}

/** The ids of a text with the tokens around it that the tokenizer adds, as encoders are trained. */
export function encodedIds(text: string, { tokenizer, folder }: Vocabulary): readonly number[] {
  if (tokenizer === undefined) throw noTokenizer(folder);
  return tokenizer.encode(text).ids;
}

/** The ids of a text as it is, without tokens that the tokenizer would add. */
export function textIds(text: string, { tokenizer, folder }: Vocabulary): readonly number[] {
  if (text === '') return [];
  if (tokenizer === undefined) throw noTokenizer(folder);
  return tokenizer.encode(text, { add_special_tokens: false }).ids;
}

/** `bos_token_id` or `eos_token_id` of the first config that has one, else the token that the tokenizer's settings name. */
function idsOf(
  which: 'bos' | 'eos',
  configs: readonly Readonly<Record<string, unknown>>[],
  settings: Readonly<Record<string, unknown>>,
  tokenizer: Tokenizer | undefined,
): readonly number[] {
  for (const config of configs) {
    const value = config[`${which}_token_id`];
    const ids = (Array.isArray(value) ? value : [value]).filter((id) => Number.isInteger(id));
    if (ids.length > 0) return ids;
  }
  const token = settings[`${which}_token`];
  const text = typeof token === 'object' && token !== null && 'content' in token ? token.content : token;
  const id = typeof text === 'string' ? tokenizer?.token_to_id(text) : undefined;
  return id === undefined ? [] : [id];
}
