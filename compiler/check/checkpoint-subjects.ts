// Checks that every name in a checkpoint section is a letter, a part or a weight of the model.
import type { CheckpointEntry, CheckpointStatement, Name } from '../../grammar/ast.ts';
import type { Diagnostic } from '../../grammar/source.ts';
import { labelsOf } from './checkpoint-entries.ts';
import * as errors from './checkpoint-errors.ts';
import type { CheckpointOptions } from './checkpoint-options.ts';
import type { WeightRequest } from './weight-request.ts';

type Path = readonly string[];

export function checkSubjects(
  statement: CheckpointStatement | undefined,
  requests: readonly WeightRequest[],
  options: CheckpointOptions,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const paths = knownPaths(requests, options);
  const layers = statement?.entries.filter((entry) => entry.mode === 'layer') ?? [];
  const [first, second] = layers;
  if (first !== undefined && second !== undefined)
    diagnostics.push(errors.layerLineTwice(second.span, first.span));
  for (const entry of statement?.entries ?? []) checkEntry(entry, paths, undefined, diagnostics);
  return diagnostics;
}

/** Stands for the weights of a letter that the stripe does not use, or of a part that nothing calls: nobody has looked at its mixer. */
const anything = '*';

/** Every dotted name that may stand at the head of a line, from the section's outermost level. */
function knownPaths(requests: readonly WeightRequest[], options: CheckpointOptions): readonly Path[] {
  const paths: Path[] = [['embed'], ['final_norm'], ['head'], ['norm']];
  const add = (letter: string | undefined, path: Path) => {
    paths.push(path);
    if (letter !== undefined) paths.push([letter, ...path], [letter, 'norm']);
  };
  const seen = new Set([...options.declared, ...requests].map(({ letter }) => letter));
  for (const letter of options.letters) paths.push(seen.has(letter) ? [letter] : [letter, anything]);
  for (const { letter, path, part } of options.declared)
    if (part === undefined) add(letter, path);
    else if (!hasWeights(letter, path, options)) add(letter, [...path, anything]);
  for (const { letter, path, term } of requests) {
    add(letter, path);
    if (term?.label !== undefined) add(letter, [...path, term.label]);
  }
  return paths;
}

/** Whether a weight was declared inside the part. */
function hasWeights(letter: string | undefined, path: Path, { declared }: CheckpointOptions): boolean {
  return declared.some(
    (other) =>
      other.part === undefined &&
      other.letter === letter &&
      path.every((name, at) => other.path[at] === name),
  );
}

function checkEntry(
  entry: CheckpointEntry,
  paths: readonly Path[],
  where: string | undefined,
  diagnostics: Diagnostic[],
): void {
  if (entry.mode === 'ignore') return;
  if (entry.subjects.length === 0) checkLabels(entry, paths, diagnostics);
  const inside = insideOf(entry, paths, where, diagnostics);
  if (inside === undefined) return;
  const named = entry.mode !== 'layer' && entry.subjects.length > 0;
  const head = named ? entry.subjects[0]?.map((name) => name.text).join('.') : where;
  // What follows a weight on its line stands beside it.
  const beside = named && inside.every((path) => path.length === 0 || isDetail(path)) ? paths : [];
  for (const next of entry.also)
    checkEntry(next, [...inside, ...beside], beside.length > 0 ? where : head, diagnostics);
  for (const next of entry.entries) checkEntry(next, inside, head, diagnostics);
}

/** A weight's bias or one of its terms. */
function isDetail(path: Path): boolean {
  return path.length === 1;
}

/** The paths that go on from the line's subjects; undefined after a mistake, which was reported. */
function insideOf(
  entry: CheckpointEntry,
  all: readonly Path[],
  where: string | undefined,
  diagnostics: Diagnostic[],
): readonly Path[] | undefined {
  if (entry.mode === 'layer' || entry.subjects.length === 0) return all;
  const found = entry.subjects.map((subject) => follow(subject, all, where, diagnostics));
  const known = found.filter((each) => each !== undefined);
  // What is known of one subject is asked of all: they have the same lines beneath.
  const looked = known.filter((each) => each.every(([first]) => first !== anything));
  const paths = looked.length > 0 ? looked : known;
  return paths.length === 0 ? undefined : paths.flat();
}

function follow(
  subject: readonly Name[],
  from: readonly Path[],
  where: string | undefined,
  diagnostics: Diagnostic[],
): readonly Path[] | undefined {
  let paths = from;
  let place = where;
  for (const { text, span } of subject) {
    const next = paths.filter(([first]) => first === text).map((path) => path.slice(1));
    const isBias = text === 'bias' && paths.some((path) => path.length === 0);
    if (next.length === 0 && paths.some(([first]) => first === anything)) return undefined;
    if (next.length === 0 && !isBias) {
      const names = [...new Set(paths.flatMap(([first]) => first ?? []))];
      diagnostics.push(errors.unknownSubject(span, text, place, names));
      return undefined;
    }
    paths = isBias ? [[]] : next;
    place = text;
  }
  return paths;
}

function checkLabels(entry: CheckpointEntry, paths: readonly Path[], diagnostics: Diagnostic[]): void {
  const names = new Set(paths.flatMap(([first]) => first ?? []));
  if (names.size === 0 || names.has(anything)) return;
  for (const label of entry.stored?.dimensions.flatMap(labelsOf) ?? []) {
    if (!names.has(label.text)) diagnostics.push(errors.unknownLabel(label.span, label.text, [...names]));
  }
}
