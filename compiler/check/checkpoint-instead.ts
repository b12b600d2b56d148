// A checkpoint section with `instead` lines is two sections: as files mostly are, and with those lines in place of others.
import type { CheckpointEntry, CheckpointStatement } from '../../grammar/ast.ts';

/** The section without its `instead` lines, and, if it has any, the one with them. */
export function sectionsOf(
  statement: CheckpointStatement | undefined,
): readonly [CheckpointStatement | undefined, CheckpointStatement?] {
  if (statement === undefined || !statement.entries.some(hasInstead)) return [statement];
  const { entries } = statement;
  return [
    { ...statement, entries: without(entries) },
    { ...statement, entries: instead(entries) },
  ];
}

function hasInstead(entry: CheckpointEntry): boolean {
  return entry.mode === 'instead' || [...entry.also, ...entry.entries].some(hasInstead);
}

function without(entries: readonly CheckpointEntry[]): readonly CheckpointEntry[] {
  return entries
    .filter(({ mode }) => mode !== 'instead')
    .map((entry) => ({ ...entry, also: without(entry.also), entries: without(entry.entries) }));
}

/** A line gives way to the `instead` line beside it with the same subject. */
function instead(entries: readonly CheckpointEntry[]): readonly CheckpointEntry[] {
  const others = new Set(entries.filter(({ mode }) => mode === 'instead').flatMap(subjectsOf));
  return entries
    .filter((entry) => entry.mode === 'instead' || !subjectsOf(entry).some((subject) => others.has(subject)))
    .map((entry) => ({
      ...entry,
      mode: entry.mode === 'instead' ? 'plain' : entry.mode,
      also: instead(entry.also),
      entries: instead(entry.entries),
    }));
}

function subjectsOf({ subjects }: CheckpointEntry): readonly string[] {
  return subjects.map((names) => names.map(({ text }) => text).join('.'));
}
