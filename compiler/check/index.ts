// Checks a model: from its source to a proof that every name, axis, size and weight is what it must be.
import type { Model as ModelDeclaration } from '../../grammar/ast.ts';
import { hasErrors, type Checked, type Diagnostic, type Source } from '../../grammar/source.ts';
import type { GraphFeatures } from '../ir/graph.ts';
import { assemble } from './assemble.ts';
import { uncarriedForms } from './carried-out.ts';
import { mapCheckpoint } from './checkpoint.ts';
import type { ConstantObject } from './constant.ts';
import { readDeclarations, type Declarations, type Resolve } from './declarations.ts';
import type { LetterExposes, ModelNorm, Positions } from './elaborate/context.ts';
import { readsAhead } from '../ir/causality.ts';
import { plannedPositions } from '../ir/positions.ts';
import { newScope } from './elaborate/scope.ts';
import { elaborateEmbed, elaborateHead } from './ends.ts';
import * as errors from './errors.ts';
import { featuresOf, readInput } from './features.ts';
import { letterElaborator } from './letter-elaborator.ts';
import { sharedPlaces } from './shared-places.ts';
import { lettersRun, lettersSaid, placesOf, readLetters, type Letter } from './letters.ts';
import type { Library } from './library.ts';
import { checkedModel, type Model } from './model.ts';
import { readModelNorm } from './model-norm.ts';
import { elaborateOutputs, givesLogits } from './outputs.ts';
import { readModelScope, type ModelScope } from './model-scope.ts';
import { collectReports, newProgram } from './program.ts';
import { readStripe } from './model-stripe.ts';
import { declaredIn } from './weight-requests.ts';

export type { Model } from './model.ts';
export type { Resolve } from './declarations.ts';
export { openLibrary, type Library } from './library.ts';

export interface CheckInput {
  readonly source: Source;
  /** Gives the sources of imports. */
  readonly resolve: Resolve;
  /** The library, as sources or opened before: its declarations are in scope everywhere unless a nearer one hides them. */
  readonly prelude: readonly Source[] | Library;
  /** The model's config file, parsed. */
  readonly config?: ConstantObject;
  /** Positions that were asked for; see `plannedPositions`. */
  readonly context?: number | undefined;
}

/** The checked model, or what is wrong with it; pure, and never throws on any source that can be read. */
export function check({ source, resolve, prelude, config, context }: CheckInput): Checked<Model> {
  const reports = collectReports(source);
  const declarations = readDeclarations(source, resolve, prelude, reports.report);
  const { model } = declarations;
  // What could not be read is missed everywhere: to say so at each place would bury the mistake.
  if (!declarations.readable) return { diagnostics: reports.all() };
  if (model === undefined) {
    if (!hasErrors(reports.all())) reports.report(errors.noModel({ source, start: 0, end: 0 }));
    return { diagnostics: reports.all() };
  }
  const value = checkModel(model, declarations, { config, context }, reports.report, () =>
    hasErrors(reports.all()),
  );
  const diagnostics = reports.all();
  return value === undefined || hasErrors(diagnostics) ? { diagnostics } : { value, diagnostics };
}

