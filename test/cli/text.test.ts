// Prompts and streamed text, on the tokenizer of the example.
import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { streamText } from '../../cli/detokenize.ts';
import { promptIds, readVocabulary } from '../../cli/tokenizer.ts';

const FOLDER = 'examples/samba-stories';
const vocabulary = readVocabulary([FOLDER]);
const { tokenizer } = vocabulary;
if (tokenizer === undefined) throw new Error('the example has no tokenizer');
const OPTIONS = { skip_special_tokens: true, clean_up_tokenization_spaces: false };

describe('a prompt', () => {
  test('gets the beginning-of-text token in front', () => {
    expect(promptIds('There was a big dog who', vocabulary)).toEqual([0, 358, 270, 282, 259, 412, 653, 595]);
  });

  test('that begins with it already does not get it twice', () => {
    expect(promptIds('<|endoftext|>There', vocabulary)).toEqual([0, 358, 270]);
  });

  test('that is absent is that token alone', () => {
    expect(promptIds(undefined, vocabulary)).toEqual([0]);
    expect(promptIds('', vocabulary)).toEqual([0]);
  });

  test('without any token is an error', () => {
    expect(() => promptIds(undefined, { eos: [], folder: '.' })).toThrow(/no token/);
  });

  test('needs a tokenizer', () => {
    expect(() => promptIds('x', { bos: 0, eos: [], folder: 'there' })).toThrow(/none in there/);
  });
});

describe('streamed text', () => {
  test('is what decoding everything at once gives', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 40 }), (text) => {
        const ids: readonly number[] = tokenizer.encode(text).ids;
        const stream = streamText(tokenizer);
        const pieces = ids.map((id) => stream.push([id]));
        expect(pieces.join('') + stream.end()).toBe(ids.length === 0 ? '' : tokenizer.decode(ids, OPTIONS));
      }),
    );
  });

  test('never shows half a character', () => {
    const stream = streamText(tokenizer);
    for (const id of tokenizer.encode('größer 🦊 und 漢字').ids)
      expect(stream.push([id])).not.toContain('\uFFFD');
  });

  test('leaves special tokens out', () => {
    const stream = streamText(tokenizer);
    expect(stream.push([0, 358, 0]) + stream.end()).toBe(tokenizer.decode([358], OPTIONS));
  });
});
