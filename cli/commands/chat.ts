// `hyb chat FILE|BUNDLE|DIR`: a conversation with a model, turn by turn.
import { Option, type Command } from 'commander';
import { runChat } from '../chat.ts';
import { readChatTemplate } from '../chat-template.ts';
import { checkGenerates, type GenerateRequest, roomAfter } from '../engine.ts';
import { noTokenizer } from '../errors.ts';
import { readGenerationDefaults } from '../generation-defaults.ts';
import { processLines } from '../lines.ts';
import { openModel } from '../open-model.ts';
import { addModelOptions, WEIGHTS_HELP, wholeNumber, type ModelOptions } from '../options.ts';
import type { Act } from '../program.ts';
import { addSamplingOptions, samplingFrom, type SamplingOptions } from '../sampling-options.ts';
import { note, type Terminal } from '../terminal.ts';
import { readVocabulary } from '../tokenizer.ts';

interface ChatOptions extends ModelOptions, SamplingOptions {
  readonly weights?: string;
  readonly system?: string;
  readonly template?: string;
  readonly maxTokens: number;
}

export function addChat(program: Command, act: Act): void {
  const command = program
    .command('chat')
    .description('talk with a model')
    .argument('<file>', 'a .hyb file, a bundle, or the folder of a published checkpoint')
    .option('--weights <path>', WEIGHTS_HELP)
    .option('--system <text>', 'what the model is told first')
    .option('--template <file|name>', 'a chat template other than the model’s own')
    .addOption(
      new Option('--max-tokens <n>', 'how many tokens an answer has at most')
        .argParser(wholeNumber(1))
        .default(512),
    );
  addModelOptions(addSamplingOptions(command)).action((file: string, options: ChatOptions) =>
    act((terminal) => chatWith(file, options, terminal)),
  );
}

async function chatWith(file: string, options: ChatOptions, terminal: Terminal): Promise<number> {
  const opened = await openModel({ file, weights: options.weights, options }, terminal);
  const lines = (terminal.lines ?? processLines)();
  try {
    checkGenerates(opened.engine);
    const vocabulary = readVocabulary(opened.folders);
    const { tokenizer } = vocabulary;
    if (tokenizer === undefined) throw noTokenizer(vocabulary.folder);
    const template = readChatTemplate(opened.folders, vocabulary, options.template);
    const quiet = options.quiet === true || options.json === true;
    if (template.from === null)
      note(terminal, quiet, 'the model has no chat template: it goes on with a plain dialogue');
    note(terminal, quiet, 'type a question, or /help');
    const sampling = samplingFrom(options, readGenerationDefaults(opened.folders));
    const request = (length: number, replies: number): GenerateRequest => {
      const room = roomAfter(opened.positions, length);
      const seed = (sampling.seed + replies) % 2 ** 32;
      return { ...sampling, seed, maxTokens: Math.min(options.maxTokens, room), stop: vocabulary.eos };
    };
    const conversation = await opened.engine.converse();
    const { system } = options;
    const json = options.json === true;
    const known = { ...vocabulary, tokenizer };
    await runChat({ conversation, template, vocabulary: known, system, request, json }, lines, terminal);
    conversation.close();
    return 0;
  } finally {
    lines.close();
    opened.engine.close();
  }
}
