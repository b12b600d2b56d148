// Damaged checkpoint sections: whatever still parses is mapped or reported, and never crashes.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../../grammar/index.ts';
import { mapCheckpoint } from '../../compiler/check/checkpoint.ts';
import { constantScope } from '../../compiler/check/constant.ts';
import type { WeightRequest } from '../../compiler/check/weight-request.ts';
import { request, weightAxes } from './build.ts';

const section = `model m {
  checkpoint {
    embed "model.embed" | "embed"
    layer i "model.layers.{i}."
    L "mixer.", norm "norm" {
      "qk.weight" as [kv * (q: per * part + k: part), width]
      conv "conv.weight" as [channel, 1, taps]
      in_proj "in_proj" as [x: channel + z: channel, width] = -exp(it)
      f "experts.{expert + 1}." { up "w1" as [hidden, width] }
      optional D "/D.{2 * (i + 1)}" as [channel]
      ignore "inv_freq"
    }
  }
}
`;

const width = weightAxes({ width: 4 });
const all = [
  { label: 'x', axes: ['channel'], size: 6 },
  { label: 'z', axes: ['channel'], size: 6 },
];
const requests: readonly WeightRequest[] = [
  request('q', width, weightAxes({ kv: 2, per: 2, part: 3 })),
  request('k', width, weightAxes({ kv: 2, part: 3 })),
  request('k', [], weightAxes({ kv: 2, part: 3 }), { id: 'k.bias', bias: true, role: 'map' }),
  request('conv', [], [...weightAxes({ channel: 6 }), { name: 'taps', size: 4, kind: 'taps' }], {
    role: 'filter',
  }),
  request('in_proj', width, weightAxes({ channel: 6 }), {
    id: 'in_proj.z',
    term: { label: 'z', index: 1, all },
  }),
  request('D', [], weightAxes({ channel: 6 })),
  request('f.up', width, weightAxes({ hidden: 5 }), { axes: weightAxes({ expert: 2, width: 4, hidden: 5 }) }),
  request('n', [], width, { id: 'n', role: 'norm', scope: 'block' }),
  request('embed', width, weightAxes({ vocab: 9 }), { id: 'embed', scope: 'model' }),
];

const tokens = section.split(/(\s+|[{}[\]()*+:|",/]|-)/).filter((token) => token !== '');
const edit = fc.record({
  at: fc.nat(tokens.length - 1),
  kind: fc.constantFrom('delete', 'copy', 'swap'),
  other: fc.nat(tokens.length - 1),
});

function damage(
  edits: readonly { readonly at: number; readonly kind: string; readonly other: number }[],
): string {
  const result = [...tokens];
  for (const { at, kind, other } of edits) {
    const [here = '', there = ''] = [tokens[at], tokens[other]];
    if (kind === 'delete') result[at] = '';
    else result[at] = kind === 'copy' ? `${here} ${there}` : there;
  }
  return result.join('');
}

test('the undamaged section maps every weight', () => {
  expect(mapText(section)).toEqual({ mapped: requests.length, codes: [] });
});

test('damaged sections never crash, and every weight is mapped or spoken of', () => {
  let mistakes = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const { mapped, codes } = mapText(damage(edits));
      mistakes += codes.length;
      if (mapped < requests.length) expect(codes).not.toEqual([]);
    }),
    { numRuns: 400 },
  );
  expect(mistakes).toBeGreaterThan(50);
});

function mapText(text: string): { readonly mapped: number; readonly codes: readonly string[] } {
  const [model] = parse({ name: 'fuzz.hyb', text }).value.declarations;
  const statement =
    model?.kind === 'model' ? model.statements.find((each) => each.kind === 'checkpoint') : undefined;
  const scope = constantScope({ heads: 4 });
  const { value, diagnostics } = mapCheckpoint(statement, requests, { scope, letters: ['L'], declared: [] });
  return { mapped: value?.weights.size ?? 0, codes: diagnostics.map(({ code }) => code) };
}
