// `hyb run FILE|BUNDLE`: writes text, token by token.
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { checkFinite } from '../check-values.ts';
import { streamText } from '../detokenize.ts';
import { checkGenerates, type Conversation, type GenerateRequest, roomAfter } from '../engine.ts';
import { needsGpu } from '../errors.ts';
import { readBytes, writeBytes } from '../files.ts';
import { openModel, type OpenedModel } from '../open-model.ts';
import { addModelOptions, tokenList, WEIGHTS_HELP, wholeNumber, type ModelOptions } from '../options.ts';
import type { Act } from '../program.ts';
import { addSamplingOptions, GREEDY, samplingFrom, type SamplingOptions } from '../sampling-options.ts';
import { note, type Terminal } from '../terminal.ts';
import { promptIds, readVocabulary, textIds, type Vocabulary } from '../tokenizer.ts';

interface RunOptions extends ModelOptions, SamplingOptions {
  readonly weights?: string;
  readonly prompt?: string;
  readonly tokens?: readonly number[];
  readonly maxTokens?: number;
  readonly saveState?: string;
  readonly loadState?: string;
  readonly out?: string;
  readonly check?: true;
}

/** Tokens that are written where the user does not say. */
const DEFAULT_TOKENS = 200;

export function addRun(program: Command, act: Act): void {
  const command = program
    .command('run')
    .description('write text')
    .argument('<file>', 'a .hyb file, a bundle, or the folder of a published checkpoint')
    .option('--weights <path>', WEIGHTS_HELP)
    .option('--prompt <text>', 'the beginning; the beginning-of-text token alone unless given')
    .addOption(
      new Option(
        '--tokens <ids>',
        'the beginning as token ids with commas between, for a model without a tokenizer',
      )
        .argParser(tokenList)
        .conflicts('prompt'),
    )
    .addOption(new Option('--max-tokens <n>', 'how many tokens to write at most').argParser(wholeNumber(0)))
    .option('--save-state <file>', 'write the state at the end, to go on from with --load-state')
    .option('--load-state <file>', 'go on from a state of this model; the prompt is added to it')
    .option('--out <folder>', 'also write the bundle, and a report with the times measured in this run')
    .option('--check', 'where a value is not finite, say in which layer it appears first');
  addModelOptions(addSamplingOptions(command)).action((file: string, options: RunOptions) =>
    act((terminal) => runModel(file, options, terminal)),
  );
}

async function runModel(file: string, options: RunOptions, terminal: Terminal): Promise<number> {
  if (options.device === 'reference')
    for (const name of ['saveState', 'loadState'] as const)
      if (options[name] !== undefined) throw needsGpu(`--${name.replace('State', '-state')}`);
  const opened = await openModel({ file, weights: options.weights, options }, terminal);
  try {
    checkGenerates(opened.engine);
    const vocabulary = readVocabulary(opened.folders);
    const prompt = promptFor(options, vocabulary);
    if (options.check) await checkFinite(opened, prompt, terminal);
    const quiet = options.quiet === true || options.json === true;
    const state = options.loadState === undefined ? undefined : readBytes(options.loadState);
    const conversation = await opened.engine.converse(state);
    const written = await write({ opened, conversation, vocabulary, prompt }, options, terminal);
    if (options.json) terminal.out(`${JSON.stringify(summary(opened, prompt, written), null, 2)}\n`);
    note(terminal, quiet, closingLine(opened, written));
    if (options.saveState !== undefined) {
      writeBytes(options.saveState, await conversation.save());
      note(terminal, quiet, `state after ${conversation.length} tokens: ${options.saveState}`);
    }
    conversation.close();
    if (options.out !== undefined) {
      const { writeRunBundle } = await import('../run-bundle.ts');
      await writeRunBundle(opened, basename(file), options.out);
      note(terminal, quiet, `bundle: ${options.out}\nreport: ${options.out}/report.html`);
    }
    return 0;
  } finally {
    opened.engine.close();
  }
}

interface Written {
  readonly ids: readonly number[];
  readonly text: string;
  /** Seconds from the start to the first token, and from the first to the last. */
  readonly firstSeconds: number;
  readonly restSeconds: number;
}

/** What goes on from a state needs no beginning. */
function promptFor(options: RunOptions, vocabulary: Vocabulary): readonly number[] {
  if (options.tokens !== undefined) return options.tokens;
  return options.loadState === undefined
    ? promptIds(options.prompt, vocabulary)
    : textIds(options.prompt ?? '', vocabulary);
}

interface Start {
  readonly opened: OpenedModel;
  readonly conversation: Conversation;
  readonly vocabulary: Vocabulary;
  readonly prompt: readonly number[];
}

/** Streams prompt and continuation; without a tokenizer, ids. */
async function write(start: Start, options: RunOptions, terminal: Terminal): Promise<Written> {
  const { conversation, vocabulary, prompt } = start;
  const stream = textStream(vocabulary);
  let text = '';
  const emit = (piece: string): void => {
    text += piece;
    if (!options.json) terminal.out(piece);
  };
  emit(stream.push(prompt));
  const ids: number[] = [];
  const begin = performance.now();
  let first = begin;
  for await (const id of conversation.generate(prompt, requestOf(start, options))) {
    if (ids.length === 0) first = performance.now();
    ids.push(id);
    emit(stream.push([id]));
  }
  emit(`${stream.end()}\n`);
  const end = performance.now();
  return { ids, text, firstSeconds: (first - begin) / 1000, restSeconds: (end - first) / 1000 };
}

function requestOf(
  { opened, conversation, vocabulary, prompt }: Start,
  options: RunOptions,
): GenerateRequest {
  const length = conversation.length + prompt.length;
  const room = roomAfter(opened.positions, length);
  return {
    ...samplingFrom(options, GREEDY),
    maxTokens: options.maxTokens ?? Math.min(DEFAULT_TOKENS, room),
    stop: vocabulary.eos,
  };
}

function textStream({ tokenizer }: Vocabulary): ReturnType<typeof streamText> {
  if (tokenizer !== undefined) return streamText(tokenizer);
  return { push: (ids) => ids.map((id) => `${id} `).join(''), end: () => '' };
}

function rate({ ids, restSeconds }: Written): number | null {
  return ids.length > 1 && restSeconds > 0 ? (ids.length - 1) / restSeconds : null;
}

function closingLine({ engine }: OpenedModel, written: Written): string {
  const speed = rate(written);
  const first = `first token after ${written.firstSeconds.toFixed(2)} s`;
  const after = speed === null ? '' : `, then ${speed.toFixed(1)} tokens/s`;
  return `\n${written.ids.length} tokens on ${engine.name}: ${first}${after}`;
}

function summary({ engine }: OpenedModel, prompt: readonly number[], written: Written): object {
  const { ids, text, firstSeconds } = written;
  return {
    adapter: engine.name,
    prompt,
    ids,
    text,
    firstTokenSeconds: firstSeconds,
    tokensPerSecond: rate(written),
  };
}
