// The tensors that a file may hold and the model does not read.
import type { CheckpointEntry } from '../../grammar/ast.ts';
import { textParts, type Section } from './checkpoint-entries.ts';
import { expandPattern, type PatternPart, starPattern } from './name-pattern.ts';

/** `ignore` lines, at any depth of a tensor's name, and the lines of model weights that are not part of this model (a tied head). */
export function ignoredNames(
  section: Section,
  used: ReadonlySet<CheckpointEntry>,
  constant: (name: string) => number | undefined,
): readonly string[] {
  const ignored = section.entries.flatMap(ignoreLines).flatMap(allParts);
  const names = ignored.flatMap((part) => {
    const known = expandPattern([part], constant);
    const name = typeof known === 'string' ? known : starPattern([part]);
    return name.startsWith('/') ? [name.slice(1)] : [name, `*.${name}`];
  });
  const unread = section.entries.filter((entry) => isUnreadModelWeight(entry, section, used));
  return [
    ...new Set([...names, ...unread.flatMap(allParts).flatMap((part) => asModule(starPattern([part])))]),
  ];
}

function allParts(entry: CheckpointEntry): readonly PatternPart[] {
  return textParts(entry).flatMap((part) => [part, ...(part.and ?? [])]);
}

function ignoreLines(entry: CheckpointEntry): readonly CheckpointEntry[] {
  // `ignore "a", "b"` is one line with two names.
  if (entry.mode === 'ignore') return [entry, ...entry.also.filter(({ subjects }) => subjects.length === 0)];
  if (entry.mode === 'layer') return [];
  return [...entry.also, ...entry.entries].flatMap(ignoreLines);
}

function isUnreadModelWeight(
  entry: CheckpointEntry,
  section: Section,
  used: ReadonlySet<CheckpointEntry>,
): boolean {
  const [subject] = entry.subjects;
  const isWeight = subject?.length === 1 && ['embed', 'final_norm', 'head'].includes(subject[0]?.text ?? '');
  return (
    isWeight && entry.mode === 'plain' && !used.has(entry) && !section.letters.has(subject[0]?.text ?? '')
  );
}

function asModule(name: string): readonly string[] {
  const stem = name.endsWith('.weight') ? name.slice(0, -'.weight'.length) : name;
  return [`${stem}.weight`, `${stem}.bias`];
}
