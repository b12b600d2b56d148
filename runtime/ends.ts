// What goes into a plan's model and what comes out, and whether text can be generated with it.
import { badFeatures, emptySequence, noDecode, tokenOutOfRange } from './errors.ts';
import type { OutputPlan, Plan } from './plan.ts';

/** What a sequence is made of: token ids; or features, the numbers of one position after those of another. */
export type SequenceInput = ArrayLike<number>;

/** All that a model gives: logits, unless the plan says otherwise. */
export function outputsOf({ outputs, vocab, io }: Plan): readonly OutputPlan[] {
  return (
    outputs ?? [
      {
        name: 'logits',
        per: 'position',
        axes: [{ name: 'vocab', size: vocab }],
        elements: vocab,
        rows: { buffer: io.allLogits, byteOffset: 0 },
        one: { buffer: io.logits, byteOffset: 0 },
      },
    ]
  );
}

/** Numbers at each position. */
export function widthOf({ features }: Plan): number {
  return features?.elements ?? 1;
}

/** The positions of an input. Throws `empty_prompt`, `bad_features` or `token_out_of_range`. */
export function checkedLength(plan: Plan, input: SequenceInput): number {
  const { features, vocab } = plan;
  if (input.length === 0) throw emptySequence();
  const positions = input.length / widthOf(plan);
  if (features !== undefined) {
    if (!Number.isInteger(positions)) throw badFeatures(features, input.length);
    return positions;
  }
  for (let i = 0; i < positions; i++) {
    const token: unknown = input[i];
    if (typeof token !== 'number' || !Number.isInteger(token) || token < 0 || token >= vocab)
      throw tokenOutOfRange(token, i, vocab);
  }
  return positions;
}

/** Throws `no_decode` where no token can follow another. */
export function checkGenerates(plan: Plan): void {
  const { name, readsAhead, features, outputs } = plan;
  const why =
    readsAhead !== undefined
      ? `${readsAhead}, so the whole sequence is one run`
      : features !== undefined
        ? `it takes \`${features.name}\`, not tokens`
        : outputs?.every((output) => output.name !== 'logits') === true
          ? `it gives ${outputs.map((output) => `\`${output.name}\``).join(', ')} and no logits`
          : undefined;
  if (why !== undefined) throw noDecode(name, why);
}
