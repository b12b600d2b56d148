// Which tensor, and where in it: prefixes, defaults, labels, braces, folds.
import { describe, expect, test } from 'vitest';
import type { CheckpointEntry } from '../../grammar/ast.ts';
import { constantScope } from '../../compiler/check/constant.ts';
import { mapCheckpoint } from '../../compiler/check/checkpoint.ts';
import type { DeclaredWeight, WeightRequest } from '../../compiler/check/weight-request.ts';
import {
  axis,
  entry,
  filter,
  group,
  product,
  reference,
  request,
  size,
  span,
  sum,
  term,
  weightAxes,
} from './build.ts';

function map(
  entries: readonly CheckpointEntry[] | undefined,
  requests: readonly WeightRequest[],
  declared: readonly DeclaredWeight[] = [],
) {
  const statement = entries && ({ kind: 'checkpoint', entries, span } as const);
  return mapCheckpoint(statement, requests, {
    scope: constantScope({ offset: 3 }),
    letters: ['L', 'M'],
    declared,
  });
}

function tensors(entries: readonly CheckpointEntry[] | undefined, requests: readonly WeightRequest[]) {
  const { value, diagnostics } = map(entries, requests);
  expect(diagnostics).toEqual([]);
  return requests.map(({ id }) =>
    value?.weights
      .get(id)
      ?.views.map((view) => view.tensors.join(' | '))
      .join(', '),
  );
}

function codes(entries: readonly CheckpointEntry[], requests: readonly WeightRequest[]) {
  return map(entries, requests).diagnostics.map(({ code }) => code);
}

const width = weightAxes({ width: 6 });
const up = request('up', width, weightAxes({ hidden: 8 }));
const upBias = request('up', [], weightAxes({ hidden: 8 }), { id: 'bias', bias: true, role: 'map' });
const decay = request('A_log', [], weightAxes({ channel: 4, n: 2 }));
const norm = request('n', [], width, { id: 'norm', role: 'norm', scope: 'block' });
const layerLine = entry(['i'], { mode: 'layer', patterns: ['model.layers.{i}.'] });

