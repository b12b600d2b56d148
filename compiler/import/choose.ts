// Chooses the model of the library that a checkpoint fits, by what the models say in their `fits` statements.
import type { File, FitsStatement, Model } from '../../grammar/ast.ts';
import { parse } from '../../grammar/index.ts';
import type { Source } from '../../grammar/source.ts';
import { field, isList, isObject, type Constant, type ConstantObject } from '../check/constant.ts';
import { nameMatcher } from '../check/name-pattern.ts';

/** A model of the library, parsed. */
export interface KnownModel {
  readonly file: File;
  readonly model: Model;
}

/** What is known of a checkpoint: its config, and the names of its tensors where its files were looked into. */
export interface CheckpointFacts {
  readonly config: ConstantObject;
  readonly tensors?: ReadonlySet<string>;
}

/** By what a model was chosen, the surest first. */
export type FitBy = 'architectures' | 'model_type' | 'tensors';

export type Choice =
  | { readonly kind: 'one'; readonly known: KnownModel; readonly by: FitBy }
  /** Models that fit equally well: a mistake in the library, or tensors that were not looked at. */
  | { readonly kind: 'several'; readonly known: readonly KnownModel[] }
  | { readonly kind: 'none' };

/** Every model of these sources, in order; a file without one, or with mistakes, is left out. */
export function readModels(sources: readonly Source[]): readonly KnownModel[] {
  return sources.flatMap((source) => {
    const file = parse(source).value;
    const model = file.declarations.find((declaration) => declaration.kind === 'model');
    return model === undefined ? [] : [{ file, model }];
  });
}

/** The best fit: by `architectures`, then by `model_type`, then by tensors alone; of equals, the one that asks for more tensors and fields. */
export function chooseModel(models: readonly KnownModel[], facts: CheckpointFacts): Choice {
  const fits = models.flatMap((known) => {
    const fit = bestFit(known.model, facts);
    return fit === undefined ? [] : [{ known, fit }];
  });
  const best = fits.map(({ fit }) => fit).reduce<Fit | undefined>(better, undefined);
  if (best === undefined) return { kind: 'none' };
  const equal = fits.filter(({ fit }) => compare(fit, best) === 0);
  const [only, ...others] = equal;
  if (only === undefined || others.length > 0)
    return { kind: 'several', known: equal.map(({ known }) => known) };
  return { kind: 'one', known: only.known, by: best.by };
}

interface Fit {
  readonly by: FitBy;
  /** How many tensors and fields were asked for. */
  readonly asked: number;
}

const order: readonly FitBy[] = ['tensors', 'model_type', 'architectures'];

function compare(a: Fit, b: Fit): number {
  return order.indexOf(a.by) - order.indexOf(b.by) || a.asked - b.asked;
}

function better(a: Fit | undefined, b: Fit): Fit {
  return a !== undefined && compare(a, b) >= 0 ? a : b;
}

function bestFit(model: Model, facts: CheckpointFacts): Fit | undefined {
  const ways = model.statements.filter((statement) => statement.kind === 'fits');
  return ways.flatMap((way) => fitBy(way, facts) ?? []).reduce<Fit | undefined>(better, undefined);
}

/** How surely one statement tells, or undefined where one of its clauses does not hold. */
function fitBy({ clauses }: FitsStatement, facts: CheckpointFacts): Fit | undefined {
  const named = namesOf(facts.config);
  let by: FitBy = 'tensors';
  let asked = 0;
  for (const { key, values } of clauses) {
    const wanted = values.map(({ value }) => value);
    if (key === 'tensors') {
      const { tensors: known } = facts;
      if (known !== undefined && !wanted.every((name) => isAmong(name, known))) return undefined;
      asked += wanted.length;
    } else if (key === 'fields') {
      if (!wanted.every((name) => hasField(facts.config, name))) return undefined;
      asked += wanted.length;
    } else {
      if (!wanted.some((name) => named[key].includes(name))) return undefined;
      if (order.indexOf(key) > order.indexOf(by)) by = key;
    }
  }
  // Tensors that nobody looked at tell nothing.
  return by === 'tensors' && facts.tensors === undefined ? undefined : { by, asked };
}

/** Whether the config has the field; a dot leads into a field of fields. */
export function hasField(config: ConstantObject, path: string): boolean {
  let value: Constant = config;
  for (const name of path.split('.')) {
    if (!isObject(value)) return false;
    const inner: Constant | undefined = field(value, name);
    if (inner === undefined) return false;
    value = inner;
  }
  return true;
}

/** A `*` is any run of characters. */
function isAmong(name: string, tensors: ReadonlySet<string>): boolean {
  return tensors.has(name) || (name.includes('*') && [...tensors].some(nameMatcher(name)));
}

/** What the config calls its architecture. */
export function namesOf(config: ConstantObject): {
  readonly architectures: readonly string[];
  readonly model_type: readonly string[];
} {
  const architectures = field(config, 'architectures') ?? null;
  const type = field(config, 'model_type');
  return {
    architectures: isList(architectures) ? architectures.filter((name) => typeof name === 'string') : [],
    model_type: typeof type === 'string' ? [type] : [],
  };
}
