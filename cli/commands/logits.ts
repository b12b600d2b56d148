// `hyb logits FILE`: logits at every position of given tokens.
import { Option, type Command } from 'commander';
import { type Engine, generates, runsOf } from '../engine.ts';
import { badOption, noInput, noLogits } from '../errors.ts';
import { openModel } from '../open-model.ts';
import { addModelOptions, tokenList, WEIGHTS_HELP, wholeNumber, type ModelOptions } from '../options.ts';
import type { Act } from '../program.ts';
import { writeSafetensors } from '../tensors.ts';
import { note, type Terminal } from '../terminal.ts';

interface LogitsOptions extends ModelOptions {
  readonly weights?: string;
  readonly tokens: readonly number[];
  readonly split?: number;
  readonly out?: string;
}

export function addLogits(program: Command, act: Act): void {
  const command = program
    .command('logits')
    .description('give the logits at every position of given tokens')
    .argument('<file>', 'a .hyb file, a bundle, or the folder of a published checkpoint')
    .option('--weights <path>', WEIGHTS_HELP)
    .addOption(
      new Option('--tokens <ids>', 'token ids with commas between')
        .argParser(tokenList)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--split <k>', 'prefill k tokens, then one at a time').argParser(wholeNumber(0)))
    .option('--out <file>', 'write a .safetensors file with `input_ids` and `logits`');
  addModelOptions(command).action((file: string, options: LogitsOptions) =>
    act((terminal) => giveLogits(file, options, terminal)),
  );
}

async function giveLogits(file: string, options: LogitsOptions, terminal: Terminal): Promise<number> {
  const { tokens, split = tokens.length } = options;
  if (split > tokens.length)
    throw badOption(`--split is ${split}, and there are only ${tokens.length} tokens`);
  const { engine } = await openModel({ file, weights: options.weights, options }, terminal);
  try {
    const logits = await logitsOf(engine, tokens, split);
    if (options.out === undefined) print(tokens, logits, engine.vocab, terminal);
    else {
      const shape = [tokens.length, engine.vocab];
      writeSafetensors(options.out, [
        { name: 'input_ids', shape: [tokens.length], data: Int32Array.from(tokens) },
        { name: 'logits', shape, data: Float32Array.from(logits) },
      ]);
      note(terminal, options.quiet === true, `logits [${shape.join(', ')}] written to ${options.out}`);
    }
    return 0;
  } finally {
    engine.close();
  }
}

/** An encoder's are those of the whole sequence. */
async function logitsOf(
  engine: Engine,
  tokens: readonly number[],
  split: number,
): Promise<Float32Array | Float64Array> {
  if (generates(engine)) return engine.logits(tokens, runsOf(tokens.length, split));
  if (engine.features !== undefined) throw noInput(engine.features.name);
  const names = engine.outputs.map(({ name }) => name);
  if (!names.includes('logits')) throw noLogits(names);
  if (split < tokens.length && engine.readsAhead !== undefined)
    throw badOption(`--split is not for an encoder: ${engine.readsAhead}`);
  const { logits } = await engine.encode(tokens, runsOf(tokens.length, split));
  return logits ?? new Float32Array();
}

function print(
  tokens: readonly number[],
  logits: Float32Array | Float64Array,
  vocab: number,
  terminal: Terminal,
): void {
  const rows = tokens.map((_, index) => [...logits.subarray(index * vocab, (index + 1) * vocab)]);
  terminal.out(`${JSON.stringify({ tokens, shape: [tokens.length, vocab], logits: rows })}\n`);
}