describe('names', () => {
  test('left unsaid', () => {
    const part = request('ssm.f.q', width, weightAxes({ heads: 2 }));
    const embed = request('embed', [], weightAxes({ vocab: 9, width: 6 }), { id: 'embed', scope: 'model' });
    expect(tensors(undefined, [up, upBias, decay, norm, part, embed])).toEqual([
      'layers.0.up.weight',
      'layers.0.up.bias',
      'layers.0.A_log | layers.0.A_log.weight',
      'layers.0.n.weight',
      'layers.0.ssm.f.q.weight',
      'embed.weight',
    ]);
  });

  test('letters that share a layer do not share names', () => {
    const other = { ...up, id: 'other', letter: 'M' };
    expect(tensors(undefined, [up, other])).toEqual(['layers.0.L.up.weight', 'layers.0.M.up.weight']);
  });

  test('prefixes compose; a block’s own weights have only the layer’s', () => {
    const lines = [
      layerLine,
      entry(['L'], {
        patterns: ['mixer.'],
        also: [entry(['norm'], { patterns: ['input_norm'] })],
        entries: [entry(['up'], { patterns: ['w1'] }), entry(['A_log'], { patterns: ['/absolute.{i + 1}'] })],
      }),
    ];
    expect(tensors(lines, [up, upBias, decay, norm])).toEqual([
      'model.layers.0.mixer.w1.weight | model.layers.0.mixer.w1',
      'model.layers.0.mixer.w1.bias | model.layers.0.mixer.w1_bias',
      'absolute.1 | absolute.1.weight',
      'model.layers.0.input_norm.weight | model.layers.0.input_norm',
    ]);
  });

  test('alternatives, several letters on one line, dotted subjects and biases of their own', () => {
    const lines = [
      layerLine,
      entry(['L', 'M'], { patterns: ['a.', 'b.'] }),
      entry(['L.up.bias'], { patterns: ['up_b'] }),
    ];
    expect(tensors(lines, [up, upBias])).toEqual([
      'model.layers.0.a.up.weight | model.layers.0.b.up.weight',
      'model.layers.0.a.up_b | model.layers.0.b.up_b',
    ]);
  });

  test('several tensors that are read as one', () => {
    const [first, second] = ['q', 'k.{i}'].map((value) => ({ kind: 'text' as const, value, span }));
    const line = entry(['L.up'], {});
    const joined = { ...line, patterns: first && second ? [{ ...first, and: [second] }] : [] };
    expect(tensors([layerLine, joined], [up, upBias])).toEqual([
      'model.layers.0.q.weight + model.layers.0.k.0.weight | model.layers.0.q + model.layers.0.k.0',
      'model.layers.0.q.bias + model.layers.0.k.0.bias | model.layers.0.q_bias + model.layers.0.k.0_bias',
    ]);
  });

  test('another layout of some weights', () => {
    const part = request('f.up', width, weightAxes({ hidden: 8 }));
    const usual = entry(['f'], { patterns: ['a.'], entries: [entry(['up'], { patterns: ['w1'] })] });
    const other = entry(['f'], {
      mode: 'instead',
      patterns: ['b.'],
      entries: [
        entry(['up'], { patterns: ['w'], stored: [product(axis('width')), product(axis('hidden'))] }),
      ],
    });
    const lines = [layerLine, entry(['L'], { entries: [usual, other] })];
    expect(tensors(lines, [part, up])).toEqual([
      'model.layers.0.a.w1.weight | model.layers.0.a.w1',
      'model.layers.0.up.weight',
    ]);
    const weights = map(lines, [part, up]).value?.weights;
    expect(weights?.get(up.id)?.otherwise).toBeUndefined();
    expect(weights?.get(part.id)?.otherwise).toEqual({
      views: [
        {
          tensors: ['model.layers.0.b.w.weight', 'model.layers.0.b.w'],
          shape: [6, 8],
          offset: 0,
          strides: [8, 1],
        },
      ],
      fold: [],
    });
    const wrong = entry(['f'], { mode: 'instead', patterns: ['b.'], entries: [entry(['upp'], {})] });
    expect(codes([layerLine, entry(['L'], { entries: [usual, wrong] })], [part])).toEqual(['unknown_weight']);
  });

  test('what follows a weight on its line stands beside it, and its bias beneath', () => {
    const also = [entry(['bias'], { patterns: ['b1'] }), entry(['A_log'], { patterns: ['a'] })];
    const lines = [layerLine, entry(['L'], { entries: [entry(['up'], { patterns: ['w1.weight'], also })] })];
    expect(tensors(lines, [up, upBias, decay])).toEqual([
      'model.layers.0.w1.weight',
      'model.layers.0.b1',
      'model.layers.0.a | model.layers.0.a.weight',
    ]);
    const wrong = entry(['up'], { patterns: ['w1'], also: [entry(['donw'], { patterns: ['w2'] })] });
    expect(codes([layerLine, entry(['L'], { entries: [wrong] })], [up])).toEqual(['unknown_weight']);
    const below = entry(['up'], { patterns: ['w1'], entries: [entry(['biass'], { patterns: ['w2'] })] });
    expect(codes([layerLine, entry(['L'], { entries: [below] })], [up])).toEqual(['unknown_weight']);
  });

  test('an axis in braces has one tensor for each index', () => {
    const expert = request('f.up', width, weightAxes({ hidden: 8 }), {
      axes: [...weightAxes({ expert: 2 }), ...width, ...weightAxes({ hidden: 8 })],
    });
    const lines = [
      layerLine,
      entry(['L'], { entries: [entry(['f'], { patterns: ['experts.{expert + offset}.'] })] }),
    ];
    const { value } = map(lines, [expert]);
    expect(value?.weights.get(expert.id)).toEqual({
      each: 'expert',
      fold: [],
      optional: false,
      views: [3, 4].map((at) => ({
        tensors: [`model.layers.0.experts.${at}.up.weight`],
        shape: [8, 6],
        offset: 0,
        strides: [1, 6],
      })),
    });
  });

  test('ignored tensors, and the head of a tied model', () => {
    const lines = [
      entry([], { mode: 'ignore', patterns: ['rotary.inv_freq', '/mask.{i}', '/past.{offset + 1}.*'] }),
      entry(['head'], { patterns: ['lm_head'] }),
    ];
    expect(map(lines, [up]).value?.ignored).toEqual([
      'rotary.inv_freq',
      '*.rotary.inv_freq',
      'mask.*',
      'past.4.*',
      'lm_head.weight',
      'lm_head.bias',
    ]);
  });
});

