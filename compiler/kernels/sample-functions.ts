// The parts of the sampling kernel that do not depend on the vocabulary: keys, weights, random numbers, and workgroup-wide choices.

/** What the functions share; the whole kernel has a workgroup of 256. */
export const SAMPLE_SHARED = [
  { name: 'settings', type: 'vec4<u32>', bytes: 16 },
  { name: 'penalty', type: 'f32', bytes: 4 },
  { name: 'best_key', type: 'atomic<u32>', bytes: 4 },
  { name: 'best_token', type: 'atomic<u32>', bytes: 4 },
  { name: 'winner', type: 'vec2<u32>', bytes: 8 },
  { name: 'bins', type: 'array<atomic<u32>, 256>', bytes: 1024 },
  { name: 'low_bins', type: 'array<atomic<u32>, 256>', bytes: 1024 },
  { name: 'bin_totals', type: 'array<u32, 256>', bytes: 1024 },
  { name: 'group_totals', type: 'array<u32, 16>', bytes: 64 },
  { name: 'chosen', type: 'vec4<u32>', bytes: 16 },
  { name: 'weight_sums', type: 'array<f32, 256>', bytes: 1024 },
  { name: 'weight_total', type: 'f32', bytes: 4 },
  { name: 'not_finite', type: 'atomic<u32>', bytes: 4 },
] as const;

/** Barriers in `best_of_workgroup`, `sum_of_workgroup` and `choose_bin`. */
export const SAMPLE_BARRIERS = { best: 5, sum: 4, bin: 5 } as const;

const ORDER_KEY = `// Keys are ordered as the f32 values of the bits are; 0 is for minus infinity and what is not a number, so that no token is drawn for it.
fn order_key(bits: u32) -> u32 {
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u || bits == 0xff800000u) { return 0u; }
  if (magnitude == 0u) { return 0x80000000u; }
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}`;

const KEY_VALUE = `// The value of a key; that of infinity is the largest number.
fn key_value(key: u32) -> f32 {
  let finite = clamp(key, 0x00800000u, 0xff7fffffu);
  return bitcast<f32>(select(~finite, finite & 0x7fffffffu, finite >= 0x80000000u));
}`;

const SCORE = `// A token's score over the temperature, relative to the best one's: at most 0.
fn relative_score(key: u32, best: u32, temperature: f32) -> f32 {
  return max((key_value(key) - key_value(best)) / temperature, -3.0e38);
}`;

const GUMBEL = `// The PCG3D hash (Jarzynski and Olano 2020): a random number for every token, draw and seed.
fn random_bits(token: u32, drawn: u32, seed: u32) -> u32 {
  var v = vec3<u32>(token, drawn, seed) * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3<u32>(16u);
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  return v.x;
}

// A Gumbel variable, minus the logarithm of an exponential one; that is -log(1 - u), by its series where u is small.
fn gumbel(bits: u32) -> f32 {
  let u = min((f32(bits) + 0.5) * exp2(-32.0), 0.99999994);
  let series = u * (1.0 + u * (0.5 + u * (1.0 / 3.0 + u * 0.25)));
  return -log(select(-log(1.0 - u), series, u < 0.03125));
}`;

const BEST = `// The highest key of all invocations, and the lowest token that has it.
fn best_of_workgroup(lane: u32, key: u32, token: u32) -> vec2<u32> {
  if (lane == 0u) {
    atomicStore(&best_key, 0u);
    atomicStore(&best_token, 0xffffffffu);
  }
  workgroupBarrier();
  atomicMax(&best_key, key);
  workgroupBarrier();
  if (key == atomicLoad(&best_key)) { atomicMin(&best_token, token); }
  workgroupBarrier();
  if (lane == 0u) { winner = vec2<u32>(atomicLoad(&best_key), atomicLoad(&best_token)); }
  return workgroupUniformLoad(&winner);
}`;

const SUM = `fn sum_of_workgroup(lane: u32, value: f32) -> f32 {
  weight_sums[lane] = value;
  workgroupBarrier();
  if (lane < 16u) {
    for (var other = 1u; other < 16u; other++) { weight_sums[lane] += weight_sums[(lane + other * 16u) % 256u]; }
  }
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var other = 0u; other < 16u; other++) { total += weight_sums[other]; }
    weight_total = total;
  }
  return workgroupUniformLoad(&weight_total);
}`;

const CHOOSE_BIN = `// Going down from the highest bin, the one in which the sum reaches the goal (at most everything): the bin, the sum above it, the goal, its own sum.
// Leaves the bins empty.
fn choose_bin(lane: u32, wanted: u32) -> vec4<u32> {
  workgroupBarrier();
  let mine = atomicLoad(&bins[lane]) + (atomicLoad(&low_bins[lane]) >> 12u);
  bin_totals[lane] = mine;
  atomicStore(&bins[lane], 0u);
  atomicStore(&low_bins[lane], 0u);
  workgroupBarrier();
  if (lane < 16u) {
    var total = 0u;
    for (var bin = 0u; bin < 16u; bin++) { total += bin_totals[(lane * 16u + bin) % 256u]; }
    group_totals[lane] = total;
  }
  workgroupBarrier();
  var above = 0u;
  var all = 0u;
  for (var group = 0u; group < 16u; group++) {
    all += group_totals[group];
    above += select(0u, group_totals[group], group > lane / 16u);
  }
  for (var bin = 0u; bin < 16u; bin++) {
    let other = lane / 16u * 16u + bin;
    above += select(0u, bin_totals[other % 256u], other > lane);
  }
  let goal = min(wanted, all);
  if (above < goal && goal <= above + mine) { chosen = vec4<u32>(lane, above, goal, mine); }
  return workgroupUniformLoad(&chosen);
}`;

export const SAMPLE_FUNCTIONS: readonly string[] = [
  ORDER_KEY,
  KEY_VALUE,
  SCORE,
  GUMBEL,
  BEST,
  SUM,
  CHOOSE_BIN,
];
