// The nearest model of a checkpoint that names no architecture known: each small checkpoint, made a stranger, finds its own model again.
import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../compiler/check/index.ts';
import { nearestModel } from '../../compiler/import/nearest.ts';
import { factsOf, fixtures, models, readLibrary, uncopied } from '../models/models.ts';

const library = openLibrary(readLibrary());

describe('a stranger is nearest to its own model', () => {
  test.each([...fixtures, ...uncopied].map((each) => [each.name, each] as const))(
    '%s',
    (_, { folder, model }) => {
      expect(nearestModel(models(), factsOf(folder), library)?.model.name.text).toBe(model);
    },
  );
});
