// Draws the next token from the logits and advances the run, in one workgroup: penalty, temperature, top-k, top-p, min-p, then Gumbel-max.
import { CONTROL } from '../../runtime/plan.ts';
import { SAMPLE_BARRIERS, SAMPLE_FUNCTIONS, SAMPLE_SHARED } from './sample-functions.ts';
import type { Target, Templated } from './template.ts';
import { Code, type Binding } from './wgsl.ts';

export interface SampleSpec {
  /** Logits. */
  readonly vocab: number;
  /** Words of `sampled`, in which drawn tokens go round. */
  readonly ring: number;
}

/** A whole kernel: its bindings are in order logits, control, tokens, sampled, seen. */
export interface Sample extends Templated {
  readonly bindings: readonly Binding[];
}

const WORKGROUP = 256;
const DIGITS = 4;

/**
 * The order of Hugging Face's `generate`: the repetition penalty, once for each token that the sequence has had, then temperature, then
 * top-k (ties at the threshold stay), then top-p (the smallest set of top tokens whose weight reaches p, the lowest tokens first among
 * equals), then min-p (at least that part as likely as the best). Temperature 0 takes the best token, the lowest of equals.
 * Sets `broken` where a logit is not finite; such a token is drawn only if it is plus infinity.
 */
export function sample(spec: SampleSpec, target: Target): Sample {
  if (target.maxInvocations < WORKGROUP) throw new Error('internal: sampling needs 256 invocations');
  const seenWords = Math.ceil(spec.vocab / 32);
  const bindings: readonly Binding[] = [
    { name: 'logits', access: 'read', type: `array<u32, ${spec.vocab}>`, bytes: 4 * spec.vocab },
    { name: 'control', access: 'read_write', type: `array<u32, ${CONTROL.words}>`, bytes: 4 * CONTROL.words },
    { name: 'tokens', access: 'read_write', type: 'array<u32, 4>', bytes: 16 },
    { name: 'sampled', access: 'read_write', type: `array<u32, ${spec.ring}>`, bytes: 4 * spec.ring },
    { name: 'seen', access: 'read_write', type: `array<u32, ${seenWords}>`, bytes: 4 * seenWords },
  ];
  const code = new Code().reserve(bindings.map(({ name }) => name));
  writeMain(code, spec);
  return {
    bindings,
    body: {
      workgroup: [WORKGROUP, 1, 1],
      shared: SAMPLE_SHARED,
      builtins: ['local_invocation_index'],
      features: [],
      // Of a draw with top-k and top-p, the longest way.
      barriers: 2 + 2 * SAMPLE_BARRIERS.best + SAMPLE_BARRIERS.sum + 2 * DIGITS * SAMPLE_BARRIERS.bin,
      functions: [...SAMPLE_FUNCTIONS, TOKEN_KEY, selectKey(spec), drawToken(spec)],
      code,
    },
    grid: [1, 1, 1],
  };
}

/** Tokens are spread over the invocations; each goes through its own in ascending order. */
function eachToken(code: Code, spec: SampleSpec, body: (inner: Code, token: string) => void): void {
  const rounds = Math.ceil(spec.vocab / WORKGROUP);
  code.loop(code.fresh('round'), rounds, (inner, round) => {
    inner.line(`let token = ${round} * ${WORKGROUP}u + lane;`);
    if (spec.vocab % WORKGROUP === 0) body(inner, 'token');
    else inner.block(`if (token < ${spec.vocab}u)`, (guarded) => body(guarded, 'token'));
  });
}

