// Files that do not fit a model: what is said, and what to do about it.
import { expect, test } from 'vitest';
import { mismatch, type Expected } from '../../runtime/weights/mismatch.ts';
import type { StoredTensor } from '../../runtime/weights/checkpoint.ts';

interface Case {
  readonly what: string;
  readonly missing?: readonly Expected[];
  readonly wrong?: readonly (readonly [Expected, string])[];
  readonly extra?: readonly string[];
  readonly wanted?: number;
  readonly says: readonly string[];
  readonly help?: string;
}

/** `layers.0.q 2 3 I64` is a tensor. */
function stored(text: string): StoredTensor {
  const [name = '', ...rest] = text.split(' ');
  const dtype = rest.find((word) => Number.isNaN(Number(word))) ?? 'F32';
  const shape = rest.filter((word) => word !== dtype).map(Number);
  const file = { name: 'a file', index: 0, reader: { read: () => Promise.resolve(new Uint8Array()) } };
  return { name, dtype, shape, begin: 0, end: 0, file };
}

const weight = (name: string, ...shape: readonly number[]): Expected => ({ tensors: name.split(' '), shape });

const cases: readonly Case[] = [
  {
    what: 'a name with a slip',
    missing: [weight('a.filter.weight a.filter', 4, 8)],
    extra: ['a.fliter.weight 4 8', 'b 1'],
    says: [
      'missing: `a.filter.weight` [4, 8] (nor `a.filter`); `a.fliter.weight` is in the file',
      'extra: `a.fliter',
    ],
  },
  {
    what: 'many names for one weight',
    missing: [weight('a b c d', 1)],
    says: ['(nor `b`, nor 2 other names)'],
  },
  {
    what: 'a prefix before all names',
    missing: [weight('embed.weight', 4), weight('x.weight', 2)],
    extra: ['net.embed.weight 4', 'net.x.weight 2'],
    wanted: 2,
    says: [],
    help: 'the file\'s names begin with `net.`: say so in `checkpoint { … }`, for instance `layer i "net.layers.{i}."`',
  },
  {
    what: "another model's file",
    missing: [weight('a', 4), weight('b', 2)],
    extra: ['z 4'],
    wanted: 2,
    says: [],
    help: "none of the model's tensors is there",
  },
  {
    what: 'the modes of a distilled model',
    missing: [weight('distilled.1.A.0.poles', 4, 2)],
    says: [],
    help: 'give the file that `hyb distill` wrote beside the weights',
  },
  {
    what: 'a real tensor for a complex weight',
    wrong: [[weight('C', 4, 8, 2), 'C 4 8']],
    says: ['shape: `C` is [4, 8] in the file, and [4, 8, 2] in the model; a complex weight ends with'],
  },
  {
    what: 'another order of axes',
    wrong: [[weight('f', 4, 8), 'f 4 1 8']],
    says: ['shape: `f` is [4, 1, 8] in the file, and [4, 8] in the model'],
    help: '`name as [axis, 1, axis]`',
  },
  {
    what: 'doubles',
    wrong: [[weight('f', 4, 8), 'f 4 8 F64']],
    says: ['dtype: `f` is F64, and only F32, F16, BF16 can be read'],
    help: 'save the tensors as F32',
  },
];

test.each(cases)('$what', ({ missing = [], wrong = [], extra = [], wanted = 9, says, help }) => {
  const { code, message, problems } = mismatch({
    missing,
    wrong: wrong.map(([each, tensor]) => ({ weight: each, tensor: stored(tensor) })),
    extra: extra.map(stored),
    wanted,
  });
  expect(code).toBe('weights_mismatch');
  for (const line of says) expect(problems.join('\n')).toContain(line);
  expect(message.split('\nhelp: ')[1]).toEqual(
    help === undefined ? undefined : expect.stringContaining(help),
  );
});

test('a message shows some of many problems, and `problems` has all', () => {
  const missing = Array.from({ length: 40 }, (_, i) => weight(`w${i}`, 1));
  const { message, problems } = mismatch({ missing, wrong: [], extra: [], wanted: 99 });
  expect(problems).toHaveLength(40);
  expect(message.split('\n')).toHaveLength(25);
  expect(message).toMatch(/and 17 more$/);
});
