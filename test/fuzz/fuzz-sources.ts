// Mutated .hyb sources: each must give a model or diagnostics, never crash, hang or speak of our internals.
import { renderDiagnostics, type Source } from '../../grammar/index.ts';
import { readCorpus, type Corpus } from './corpus.ts';
import { mutate, mutateGently } from './mutate-source.ts';
import { randomOfCase } from './random.ts';
import { tryAll, type Stage, type Surroundings, type Tried } from './try-source.ts';

export interface SourceFuzz {
  readonly count: number;
  readonly seed: number;
  /** The first case, so that one can be tried again. */
  readonly from?: number | undefined;
  /** What is tried: everything, unless given. */
  readonly run?: ((source: Source, surroundings: Surroundings) => Tried) | undefined;
  /** Called before each case. */
  readonly onCase?: ((index: number) => void) | undefined;
}

export interface Fault {
  readonly case: number;
  readonly reason: string;
  readonly text: string;
}

export interface SourceFuzzResult {
  /** How many sources came how far. */
  readonly stages: Readonly<Record<Stage, number>>;
  readonly slowest: number;
  /** What went wrong, with the text that did it; should be empty. */
  readonly faults: readonly Fault[];
}

/** No source of some kilobytes may take longer than this. */
const slowMilliseconds = 2000;
const maximumFaults = 50;
/** Of the models that turn out valid, one in this many is planned. */
const planEvery = 4;

/** Tries `count` mutations of the sources of the repository. The same seed makes the same ones. */
export function fuzzSources({ count, seed, from = 0, run = tryAll, onCase }: SourceFuzz): SourceFuzzResult {
  const corpus = readCorpus();
  const faults: Fault[] = [];
  const stages = { refused: 0, parsed: 0, checked: 0, planned: 0 };
  let slowest = 0;
  for (let index = from; index < from + count && faults.length < maximumFaults; index++) {
    onCase?.(index);
    const { text, config } = mutatedCase(corpus, seed, index);
    const start = performance.now();
    const outcome = attempt(text, (source) =>
      run(source, {
        library: corpus.library,
        plan: index % planEvery === 0,
        ...(config === undefined ? {} : { config }),
      }),
    );
    const took = performance.now() - start;
    slowest = Math.max(slowest, took);
    if (typeof outcome === 'string') faults.push({ case: index, reason: outcome, text });
    else stages[outcome.stage]++;
    if (took > slowMilliseconds) faults.push({ case: index, reason: `took ${took.toFixed(0)} ms`, text });
  }
  return { stages, slowest, faults };
}

/** Any text, a whole model, or a whole model with few and small changes: the last reach the later stages. */
function mutatedCase({ texts, models, configs }: Corpus, seed: number, index: number) {
  const random = randomOfCase(seed, index);
  const kind = Math.floor(random() * 3);
  const text = kind === 0 ? mutateGently(models, random) : mutate(kind === 1 ? models : texts, texts, random);
  return { text, config: configs[Math.floor(random() * (configs.length + 1))] };
}

/** How far a source came, or what is wrong with how it was received. */
function attempt(text: string, run: (source: Source) => Tried): Tried | string {
  try {
    const tried = run({ name: 'mutated.hyb', text });
    const rendered = renderDiagnostics(tried.diagnostics.slice(0, 20));
    return /\binternal:|\n\s+at .+:\d+:\d+\)?$|\[object |Error: /m.test(withoutFrames(rendered))
      ? rendered
      : tried;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** The source lines of frames quote the mutated text, which may say anything. */
function withoutFrames(rendered: string): string {
  return rendered
    .split('\n')
    .filter((line) => !/^ *\d* [│┌├]/.test(line))
    .join('\n');
}
