// Mixtures of experts computed one token and one number at a time: an opinion that shares no code with the compiler.
import type { Weight } from './direct.ts';

type Vector = readonly number[];

export interface Mixture {
  readonly experts: number;
  readonly count: number;
  readonly score: 'softmax' | 'sigmoid';
  readonly renormalise?: boolean;
  readonly floor?: number;
  readonly scale?: number;
  readonly groups?: number;
  readonly groupsKept?: number;
  readonly groupBest?: number;
  readonly hidden: number;
  /** What an expert makes of its two projections. */
  readonly activate: (gate: number, up: number) => number;
  readonly shared?: number;
  readonly sharedGated?: boolean;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const total = (values: Vector): number => values.reduce((sum, value) => sum + value, 0);

/** The places of the largest values, the first of equal ones first. */
function largest(values: Vector, count: number): readonly number[] {
  const places = values.map((_, place) => place);
  return places.toSorted((a, b) => values[b]! - values[a]! || a - b).slice(0, count);
}

/** The output for one token. */
export function mixture(x: Vector, options: Mixture, w: Weight): Vector {
  const { experts, count, scale = 1, floor = 0, renormalise = true, shared, sharedGated } = options;
  const logits = Array.from(
    { length: experts },
    (_, expert) =>
      total(x.map((value, width) => value * w('router', { width, expert }))) + w('router.bias', { expert }),
  );
  const powers = logits.map((logit) => Math.exp(logit));
  const scores =
    options.score === 'sigmoid' ? logits.map(sigmoid) : powers.map((power) => power / total(powers));
  const ranks = scores.map((score, expert) => score + w('correction', { expert }));
  const chosen = largest(
    ranks.map((rank, expert) => (inBestGroups(ranks, expert, options) ? rank : -Infinity)),
    count,
  );
  const mass = renormalise ? total(chosen.map((expert) => scores[expert]!)) + floor : 1;
  const y = x.map(() => 0);
  for (const expert of chosen) {
    const out = gated(x, options.hidden, 'f.', { expert }, options.activate, w);
    out.forEach((value, i) => (y[i]! += (scale * scores[expert]! * value) / mass));
  }
  if (shared === undefined) return y;
  const opened = total(x.map((value, width) => value * w('shared_gate', { width, one: 0 })));
  const beside = gated(x, shared, 'shared.', {}, options.activate, w);
  return y.map((value, i) => value + beside[i]! * (sharedGated === true ? sigmoid(opened) : 1));
}

function inBestGroups(ranks: Vector, expert: number, options: Mixture): boolean {
  const { groups = 1, groupsKept = groups, groupBest = 2 } = options;
  const size = ranks.length / groups;
  const worth = Array.from({ length: groups }, (_, group) => {
    const own = ranks.slice(group * size, (group + 1) * size);
    return total(largest(own, groupBest).map((place) => own[place]!));
  });
  return groupsKept === groups || largest(worth, groupsKept).includes(Math.floor(expert / size));
}

function gated(
  x: Vector,
  hidden: number,
  prefix: string,
  at: Readonly<Record<string, number>>,
  activate: Mixture['activate'],
  w: Weight,
): Vector {
  const h = Array.from({ length: hidden }, (_, j) => {
    const place = { ...at, hidden: j, 'hidden.2': j };
    const into = (name: string): number =>
      total(x.map((value, width) => value * w(prefix + name, { ...place, width }))) +
      w(`${prefix}${name}.bias`, place);
    return activate(into('gate_proj'), into('up_proj'));
  });
  return x.map(
    (_, width) =>
      total(
        h.map((value, j) => value * w(`${prefix}down_proj`, { ...at, hidden: j, 'hidden.2': j, width })),
      ) + w(`${prefix}down_proj.bias`, { ...at, width }),
  );
}
