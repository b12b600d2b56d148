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

/** Every dotted name that may stand at the head of a line, from the section's outermost level. */
function knownPaths(requests: readonly WeightRequest[], options: CheckpointOptions): readonly Path[] {
  const paths: Path[] = [['embed'], ['final_norm'], ['head'], ['norm']];
  const add = (letter: string | undefined, path: Path) => {
    paths.push(path);
    if (letter !== undefined) paths.push([letter, ...path], [letter, 'norm']);
  };
  for (const letter of options.letters) paths.push([letter]);
  for (const { letter, path } of options.declared) add(letter, path);
  for (const { letter, path, term } of requests) {
    add(letter, path);
    if (term?.label !== undefined) add(letter, [...path, term.label]);
  }
  return paths;
}

function checkEntry(
  entry: CheckpointEntry,
  paths: readonly Path[],
  where: string | undefined,
  diagnostics: Diagnostic[],
): void {
  if (entry.mode === 'ignore') return;
  const inside =
    entry.mode === 'layer' || entry.subjects.length === 0
      ? paths
      : entry.subjects.flatMap((subject) => follow(subject, paths, where, diagnostics));
  if (entry.subjects.length === 0) checkLabels(entry, paths, diagnostics);
  const head =
    entry.mode === 'layer' ? where : (entry.subjects[0]?.map((name) => name.text).join('.') ?? where);
  for (const next of [...entry.also, ...entry.entries]) checkEntry(next, inside, head, diagnostics);
}

/** The paths that go on from the subject; empty after a mistake, which was reported. */
function follow(
  subject: readonly Name[],
  from: readonly Path[],
  where: string | undefined,
  diagnostics: Diagnostic[],
): readonly Path[] {
  let paths = from;
  let place = where;
  for (const { text, span } of subject) {
    const next = paths.filter(([first]) => first === text).map((path) => path.slice(1));
    if (next.length === 0 && text !== 'bias') {
      const names = [...new Set(paths.flatMap(([first]) => first ?? []))];
      // Below a name that was not found there is nothing to compare with.
      if (names.length > 0) diagnostics.push(errors.unknownSubject(span, text, place, names));
      return [];
    }
    paths = next;
    place = text;
  }
  return paths;
}

function checkLabels(entry: CheckpointEntry, paths: readonly Path[], diagnostics: Diagnostic[]): void {
  const names = new Set(paths.flatMap(([first]) => first ?? []));
  if (names.size === 0) return;
  for (const label of entry.stored?.dimensions.flatMap(labelsOf) ?? []) {
    if (!names.has(label.text)) diagnostics.push(errors.unknownLabel(label.span, label.text, [...names]));
  }
}
