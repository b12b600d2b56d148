// Messages about names: unknown ones, those of another kind, and cycles among declarations.
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import { foreignFunction, foreignMember, foreignValue } from './foreign-words.ts';
import { at, didYouMean, error, orElse, quoted } from './diagnostic.ts';

export function unknownName(span: Span, name: string, candidates: readonly string[]): Diagnostic {
  return error('unknown_name', span, `Nothing here is called \`${name}\`.`, {
    help: orElse(
      ownWord(name) ?? foreignValue(name) ?? didYouMean(name, candidates),
      `give it a value first: \`${name} = …\``,
    ),
  });
}

/** Words that other languages write otherwise. A Map, since a name may be that of something every object has. */
const OWN_WORDS: ReadonlyMap<string, string> = new Map([
  ['none', 'none'],
  ['null', 'none'],
  ['nil', 'none'],
  ['true', 'true'],
  ['false', 'false'],
]);

function ownWord(name: string): readonly string[] | undefined {
  const word = OWN_WORDS.get(name.toLowerCase());
  return word === undefined ? undefined : [`write \`${word}\``];
}

export function unknownFunction(span: Span, name: string, candidates: readonly string[]): Diagnostic {
  return error('unknown_function', span, `There is no function, map or mixer called \`${name}\` here.`, {
    help: orElse(
      foreignFunction(name) ?? didYouMean(name, candidates),
      'declare it, or import the file that does',
    ),
  });
}

export function valueIsNoFunction(span: Span, name: string): Diagnostic {
  return error('not_a_function', span, `\`${name}\` is a value, and a value cannot be called.`, {
    help: [
      'write `*` between two values that are multiplied; a weight with an arrow, `a -> b`, can be called',
    ],
  });
}

/** `name` is what stands behind the last dot, where there is one. */
export function cannotBeCalled(span: Span, name?: string): Diagnostic {
  return error('not_a_function', span, 'This cannot be called.', {
    help: foreignFunction(name ?? '') ?? [`a call names what it calls: \`${name ?? 'name'}(value)\``],
  });
}

export function notAMixer(span: Span, kind: string | undefined): Diagnostic {
  const is = kind === undefined ? 'a value' : kind === 'function' ? 'a function' : `a ${kind}`;
  return error('not_a_mixer', span, `A mixer or a block is expected here, and this is ${is}.`, {
    help: ['bind a letter to a call of a mixer, such as `A = name(argument: …)`'],
  });
}

export function needsMember(span: Span, name: string): Diagnostic {
  return error('needs_member', span, `\`${name}\` is not a value by itself.`, {
    help: [`say which part of it: \`${name}.index\``.replace('model.index', 'model.embedding')],
  });
}

export function unknownMember(span: Span, of: string, name: string, names: readonly string[]): Diagnostic {
  const near = didYouMean(name, names);
  return error('unknown_member', span, `\`${of}\` has no \`${name}\`.`, {
    help: near.length > 0 ? near : [`it has ${quoted(names)}`],
  });
}

export function noMembers(span: Span, name: string): Diagnostic {
  return error('unknown_member', span, `\`${name}\` is asked of something that has no parts with names.`, {
    help: foreignMember(name) ?? ['`config`, `layer`, `site`, `model` and letters have parts with names'],
  });
}

export function notExposed(span: Span, letter: string, name: string, names: readonly string[]): Diagnostic {
  const near = didYouMean(name, names);
  const has = names.length === 0 ? `\`${letter}\` exposes nothing` : `it exposes ${quoted(names)}`;
  return error('not_exposed', span, `\`${letter}\` exposes no \`${name}\`.`, {
    help: near.length > 0 ? near : [`${has}; its mixer would say \`expose ${name}\``],
  });
}

export function exposedWithoutOccurrence(
  span: Span,
  letter: string,
  name: string,
  layer: number,
  reader: Span,
): Diagnostic {
  return error(
    'no_earlier_occurrence',
    span,
    `Layer ${layer} reads \`${letter}.${name}\`, and no \`${letter}\` comes before it.`,
    {
      label: `\`${letter}\` has not run yet`,
      secondary: [at(reader, `layer ${layer}, counted from 0`)],
      help: [`put a layer of \`${letter}\` before it in the stripe`],
    },
  );
}

export function exposedCycle(span: Span, letters: readonly string[]): Diagnostic {
  const cycle = letters.map((letter) => `\`${letter}\``).join(' → ');
  return error('exposed_cycle', span, `What these letters expose depends on itself: ${cycle}.`, {
    help: ['use a letter of its own for the first layer, which reads nothing'],
  });
}

export function recursion(
  span: Span,
  cycle: readonly { readonly name: { readonly text: string; readonly span: Span } }[],
): Diagnostic {
  const path = cycle.map(({ name }) => `\`${name.text}\``).join(' → ');
  const [first] = cycle;
  return error('recursion', span, `This never ends: ${path}.`, {
    secondary: cycle
      .slice(1, -1)
      .map(({ name }) => at(name.span, `\`${name.text}\` leads back`))
      .concat(first === undefined ? [] : [at(first.name.span, `\`${first.name.text}\` is declared here`)]),
    help: ['mixers and functions are written out where they are called, so none can contain itself'],
  });
}

export function declaredTwice(span: Span, name: string, first: Span): Diagnostic {
  return error('declared_twice', span, `\`${name}\` is declared twice.`, {
    secondary: [at(first, 'the first is here')],
    help: ['give one of them another name'],
  });
}

export function weightInFunction(span: Span, name: string, owner: string): Diagnostic {
  return error('weight_in_function', span, `The function \`${owner}\` cannot own the weight \`${name}\`.`, {
    help: ['make it a `mixer`, or take the weight as an argument'],
  });
}

export function inputOutsideMixer(span: Span): Diagnostic {
  return error('input_outside_mixer', span, 'Only a mixer has inputs.', {
    help: ['a block has the stream `x`, a function its parameters'],
  });
}
