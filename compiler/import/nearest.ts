// For a checkpoint that no model of the library fits: the model that is most like it, and what sets them apart.
import type { Model } from '../../grammar/ast.ts';
import { checkHeader, type StoredTensor } from '../check/header.ts';
import { check, type Library } from '../check/index.ts';
import { withoutBraces } from '../check/name-pattern.ts';
import { lower } from '../lower/index.ts';
import type { CheckpointFacts, KnownModel } from './choose.ts';

/** The model whose config fields and tensor names are most often there. */
export function nearestModel(models: readonly KnownModel[], facts: CheckpointFacts): KnownModel | undefined {
  const tensors = [...new Set([...(facts.tensors ?? [])].map((name) => name.replaceAll(/\d+/g, '#')))];
  const scored = models.map((known) => ({ known, score: likeness(known.model, facts, tensors) }));
  const most = Math.max(...scored.map(({ score }) => score));
  return scored.find(({ score }) => score === most)?.known;
}

function likeness(model: Model, { config }: CheckpointFacts, tensors: readonly string[]): number {
  const fields = configFields(model);
  const pieces = tensorPieces(model);
  const isThere = (piece: string): boolean => tensors.some((name) => name.includes(piece));
  return (
    share(fields.filter((name) => Object.hasOwn(config, name)).length, fields.length) +
    share(pieces.filter(isThere).length, pieces.length)
  );
}

function share(count: number, of: number): number {
  return of === 0 ? 0 : count / of;
}

/** Every field of the config that the model asks for. */
export function configFields(model: Model): readonly string[] {
  const found = new Set<string>();
  visit(model.statements, (node) => {
    if (node['kind'] !== 'member') return;
    const { of, name } = node;
    if (isRecord(of) && of['kind'] === 'reference' && of['name'] === 'config' && isRecord(name))
      found.add(String(name['text']));
  });
  return [...found];
}

/** What stands in quotes in the checkpoint section, without what is in braces. */
function tensorPieces(model: Model): readonly string[] {
  const found = new Set<string>();
  const sections = model.statements.filter(({ kind }) => kind === 'checkpoint');
  visit(sections, (node) => {
    if (node['kind'] !== 'text') return;
    for (const piece of withoutBraces(String(node['value']))) if (piece.length > 1) found.add(piece);
  });
  return [...found];
}

function visit(tree: unknown, see: (node: Readonly<Record<string, unknown>>) => void): void {
  if (Array.isArray(tree)) for (const item of tree) visit(item, see);
  else if (isRecord(tree)) {
    see(tree);
    for (const [key, part] of Object.entries(tree)) if (!key.endsWith('pan')) visit(part, see);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is to be changed in the model, a line each. */
export function whatDiffers(
  { model, file }: KnownModel,
  facts: CheckpointFacts,
  tensors: readonly StoredTensor[],
  library: Library,
): readonly string[] {
  const fields = configFields(model);
  const absent = fields.filter((name) => !Object.hasOwn(facts.config, name));
  const unread = Object.keys(facts.config).filter((name) => !fields.includes(name) && !isUsual(name));
  const checked = check({
    source: file.source,
    resolve: () => undefined,
    prelude: library,
    config: facts.config,
  });
  const { value, diagnostics } = checked;
  const graph = value === undefined ? undefined : lower(value);
  const header =
    graph === undefined ? diagnostics : checkHeader(Object.values(graph.weights), graph.ignored, tensors);
  const apart = [...new Set(header.map(({ message }) => message.replaceAll(/\.\d+\./g, '.{i}.')))];
  return [
    ...list('fields that it asks for and the config lacks', absent),
    ...list('fields of the config that nothing reads', unread),
    ...apart.slice(0, mostLines),
    ...(apart.length > mostLines ? [`and ${apart.length - mostLines} more of the kind`] : []),
  ];
}

const mostLines = 40;

function list(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
}

/** Fields that say nothing about the architecture. */
function isUsual(name: string): boolean {
  return /^(?:_|architectures$|model_type$|transformers_version$|(?:torch_)?dtype$|use_cache$|.*_token_id$|auto_map$|initializer_range$|.*dropout.*$|pretraining_tp$)/.test(
    name,
  );
}
