// How like a model is to a checkpoint: by the words of its tensors' names and by the fields of its config, both ways round.
import type { Model } from '../../grammar/ast.ts';
import type { Library } from '../check/index.ts';
import { withoutBraces } from '../check/name-pattern.ts';
import { type CheckpointFacts, hasField, type KnownModel } from './choose.ts';

/** From 0, nothing in common, to 3. What the checkpoint has and the model lacks counts against it as much as the reverse. */
export function likeness(known: KnownModel, facts: CheckpointFacts, library: Library): number {
  const words = modelWords(known, library);
  const { config } = facts;
  const fields = Object.keys(config).filter((name) => config[name] !== null && !isUsual(name));
  return (
    overlap(words.needed, without(tensorWords(facts.tensors ?? new Set()), words.possible)) +
    overlap(configFields(known.model), fields) +
    (isToldBy(known.model, config) ? 1 : 0)
  );
}

/** The part of both lists that they have in common (Dice 1945, doi:10.2307/1932409). */
function overlap(a: readonly string[], b: readonly string[]): number {
  const common = a.filter((word) => b.includes(word)).length;
  return common === 0 ? 0 : (2 * common) / (a.length + b.length);
}

function without(words: readonly string[], others: ReadonlySet<string>): readonly string[] {
  return words.filter((word) => !others.has(word));
}

/** The words between the dots of tensors' names, without numbers and the two that say nothing. */
function tensorWords(names: ReadonlySet<string>): readonly string[] {
  return [...new Set([...names].flatMap((name) => name.split('.')))].filter(saysSomething);
}

function saysSomething(word: string): boolean {
  return !/^\d*$|^weight$|^bias$/.test(word);
}

interface Words {
  /** In every checkpoint of the model. */
  readonly needed: readonly string[];
  /** In some: optional and ignored tensors, and weights that a mixer has under a condition. */
  readonly possible: ReadonlySet<string>;
}

function modelWords({ model, file }: KnownModel, library: Library): Words {
  const needed = new Set<string>();
  const possible = new Set<string>();
  const renamed = new Set<string>();
  visit(model.statements, (node, inside) => {
    if (node['kind'] === 'checkpointEntry') for (const name of subjectsOf(node)) renamed.add(name);
    const isRequired = !inside.some(isSpared);
    if (node['kind'] === 'text' && inside.some(({ kind }) => kind === 'checkpoint'))
      for (const word of withoutBraces(String(node['value'])).flatMap((piece) => piece.split('.')))
        if (saysSomething(word)) (isRequired ? needed : possible).add(word);
  });
  // A model may be called as its mixer is; a call never means a model.
  const callable = file.declarations.filter(({ kind }) => kind !== 'model');
  const own = new Map(callable.map((declaration) => [declaration.name.text, declaration]));
  const find = (name: string): unknown => own.get(name) ?? library.find(name, () => undefined);
  for (const body of bodiesOf(model, find))
    visit(body, (node, inside) => {
      if (node['kind'] !== 'weight') return;
      for (const name of namesIn(node['names']))
        if (!renamed.has(name)) (inside.some(isSpared) ? possible : needed).add(name);
    });
  return { needed: [...needed], possible: new Set([...possible].filter((word) => !needed.has(word))) };
}

/** A checkpoint need not have what stands in these. */
function isSpared({ kind, mode }: Tree): boolean {
  return kind === 'if' || mode === 'optional' || mode === 'ignore';
}

/** Every declaration that the model names, and that those name in turn. */
function bodiesOf(model: Model, find: (name: string) => unknown): readonly unknown[] {
  const seen = new Map<string, unknown>();
  const pending: unknown[] = [model];
  while (pending.length > 0)
    visit(pending.pop(), (node) => {
      const name = node['kind'] === 'call' || node['kind'] === 'reference' ? calleeOf(node) : undefined;
      if (name === undefined || seen.has(name)) return;
      const found = find(name);
      seen.set(name, found);
      if (found !== undefined) pending.push(found);
    });
  return [...seen.values()];
}

function calleeOf(node: Tree): string | undefined {
  const name = node['kind'] === 'reference' ? node['name'] : node['callee'];
  if (typeof name === 'string') return name;
  return isTree(name) && typeof name['name'] === 'string' ? name['name'] : undefined;
}

/** The last name of each subject: `f.gate` gives `gate`. */
function subjectsOf(entry: Tree): readonly string[] {
  const subjects = entry['subjects'];
  return Array.isArray(subjects) ? subjects.flatMap((subject) => namesIn(subject).slice(-1)) : [];
}

function namesIn(names: unknown): readonly string[] {
  if (!Array.isArray(names)) return [];
  return names.flatMap((name: unknown) => (isTree(name) ? [String(name['text'])] : []));
}

/** Every field of the config that the model asks for. */
export function configFields(model: Model): readonly string[] {
  const found = new Set<string>();
  visit(model.statements, (node) => {
    if (node['kind'] !== 'member') return;
    const { of, name } = node;
    if (isTree(of) && of['kind'] === 'reference' && of['name'] === 'config' && isTree(name))
      found.add(String(name['text']));
  });
  return [...found];
}

/** Whether the config has all fields that one of the model's `fits` statements tells it by. */
function isToldBy({ statements }: Model, config: CheckpointFacts['config']): boolean {
  return statements.some((statement) => {
    if (statement.kind !== 'fits') return false;
    const telling = statement.clauses.filter(({ key }) => key === 'fields').flatMap(({ values }) => values);
    return telling.length > 0 && telling.every(({ value }) => hasField(config, value));
  });
}

/** Fields that say nothing about the architecture. */
export function isUsual(name: string): boolean {
  return /^(?:_|architectures$|model_type$|transformers_version$|(?:torch_)?dtype$|use_cache$|.*_token_id$|auto_map$|initializer_range$|.*dropout.*$|pretraining_tp$)/.test(
    name,
  );
}

type Tree = Readonly<Record<string, unknown>>;

/** Shows every node, with those it stands in. */
function visit(
  tree: unknown,
  see: (node: Tree, inside: readonly Tree[]) => void,
  inside: readonly Tree[] = [],
): void {
  if (Array.isArray(tree)) for (const item of tree) visit(item, see, inside);
  else if (isTree(tree)) {
    see(tree, inside);
    const deeper = 'kind' in tree ? [...inside, tree] : inside;
    for (const [key, part] of Object.entries(tree)) if (!key.endsWith('pan')) visit(part, see, deeper);
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