function checkModel(
  model: ModelDeclaration,
  declarations: Declarations,
  { config, context: asked }: { readonly [Key in 'config' | 'context']: CheckInput[Key] | undefined },
  report: (diagnostic: Diagnostic) => void,
  isWrong: () => boolean,
): Model | undefined {
  const shared = newScope();
  // The program answers about letters and the norm, which are read with its help: both are bound once they are known.
  let norm: ModelNorm | undefined;
  let exposed: (letter: string) => LetterExposes = noLetter;
  let prefix: number | null = null;
  let positions: Positions = {
    planned: plannedPositions(undefined, asked),
    context: undefined,
    room: undefined,
  };
  const program = newProgram(declarations, report, {
    scope: shared,
    norm: () => norm,
    exposed: (letter) => exposed(letter),
    positions: () => positions,
    meta: () => prefix,
  });
  const scope = readModelScope(model, program, shared, config, ({ meta, context }) => {
    prefix = meta ?? null;
    const planned = plannedPositions(context, asked);
    positions = { planned, context, room: planned + (meta ?? 0) };
  });
  // What follows from an unsupported config need not be said.
  if (!scope.supported) return undefined;
  norm = readModelNorm(model, program, scope);
  const letters = readLetters(model, report);
  const layers = readStripe(model, scope, letters, report);
  const places = placesOf(layers ?? []);
  const elaborator = letterElaborator({
    model,
    letters,
    places,
    layerCount: layers?.length ?? 1,
    scope,
    program,
  });
  exposed = elaborator.exposed;
  const stripes = model.statements.filter((statement) => statement.kind === 'stripe');
  if (layers !== undefined) {
    const said = stripes.flatMap(({ stripe }) => lettersSaid(stripe));
    warnUnused(letters, lettersRun(letters, said), report);
  }
  const inStripe =
    layers === undefined ? [...letters.keys()] : [...new Set(places.map(({ letter }) => letter))];
  const bodies = new Map(inStripe.map((name) => [name, elaborator.elaborate(name)]));
  const input = readInput(model, program);
  const ends = { model, scope, program, layerCount: layers?.length ?? 1, input };
  const embed = elaborateEmbed(ends);
  const outputs = elaborateOutputs(ends);
  const head = givesLogits(model, input) ? elaborateHead(ends) : undefined;
  if (layers === undefined || isWrong()) return undefined;
  const assembled = assemble({
    program,
    embed,
    outputs,
    head,
    letters: elaborator.all(),
    places,
    findShared: sharedPlaces(letters, places, scope.constants, report),
  });
  if (assembled === undefined || isWrong()) return undefined;
  uncarriedForms(assembled).forEach(report);
  checkPrefix(model, scope, assembled, report);
  const ended = outputs.flatMap(({ body }) => body ?? []);
  const contexts = [embed, ...ended, ...(head === undefined ? [] : [head]), ...bodies.values()].map(
    ({ context }) => context,
  );
  const mapped = mapCheckpoint(
    model.statements.find((statement) => statement.kind === 'checkpoint'),
    assembled.requests.map(({ request }) => request),
    { scope: scope.constants, letters: [...letters.keys()], declared: contexts.flatMap(declaredIn) },
  );
  for (const diagnostic of mapped.diagnostics) report(diagnostic);
  if (mapped.value === undefined || isWrong()) return undefined;
  const map = mapped.value;
  return finished(model, scope, layers, assembled, map, featuresOf(embed.context.graph.nodes));
}

/** Learned positions run before the first token, so they need a model that goes on position by position. */
function checkPrefix(
  { statements }: ModelDeclaration,
  { sizes }: ModelScope,
  assembled: NonNullable<ReturnType<typeof assemble>>,
  report: (diagnostic: Diagnostic) => void,
): void {
  const ahead = sizes.meta === undefined ? undefined : readsAhead(assembled);
  const meta = statements.find(
    ({ kind, ...rest }) => kind === 'setting' && 'name' in rest && rest.name.text === 'meta',
  );
  if (ahead !== undefined && meta !== undefined) report(errors.metaReadsAhead(meta.span, ahead.node.span));
}

/** Until the letters are read, no name is one. */
function noLetter(): LetterExposes {
  return { kind: 'unknown' };
}

function warnUnused(
  letters: ReadonlyMap<string, Letter>,
  used: ReadonlySet<string>,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const letter of letters.values()) {
    if (!used.has(letter.name)) report(errors.letterUnused(letter.binding.name.span, letter.name));
  }
}

function finished(
  model: ModelDeclaration,
  scope: ModelScope,
  layers: NonNullable<ReturnType<typeof readStripe>>,
  { bodies, calls, outputs, requests }: NonNullable<ReturnType<typeof assemble>>,
  map: NonNullable<ReturnType<typeof mapCheckpoint>['value']>,
  features: GraphFeatures | undefined,
): Model | undefined {
  const { width, context, meta } = scope.sizes;
  const vocab = features === undefined ? scope.sizes.vocab : 0;
  if (vocab === undefined || width === undefined) return undefined;
  const weights = requests.flatMap(({ request, pinned }) => {
    const mapped = map.weights.get(request.id);
    return mapped === undefined ? [] : [{ request, pinned, mapped }];
  });
  if (weights.length < requests.length)
    throw new Error('internal: a weight was not mapped and nothing was said');
  return checkedModel({
    name: model.name.text,
    vocab,
    ...(features === undefined ? {} : { features }),
    width,
    ...(context === undefined ? {} : { context }),
    ...(meta === undefined ? {} : { prefix: meta }),
    bodies,
    calls,
    ...(outputs === undefined ? {} : { outputs }),
    weights,
    ignored: map.ignored,
    layers: layers.map((layer) => layer.letters.map(({ text }) => text)),
  });
}
