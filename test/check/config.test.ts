// Config files: what JSON cannot say, both rotary dialects, and mistakes with their place.
import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { readConfig } from '../../compiler/check/config.ts';

describe('a config file', () => {
  test('may hold what JSON cannot say', () => {
    const { value, diagnostics } = readConfig(
      '{"a": Infinity, "b": [-Infinity, NaN], "c": {"__float__": "-Infinity"}, "d": {"__float__": "1.5"}, "e": null}',
      'config.json',
    );
    expect(diagnostics).toEqual([]);
    expect(value).toEqual({ a: Infinity, b: [-Infinity, NaN], c: -Infinity, d: 1.5, e: null });
  });

  test('tells both rotary dialects the same way', () => {
    const old = readConfig(
      '{"rope_theta": 500000, "rope_scaling": {"type": "llama3", "factor": 8}, "max_position_embeddings": 64}',
      'old.json',
    ).value;
    const recent = readConfig(
      '{"rope_parameters": {"rope_theta": 500000, "rope_type": "llama3", "factor": 8}, "max_position_embeddings": 64}',
      'new.json',
    ).value;
    for (const config of [old, recent]) {
      expect(config).toMatchObject({
        rope_theta: 500000,
        rope_scaling: {
          rope_type: 'llama3',
          type: 'llama3',
          factor: 8,
          original_max_position_embeddings: 64,
        },
      });
    }
  });

  test('the newer fields count where both are said', () => {
    const { value } = readConfig(
      '{"partial_rotary_factor": 0.25, "rope_parameters": {"partial_rotary_factor": 0.5, "rope_theta": null}}',
      'c',
    );
    expect(value).toMatchObject({ partial_rotary_factor: 0.5, rope_theta: null });
  });

  test('has no scaling where the type is "default"', () => {
    const { value } = readConfig('{"rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"}}', 'c');
    expect(value).toMatchObject({ rope_theta: 10000, rope_scaling: null });
    expect(readConfig('{"rope_scaling": {"type": "default"}}', 'c').value).toMatchObject({
      rope_scaling: null,
    });
    expect(readConfig('{"rope_scaling": null}', 'c').value).toEqual({ rope_scaling: null });
  });

  test.each([
    ['{"a": 1,\n "b": }', 'line 2, column 7'],
    ['{"a": 1', 'ends too early, line 1, column 8'],
    ['', 'ends too early, line 1, column 1'],
    ['{"a": "\\x"}', 'line 1, column 7'],
    ['{} {}', 'line 1, column 4'],
    ['['.repeat(100_000), 'line 1'],
  ])('says where it stops being JSON: %j', (text, place) => {
    const { value, diagnostics } = readConfig(text, 'config.json');
    expect(value).toBeUndefined();
    expect(diagnostics.map((each) => each.code)).toEqual(['config_not_json']);
    expect(diagnostics[0]?.message).toContain(place);
  });

  test('must be an object', () => {
    expect(readConfig('[1]', 'config.json').diagnostics[0]?.code).toBe('config_not_an_object');
  });

  test('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const { value } = readConfig(JSON.stringify(object, undefined, 1), 'c');
        // The rotary fields are the only ones that are added to.
        if (!('rope_parameters' in object || 'rope_scaling' in object)) {
          expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(JSON.stringify(object))));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('never crashes on what is not JSON', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { value, diagnostics } = readConfig(text, 'c');
        expect(value === undefined).toBe(diagnostics.length > 0);
      }),
      { numRuns: 500 },
    );
  });
});
