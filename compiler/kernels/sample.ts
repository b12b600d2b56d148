// Draws the next token from the logits and advances the run, in one workgroup: temperature, top-k, top-p, then Gumbel-max.
import { CONTROL } from '../../runtime/plan.ts';
import { SAMPLE_BARRIERS, SAMPLE_FUNCTIONS, SAMPLE_SHARED } from './sample-functions.ts';
import type { Target, Templated } from './template.ts';
import { forEachItem } from './text.ts';
import { Code, type Binding } from './wgsl.ts';

export interface SampleSpec {
  /** Logits. */
  readonly vocab: number;
  /** Words of `sampled`, in which drawn tokens go round. */
  readonly ring: number;
}

/** A whole kernel: its bindings are in order logits, control, tokens, sampled. */
export interface Sample extends Templated {
  readonly bindings: readonly Binding[];
}

const WORKGROUP = 256;
const PASSES = 4;

/**
 * The order of Hugging Face's `generate`: temperature, then top-k (ties at the threshold stay), then top-p (the smallest set of top
 * tokens whose weight reaches p, the lowest tokens first among equals). Temperature 0 takes the best token, the lowest of equals.
 * Sets `broken` where a logit is not finite; such a token is drawn only if it is plus infinity.
 */
export function sample(spec: SampleSpec, target: Target): Sample {
  if (target.maxInvocations < WORKGROUP) throw new Error('internal: sampling needs 256 invocations');
  const bindings: readonly Binding[] = [
    { name: 'logits', access: 'read', type: `array<u32, ${spec.vocab}>`, bytes: 4 * spec.vocab },
    { name: 'control', access: 'read_write', type: `array<u32, ${CONTROL.words}>`, bytes: 4 * CONTROL.words },
    { name: 'tokens', access: 'read_write', type: 'array<u32, 4>', bytes: 16 },
    { name: 'sampled', access: 'read_write', type: `array<u32, ${spec.ring}>`, bytes: 4 * spec.ring },
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
      barriers: 4 + 2 * SAMPLE_BARRIERS.best + SAMPLE_BARRIERS.sum + 2 * PASSES * (1 + SAMPLE_BARRIERS.bin),
      functions: [...SAMPLE_FUNCTIONS, selectKey(spec), drawToken(spec)],
      code,
    },
    grid: [1, 1, 1],
  };
}

function eachToken(code: Code, spec: SampleSpec, body: (inner: Code, token: string) => void): void {
  forEachItem(code, WORKGROUP, spec.vocab, body, 'lane');
}

function writeMain(code: Code, spec: SampleSpec): void {
  code.line('let lane = local_invocation_index;');
  code.line('if (lane == 0u) {');
  code.line(
    `  settings = vec4<u32>(control[${CONTROL.temperature}], control[${CONTROL.topK}], control[${CONTROL.topP}], 0u);`,
  );
  code.line('  atomicStore(&not_finite, 0u);');
  code.line('}');
  code.line('let drawing = workgroupUniformLoad(&settings);');
  code.line('var best_key = 0u;');
  code.line('var best_token = 0u;');
  code.line('var spoiled = false;');
  eachToken(code, spec, (inner, token) => {
    inner.line(`let bits = logits[${token}];`);
    inner.line('spoiled = spoiled || (bits & 0x7f800000u) == 0x7f800000u;');
    inner.line('let key = order_key(bits);');
    inner.block('if (key > best_key)', (better) => {
      better.line('best_key = key;');
      better.line(`best_token = ${token};`);
    });
  });
  code.line('if (spoiled) { atomicStore(&not_finite, 1u); }');
  code.line('let best = best_of_workgroup(lane, best_key, best_token);');
  code.line('var token = best.y;');
  code.line('let temperature = bitcast<f32>(drawing.x);');
  code.block('if (temperature > 0.0)', (inner) =>
    inner.line(
      'token = draw_token(lane, best.x, max(temperature, 1.0e-20), drawing.y, bitcast<f32>(drawing.z));',
    ),
  );
  code.block('if (lane == 0u)', writeAdvance(spec));
}

