// `hyb encode FILE`: what a model gives for whole sequences: embeddings, logits, the values of a layer.
import { Option, type Command } from 'commander';
import {
  type Engine,
  type EngineOutput,
  type EngineValues,
  lengthOf,
  type SequenceInput,
} from '../engine.ts';
import { checkFinite } from '../check-values.ts';
import { badOption, noInput } from '../errors.ts';
import { openModel } from '../open-model.ts';
import { addModelOptions, tokenList, WEIGHTS_HELP, type ModelOptions } from '../options.ts';
import type { Act } from '../program.ts';
import { openSequences, type Sequences } from '../sequences.ts';
import { writeSafetensors, type TensorToWrite } from '../tensors.ts';
import { note, type Terminal } from '../terminal.ts';
import { encodedIds, readVocabulary } from '../tokenizer.ts';

interface EncodeOptions extends ModelOptions {
  readonly weights?: string;
  readonly text?: string;
  readonly tokens?: readonly number[];
  readonly input?: string;
  readonly output?: string;
  readonly out?: string;
  readonly check?: true;
}

export function addEncode(program: Command, act: Act): void {
  const command = program
    .command('encode')
    .description('give what a model makes of whole sequences: embeddings, logits, the values of a layer')
    .argument('<file>', 'a .hyb file, a bundle, or the folder of a published checkpoint')
    .option('--weights <path>', WEIGHTS_HELP)
    .option('--text <text>', 'one text, for a model with a tokenizer')
    .addOption(
      new Option('--tokens <ids>', 'one sequence of token ids with commas between').argParser(tokenList),
    )
    .addOption(
      new Option(
        '--input <file>',
        'a .safetensors file with sequences of one length: `input_ids`, or for a model of features `input` or their own name',
      ).conflicts(['text', 'tokens']),
    )
    .option('--output <names>', 'which of its outputs, with commas between; all unless given')
    .option('--out <file>', 'write a .safetensors file rather than JSON')
    .option('--check', 'where a value is not finite, say in which layer it appears first');
  addModelOptions(command).action((file: string, options: EncodeOptions) =>
    act((terminal) => encodeWith(file, options, terminal)),
  );
}

async function encodeWith(file: string, options: EncodeOptions, terminal: Terminal): Promise<number> {
  const opened = await openModel({ file, weights: options.weights, options }, terminal);
  const { engine, folders } = opened;
  try {
    const outputs = chosenOutputs(engine, options.output);
    const sequences = await sequencesOf(engine, options, folders);
    if (options.check) for (const input of sequences.rows) await checkFinite(opened, input, terminal);
    const values: EngineValues[] = [];
    for (const input of sequences.rows) values.push(await engine.encode(input, [lengthOf(engine, input)]));
    if (options.out === undefined) print(engine, sequences, outputs, values, terminal);
    else {
      const tensors = tensorsOf(engine, sequences, outputs, values);
      writeSafetensors(options.out, tensors);
      const names = tensors.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
      note(terminal, options.quiet === true, `${names} written to ${options.out}`);
    }
    return 0;
  } finally {
    engine.close();
  }
}

function chosenOutputs({ outputs }: Engine, names: string | undefined): readonly EngineOutput[] {
  if (names === undefined) return outputs;
  return names.split(',').map((name) => {
    const found = outputs.find((output) => output.name === name.trim());
    if (found !== undefined) return found;
    const all = outputs.map((output) => output.name).join(', ');
    throw badOption(`the model gives no \`${name.trim()}\`: it gives ${all}`);
  });
}

async function sequencesOf(
  engine: Engine,
  { text, tokens, input }: EncodeOptions,
  folders: readonly string[],
): Promise<Sequences> {
  if (input !== undefined) return openSequences(input, engine);
  if (engine.features !== undefined) throw noInput(engine.features.name);
  if (tokens !== undefined && text !== undefined) throw badOption('say --text or --tokens, not both');
  if (tokens === undefined && text === undefined) throw noInput(undefined);
  return { rows: [tokens ?? encodedIds(text ?? '', readVocabulary(folders))], batch: undefined };
}

/** Outer axes, and the output's own. */
function shapeOf({ batch }: Sequences, { per, shape }: EngineOutput, positions: number): readonly number[] {
  return [...(batch === undefined ? [] : [batch]), ...(per === 'position' ? [positions] : []), ...shape];
}

function tensorsOf(
  engine: Engine,
  sequences: Sequences,
  outputs: readonly EngineOutput[],
  values: readonly EngineValues[],
): readonly TensorToWrite[] {
  const positions = lengthOf(engine, sequences.rows[0] ?? []);
  return outputs.map((output) => ({
    name: output.name,
    shape: shapeOf(sequences, output, positions),
    data: Float32Array.from(values.flatMap((each) => [...(each[output.name] ?? [])])),
  }));
}

/** One line of JSON for each sequence. */
function print(
  engine: Engine,
  { rows }: Sequences,
  outputs: readonly EngineOutput[],
  values: readonly EngineValues[],
  terminal: Terminal,
): void {
  rows.forEach((input: SequenceInput, row) => {
    const positions = lengthOf(engine, input);
    const given = outputs.map((output) => {
      const shape = shapeOf({ rows, batch: undefined }, output, positions);
      return [output.name, nested([...(values[row]?.[output.name] ?? [])], shape)];
    });
    const tokens = engine.features === undefined ? { tokens: Array.from(input) } : {};
    terminal.out(`${JSON.stringify({ ...tokens, ...Object.fromEntries(given) })}\n`);
  });
}

/** Lists of lists, as deep as the shape. */
function nested(values: readonly number[], shape: readonly number[]): unknown {
  const [first, ...rest] = shape;
  if (first === undefined) return values[0];
  if (rest.length === 0) return values;
  const size = values.length / first;
  return Array.from({ length: first }, (_, i) => nested(values.slice(i * size, (i + 1) * size), rest));
}
