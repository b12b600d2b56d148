// Complex state spaces of std/, run by the reference executor, against their formulas.
import { test } from 'vitest';
import type { Weight } from './direct.ts';
import * as direct from './direct-state-space.ts';
import { expectSame, runLayer } from './run-layer.ts';

/** The output's maps are a part, and so is the filter. */
function partOf(name: string): string {
  if (name === 'D') return name;
  return name.startsWith('output')
    ? name.replace('output_gated', 'output.gated').replace('output_linear', 'output.plain')
    : `filter.${name}`;
}

/** The formulas' weights: a channel is one of the systems there are. */
function ofS4d(w: Weight): Weight {
  return (name, { width: channel = NaN, "width'": to, ...others }) => {
    if (name.endsWith('.bias')) return w(partOf(name), { width: channel });
    const one = { side: 0, gate: 0, part: 0, copy: 0, each: 0, system: channel, ...others };
    return w(partOf(name), to === undefined ? one : { ...one, width: to });
  };
}

/** Those of DSS, whose modes lie together where they are stored as they are. */
function ofDss(w: Weight, version: string): Weight {
  return (name, at) => {
    const part = ['Lambda_re', 'Lambda_im'].indexOf(name);
    return part >= 0 && version.startsWith('clip')
      ? w('filter.Lambda', { ...at, part })
      : w(partOf(name), { side: 0, twin: 0, own: 0, ...at });
  };
}

function ofS5(w: Weight): Weight {
  return (name, at) => {
    if (!name.startsWith('out')) return w(name, at);
    return w(
      name,
      name.endsWith('.bias') ? { outer: at['width'] ?? NaN } : { ...at, outer: at["width'"] ?? NaN },
    );
  };
}

const s4d = { modes: 3, disc: 'zoh', exponential: false, sign: -1, learned: true, glu: true };
test.each([
  ['s4d(state: 6)', s4d],
  ['s4d(state: 4, disc: "bilinear", dt: "exp")', { ...s4d, modes: 2, disc: 'bilinear', exponential: true }],
  [
    's4d(state: 2, sign: 1, learned_input: false, glu: false)',
    { ...s4d, modes: 1, sign: 1, learned: false, glu: false },
  ],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.s4d(u, options, ofS4d(w)));
});

const dss = { modes: 5, version: 'exp', separate: true, glu: false };
test.each([
  ['dss(state: 5)', dss],
  [
    'dss(state: 3, version: "exp-no-scale", separate_dt: false)',
    { ...dss, modes: 3, version: 'exp-no-scale', separate: false },
  ],
  ['dss(state: 4, version: "clip", glu: true)', { ...dss, modes: 4, version: 'clip', glu: true }],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.dss(u, options, ofDss(w, options.version)));
});

const s5 = { modes: 4, disc: 'zoh', pairs: true, activation: 'half_glu1' };
test.each([
  ['s5(state: 8)', s5],
  [
    's5(state: 3, pairs: false, disc: "bilinear", activation: "full_glu")',
    { modes: 3, disc: 'bilinear', pairs: false, activation: 'full_glu' },
  ],
  ['s5(state: 4, activation: "half_glu2")', { ...s5, modes: 2, activation: 'half_glu2' }],
  ['s5(state: 4, activation: "gelu")', { ...s5, modes: 2, activation: 'gelu' }],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.s5(u, options, ofS5(w)));
});

const mamba3 = { groups: 1, per: 4, part: 6, pairs: 3, moving: 1, heavy: true };
test.each([
  ['mamba3(heads: 4, state: 6)', mamba3],
  [
    'mamba3(heads: 4, state: 8, groups: 2, expand: 1, turned: 0.75, heavy_tail: false)',
    { groups: 2, per: 2, part: 3, pairs: 4, moving: 3, heavy: false },
  ],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.mamba3(u, options, w));
});