function writeMain(code: Code, spec: SampleSpec): void {
  code.line('let lane = local_invocation_index;');
  code.block('if (lane == 0u)', (first) => {
    const { temperature, topK, topP, minP, repetitionPenalty } = CONTROL;
    first.line(
      `settings = vec4<u32>(control[${temperature}], control[${topK}], control[${topP}], control[${minP}]);`,
    );
    first.line(`penalty = bitcast<f32>(control[${repetitionPenalty}]);`);
    first.line('atomicStore(&not_finite, 0u);');
  });
  code.line('atomicStore(&bins[lane], 0u);');
  code.line('atomicStore(&low_bins[lane], 0u);');
  code.line('let drawing = workgroupUniformLoad(&settings);');
  code.line('var highest = 0u;');
  code.line('var highest_token = 0u;');
  code.line('var spoiled = false;');
  eachToken(code, spec, (inner, token) => {
    inner.line(`let bits = logits[${token}];`);
    inner.line('spoiled = spoiled || (bits & 0x7f800000u) == 0x7f800000u;');
    keepHigher(inner, `token_key(${token})`, token);
  });
  code.line('if (spoiled) { atomicStore(&not_finite, 1u); }');
  code.line('let best = best_of_workgroup(lane, highest, highest_token);');
  code.line('var drawn = best.y;');
  code.line('let temperature = bitcast<f32>(drawing.x);');
  code.block('if (temperature > 0.0)', (inner) =>
    inner.line(
      'drawn = draw_token(lane, best.x, max(temperature, 1.0e-20), drawing.y, bitcast<vec2<f32>>(drawing.zw));',
    ),
  );
  code.block('if (lane == 0u)', writeAdvance(spec));
}

/** Keeps the invocation's highest key; of equal ones the first, which is the lowest token's. */
function keepHigher(code: Code, key: string, token: string): void {
  code.line(`let key = ${key};`);
  code.block('if (key > highest)', (higher) => {
    higher.line('highest = key;');
    higher.line(`highest_token = ${token};`);
  });
}

/** The run that follows is the one token just drawn. */
function writeAdvance(spec: SampleSpec): (code: Code) => void {
  return (code) => {
    const { position, count, drawn, broken } = CONTROL;
    code.line('tokens[0] = drawn;');
    code.line('seen[drawn / 32u] |= 1u << (drawn % 32u);');
    code.line(`sampled[control[${drawn}] % ${spec.ring}u] = drawn;`);
    code.line(`control[${drawn}] += 1u;`);
    code.line(`control[${position}] += control[${count}];`);
    code.line(`control[${count}] = 1u;`);
    code.line(`if (atomicLoad(&not_finite) == 1u) { control[${broken}] = 1u; }`);
  };
}

const TOKEN_KEY = `// The key of a token's logit after the repetition penalty; what is infinite or no number stays what it is.
fn token_key(token: u32) -> u32 {
  let bits = logits[token];
  let is_plain = penalty == 1.0 || (bits & 0x7f800000u) == 0x7f800000u;
  if (is_plain || (seen[token / 32u] >> (token % 32u)) % 2u == 0u) { return order_key(bits); }
  let logit = bitcast<f32>(bits);
  return order_key(bitcast<u32>(select(logit / penalty, logit * penalty, logit < 0.0)));
}`;

/** Radix select, a byte at a time from the highest. */
function selectKey(spec: SampleSpec): string {
  const code = new Code();
  code.line('var prefix = 0u;');
  code.line('var left = wanted;');
  code.line('var own = 0u;');
  code.loop('digit', DIGITS, (inner, digit) => {
    inner.line(`let shift = 24u - ${digit} * 8u;`);
    eachToken(inner, spec, (body, token) => {
      body.line(`let key = token_key(${token});`);
      body.line(`let sorted = select(key, ~${token}, by == BY_RANK);`);
      body.line(`let belongs = select(key >= limit, key == limit, by == BY_RANK);`);
      body.block('if (belongs && ((sorted ^ prefix) >> shift) < 256u)', (add) => {
        add.line('let bin = (sorted >> shift) % 256u;');
        add.block(
          'if (by == BY_WEIGHT)',
          (weigh) => {
            weigh.line('// In units of 2^-30, and what is left in units of 2^-42, so that no sum overflows.');
            weigh.line('let weight = exp(relative_score(key, best, temperature)) * scale;');
            weigh.line('let units = u32(weight);');
            weigh.line('atomicAdd(&bins[bin], units);');
            weigh.line('atomicAdd(&low_bins[bin], u32((weight - f32(units)) * 4096.0));');
          },
          '} else {',
        );
        add.line('  atomicAdd(&bins[bin], 1u);');
        add.line('}');
      });
    });
    inner.line('let found = choose_bin(lane, left);');
    inner.line('prefix |= found.x << shift;');
    inner.line('left = found.z - found.y;');
    inner.line('own = found.w;');
  });
  code.line('return vec3<u32>(prefix, left, own);');
  return `const BY_COUNT = 0u;
const BY_WEIGHT = 1u;
const BY_RANK = 2u;

// Going down from the highest key that belongs, the one at which the sum reaches what is wanted, how much of it the key itself has
// to give, and how much it has. Keys from the limit on belong and count 1 or their weight; or, by rank, the tokens whose key is the limit, from the lowest on.
fn select_key(lane: u32, by: u32, wanted: u32, limit: u32, best: u32, temperature: f32, scale: f32) -> vec3<u32> {
${code.text()}
}`;
}