describe('places', () => {
  test('terms of a map follow each other', () => {
    const all = [
      { axes: ['rank'], size: 3 },
      { axes: ['n'], size: 2 },
      { axes: ['n'], size: 2 },
    ];
    const third = request('x_proj', weightAxes({ channel: 5 }), weightAxes({ n: 2 }), {
      term: { index: 2, all },
    });
    const { value } = map(undefined, [third]);
    expect(value?.weights.get(third.id)?.views).toEqual([
      { tensors: ['layers.0.x_proj.weight'], shape: [7, 5], offset: 25, strides: [1, 5] },
    ]);
  });

  test('a line without a subject: its labels are the weights', () => {
    const heads = weightAxes({ kv: 2, per: 2, part: 3 });
    const q = request('q', width, heads);
    const k = request('k', width, weightAxes({ kv: 2, part: 3 }));
    const shape = [
      product(axis('kv'), group(term([axis('per'), axis('part')], 'q'), term([axis('part')], 'k'))),
      product(axis('width')),
    ];
    const lines = [
      layerLine,
      entry(['L'], { patterns: ['attn.'], entries: [entry([], { patterns: ['qk.weight'], stored: shape })] }),
    ];
    const { value, diagnostics } = map(lines, [q, k]);
    expect(diagnostics).toEqual([]);
    const tensor = 'model.layers.0.attn.qk.weight';
    expect(value?.weights.get(q.id)?.views).toEqual([
      { tensors: [tensor], shape: [18, 6], offset: 0, strides: [1, 54, 18, 6] },
    ]);
    expect(value?.weights.get(k.id)?.views).toEqual([
      { tensors: [tensor], shape: [18, 6], offset: 36, strides: [1, 54, 6] },
    ]);
    expect(map(lines, [k]).value?.weights.get(k.id)?.views[0]?.shape).toEqual([6, 6]);
  });

  test('a product that has a name is one dimension, and may be said by that name', () => {
    const channel = weightAxes({ heads: 2, part: 3 }).map((each) => ({ ...each, of: 'channel' }));
    const D = request('D', [], channel);
    expect(map(undefined, [D]).value?.weights.get(D.id)?.views[0]?.shape).toEqual([6]);
    const lines = [
      layerLine,
      entry(['L'], {
        entries: [entry(['D'], { patterns: ['D'], stored: [product(axis('channel')), product(size(1))] })],
      }),
    ];
    expect(map(lines, [D]).value?.weights.get(D.id)?.views).toEqual([
      { tensors: ['model.layers.0.D', 'model.layers.0.D.weight'], shape: [6, 1], offset: 0, strides: [3, 1] },
    ]);
  });

  test('a fold is a list of steps', () => {
    const fold = {
      kind: 'unary',
      operator: '-',
      operand: {
        kind: 'call',
        callee: reference('exp'),
        arguments: [{ kind: 'argument', value: reference('it'), span }],
        span,
      },
      span,
    } as const;
    const lines = [layerLine, entry(['L'], { entries: [entry(['A_log'], { patterns: ['A'], fold })] })];
    expect(map(lines, [decay]).value?.weights.get(decay.id)?.fold).toEqual(['exp', 'neg']);
    const wrong = [
      layerLine,
      entry(['L'], { entries: [entry(['A_log'], { patterns: ['A'], fold: reference('that') })] }),
    ];
    expect(codes(wrong, [decay])).toEqual(['fold_not_unary']);
  });

  test('a bias has the place of its weight in a fused tensor', () => {
    const conv = request(
      'conv',
      [],
      [...weightAxes({ channel: 4 }), { name: 'taps', size: 3, kind: 'taps' }],
      { role: 'filter' },
    );
    const bias = request('conv', [], weightAxes({ channel: 4 }), { id: 'bias', role: 'filter', bias: true });
    const shape = [product(axis('channel')), product(size(1)), product(filter())];
    const lines = [
      layerLine,
      entry(['L'], { entries: [entry(['conv'], { patterns: ['conv.weight'], stored: shape })] }),
    ];
    expect(map(lines, [conv, bias]).value?.weights.get('bias')?.views).toEqual([
      { tensors: ['model.layers.0.conv.bias'], shape: [4], offset: 0, strides: [1] },
    ]);
  });
});

describe('mistakes', () => {
  test('unknown subjects and labels', () => {
    expect(codes([entry(['LL'], { patterns: ['x.'] })], [up])).toEqual(['unknown_weight']);
    expect(codes([entry(['L'], { entries: [entry(['upp'], { patterns: ['x'] })] })], [up])).toEqual([
      'unknown_weight',
    ]);
    const shape = [sum(term([axis('hidden')], 'up'), term([axis('hidden')], 'down')), product(axis('width'))];
    expect(codes([entry(['L'], { entries: [entry([], { patterns: ['x'], stored: shape })] })], [up])).toEqual(
      ['unknown_label'],
    );
  });

  test('parts that nothing calls have whatever weights; those beside them have their own', () => {
    const used = request('near.q', width, weightAxes({ heads: 2 }));
    const near = { letter: 'L', scope: 'mixer', path: ['near'], part: true } as const;
    const weight = { letter: 'L', scope: 'mixer', path: used.path } as const;
    const declared = [near, { ...near, path: ['far'] }, weight];
    const under = (name: string, ...parts: readonly string[]) => {
      const inner = entry([name], { patterns: ['x'] });
      const lines = parts.map((each) => entry([each], { patterns: ['y.'], entries: [inner] }));
      return map([entry(['L'], { entries: lines })], [used], declared).diagnostics.map(({ code }) => code);
    };
    expect(under('q', 'near', 'far')).toEqual([]);
    expect(under('other', 'far')).toEqual([]);
    expect(under('other', 'near')).toEqual(['unknown_weight']);
  });

  test('unknown names in braces, and layers without their number', () => {
    expect(codes([entry(['i'], { mode: 'layer', patterns: ['layers.{j}.'] })], [up])).toEqual([
      'unknown_name_in_braces',
    ]);
    const second = { ...up, id: 'second', layer: 1 };
    expect(codes([entry(['i'], { mode: 'layer', patterns: ['layers.'] })], [up, second])).toEqual([
      'tensor_read_twice',
    ]);
  });

  test('a stored shape that lacks an axis', () => {
    const lines = [
      layerLine,
      entry(['L'], { entries: [entry(['up'], { patterns: ['x'], stored: [product(axis('hidden'))] })] }),
    ];
    expect(codes(lines, [up])).toEqual(['stored_axis_missing']);
  });
});
