// The letters of a model: what each is bound to, where it occurs, and which other letters it runs.
import type { Expression, LetterBinding, Model, Name, Stripe } from '../../grammar/ast.ts';
import type { Diagnostic } from '../../grammar/source.ts';
import type { Occurrence } from './elaborate/context.ts';
import * as errors from './errors.ts';
import { forEachReference } from './references.ts';
import type { ExpandedLayer } from './stripe.ts';

export interface Letter {
  readonly name: string;
  readonly binding: LetterBinding;
  readonly shared: boolean;
  /** How many sets of shared weights take turns; one unless said. */
  readonly sets?: Expression;
  /** Letters that its binding names as mixers. */
  readonly runs: readonly string[];
}

export function readLetters(
  model: Model,
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, Letter> {
  const bindings = model.statements.flatMap((statement) =>
    statement.kind === 'letters'
      ? statement.letters.map((binding) => ({
          binding,
          sharing: {
            shared: statement.shared,
            ...(statement.sets === undefined ? {} : { sets: statement.sets }),
          },
        }))
      : [],
  );
  const names = new Set(bindings.map(({ binding }) => binding.name.text));
  const letters = new Map<string, Letter>();
  for (const { binding, sharing } of bindings) {
    const name = binding.name.text;
    const before = letters.get(name);
    if (before !== undefined) report(errors.letterTwice(binding.name.span, name, before.binding.name.span));
    else letters.set(name, { name, binding, ...sharing, runs: lettersIn(binding, names) });
  }
  return letters;
}

/** The letters that a binding names, other than those of which it only reads what they expose. */
function lettersIn(binding: LetterBinding, names: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>();
  const read = new Set<unknown>();
  forEachMember(binding.value, (of) => read.add(of));
  forEachReference(binding.value, (reference) => {
    if (names.has(reference.name) && !read.has(reference)) found.add(reference.name);
  });
  return [...found];
}

function forEachMember(tree: unknown, visit: (of: unknown) => void): void {
  forEachPart(tree, (part) => {
    if ('kind' in part && part.kind === 'member' && 'of' in part) visit(part.of);
  });
}

/** Every record of a syntax tree, places left out. */
function forEachPart(tree: unknown, visit: (part: object) => void): void {
  const pending: unknown[] = [tree];
  while (pending.length > 0) {
    const at = pending.pop();
    if (typeof at !== 'object' || at === null) continue;
    visit(at);
    for (const [key, child] of Object.entries(at)) {
      if (!key.endsWith('pan') && typeof child === 'object') pending.push(child);
    }
  }
}

/** The letters that a stripe says anywhere, in branches and cases too that this config does not choose. */
export function lettersSaid(stripe: Stripe): readonly string[] {
  const said: string[] = [];
  forEachPart(stripe, (part) => {
    if ('kind' in part && part.kind === 'stripeLetter' && 'name' in part) said.push(textOf(part.name));
  });
  return said;
}

function textOf(name: unknown): string {
  return typeof name === 'object' && name !== null && 'text' in name ? String(name.text) : '';
}

/** One place of a letter in the stripe. */
export interface Place extends Occurrence {
  readonly layer: number;
  readonly letter: string;
  readonly name: Name;
}

/** Every place in the order in which the model runs them. */
export function placesOf(layers: readonly ExpandedLayer[]): readonly Place[] {
  const sites = new Map<string, number>();
  return layers.flatMap(({ letters }, layer) =>
    letters.map((name) => {
      const letter = name.text;
      const site = sites.get(letter) ?? 0;
      sites.set(letter, site + 1);
      return { layer, site, letter, name };
    }),
  );
}

/** Every letter that the given ones run, themselves included. */
export function lettersRun(
  letters: ReadonlyMap<string, Letter>,
  from: Iterable<string>,
): ReadonlySet<string> {
  const run = new Set<string>();
  const pending = [...from];
  while (pending.length > 0) {
    const name = pending.pop() ?? '';
    if (run.has(name)) continue;
    run.add(name);
    pending.push(...(letters.get(name)?.runs ?? []));
  }
  return run;
}
