// Elaborates each letter once, when it is first asked for: a letter that reads another's values asks for that one.
import type { Model } from '../../grammar/ast.ts';
import type { LetterExposes, Program } from './elaborate/context.ts';
import { typeOf } from './elaborate/value.ts';
import { elaborateLetter, type ElaboratedBody } from './letter-body.ts';
import type { Letter, Place } from './letters.ts';
import type { ModelScope } from './model-scope.ts';

export interface LetterElaborator {
  elaborate(name: string): ElaboratedBody;
  exposed(name: string): LetterExposes;
  /** Every letter that was elaborated. */
  all(): ReadonlyMap<string, ElaboratedBody>;
}

export interface LettersJob {
  readonly model: Model;
  readonly letters: ReadonlyMap<string, Letter>;
  readonly places: readonly Place[];
  readonly layerCount: number;
  readonly scope: ModelScope;
  readonly program: Program;
}

export function letterElaborator(job: LettersJob): LetterElaborator {
  const { letters, places, model } = job;
  const done = new Map<string, ElaboratedBody>();
  const open: string[] = [];
  const block = model.statements.find((statement) => statement.kind === 'modelBlock')?.value;
  const elaborate = (name: string): ElaboratedBody => {
    const known = done.get(name);
    if (known !== undefined) return known;
    const letter = letters.get(name);
    if (letter === undefined) throw new Error(`internal: no letter '${name}'`);
    const here = places.filter((place) => place.letter === name);
    const occurrences = here.length > 0 ? here : [{ layer: 0, site: 0 }];
    open.push(name);
    const body = elaborateLetter({ ...job, letter, occurrences, block });
    open.pop();
    done.set(name, body);
    return body;
  };
  const exposed = (name: string): LetterExposes => {
    if (!letters.has(name)) return { kind: 'unknown' };
    if (open.includes(name)) return { kind: 'cycle', letters: [...open.slice(open.indexOf(name)), name] };
    const body = elaborate(name);
    return body.result === undefined ? { kind: 'failed' } : { kind: 'exposes', values: exposedTypes(body) };
  };
  return { elaborate, exposed, all: () => done };
}

function exposedTypes({ context }: ElaboratedBody) {
  const labels = new Map(
    [...context.axisNames].map(([key, name]) => [name, key.slice(0, key.lastIndexOf(':'))]),
  );
  return new Map(
    [...context.exposed].map(([name, value]) => {
      const type = typeOf(value);
      return [
        name,
        { ...type, labels: type.axes.map((axis) => labels.get(axis.name) ?? axis.name) },
      ] as const;
    }),
  );
}
