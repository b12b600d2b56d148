// For a checkpoint that no model of the library fits: the model that is most like it, and what sets them apart.
import { checkHeader, type StoredTensor } from '../check/header.ts';
import { check, type Library } from '../check/index.ts';
import { lower } from '../lower/index.ts';
import type { CheckpointFacts, KnownModel } from './choose.ts';
import { configFields, isUsual, likeness } from './likeness.ts';

/** The model that has most in common with the checkpoint; of equal ones the first. */
export function nearestModel(
  models: readonly KnownModel[],
  facts: CheckpointFacts,
  library: Library,
): KnownModel | undefined {
  const scored = models.map((known) => ({ known, score: likeness(known, facts, library) }));
  const most = Math.max(...scored.map(({ score }) => score));
  return scored.find(({ score }) => score === most)?.known;
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