/** The survivors of top-k and top-p, and the one of them with the best score and noise. */
function drawToken(spec: SampleSpec): string {
  const code = new Code();
  code.line('let top_p = shares.x;');
  code.line('let min_p = shares.y;');
  code.line('var limit = 1u;');
  code.line('var last_token = 0xffffffffu;');
  code.line('var scale = 1.0;');
  code.line('var wanted = top_k;');
  code.line(`var needed = top_k > 0u && top_k < ${spec.vocab}u;`);
  code.line('// Top-k, then top-p, then which tokens stay of those that are equal at its end.');
  code.loop('by', 3, (inner) => {
    inner.line('if (!needed && by == BY_RANK) { break; }');
    writeTopPStart(inner, spec);
    inner.line('if (!needed) { continue; }');
    inner.line('let crossing = select_key(lane, by, wanted, limit, best, temperature, scale);');
    inner.line('if (by == BY_RANK) { last_token = ~crossing.x; } else { limit = max(limit, crossing.x); }');
    writeTopPEnd(inner);
  });
  writeNoise(code, spec);
  code.line('return best_of_workgroup(lane, highest, highest_token).y;');
  return `fn draw_token(lane: u32, best: u32, temperature: f32, top_k: u32, shares: vec2<f32>) -> u32 {
${code.text()}
}`;
}

function writeTopPStart(code: Code, spec: SampleSpec): void {
  code.block('if (by == BY_WEIGHT)', (inner) => {
    inner.line('needed = top_p < 1.0;');
    inner.line('if (!needed) { break; }');
    inner.line('var sum = 0.0;');
    eachToken(inner, spec, (body, token) => {
      body.line(`let key = token_key(${token});`);
      body.line('sum += select(0.0, exp(relative_score(key, best, temperature)), key >= limit);');
    });
    inner.line('scale = exp2(30.0) / sum_of_workgroup(lane, sum);');
    inner.line('wanted = max(1u, u32(max(top_p, 0.0) * exp2(30.0)));');
  });
}

/** One unit of rounding does not need another token. */
function writeTopPEnd(code: Code): void {
  code.block('if (by == BY_WEIGHT)', (inner) => {
    inner.line('let weight = max(1.0, exp(relative_score(limit, best, temperature)) * scale);');
    inner.line('needed = f32(crossing.z) > 1.5 * weight;');
    inner.line('wanted = u32(clamp(ceil((f32(crossing.y) - 1.0) / weight), 1.0, 1.0e9));');
  });
}

function writeNoise(code: Code, spec: SampleSpec): void {
  code.line('var highest = 0u;');
  code.line('var highest_token = 0u;');
  code.line(`let draw = control[${CONTROL.drawn}];`);
  code.line(`let seed = control[${CONTROL.seed}];`);
  eachToken(code, spec, (inner, token) => {
    inner.line(`let plain = token_key(${token});`);
    inner.line('let score = relative_score(plain, best, temperature);');
    const isLeft = `(plain > limit || (plain == limit && ${token} <= last_token)) && exp(score) >= min_p`;
    inner.block(`if (${isLeft})`, (body) => {
      body.line(`let noise = gumbel(random_bits(${token}, draw, seed));`);
      const score = 'score + noise';
      keepHigher(body, `order_key(bitcast<u32>(${score}))`, token);
    });
  });
}
