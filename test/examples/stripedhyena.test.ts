// The example of stripes of convolution and attention: a line makes the difference, and its page is true.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectPage } from './readme.ts';

const FOLDER = 'examples/stripedhyena';

test('the two models differ in their stripe only', () => {
  const [lines, others] = ['stripes', 'three_to_one'].map((name) =>
    readFileSync(`${FOLDER}/${name}.hyb`, 'utf8').split('\n'),
  );
  const changed = lines?.filter((line, at) => line !== others?.[at]);
  expect(changed).toEqual(['  stripe  (HYENA, ATT)×2 & MLP']);
});

test('the page shows what its commands print', () => expectPage(`${FOLDER}/README.md`), 300_000);