/** The run that follows is the one token just drawn. */
function writeAdvance(spec: SampleSpec): (code: Code) => void {
  return (code) => {
    const { position, count, drawn, broken } = CONTROL;
    code.line('tokens[0] = token;');
    code.line(`sampled[control[${drawn}] % ${spec.ring}u] = token;`);
    code.line(`control[${drawn}] += 1u;`);
    code.line(`control[${position}] += control[${count}];`);
    code.line(`control[${count}] = 1u;`);
    code.line(`if (atomicLoad(&not_finite) == 1u) { control[${broken}] = 1u; }`);
  };
}

/** Radix select, a byte at a time from the highest. */
function selectKey(spec: SampleSpec): string {
  const code = new Code();
  code.line('var prefix = 0u;');
  code.line('var left = wanted;');
  code.line('var own = 0u;');
  code.loop('digit', PASSES, (inner, digit) => {
    inner.line(`let shift = 24u - ${digit} * 8u;`);
    inner.line('atomicStore(&bins[lane], 0u);');
    inner.line('atomicStore(&low_bins[lane], 0u);');
    inner.line('workgroupBarrier();');
    eachToken(inner, spec, (body, token) => {
      body.line(`let key = order_key(logits[${token}]);`);
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
  code.line('var limit = 1u;');
  code.line('var last_token = 0xffffffffu;');
  code.block(`if (top_k > 0u && top_k < ${spec.vocab}u)`, (inner) => {
    inner.line('limit = max(1u, select_key(lane, BY_COUNT, top_k, 0u, best, temperature, 1.0).x);');
  });
  code.block('if (top_p < 1.0)', (inner) => writeTopP(inner, spec));
  code.line('var best_key = 0u;');
  code.line('var best_token = 0u;');
  code.line(`let drawn = control[${CONTROL.drawn}];`);
  code.line(`let seed = control[${CONTROL.seed}];`);
  eachToken(code, spec, (inner, token) => {
    inner.line(`let key = order_key(logits[${token}]);`);
    inner.block(`if (key > limit || (key == limit && ${token} <= last_token))`, (body) => {
      body.line(`let noise = gumbel(random_bits(${token}, drawn, seed));`);
      body.line('let noisy = order_key(bitcast<u32>(relative_score(key, best, temperature) + noise));');
      body.block('if (noisy > best_key)', (better) => {
        better.line('best_key = noisy;');
        better.line(`best_token = ${token};`);
      });
    });
  });
  code.line('return best_of_workgroup(lane, best_key, best_token).y;');
  return `fn draw_token(lane: u32, best: u32, temperature: f32, top_k: u32, top_p: f32) -> u32 {
${code.text()}
}`;
}

function writeTopP(code: Code, spec: SampleSpec): void {
  code.line('var sum = 0.0;');
  eachToken(code, spec, (inner, token) => {
    inner.line(`let key = order_key(logits[${token}]);`);
    inner.line('sum += select(0.0, exp(relative_score(key, best, temperature)), key >= limit);');
  });
  code.line('let scale = exp2(30.0) / sum_of_workgroup(lane, sum);');
  code.line('let wanted = max(1u, u32(max(top_p, 0.0) * exp2(30.0)));');
  code.line('let crossing = select_key(lane, BY_WEIGHT, wanted, limit, best, temperature, scale);');
  code.line('limit = max(limit, crossing.x);');
  code.line(
    '// Of equal tokens at the crossing, only as many as are needed; one unit of rounding does not need another.',
  );
  code.line('let weight = exp(relative_score(limit, best, temperature)) * scale;');
  code.block('if (f32(crossing.z) > 1.5 * max(weight, 1.0))', (inner) => {
    inner.line('let needed = max(1.0, ceil((f32(crossing.y) - 1.0) / max(weight, 1.0)));');
    inner.line(
      'last_token = ~select_key(lane, BY_RANK, u32(min(needed, 1.0e9)), limit, best, temperature, scale).x;',
    );
  });
}
