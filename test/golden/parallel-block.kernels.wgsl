// ---- embed_embed_prefill.wgsl
// embed: gather.
// Stores embed [width 30].
// 0 FLOP, 3,840 bytes read, 3,840 written for 32 tokens.
// test/golden/parallel-block.hyb:2: model parallel_block {

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> tokens: array<u32, 32>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 375>;
@group(0) @binding(3) var<storage, read_write> embed: array<f32, 960>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index % 30u;
  let token = workgroup_id.y * 2u + local_invocation_index / 30u;
  if (token >= control[1] || local_invocation_index / 30u >= 2u) { return; }
  let entry = tokens[token];
  let embed_2 = vectors[(row * 50u + entry) / 4u][(row * 50u + entry) % 4u];
  embed[token * 30u + row] = embed_2;
}

// ---- par_sum_prefill.wgsl
// PAR: sum, mul.
// Stores sum [].
// 992 FLOP, 3,840 bytes read, 128 written for 32 tokens.
// std/norms.hyb:20: c = x - mean(x, over)

@group(0) @binding(0) var<storage, read> x_in: array<vec4<f32>, 240>;
@group(0) @binding(1) var<storage, read_write> sum: array<f32, 64>;

var<workgroup> shared_0: array<f32, 1>;
var<workgroup> parts_of_sum: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  var part = 0.0;
  if (local_invocation_index < 30u) {
    let i = 0u + local_invocation_index;
    part = part + (x_in[(workgroup_id.y * 30u + i) / 4u][(workgroup_id.y * 30u + i) % 4u]);
  }
  parts_of_sum[local_invocation_index] = part;
  workgroupBarrier();
  var total = 0.0;
  if (local_invocation_index == 0u) {
    for (var i_2 = 0u; i_2 < 30u; i_2++) {
      total = total + parts_of_sum[i_2];
    }
  }
  workgroupBarrier();
  if (local_invocation_index == 0u) {
    shared_0[0] = (total * 0.03333333507180214);
  }
  workgroupBarrier();
  let row = local_invocation_index;
  if (row >= 1u) { return; }
  let token = workgroup_id.y;
  let mul = shared_0[0u];
  sum[token] = mul;
}

// ---- par_sum_prefill_2.wgsl
// PAR: sub, mul, sum, add, rsqrt.
// Stores sum [].
// 3,008 FLOP, 3,968 bytes read, 128 written for 32 tokens.
// std/norms.hyb:20: c = x - mean(x, over)
// std/norms.hyb:21: return c * rsqrt(mean(c * c, over) + eps) * w + bias(w)

@group(0) @binding(0) var<storage, read> x_in: array<vec4<f32>, 240>;
@group(0) @binding(1) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read_write> sum_2: array<f32, 64>;

var<workgroup> shared_0: array<f32, 1>;
var<workgroup> parts_of_sum: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  var part = 0.0;
  if (local_invocation_index < 30u) {
    let i = 0u + local_invocation_index;
    let x = x_in[(workgroup_id.y * 30u + i) / 4u][(workgroup_id.y * 30u + i) % 4u];
    let mul = sum[workgroup_id.y / 4u][workgroup_id.y % 4u];
    let c = (x - mul);
    part = part + ((c * c));
  }
  parts_of_sum[local_invocation_index] = part;
  workgroupBarrier();
  var total = 0.0;
  if (local_invocation_index == 0u) {
    for (var i_2 = 0u; i_2 < 30u; i_2++) {
      total = total + parts_of_sum[i_2];
    }
  }
  workgroupBarrier();
  if (local_invocation_index == 0u) {
    let mul_2 = (total * 0.03333333507180214);
    let add = (mul_2 + 0.000009999999747378752);
    shared_0[0] = inverseSqrt(add);
  }
  workgroupBarrier();
  let row = local_invocation_index;
  if (row >= 1u) { return; }
  let token = workgroup_id.y;
  let rsqrt = shared_0[0u];
  sum_2[token] = rsqrt;
}

// ---- par_f_q_proj_f_k_proj_f_v_proj_prefill.wgsl
// PAR: f.q_proj, f.k_proj, f.v_proj, g.up_proj with sub, mul, add, gelu_tanh.
// Stores q [kv 5, per 1, part 6], k [kv 5, part 6], v [kv 5, value 6], h [hidden 52].
// 296,000 FLOP, 21,944 bytes read, 18,176 written for 32 tokens.
// std/attention.hyb:43: q = q_proj(u)
// std/attention.hyb:44: k = k_proj(u)
// std/attention.hyb:45: v = v_proj(u)
// std/gelu_mlp.hyb:6: h = up_proj(u)
// std/gelu_mlp.hyb:7: h = if act != none then activation(h, act) else if exact then gelu(h) else gelu_tanh(h)
// std/norms.hyb:20: c = x - mean(x, over)
// std/norms.hyb:21: return c * rsqrt(mean(c * c, over) + eps) * w + bias(w)

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>, 1136>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 240>;
@group(0) @binding(3) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(4) var<storage, read> sum_2: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(6) var<storage, read_write> q_k_v: array<f32, 4544>;

var<workgroup> input_tile: array<vec4<f32>, 136>;
var<workgroup> weight_tile: array<vec4<f32>, 136>;

fn op_gelu_tanh(x: f32) -> f32 {
  let inner = 0.79788456 * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1.0 + tanh(clamp(inner, -10.0, 10.0)));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let column = local_invocation_index % 8u;
  let line = local_invocation_index / 8u * 4u;
  let first_token = workgroup_id.x * 32u;
  let first_row = workgroup_id.y * 32u;
  let input_quad = local_invocation_index % 4u;
  let input_at = local_invocation_index / 4u;
  let input_place = input_quad * 34u + input_at;
  let input_source = min(first_token + input_at, 31u);
  var next_input = vec4<f32>();
  let input_quad_2 = (local_invocation_index + 64u) % 4u;
  let input_at_2 = (local_invocation_index + 64u) / 4u;
  let input_place_2 = input_quad_2 * 34u + input_at_2;
  let input_source_2 = min(first_token + input_at_2, 31u);
  var next_input_2 = vec4<f32>();
  let weight_quad = local_invocation_index % 4u;
  let weight_at = local_invocation_index / 4u;
  let weight_place = weight_quad * 34u + weight_at;
  let weight_source = min(first_row + weight_at, 141u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 141u);
  var next_weight_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  var sum_5 = vec4<f32>();
  var sum_6 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = weights[weight_source * 8u + weight_quad];
  next_weight_2 = weights[weight_source_2 * 8u + weight_quad_2];
  let x = x_in[(input_source * 30u + min(4u * input_quad + 0u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 0u, 29u)) % 4u];
  let mul = sum[input_source / 4u][input_source % 4u];
  let c = (x - mul);
  let rsqrt = sum_2[input_source / 4u][input_source % 4u];
  let mul_2 = (c * rsqrt);
  let n = vectors[min(4u * input_quad + 0u, 29u) / 4u][min(4u * input_quad + 0u, 29u) % 4u];
  let mul_3 = (mul_2 * n);
  let n_bias = vectors[(min(4u * input_quad + 0u, 29u) + 32u) / 4u][(min(4u * input_quad + 0u, 29u) + 32u) % 4u];
  let x_2 = x_in[(input_source * 30u + min(4u * input_quad + 1u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 1u, 29u)) % 4u];
  let c_2 = (x_2 - mul);
  let mul_4 = (c_2 * rsqrt);
  let n_2 = vectors[min(4u * input_quad + 1u, 29u) / 4u][min(4u * input_quad + 1u, 29u) % 4u];
  let mul_5 = (mul_4 * n_2);
  let n_bias_2 = vectors[(min(4u * input_quad + 1u, 29u) + 32u) / 4u][(min(4u * input_quad + 1u, 29u) + 32u) % 4u];
  let x_3 = x_in[(input_source * 30u + min(4u * input_quad + 2u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 2u, 29u)) % 4u];
  let c_3 = (x_3 - mul);
  let mul_6 = (c_3 * rsqrt);
  let n_3 = vectors[min(4u * input_quad + 2u, 29u) / 4u][min(4u * input_quad + 2u, 29u) % 4u];
  let mul_7 = (mul_6 * n_3);
  let n_bias_3 = vectors[(min(4u * input_quad + 2u, 29u) + 32u) / 4u][(min(4u * input_quad + 2u, 29u) + 32u) % 4u];
  let x_4 = x_in[(input_source * 30u + min(4u * input_quad + 3u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 3u, 29u)) % 4u];
  let c_4 = (x_4 - mul);
  let mul_8 = (c_4 * rsqrt);
  let n_4 = vectors[min(4u * input_quad + 3u, 29u) / 4u][min(4u * input_quad + 3u, 29u) % 4u];
  let mul_9 = (mul_8 * n_4);
  let n_bias_4 = vectors[(min(4u * input_quad + 3u, 29u) + 32u) / 4u][(min(4u * input_quad + 3u, 29u) + 32u) % 4u];
  next_input = vec4<f32>(select(0.0, (mul_3 + n_bias), 4u * input_quad + 0u < 30u), select(0.0, (mul_5 + n_bias_2), 4u * input_quad + 1u < 30u), select(0.0, (mul_7 + n_bias_3), 4u * input_quad + 2u < 30u), select(0.0, (mul_9 + n_bias_4), 4u * input_quad + 3u < 30u));
  let x_5 = x_in[(input_source_2 * 30u + min(4u * input_quad_2 + 0u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 0u, 29u)) % 4u];
  let mul_10 = sum[input_source_2 / 4u][input_source_2 % 4u];
  let c_5 = (x_5 - mul_10);
  let rsqrt_2 = sum_2[input_source_2 / 4u][input_source_2 % 4u];
  let mul_11 = (c_5 * rsqrt_2);
  let n_5 = vectors[min(4u * input_quad_2 + 0u, 29u) / 4u][min(4u * input_quad_2 + 0u, 29u) % 4u];
  let mul_12 = (mul_11 * n_5);
  let n_bias_5 = vectors[(min(4u * input_quad_2 + 0u, 29u) + 32u) / 4u][(min(4u * input_quad_2 + 0u, 29u) + 32u) % 4u];
  let x_6 = x_in[(input_source_2 * 30u + min(4u * input_quad_2 + 1u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 1u, 29u)) % 4u];
  let c_6 = (x_6 - mul_10);
  let mul_13 = (c_6 * rsqrt_2);
  let n_6 = vectors[min(4u * input_quad_2 + 1u, 29u) / 4u][min(4u * input_quad_2 + 1u, 29u) % 4u];
  let mul_14 = (mul_13 * n_6);
  let n_bias_6 = vectors[(min(4u * input_quad_2 + 1u, 29u) + 32u) / 4u][(min(4u * input_quad_2 + 1u, 29u) + 32u) % 4u];
  let x_7 = x_in[(input_source_2 * 30u + min(4u * input_quad_2 + 2u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 2u, 29u)) % 4u];
  let c_7 = (x_7 - mul_10);
  let mul_15 = (c_7 * rsqrt_2);
  let n_7 = vectors[min(4u * input_quad_2 + 2u, 29u) / 4u][min(4u * input_quad_2 + 2u, 29u) % 4u];
  let mul_16 = (mul_15 * n_7);
  let n_bias_7 = vectors[(min(4u * input_quad_2 + 2u, 29u) + 32u) / 4u][(min(4u * input_quad_2 + 2u, 29u) + 32u) % 4u];
  let x_8 = x_in[(input_source_2 * 30u + min(4u * input_quad_2 + 3u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 3u, 29u)) % 4u];
  let c_8 = (x_8 - mul_10);
  let mul_17 = (c_8 * rsqrt_2);
  let n_8 = vectors[min(4u * input_quad_2 + 3u, 29u) / 4u][min(4u * input_quad_2 + 3u, 29u) % 4u];
  let mul_18 = (mul_17 * n_8);
  let n_bias_8 = vectors[(min(4u * input_quad_2 + 3u, 29u) + 32u) / 4u][(min(4u * input_quad_2 + 3u, 29u) + 32u) % 4u];
  next_input_2 = vec4<f32>(select(0.0, (mul_12 + n_bias_5), 4u * input_quad_2 + 0u < 30u), select(0.0, (mul_14 + n_bias_6), 4u * input_quad_2 + 1u < 30u), select(0.0, (mul_16 + n_bias_7), 4u * input_quad_2 + 2u < 30u), select(0.0, (mul_18 + n_bias_8), 4u * input_quad_2 + 3u < 30u));
  for (var stage = 0u; stage < 2u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 1u);
    let quad = next * 4u + weight_quad;
    next_weight = weights[weight_source * 8u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = weights[weight_source_2 * 8u + quad_2];
    let quad_3 = next * 4u + input_quad;
    let x_9 = x_in[(input_source * 30u + min(4u * quad_3 + 0u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 0u, 29u)) % 4u];
    let mul_19 = sum[input_source / 4u][input_source % 4u];
    let c_9 = (x_9 - mul_19);
    let rsqrt_3 = sum_2[input_source / 4u][input_source % 4u];
    let mul_20 = (c_9 * rsqrt_3);
    let n_9 = vectors[min(4u * quad_3 + 0u, 29u) / 4u][min(4u * quad_3 + 0u, 29u) % 4u];
    let mul_21 = (mul_20 * n_9);
    let n_bias_9 = vectors[(min(4u * quad_3 + 0u, 29u) + 32u) / 4u][(min(4u * quad_3 + 0u, 29u) + 32u) % 4u];
    let x_10 = x_in[(input_source * 30u + min(4u * quad_3 + 1u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 1u, 29u)) % 4u];
    let c_10 = (x_10 - mul_19);
    let mul_22 = (c_10 * rsqrt_3);
    let n_10 = vectors[min(4u * quad_3 + 1u, 29u) / 4u][min(4u * quad_3 + 1u, 29u) % 4u];
    let mul_23 = (mul_22 * n_10);
    let n_bias_10 = vectors[(min(4u * quad_3 + 1u, 29u) + 32u) / 4u][(min(4u * quad_3 + 1u, 29u) + 32u) % 4u];
    let x_11 = x_in[(input_source * 30u + min(4u * quad_3 + 2u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 2u, 29u)) % 4u];
    let c_11 = (x_11 - mul_19);
    let mul_24 = (c_11 * rsqrt_3);
    let n_11 = vectors[min(4u * quad_3 + 2u, 29u) / 4u][min(4u * quad_3 + 2u, 29u) % 4u];
    let mul_25 = (mul_24 * n_11);
    let n_bias_11 = vectors[(min(4u * quad_3 + 2u, 29u) + 32u) / 4u][(min(4u * quad_3 + 2u, 29u) + 32u) % 4u];
    let x_12 = x_in[(input_source * 30u + min(4u * quad_3 + 3u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 3u, 29u)) % 4u];
    let c_12 = (x_12 - mul_19);
    let mul_26 = (c_12 * rsqrt_3);
    let n_12 = vectors[min(4u * quad_3 + 3u, 29u) / 4u][min(4u * quad_3 + 3u, 29u) % 4u];
    let mul_27 = (mul_26 * n_12);
    let n_bias_12 = vectors[(min(4u * quad_3 + 3u, 29u) + 32u) / 4u][(min(4u * quad_3 + 3u, 29u) + 32u) % 4u];
    next_input = vec4<f32>(select(0.0, (mul_21 + n_bias_9), 4u * quad_3 + 0u < 30u), select(0.0, (mul_23 + n_bias_10), 4u * quad_3 + 1u < 30u), select(0.0, (mul_25 + n_bias_11), 4u * quad_3 + 2u < 30u), select(0.0, (mul_27 + n_bias_12), 4u * quad_3 + 3u < 30u));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[(input_source_2 * 30u + min(4u * quad_4 + 0u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 0u, 29u)) % 4u];
    let mul_28 = sum[input_source_2 / 4u][input_source_2 % 4u];
    let c_13 = (x_13 - mul_28);
    let rsqrt_4 = sum_2[input_source_2 / 4u][input_source_2 % 4u];
    let mul_29 = (c_13 * rsqrt_4);
    let n_13 = vectors[min(4u * quad_4 + 0u, 29u) / 4u][min(4u * quad_4 + 0u, 29u) % 4u];
    let mul_30 = (mul_29 * n_13);
    let n_bias_13 = vectors[(min(4u * quad_4 + 0u, 29u) + 32u) / 4u][(min(4u * quad_4 + 0u, 29u) + 32u) % 4u];
    let x_14 = x_in[(input_source_2 * 30u + min(4u * quad_4 + 1u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 1u, 29u)) % 4u];
    let c_14 = (x_14 - mul_28);
    let mul_31 = (c_14 * rsqrt_4);
    let n_14 = vectors[min(4u * quad_4 + 1u, 29u) / 4u][min(4u * quad_4 + 1u, 29u) % 4u];
    let mul_32 = (mul_31 * n_14);
    let n_bias_14 = vectors[(min(4u * quad_4 + 1u, 29u) + 32u) / 4u][(min(4u * quad_4 + 1u, 29u) + 32u) % 4u];
    let x_15 = x_in[(input_source_2 * 30u + min(4u * quad_4 + 2u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 2u, 29u)) % 4u];
    let c_15 = (x_15 - mul_28);
    let mul_33 = (c_15 * rsqrt_4);
    let n_15 = vectors[min(4u * quad_4 + 2u, 29u) / 4u][min(4u * quad_4 + 2u, 29u) % 4u];
    let mul_34 = (mul_33 * n_15);
    let n_bias_15 = vectors[(min(4u * quad_4 + 2u, 29u) + 32u) / 4u][(min(4u * quad_4 + 2u, 29u) + 32u) % 4u];
    let x_16 = x_in[(input_source_2 * 30u + min(4u * quad_4 + 3u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 3u, 29u)) % 4u];
    let c_16 = (x_16 - mul_28);
    let mul_35 = (c_16 * rsqrt_4);
    let n_16 = vectors[min(4u * quad_4 + 3u, 29u) / 4u][min(4u * quad_4 + 3u, 29u) % 4u];
    let mul_36 = (mul_35 * n_16);
    let n_bias_16 = vectors[(min(4u * quad_4 + 3u, 29u) + 32u) / 4u][(min(4u * quad_4 + 3u, 29u) + 32u) % 4u];
    next_input_2 = vec4<f32>(select(0.0, (mul_30 + n_bias_13), 4u * quad_4 + 0u < 30u), select(0.0, (mul_32 + n_bias_14), 4u * quad_4 + 1u < 30u), select(0.0, (mul_34 + n_bias_15), 4u * quad_4 + 2u < 30u), select(0.0, (mul_36 + n_bias_16), 4u * quad_4 + 3u < 30u));
    if (is_live) {
      for (var part = 0u; part < 4u; part++) {
        let x_17 = input_tile[part * 34u + line];
        let x_18 = input_tile[part * 34u + line + 1u];
        let x_19 = input_tile[part * 34u + line + 2u];
        let x_20 = input_tile[part * 34u + line + 3u];
        let w = weight_tile[part * 34u + column];
        let w_2 = weight_tile[part * 34u + column + 8u];
        let w_3 = weight_tile[part * 34u + column + 16u];
        let w_4 = weight_tile[part * 34u + column + 24u];
        let across = vec4<f32>(w.x, w_2.x, w_3.x, w_4.x);
        sum_3 = fma(vec4<f32>(x_17.x), across, sum_3);
        sum_4 = fma(vec4<f32>(x_18.x), across, sum_4);
        sum_5 = fma(vec4<f32>(x_19.x), across, sum_5);
        sum_6 = fma(vec4<f32>(x_20.x), across, sum_6);
        let across_2 = vec4<f32>(w.y, w_2.y, w_3.y, w_4.y);
        sum_3 = fma(vec4<f32>(x_17.y), across_2, sum_3);
        sum_4 = fma(vec4<f32>(x_18.y), across_2, sum_4);
        sum_5 = fma(vec4<f32>(x_19.y), across_2, sum_5);
        sum_6 = fma(vec4<f32>(x_20.y), across_2, sum_6);
        let across_3 = vec4<f32>(w.z, w_2.z, w_3.z, w_4.z);
        sum_3 = fma(vec4<f32>(x_17.z), across_3, sum_3);
        sum_4 = fma(vec4<f32>(x_18.z), across_3, sum_4);
        sum_5 = fma(vec4<f32>(x_19.z), across_3, sum_5);
        sum_6 = fma(vec4<f32>(x_20.z), across_3, sum_6);
        let across_4 = vec4<f32>(w.w, w_2.w, w_3.w, w_4.w);
        sum_3 = fma(vec4<f32>(x_17.w), across_4, sum_3);
        sum_4 = fma(vec4<f32>(x_18.w), across_4, sum_4);
        sum_5 = fma(vec4<f32>(x_19.w), across_4, sum_5);
        sum_6 = fma(vec4<f32>(x_20.w), across_4, sum_6);
      }
    }
    workgroupBarrier();
  }
  var results = array<f32, 16>(sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w, sum_5.x, sum_5.y, sum_5.z, sum_5.w, sum_6.x, sum_6.y, sum_6.z, sum_6.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1] && row < 142u) {
      let total = results[result];
      if (row >= 0u && row < 30u) {
        let f_q_proj_bias = vectors[(row + 64u) / 4u][(row + 64u) % 4u];
        let q = (total + f_q_proj_bias);
        q_k_v[token * 30u + row] = q;
      }
      if (row >= 30u && row < 60u) {
        let local_row = row - 30u;
        let f_k_proj_bias = vectors[(local_row + 96u) / 4u][(local_row + 96u) % 4u];
        let k = (total + f_k_proj_bias);
        q_k_v[token * 30u + local_row + 960u] = k;
      }
      if (row >= 60u && row < 90u) {
        let local_row_2 = row - 60u;
        let f_v_proj_bias = vectors[(local_row_2 + 128u) / 4u][(local_row_2 + 128u) % 4u];
        let v = (total + f_v_proj_bias);
        q_k_v[token * 30u + local_row_2 + 1920u] = v;
      }
      if (row >= 90u && row < 142u) {
        let local_row_3 = row - 90u;
        let g_up_proj_bias = vectors[(local_row_3 + 196u) / 4u][(local_row_3 + 196u) % 4u];
        let h = (total + g_up_proj_bias);
        let h_2 = op_gelu_tanh(h);
        q_k_v[token * 52u + local_row_3 + 2880u] = h_2;
      }
    }
  }
}

// ---- par_append_attended_prefill.wgsl
// PAR: remember the keys and values of attended.
// 1,920 FLOP, 34,568 bytes read, 30,720 written for 32 tokens.
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)

@group(0) @binding(0) var<storage, read_write> k_memory: array<f32, 3840>;
@group(0) @binding(1) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(2) var<storage, read> control: array<u32, 16>;
@group(0) @binding(3) var<storage, read> q_k_v: array<vec4<f32>, 1136>;
@group(0) @binding(4) var<storage, read_write> v_memory: array<f32, 3840>;

fn turn(position: u32, frequency: f32) -> vec2<f32> {
  let angle = f32(position) * frequency;
  let quarters = round(angle * 0.63661975);
  let rest = (angle - quarters * 1.5703125) - quarters * 0.00048382679;
  let square = rest * rest;
  let s = rest + rest * square * (-0.16666655 + square * (0.0083321609 - square * 0.00019515296));
  let c = 1.0 - 0.5 * square + square * square * (0.041666646 + square * (-0.0013887316 + square * 0.000024433157));
  let quadrant = u32(i32(quarters) & 3);
  let swapped = select(vec2<f32>(c, s), vec2<f32>(s, c), quadrant % 2u == 1u);
  return swapped * vec2<f32>(
    select(1.0, -1.0, quadrant == 1u || quadrant == 2u),
    select(1.0, -1.0, quadrant >= 2u),
  );
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index;
  if (row >= 60u) { return; }
  let token = workgroup_id.y;
  if (row >= 0u && row < 30u) {
    let part = (row) % 6u;
    let pair = part % 2u;
    let angle = turn((control[0] + token), vectors[(pair + 160u) / 4u][(pair + 160u) % 4u]);
    let first = q_k_v[(token * 30u + (row / 6u) * 6u + pair + 960u) / 4u][(token * 30u + (row / 6u) * 6u + pair + 960u) % 4u];
    let second = q_k_v[(token * 30u + (row / 6u) * 6u + pair + 2u + 960u) / 4u][(token * 30u + (row / 6u) * 6u + pair + 2u + 960u) % 4u];
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part < 2u);
    let kept = q_k_v[(token * 30u + (row / 6u) * 6u + part + 960u) / 4u][(token * 30u + (row / 6u) * 6u + part + 960u) % 4u];
    let value = select(kept, rotated, part < 4u);
    let slot = (control[0] + token) % 128u;
    k_memory[(row / 6u) * 768u + slot * 6u + (row) % 6u] = value;
  }
  if (row >= 30u && row < 60u) {
    let local_row = row - 30u;
    let value_2 = q_k_v[(token * 30u + local_row + 1920u) / 4u][(token * 30u + local_row + 1920u) % 4u];
    let slot_2 = (control[0] + token) % 128u;
    v_memory[(local_row / 6u) * 768u + slot_2 * 6u + (local_row) % 6u] = value_2;
  }
}

// ---- par_attended_prefill.wgsl
// PAR: attended with rotate, attend.
// Stores attended [kv 5, per 1, value 6].
// 577,280 FLOP, 42,248 bytes read, 3,840 written for 32 tokens.
// std/attention.hyb:66: q = rotate(q, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:70: attended = attend(

@group(0) @binding(0) var<storage, read> k_memory: array<vec4<f32>, 960>;
@group(0) @binding(1) var<storage, read> v_memory: array<vec4<f32>, 960>;
@group(0) @binding(2) var<storage, read> control: array<u32, 16>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(4) var<storage, read> q_k_v: array<vec4<f32>, 1136>;
@group(0) @binding(5) var<storage, read_write> attended: array<f32, 960>;

var<workgroup> queries: array<vec4<f32>, 64>;
var<workgroup> rows: array<vec4<f32>, 256>;
var<workgroup> weights: array<vec4<f32>, 256>;

fn turn(position: u32, frequency: f32) -> vec2<f32> {
  let angle = f32(position) * frequency;
  let quarters = round(angle * 0.63661975);
  let rest = (angle - quarters * 1.5703125) - quarters * 0.00048382679;
  let square = rest * rest;
  let s = rest + rest * square * (-0.16666655 + square * (0.0083321609 - square * 0.00019515296));
  let c = 1.0 - 0.5 * square + square * square * (0.041666646 + square * (-0.0013887316 + square * 0.000024433157));
  let quadrant = u32(i32(quarters) & 3);
  let swapped = select(vec2<f32>(c, s), vec2<f32>(s, c), quadrant % 2u == 1u);
  return swapped * vec2<f32>(
    select(1.0, -1.0, quadrant == 1u || quadrant == 2u),
    select(1.0, -1.0, quadrant >= 2u),
  );
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let current = control[0];
  let count = control[1];
  let first_token = workgroup_id.x * 32u;
  if (first_token >= count) { return; }
  let group = min(workgroup_id.y, 4u);
  let first_head = 0u;
  let first_quad = 0u;
  let across = local_invocation_index % 8u;
  let down = local_invocation_index / 8u;
  let last_token = min(first_token + 32u, count);
  let row_position = current + vec4<u32>(min(first_token + (down * 4u + 0u) / 1u, count - 1u), min(first_token + (down * 4u + 1u) / 1u, count - 1u), min(first_token + (down * 4u + 2u) / 1u, count - 1u), min(first_token + (down * 4u + 3u) / 1u, count - 1u));
  let span = current + last_token;
  {
    let item = local_invocation_index;
    let element = item % 8u;
    let four = item / 8u;
    let d = min(element, 5u);
    let row = four * 4u;
    let token = first_token + row / 1u;
    let head = min(first_head + row % 1u, 0u);
    let token_2 = min(token, count - 1u);
    let part = d;
    let pair = part % 2u;
    let angle = turn((control[0] + token_2), vectors[(pair + 160u) / 4u][(pair + 160u) % 4u]);
    let first = q_k_v[(token_2 * 30u + group * 6u + pair) / 4u][(token_2 * 30u + group * 6u + pair) % 4u];
    let second = q_k_v[(token_2 * 30u + group * 6u + pair + 2u) / 4u][(token_2 * 30u + group * 6u + pair + 2u) % 4u];
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part < 2u);
    let kept = q_k_v[(token_2 * 30u + group * 6u + part) / 4u][(token_2 * 30u + group * 6u + part) % 4u];
    let q = select(kept, rotated, part < 4u);
    let row_2 = four * 4u + 1u;
    let token_3 = first_token + row_2 / 1u;
    let head_2 = min(first_head + row_2 % 1u, 0u);
    let token_4 = min(token_3, count - 1u);
    let angle_2 = turn((control[0] + token_4), vectors[(pair + 160u) / 4u][(pair + 160u) % 4u]);
    let first_2 = q_k_v[(token_4 * 30u + group * 6u + pair) / 4u][(token_4 * 30u + group * 6u + pair) % 4u];
    let second_2 = q_k_v[(token_4 * 30u + group * 6u + pair + 2u) / 4u][(token_4 * 30u + group * 6u + pair + 2u) % 4u];
    let rotated_2 = select(second_2 * angle_2.x + first_2 * angle_2.y, first_2 * angle_2.x - second_2 * angle_2.y, part < 2u);
    let kept_2 = q_k_v[(token_4 * 30u + group * 6u + part) / 4u][(token_4 * 30u + group * 6u + part) % 4u];
    let q_2 = select(kept_2, rotated_2, part < 4u);
    let row_3 = four * 4u + 2u;
    let token_5 = first_token + row_3 / 1u;
    let head_3 = min(first_head + row_3 % 1u, 0u);
    let token_6 = min(token_5, count - 1u);
    let angle_3 = turn((control[0] + token_6), vectors[(pair + 160u) / 4u][(pair + 160u) % 4u]);
    let first_3 = q_k_v[(token_6 * 30u + group * 6u + pair) / 4u][(token_6 * 30u + group * 6u + pair) % 4u];
    let second_3 = q_k_v[(token_6 * 30u + group * 6u + pair + 2u) / 4u][(token_6 * 30u + group * 6u + pair + 2u) % 4u];
    let rotated_3 = select(second_3 * angle_3.x + first_3 * angle_3.y, first_3 * angle_3.x - second_3 * angle_3.y, part < 2u);
    let kept_3 = q_k_v[(token_6 * 30u + group * 6u + part) / 4u][(token_6 * 30u + group * 6u + part) % 4u];
    let q_3 = select(kept_3, rotated_3, part < 4u);
    let row_4 = four * 4u + 3u;
    let token_7 = first_token + row_4 / 1u;
    let head_4 = min(first_head + row_4 % 1u, 0u);
    let token_8 = min(token_7, count - 1u);
    let angle_4 = turn((control[0] + token_8), vectors[(pair + 160u) / 4u][(pair + 160u) % 4u]);
    let first_4 = q_k_v[(token_8 * 30u + group * 6u + pair) / 4u][(token_8 * 30u + group * 6u + pair) % 4u];
    let second_4 = q_k_v[(token_8 * 30u + group * 6u + pair + 2u) / 4u][(token_8 * 30u + group * 6u + pair + 2u) % 4u];
    let rotated_4 = select(second_4 * angle_4.x + first_4 * angle_4.y, first_4 * angle_4.x - second_4 * angle_4.y, part < 2u);
    let kept_4 = q_k_v[(token_8 * 30u + group * 6u + part) / 4u][(token_8 * 30u + group * 6u + part) % 4u];
    let q_4 = select(kept_4, rotated_4, part < 4u);
    queries[element * 8u + four] = select(vec4<f32>(), vec4<f32>(q, q_2, q_3, q_4) * 0.5889778137207031, element < 6u);
  }
  var peak = vec4<f32>(-3.4e38);
  var total = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  for (var base = 0u; base < span; base += 32u) {
    var score = vec4<f32>();
    var score_2 = vec4<f32>();
    var score_3 = vec4<f32>();
    var score_4 = vec4<f32>();
    workgroupBarrier();
    {
      let item_2 = local_invocation_index;
      let entry = item_2 % 8u;
      let four_2 = item_2 / 8u;
      let entry_2 = min(entry, 5u);
      let position = min(base + four_2 * 4u + 0u, span - 1u);
      let slot = position % 128u;
      let k = k_memory[(group * 768u + slot * 6u + entry_2) / 4u][(group * 768u + slot * 6u + entry_2) % 4u];
      let position_2 = min(base + four_2 * 4u + 1u, span - 1u);
      let slot_2 = position_2 % 128u;
      let k_2 = k_memory[(group * 768u + slot_2 * 6u + entry_2) / 4u][(group * 768u + slot_2 * 6u + entry_2) % 4u];
      let position_3 = min(base + four_2 * 4u + 2u, span - 1u);
      let slot_3 = position_3 % 128u;
      let k_3 = k_memory[(group * 768u + slot_3 * 6u + entry_2) / 4u][(group * 768u + slot_3 * 6u + entry_2) % 4u];
      let position_4 = min(base + four_2 * 4u + 3u, span - 1u);
      let slot_4 = position_4 % 128u;
      let k_4 = k_memory[(group * 768u + slot_4 * 6u + entry_2) / 4u][(group * 768u + slot_4 * 6u + entry_2) % 4u];
      rows[entry * 8u + four_2] = vec4<f32>(k, k_2, k_3, k_4);
    }
    workgroupBarrier();
    for (var element_2 = 0u; element_2 < 8u; element_2++) {
      let q_5 = queries[element_2 * 8u + down];
      let k_5 = rows[element_2 * 8u + across];
      score = fma(q_5, vec4<f32>(k_5.x), score);
      score_2 = fma(q_5, vec4<f32>(k_5.y), score_2);
      score_3 = fma(q_5, vec4<f32>(k_5.z), score_3);
      score_4 = fma(q_5, vec4<f32>(k_5.w), score_4);
    }
    let index = base + across * 4u + 0u;
    let position_5 = min(index, span - 1u);
    let position_6 = vec4<u32>(position_5);
    let seen = (position_6 <= row_position) & vec4<bool>(index < span);
    let score_5 = select(vec4<f32>(-3.4e38), score, seen);
    let index_2 = base + across * 4u + 1u;
    let position_7 = min(index_2, span - 1u);
    let position_8 = vec4<u32>(position_7);
    let seen_2 = (position_8 <= row_position) & vec4<bool>(index_2 < span);
    let score_6 = select(vec4<f32>(-3.4e38), score_2, seen_2);
    let index_3 = base + across * 4u + 2u;
    let position_9 = min(index_3, span - 1u);
    let position_10 = vec4<u32>(position_9);
    let seen_3 = (position_10 <= row_position) & vec4<bool>(index_3 < span);
    let score_7 = select(vec4<f32>(-3.4e38), score_3, seen_3);
    let index_4 = base + across * 4u + 3u;
    let position_11 = min(index_4, span - 1u);
    let position_12 = vec4<u32>(position_11);
    let seen_4 = (position_12 <= row_position) & vec4<bool>(index_4 < span);
    let score_8 = select(vec4<f32>(-3.4e38), score_4, seen_4);
    weights[across * 8u + down] = max(max(max(score_5, score_6), score_7), score_8);
    workgroupBarrier();
    var next_peak = peak;
    for (var other = 0u; other < 8u; other++) {
      next_peak = max(next_peak, weights[other * 8u + down]);
    }
    workgroupBarrier();
    let keep = exp2(peak - next_peak);
    peak = next_peak;
    total *= keep;
    sum *= keep.x;
    sum_2 *= keep.y;
    sum_3 *= keep.z;
    sum_4 *= keep.w;
    let weight = select(vec4<f32>(), exp2(score_5 - next_peak), seen);
    total += weight;
    weights[(across * 4u + 0u) * 8u + down] = weight;
    let weight_2 = select(vec4<f32>(), exp2(score_6 - next_peak), seen_2);
    total += weight_2;
    weights[(across * 4u + 1u) * 8u + down] = weight_2;
    let weight_3 = select(vec4<f32>(), exp2(score_7 - next_peak), seen_3);
    total += weight_3;
    weights[(across * 4u + 2u) * 8u + down] = weight_3;
    let weight_4 = select(vec4<f32>(), exp2(score_8 - next_peak), seen_4);
    total += weight_4;
    weights[(across * 4u + 3u) * 8u + down] = weight_4;
    for (var round_2 = 0u; round_2 < 4u; round_2++) {
      let item_3 = round_2 * 64u + local_invocation_index;
      let column = item_3 / 8u;
      let quad = min(first_quad + 0u + item_3 % 8u, 1u);
      let position_13 = min(base + column, span - 1u);
      let slot_5 = position_13 % 128u;
      let d_2 = quad * 4u;
      let d_3 = quad * 4u + 1u;
      let d_4 = quad * 4u + 2u;
      let d_5 = quad * 4u + 3u;
      let d_6 = min(d_2, 5u);
      let v = v_memory[(group * 768u + slot_5 * 6u + d_6) / 4u][(group * 768u + slot_5 * 6u + d_6) % 4u];
      let d_7 = min(d_3, 5u);
      let v_2 = v_memory[(group * 768u + slot_5 * 6u + d_7) / 4u][(group * 768u + slot_5 * 6u + d_7) % 4u];
      let d_8 = min(d_4, 5u);
      let v_3 = v_memory[(group * 768u + slot_5 * 6u + d_8) / 4u][(group * 768u + slot_5 * 6u + d_8) % 4u];
      let d_9 = min(d_5, 5u);
      let v_4 = v_memory[(group * 768u + slot_5 * 6u + d_9) / 4u][(group * 768u + slot_5 * 6u + d_9) % 4u];
      rows[item_3] = vec4<f32>(v, v_2, v_3, v_4);
    }
    workgroupBarrier();
    for (var column_2 = 0u; column_2 < 32u; column_2++) {
      let weight_5 = weights[column_2 * 8u + down];
      let v_5 = rows[column_2 * 8u + across];
      sum = fma(vec4<f32>(weight_5.x), v_5, sum);
      sum_2 = fma(vec4<f32>(weight_5.y), v_5, sum_2);
      sum_3 = fma(vec4<f32>(weight_5.z), v_5, sum_3);
      sum_4 = fma(vec4<f32>(weight_5.w), v_5, sum_4);
    }
  }
  workgroupBarrier();
  weights[across * 8u + down] = total;
  workgroupBarrier();
  total = vec4<f32>();
  for (var other_2 = 0u; other_2 < 8u; other_2++) {
    total += weights[other_2 * 8u + down];
  }
  {
    let row_5 = down * 4u + 0u;
    let token_9 = first_token + row_5 / 1u;
    let head_5 = first_head + row_5 % 1u;
    if (token_9 < count) {
      let inverse = 1.0 / (total.x);
      let local = 0u + across;
      if (local < 2u) {
        let result = sum * inverse;
        let d_10 = (first_quad + local) * 4u + 0u;
        if (d_10 < 6u) {
          let attended_2 = result.x;
          attended[token_9 * 30u + group * 6u + d_10] = attended_2;
        }
        let d_11 = (first_quad + local) * 4u + 1u;
        if (d_11 < 6u) {
          let attended_3 = result.y;
          attended[token_9 * 30u + group * 6u + d_11] = attended_3;
        }
        let d_12 = (first_quad + local) * 4u + 2u;
        if (d_12 < 6u) {
          let attended_4 = result.z;
          attended[token_9 * 30u + group * 6u + d_12] = attended_4;
        }
        let d_13 = (first_quad + local) * 4u + 3u;
        if (d_13 < 6u) {
          let attended_5 = result.w;
          attended[token_9 * 30u + group * 6u + d_13] = attended_5;
        }
      }
    }
  }
  {
    let row_6 = down * 4u + 1u;
    let token_10 = first_token + row_6 / 1u;
    let head_6 = first_head + row_6 % 1u;
    if (token_10 < count) {
      let inverse_2 = 1.0 / (total.y);
      let local_2 = 0u + across;
      if (local_2 < 2u) {
        let result_2 = sum_2 * inverse_2;
        let d_14 = (first_quad + local_2) * 4u + 0u;
        if (d_14 < 6u) {
          let attended_6 = result_2.x;
          attended[token_10 * 30u + group * 6u + d_14] = attended_6;
        }
        let d_15 = (first_quad + local_2) * 4u + 1u;
        if (d_15 < 6u) {
          let attended_7 = result_2.y;
          attended[token_10 * 30u + group * 6u + d_15] = attended_7;
        }
        let d_16 = (first_quad + local_2) * 4u + 2u;
        if (d_16 < 6u) {
          let attended_8 = result_2.z;
          attended[token_10 * 30u + group * 6u + d_16] = attended_8;
        }
        let d_17 = (first_quad + local_2) * 4u + 3u;
        if (d_17 < 6u) {
          let attended_9 = result_2.w;
          attended[token_10 * 30u + group * 6u + d_17] = attended_9;
        }
      }
    }
  }
  {
    let row_7 = down * 4u + 2u;
    let token_11 = first_token + row_7 / 1u;
    let head_7 = first_head + row_7 % 1u;
    if (token_11 < count) {
      let inverse_3 = 1.0 / (total.z);
      let local_3 = 0u + across;
      if (local_3 < 2u) {
        let result_3 = sum_3 * inverse_3;
        let d_18 = (first_quad + local_3) * 4u + 0u;
        if (d_18 < 6u) {
          let attended_10 = result_3.x;
          attended[token_11 * 30u + group * 6u + d_18] = attended_10;
        }
        let d_19 = (first_quad + local_3) * 4u + 1u;
        if (d_19 < 6u) {
          let attended_11 = result_3.y;
          attended[token_11 * 30u + group * 6u + d_19] = attended_11;
        }
        let d_20 = (first_quad + local_3) * 4u + 2u;
        if (d_20 < 6u) {
          let attended_12 = result_3.z;
          attended[token_11 * 30u + group * 6u + d_20] = attended_12;
        }
        let d_21 = (first_quad + local_3) * 4u + 3u;
        if (d_21 < 6u) {
          let attended_13 = result_3.w;
          attended[token_11 * 30u + group * 6u + d_21] = attended_13;
        }
      }
    }
  }
  {
    let row_8 = down * 4u + 3u;
    let token_12 = first_token + row_8 / 1u;
    let head_8 = first_head + row_8 % 1u;
    if (token_12 < count) {
      let inverse_4 = 1.0 / (total.w);
      let local_4 = 0u + across;
      if (local_4 < 2u) {
        let result_4 = sum_4 * inverse_4;
        let d_22 = (first_quad + local_4) * 4u + 0u;
        if (d_22 < 6u) {
          let attended_14 = result_4.x;
          attended[token_12 * 30u + group * 6u + d_22] = attended_14;
        }
        let d_23 = (first_quad + local_4) * 4u + 1u;
        if (d_23 < 6u) {
          let attended_15 = result_4.y;
          attended[token_12 * 30u + group * 6u + d_23] = attended_15;
        }
        let d_24 = (first_quad + local_4) * 4u + 2u;
        if (d_24 < 6u) {
          let attended_16 = result_4.z;
          attended[token_12 * 30u + group * 6u + d_24] = attended_16;
        }
        let d_25 = (first_quad + local_4) * 4u + 3u;
        if (d_25 < 6u) {
          let attended_17 = result_4.w;
          attended[token_12 * 30u + group * 6u + d_25] = attended_17;
        }
      }
    }
  }
}

// ---- par_g_down_proj_prefill.wgsl
// PAR: g.down_proj with add.
// Stores g.down_proj [width 30].
// 100,800 FLOP, 13,016 bytes read, 3,840 written for 32 tokens.
// std/gelu_mlp.hyb:8: return down_proj(h)

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> g_down_proj_weights: array<vec4<f32>, 390>;
@group(0) @binding(2) var<storage, read> q_k_v: array<vec4<f32>, 1136>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(4) var<storage, read_write> g_down_proj: array<f32, 960>;

var<workgroup> input_tile: array<vec4<f32>, 136>;
var<workgroup> weight_tile: array<vec4<f32>, 136>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let column = local_invocation_index % 8u;
  let line = local_invocation_index / 8u * 4u;
  let first_token = workgroup_id.x * 32u;
  let first_row = workgroup_id.y * 32u;
  let input_quad = local_invocation_index % 4u;
  let input_at = local_invocation_index / 4u;
  let input_place = input_quad * 34u + input_at;
  let input_source = min(first_token + input_at, 31u);
  var next_input = vec4<f32>();
  let input_quad_2 = (local_invocation_index + 64u) % 4u;
  let input_at_2 = (local_invocation_index + 64u) / 4u;
  let input_place_2 = input_quad_2 * 34u + input_at_2;
  let input_source_2 = min(first_token + input_at_2, 31u);
  var next_input_2 = vec4<f32>();
  let weight_quad = local_invocation_index % 4u;
  let weight_at = local_invocation_index / 4u;
  let weight_place = weight_quad * 34u + weight_at;
  let weight_source = min(first_row + weight_at, 29u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 29u);
  var next_weight_2 = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  let is_live = first_token + line < control[1];
  let quad = min(weight_quad, 12u);
  next_weight = g_down_proj_weights[weight_source * 13u + quad];
  let quad_2 = min(weight_quad_2, 12u);
  next_weight_2 = g_down_proj_weights[weight_source_2 * 13u + quad_2];
  let quad_3 = min(input_quad, 12u);
  next_input = select(vec4<f32>(), q_k_v[input_source * 13u + quad_3 + 720u], input_quad < 13u);
  let quad_4 = min(input_quad_2, 12u);
  next_input_2 = select(vec4<f32>(), q_k_v[input_source_2 * 13u + quad_4 + 720u], input_quad_2 < 13u);
  for (var stage = 0u; stage < 4u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 3u);
    let quad_5 = next * 4u + weight_quad;
    let quad_6 = min(quad_5, 12u);
    next_weight = g_down_proj_weights[weight_source * 13u + quad_6];
    let quad_7 = next * 4u + weight_quad_2;
    let quad_8 = min(quad_7, 12u);
    next_weight_2 = g_down_proj_weights[weight_source_2 * 13u + quad_8];
    let quad_9 = next * 4u + input_quad;
    let quad_10 = min(quad_9, 12u);
    next_input = select(vec4<f32>(), q_k_v[input_source * 13u + quad_10 + 720u], quad_9 < 13u);
    let quad_11 = next * 4u + input_quad_2;
    let quad_12 = min(quad_11, 12u);
    next_input_2 = select(vec4<f32>(), q_k_v[input_source_2 * 13u + quad_12 + 720u], quad_11 < 13u);
    if (is_live) {
      for (var part = 0u; part < 4u; part++) {
        let x = input_tile[part * 34u + line];
        let x_2 = input_tile[part * 34u + line + 1u];
        let x_3 = input_tile[part * 34u + line + 2u];
        let x_4 = input_tile[part * 34u + line + 3u];
        let w = weight_tile[part * 34u + column];
        let w_2 = weight_tile[part * 34u + column + 8u];
        let w_3 = weight_tile[part * 34u + column + 16u];
        let w_4 = weight_tile[part * 34u + column + 24u];
        let across = vec4<f32>(w.x, w_2.x, w_3.x, w_4.x);
        sum = fma(vec4<f32>(x.x), across, sum);
        sum_2 = fma(vec4<f32>(x_2.x), across, sum_2);
        sum_3 = fma(vec4<f32>(x_3.x), across, sum_3);
        sum_4 = fma(vec4<f32>(x_4.x), across, sum_4);
        let across_2 = vec4<f32>(w.y, w_2.y, w_3.y, w_4.y);
        sum = fma(vec4<f32>(x.y), across_2, sum);
        sum_2 = fma(vec4<f32>(x_2.y), across_2, sum_2);
        sum_3 = fma(vec4<f32>(x_3.y), across_2, sum_3);
        sum_4 = fma(vec4<f32>(x_4.y), across_2, sum_4);
        let across_3 = vec4<f32>(w.z, w_2.z, w_3.z, w_4.z);
        sum = fma(vec4<f32>(x.z), across_3, sum);
        sum_2 = fma(vec4<f32>(x_2.z), across_3, sum_2);
        sum_3 = fma(vec4<f32>(x_3.z), across_3, sum_3);
        sum_4 = fma(vec4<f32>(x_4.z), across_3, sum_4);
        let across_4 = vec4<f32>(w.w, w_2.w, w_3.w, w_4.w);
        sum = fma(vec4<f32>(x.w), across_4, sum);
        sum_2 = fma(vec4<f32>(x_2.w), across_4, sum_2);
        sum_3 = fma(vec4<f32>(x_3.w), across_4, sum_3);
        sum_4 = fma(vec4<f32>(x_4.w), across_4, sum_4);
      }
    }
    workgroupBarrier();
  }
  var results = array<f32, 16>(sum.x, sum.y, sum.z, sum.w, sum_2.x, sum_2.y, sum_2.z, sum_2.w, sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1] && row < 30u) {
      let total = results[result];
      let g_down_proj_bias = vectors[(row + 248u) / 4u][(row + 248u) % 4u];
      let add = (total + g_down_proj_bias);
      g_down_proj[token * 30u + row] = add;
    }
  }
}

// ---- par_f_o_proj_prefill.wgsl
// PAR: f.o_proj with add.
// Stores stream [width 30].
// 60,480 FLOP, 15,240 bytes read, 3,840 written for 32 tokens.
// std/attention.hyb:83: return o_proj(attended)
// std/blocks.hyb:37: return x + f(y) + g(y)

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> f_o_proj_weights: array<vec4<f32>, 240>;
@group(0) @binding(2) var<storage, read> attended: array<vec4<f32>, 240>;
@group(0) @binding(3) var<storage, read> x_in: array<vec4<f32>, 240>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(5) var<storage, read> g_down_proj: array<vec4<f32>, 240>;
@group(0) @binding(6) var<storage, read_write> stream: array<f32, 960>;

var<workgroup> input_tile: array<vec4<f32>, 136>;
var<workgroup> weight_tile: array<vec4<f32>, 136>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let column = local_invocation_index % 8u;
  let line = local_invocation_index / 8u * 4u;
  let first_token = workgroup_id.x * 32u;
  let first_row = workgroup_id.y * 32u;
  let input_quad = local_invocation_index % 4u;
  let input_at = local_invocation_index / 4u;
  let input_place = input_quad * 34u + input_at;
  let input_source = min(first_token + input_at, 31u);
  var next_input = vec4<f32>();
  let input_quad_2 = (local_invocation_index + 64u) % 4u;
  let input_at_2 = (local_invocation_index + 64u) / 4u;
  let input_place_2 = input_quad_2 * 34u + input_at_2;
  let input_source_2 = min(first_token + input_at_2, 31u);
  var next_input_2 = vec4<f32>();
  let weight_quad = local_invocation_index % 4u;
  let weight_at = local_invocation_index / 4u;
  let weight_place = weight_quad * 34u + weight_at;
  let weight_source = min(first_row + weight_at, 29u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 29u);
  var next_weight_2 = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = f_o_proj_weights[weight_source * 8u + weight_quad];
  next_weight_2 = f_o_proj_weights[weight_source_2 * 8u + weight_quad_2];
  next_input = vec4<f32>(select(0.0, attended[(input_source * 30u + min(4u * input_quad + 0u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 0u, 29u)) % 4u], 4u * input_quad + 0u < 30u), select(0.0, attended[(input_source * 30u + min(4u * input_quad + 1u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 1u, 29u)) % 4u], 4u * input_quad + 1u < 30u), select(0.0, attended[(input_source * 30u + min(4u * input_quad + 2u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 2u, 29u)) % 4u], 4u * input_quad + 2u < 30u), select(0.0, attended[(input_source * 30u + min(4u * input_quad + 3u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 3u, 29u)) % 4u], 4u * input_quad + 3u < 30u));
  next_input_2 = vec4<f32>(select(0.0, attended[(input_source_2 * 30u + min(4u * input_quad_2 + 0u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 0u, 29u)) % 4u], 4u * input_quad_2 + 0u < 30u), select(0.0, attended[(input_source_2 * 30u + min(4u * input_quad_2 + 1u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 1u, 29u)) % 4u], 4u * input_quad_2 + 1u < 30u), select(0.0, attended[(input_source_2 * 30u + min(4u * input_quad_2 + 2u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 2u, 29u)) % 4u], 4u * input_quad_2 + 2u < 30u), select(0.0, attended[(input_source_2 * 30u + min(4u * input_quad_2 + 3u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 3u, 29u)) % 4u], 4u * input_quad_2 + 3u < 30u));
  for (var stage = 0u; stage < 2u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 1u);
    let quad = next * 4u + weight_quad;
    next_weight = f_o_proj_weights[weight_source * 8u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = f_o_proj_weights[weight_source_2 * 8u + quad_2];
    let quad_3 = next * 4u + input_quad;
    next_input = vec4<f32>(select(0.0, attended[(input_source * 30u + min(4u * quad_3 + 0u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 0u, 29u)) % 4u], 4u * quad_3 + 0u < 30u), select(0.0, attended[(input_source * 30u + min(4u * quad_3 + 1u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 1u, 29u)) % 4u], 4u * quad_3 + 1u < 30u), select(0.0, attended[(input_source * 30u + min(4u * quad_3 + 2u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 2u, 29u)) % 4u], 4u * quad_3 + 2u < 30u), select(0.0, attended[(input_source * 30u + min(4u * quad_3 + 3u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 3u, 29u)) % 4u], 4u * quad_3 + 3u < 30u));
    let quad_4 = next * 4u + input_quad_2;
    next_input_2 = vec4<f32>(select(0.0, attended[(input_source_2 * 30u + min(4u * quad_4 + 0u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 0u, 29u)) % 4u], 4u * quad_4 + 0u < 30u), select(0.0, attended[(input_source_2 * 30u + min(4u * quad_4 + 1u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 1u, 29u)) % 4u], 4u * quad_4 + 1u < 30u), select(0.0, attended[(input_source_2 * 30u + min(4u * quad_4 + 2u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 2u, 29u)) % 4u], 4u * quad_4 + 2u < 30u), select(0.0, attended[(input_source_2 * 30u + min(4u * quad_4 + 3u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 3u, 29u)) % 4u], 4u * quad_4 + 3u < 30u));
    if (is_live) {
      for (var part = 0u; part < 4u; part++) {
        let x = input_tile[part * 34u + line];
        let x_2 = input_tile[part * 34u + line + 1u];
        let x_3 = input_tile[part * 34u + line + 2u];
        let x_4 = input_tile[part * 34u + line + 3u];
        let w = weight_tile[part * 34u + column];
        let w_2 = weight_tile[part * 34u + column + 8u];
        let w_3 = weight_tile[part * 34u + column + 16u];
        let w_4 = weight_tile[part * 34u + column + 24u];
        let across = vec4<f32>(w.x, w_2.x, w_3.x, w_4.x);
        sum = fma(vec4<f32>(x.x), across, sum);
        sum_2 = fma(vec4<f32>(x_2.x), across, sum_2);
        sum_3 = fma(vec4<f32>(x_3.x), across, sum_3);
        sum_4 = fma(vec4<f32>(x_4.x), across, sum_4);
        let across_2 = vec4<f32>(w.y, w_2.y, w_3.y, w_4.y);
        sum = fma(vec4<f32>(x.y), across_2, sum);
        sum_2 = fma(vec4<f32>(x_2.y), across_2, sum_2);
        sum_3 = fma(vec4<f32>(x_3.y), across_2, sum_3);
        sum_4 = fma(vec4<f32>(x_4.y), across_2, sum_4);
        let across_3 = vec4<f32>(w.z, w_2.z, w_3.z, w_4.z);
        sum = fma(vec4<f32>(x.z), across_3, sum);
        sum_2 = fma(vec4<f32>(x_2.z), across_3, sum_2);
        sum_3 = fma(vec4<f32>(x_3.z), across_3, sum_3);
        sum_4 = fma(vec4<f32>(x_4.z), across_3, sum_4);
        let across_4 = vec4<f32>(w.w, w_2.w, w_3.w, w_4.w);
        sum = fma(vec4<f32>(x.w), across_4, sum);
        sum_2 = fma(vec4<f32>(x_2.w), across_4, sum_2);
        sum_3 = fma(vec4<f32>(x_3.w), across_4, sum_3);
        sum_4 = fma(vec4<f32>(x_4.w), across_4, sum_4);
      }
    }
    workgroupBarrier();
  }
  var results = array<f32, 16>(sum.x, sum.y, sum.z, sum.w, sum_2.x, sum_2.y, sum_2.z, sum_2.w, sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1] && row < 30u) {
      let total = results[result];
      let x_5 = x_in[(token * 30u + row) / 4u][(token * 30u + row) % 4u];
      let f_o_proj_bias = vectors[(row + 164u) / 4u][(row + 164u) % 4u];
      let add = (total + f_o_proj_bias);
      let add_2 = (x_5 + add);
      let add_3 = g_down_proj[(token * 30u + row) / 4u][(token * 30u + row) % 4u];
      let add_4 = (add_2 + add_3);
      stream[token * 30u + row] = add_4;
    }
  }
}

// ---- take_last_30.wgsl
// The values of the last token of a run.

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> run: array<f32, 960>;
@group(0) @binding(2) var<storage, read_write> one: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let i = workgroup_id.x * 64u + local_invocation_index;
  if (i >= 30u) { return; }
  one[i] = run[(control[1] - 1u) * 30u + i];
}

// ---- head_head_decode.wgsl
// head: head with sum, mul, sub, add, rsqrt.
// Stores head [vocab 50].
// 3,215 FLOP, 6,360 bytes read, 200 written per token.
// std/norms.hyb:20: c = x - mean(x, over)
// std/norms.hyb:21: return c * rsqrt(mean(c * c, over) + eps) * w + bias(w)
// test/golden/parallel-block.hyb:2: model parallel_block {

@group(0) @binding(0) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(1) var<storage, read> head_weights: array<vec4<f32>, 400>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read_write> head: array<f32, 64>;

var<workgroup> partials: array<f32, 64>;
var<workgroup> shared_0: array<f32, 1>;
var<workgroup> shared_1: array<f32, 1>;
var<workgroup> parts_of_sum: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  var part = 0.0;
  if (local_invocation_index < 30u) {
    let i = 0u + local_invocation_index;
    part = part + (x_in[i / 4u][i % 4u]);
  }
  parts_of_sum[local_invocation_index] = part;
  workgroupBarrier();
  var total = 0.0;
  if (local_invocation_index == 0u) {
    for (var i_2 = 0u; i_2 < 30u; i_2++) {
      total = total + parts_of_sum[i_2];
    }
  }
  workgroupBarrier();
  if (local_invocation_index == 0u) {
    shared_0[0] = (total * 0.03333333507180214);
  }
  workgroupBarrier();
  var part_2 = 0.0;
  if (local_invocation_index < 30u) {
    let i_3 = 0u + local_invocation_index;
    let x = x_in[i_3 / 4u][i_3 % 4u];
    let mul = shared_0[0u];
    let c = (x - mul);
    part_2 = part_2 + ((c * c));
  }
  parts_of_sum[local_invocation_index] = part_2;
  workgroupBarrier();
  var total_2 = 0.0;
  if (local_invocation_index == 0u) {
    for (var i_4 = 0u; i_4 < 30u; i_4++) {
      total_2 = total_2 + parts_of_sum[i_4];
    }
  }
  workgroupBarrier();
  if (local_invocation_index == 0u) {
    let mul_2 = (total_2 * 0.03333333507180214);
    let add = (mul_2 + 0.000009999999747378752);
    shared_1[0] = inverseSqrt(add);
  }
  workgroupBarrier();
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 49u);
  var part_3 = vec4<f32>();
  let quad = lane;
  let w = head_weights[row * 8u + quad];
  let x_2 = x_in[min(4u * quad + 0u, 29u) / 4u][min(4u * quad + 0u, 29u) % 4u];
  let mul_3 = shared_0[0u];
  let c_2 = (x_2 - mul_3);
  let rsqrt = shared_1[0u];
  let mul_4 = (c_2 * rsqrt);
  let final_norm = vectors[min(4u * quad + 0u, 29u) / 4u][min(4u * quad + 0u, 29u) % 4u];
  let mul_5 = (mul_4 * final_norm);
  let final_norm_bias = vectors[(min(4u * quad + 0u, 29u) + 32u) / 4u][(min(4u * quad + 0u, 29u) + 32u) % 4u];
  let x_3 = x_in[min(4u * quad + 1u, 29u) / 4u][min(4u * quad + 1u, 29u) % 4u];
  let c_3 = (x_3 - mul_3);
  let mul_6 = (c_3 * rsqrt);
  let final_norm_2 = vectors[min(4u * quad + 1u, 29u) / 4u][min(4u * quad + 1u, 29u) % 4u];
  let mul_7 = (mul_6 * final_norm_2);
  let final_norm_bias_2 = vectors[(min(4u * quad + 1u, 29u) + 32u) / 4u][(min(4u * quad + 1u, 29u) + 32u) % 4u];
  let x_4 = x_in[min(4u * quad + 2u, 29u) / 4u][min(4u * quad + 2u, 29u) % 4u];
  let c_4 = (x_4 - mul_3);
  let mul_8 = (c_4 * rsqrt);
  let final_norm_3 = vectors[min(4u * quad + 2u, 29u) / 4u][min(4u * quad + 2u, 29u) % 4u];
  let mul_9 = (mul_8 * final_norm_3);
  let final_norm_bias_3 = vectors[(min(4u * quad + 2u, 29u) + 32u) / 4u][(min(4u * quad + 2u, 29u) + 32u) % 4u];
  let x_5 = x_in[min(4u * quad + 3u, 29u) / 4u][min(4u * quad + 3u, 29u) % 4u];
  let c_5 = (x_5 - mul_3);
  let mul_10 = (c_5 * rsqrt);
  let final_norm_4 = vectors[min(4u * quad + 3u, 29u) / 4u][min(4u * quad + 3u, 29u) % 4u];
  let mul_11 = (mul_10 * final_norm_4);
  let final_norm_bias_4 = vectors[(min(4u * quad + 3u, 29u) + 32u) / 4u][(min(4u * quad + 3u, 29u) + 32u) % 4u];
  let x_6 = vec4<f32>(select(0.0, (mul_5 + final_norm_bias), 4u * quad + 0u < 30u), select(0.0, (mul_7 + final_norm_bias_2), 4u * quad + 1u < 30u), select(0.0, (mul_9 + final_norm_bias_3), 4u * quad + 2u < 30u), select(0.0, (mul_11 + final_norm_bias_4), 4u * quad + 3u < 30u));
  let quad_2 = lane + 4u;
  let w_2 = head_weights[row * 8u + quad_2];
  let x_7 = x_in[min(4u * quad_2 + 0u, 29u) / 4u][min(4u * quad_2 + 0u, 29u) % 4u];
  let c_6 = (x_7 - mul_3);
  let mul_12 = (c_6 * rsqrt);
  let final_norm_5 = vectors[min(4u * quad_2 + 0u, 29u) / 4u][min(4u * quad_2 + 0u, 29u) % 4u];
  let mul_13 = (mul_12 * final_norm_5);
  let final_norm_bias_5 = vectors[(min(4u * quad_2 + 0u, 29u) + 32u) / 4u][(min(4u * quad_2 + 0u, 29u) + 32u) % 4u];
  let x_8 = x_in[min(4u * quad_2 + 1u, 29u) / 4u][min(4u * quad_2 + 1u, 29u) % 4u];
  let c_7 = (x_8 - mul_3);
  let mul_14 = (c_7 * rsqrt);
  let final_norm_6 = vectors[min(4u * quad_2 + 1u, 29u) / 4u][min(4u * quad_2 + 1u, 29u) % 4u];
  let mul_15 = (mul_14 * final_norm_6);
  let final_norm_bias_6 = vectors[(min(4u * quad_2 + 1u, 29u) + 32u) / 4u][(min(4u * quad_2 + 1u, 29u) + 32u) % 4u];
  let x_9 = x_in[min(4u * quad_2 + 2u, 29u) / 4u][min(4u * quad_2 + 2u, 29u) % 4u];
  let c_8 = (x_9 - mul_3);
  let mul_16 = (c_8 * rsqrt);
  let final_norm_7 = vectors[min(4u * quad_2 + 2u, 29u) / 4u][min(4u * quad_2 + 2u, 29u) % 4u];
  let mul_17 = (mul_16 * final_norm_7);
  let final_norm_bias_7 = vectors[(min(4u * quad_2 + 2u, 29u) + 32u) / 4u][(min(4u * quad_2 + 2u, 29u) + 32u) % 4u];
  let x_10 = x_in[min(4u * quad_2 + 3u, 29u) / 4u][min(4u * quad_2 + 3u, 29u) % 4u];
  let c_9 = (x_10 - mul_3);
  let mul_18 = (c_9 * rsqrt);
  let final_norm_8 = vectors[min(4u * quad_2 + 3u, 29u) / 4u][min(4u * quad_2 + 3u, 29u) % 4u];
  let mul_19 = (mul_18 * final_norm_8);
  let final_norm_bias_8 = vectors[(min(4u * quad_2 + 3u, 29u) + 32u) / 4u][(min(4u * quad_2 + 3u, 29u) + 32u) % 4u];
  let x_11 = vec4<f32>(select(0.0, (mul_13 + final_norm_bias_5), 4u * quad_2 + 0u < 30u), select(0.0, (mul_15 + final_norm_bias_6), 4u * quad_2 + 1u < 30u), select(0.0, (mul_17 + final_norm_bias_7), 4u * quad_2 + 2u < 30u), select(0.0, (mul_19 + final_norm_bias_8), 4u * quad_2 + 3u < 30u));
  part_3 = fma(w, x_6, part_3);
  part_3 = fma(w_2, x_11, part_3);
  var sum = dot(part_3, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u && mine < 50u) {
    let row_2 = min(mine, 49u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total_3 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let head_2 = total_3;
    head[row_2] = head_2;
  }
}

// ---- head_head_prefill.wgsl
// head: head with sub, mul, add.
// Stores head [vocab 50].
// 99,840 FLOP, 10,336 bytes read, 6,400 written for 32 tokens.
// std/norms.hyb:20: c = x - mean(x, over)
// std/norms.hyb:21: return c * rsqrt(mean(c * c, over) + eps) * w + bias(w)
// test/golden/parallel-block.hyb:2: model parallel_block {

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> head_weights: array<vec4<f32>, 400>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 240>;
@group(0) @binding(3) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(4) var<storage, read> sum_2: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read> vectors: array<vec4<f32>, 16>;
@group(0) @binding(6) var<storage, read_write> head: array<f32, 1600>;

var<workgroup> input_tile: array<vec4<f32>, 136>;
var<workgroup> weight_tile: array<vec4<f32>, 136>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let column = local_invocation_index % 8u;
  let line = local_invocation_index / 8u * 4u;
  let first_token = workgroup_id.x * 32u;
  let first_row = workgroup_id.y * 32u;
  let input_quad = local_invocation_index % 4u;
  let input_at = local_invocation_index / 4u;
  let input_place = input_quad * 34u + input_at;
  let input_source = min(first_token + input_at, 31u);
  var next_input = vec4<f32>();
  let input_quad_2 = (local_invocation_index + 64u) % 4u;
  let input_at_2 = (local_invocation_index + 64u) / 4u;
  let input_place_2 = input_quad_2 * 34u + input_at_2;
  let input_source_2 = min(first_token + input_at_2, 31u);
  var next_input_2 = vec4<f32>();
  let weight_quad = local_invocation_index % 4u;
  let weight_at = local_invocation_index / 4u;
  let weight_place = weight_quad * 34u + weight_at;
  let weight_source = min(first_row + weight_at, 49u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 49u);
  var next_weight_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  var sum_5 = vec4<f32>();
  var sum_6 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = head_weights[weight_source * 8u + weight_quad];
  next_weight_2 = head_weights[weight_source_2 * 8u + weight_quad_2];
  let x = x_in[(input_source * 30u + min(4u * input_quad + 0u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 0u, 29u)) % 4u];
  let mul = sum[input_source / 4u][input_source % 4u];
  let c = (x - mul);
  let rsqrt = sum_2[input_source / 4u][input_source % 4u];
  let mul_2 = (c * rsqrt);
  let final_norm = vectors[min(4u * input_quad + 0u, 29u) / 4u][min(4u * input_quad + 0u, 29u) % 4u];
  let mul_3 = (mul_2 * final_norm);
  let final_norm_bias = vectors[(min(4u * input_quad + 0u, 29u) + 32u) / 4u][(min(4u * input_quad + 0u, 29u) + 32u) % 4u];
  let x_2 = x_in[(input_source * 30u + min(4u * input_quad + 1u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 1u, 29u)) % 4u];
  let c_2 = (x_2 - mul);
  let mul_4 = (c_2 * rsqrt);
  let final_norm_2 = vectors[min(4u * input_quad + 1u, 29u) / 4u][min(4u * input_quad + 1u, 29u) % 4u];
  let mul_5 = (mul_4 * final_norm_2);
  let final_norm_bias_2 = vectors[(min(4u * input_quad + 1u, 29u) + 32u) / 4u][(min(4u * input_quad + 1u, 29u) + 32u) % 4u];
  let x_3 = x_in[(input_source * 30u + min(4u * input_quad + 2u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 2u, 29u)) % 4u];
  let c_3 = (x_3 - mul);
  let mul_6 = (c_3 * rsqrt);
  let final_norm_3 = vectors[min(4u * input_quad + 2u, 29u) / 4u][min(4u * input_quad + 2u, 29u) % 4u];
  let mul_7 = (mul_6 * final_norm_3);
  let final_norm_bias_3 = vectors[(min(4u * input_quad + 2u, 29u) + 32u) / 4u][(min(4u * input_quad + 2u, 29u) + 32u) % 4u];
  let x_4 = x_in[(input_source * 30u + min(4u * input_quad + 3u, 29u)) / 4u][(input_source * 30u + min(4u * input_quad + 3u, 29u)) % 4u];
  let c_4 = (x_4 - mul);
  let mul_8 = (c_4 * rsqrt);
  let final_norm_4 = vectors[min(4u * input_quad + 3u, 29u) / 4u][min(4u * input_quad + 3u, 29u) % 4u];
  let mul_9 = (mul_8 * final_norm_4);
  let final_norm_bias_4 = vectors[(min(4u * input_quad + 3u, 29u) + 32u) / 4u][(min(4u * input_quad + 3u, 29u) + 32u) % 4u];
  next_input = vec4<f32>(select(0.0, (mul_3 + final_norm_bias), 4u * input_quad + 0u < 30u), select(0.0, (mul_5 + final_norm_bias_2), 4u * input_quad + 1u < 30u), select(0.0, (mul_7 + final_norm_bias_3), 4u * input_quad + 2u < 30u), select(0.0, (mul_9 + final_norm_bias_4), 4u * input_quad + 3u < 30u));
  let x_5 = x_in[(input_source_2 * 30u + min(4u * input_quad_2 + 0u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 0u, 29u)) % 4u];
  let mul_10 = sum[input_source_2 / 4u][input_source_2 % 4u];
  let c_5 = (x_5 - mul_10);
  let rsqrt_2 = sum_2[input_source_2 / 4u][input_source_2 % 4u];
  let mul_11 = (c_5 * rsqrt_2);
  let final_norm_5 = vectors[min(4u * input_quad_2 + 0u, 29u) / 4u][min(4u * input_quad_2 + 0u, 29u) % 4u];
  let mul_12 = (mul_11 * final_norm_5);
  let final_norm_bias_5 = vectors[(min(4u * input_quad_2 + 0u, 29u) + 32u) / 4u][(min(4u * input_quad_2 + 0u, 29u) + 32u) % 4u];
  let x_6 = x_in[(input_source_2 * 30u + min(4u * input_quad_2 + 1u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 1u, 29u)) % 4u];
  let c_6 = (x_6 - mul_10);
  let mul_13 = (c_6 * rsqrt_2);
  let final_norm_6 = vectors[min(4u * input_quad_2 + 1u, 29u) / 4u][min(4u * input_quad_2 + 1u, 29u) % 4u];
  let mul_14 = (mul_13 * final_norm_6);
  let final_norm_bias_6 = vectors[(min(4u * input_quad_2 + 1u, 29u) + 32u) / 4u][(min(4u * input_quad_2 + 1u, 29u) + 32u) % 4u];
  let x_7 = x_in[(input_source_2 * 30u + min(4u * input_quad_2 + 2u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 2u, 29u)) % 4u];
  let c_7 = (x_7 - mul_10);
  let mul_15 = (c_7 * rsqrt_2);
  let final_norm_7 = vectors[min(4u * input_quad_2 + 2u, 29u) / 4u][min(4u * input_quad_2 + 2u, 29u) % 4u];
  let mul_16 = (mul_15 * final_norm_7);
  let final_norm_bias_7 = vectors[(min(4u * input_quad_2 + 2u, 29u) + 32u) / 4u][(min(4u * input_quad_2 + 2u, 29u) + 32u) % 4u];
  let x_8 = x_in[(input_source_2 * 30u + min(4u * input_quad_2 + 3u, 29u)) / 4u][(input_source_2 * 30u + min(4u * input_quad_2 + 3u, 29u)) % 4u];
  let c_8 = (x_8 - mul_10);
  let mul_17 = (c_8 * rsqrt_2);
  let final_norm_8 = vectors[min(4u * input_quad_2 + 3u, 29u) / 4u][min(4u * input_quad_2 + 3u, 29u) % 4u];
  let mul_18 = (mul_17 * final_norm_8);
  let final_norm_bias_8 = vectors[(min(4u * input_quad_2 + 3u, 29u) + 32u) / 4u][(min(4u * input_quad_2 + 3u, 29u) + 32u) % 4u];
  next_input_2 = vec4<f32>(select(0.0, (mul_12 + final_norm_bias_5), 4u * input_quad_2 + 0u < 30u), select(0.0, (mul_14 + final_norm_bias_6), 4u * input_quad_2 + 1u < 30u), select(0.0, (mul_16 + final_norm_bias_7), 4u * input_quad_2 + 2u < 30u), select(0.0, (mul_18 + final_norm_bias_8), 4u * input_quad_2 + 3u < 30u));
  for (var stage = 0u; stage < 2u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 1u);
    let quad = next * 4u + weight_quad;
    next_weight = head_weights[weight_source * 8u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = head_weights[weight_source_2 * 8u + quad_2];
    let quad_3 = next * 4u + input_quad;
    let x_9 = x_in[(input_source * 30u + min(4u * quad_3 + 0u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 0u, 29u)) % 4u];
    let mul_19 = sum[input_source / 4u][input_source % 4u];
    let c_9 = (x_9 - mul_19);
    let rsqrt_3 = sum_2[input_source / 4u][input_source % 4u];
    let mul_20 = (c_9 * rsqrt_3);
    let final_norm_9 = vectors[min(4u * quad_3 + 0u, 29u) / 4u][min(4u * quad_3 + 0u, 29u) % 4u];
    let mul_21 = (mul_20 * final_norm_9);
    let final_norm_bias_9 = vectors[(min(4u * quad_3 + 0u, 29u) + 32u) / 4u][(min(4u * quad_3 + 0u, 29u) + 32u) % 4u];
    let x_10 = x_in[(input_source * 30u + min(4u * quad_3 + 1u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 1u, 29u)) % 4u];
    let c_10 = (x_10 - mul_19);
    let mul_22 = (c_10 * rsqrt_3);
    let final_norm_10 = vectors[min(4u * quad_3 + 1u, 29u) / 4u][min(4u * quad_3 + 1u, 29u) % 4u];
    let mul_23 = (mul_22 * final_norm_10);
    let final_norm_bias_10 = vectors[(min(4u * quad_3 + 1u, 29u) + 32u) / 4u][(min(4u * quad_3 + 1u, 29u) + 32u) % 4u];
    let x_11 = x_in[(input_source * 30u + min(4u * quad_3 + 2u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 2u, 29u)) % 4u];
    let c_11 = (x_11 - mul_19);
    let mul_24 = (c_11 * rsqrt_3);
    let final_norm_11 = vectors[min(4u * quad_3 + 2u, 29u) / 4u][min(4u * quad_3 + 2u, 29u) % 4u];
    let mul_25 = (mul_24 * final_norm_11);
    let final_norm_bias_11 = vectors[(min(4u * quad_3 + 2u, 29u) + 32u) / 4u][(min(4u * quad_3 + 2u, 29u) + 32u) % 4u];
    let x_12 = x_in[(input_source * 30u + min(4u * quad_3 + 3u, 29u)) / 4u][(input_source * 30u + min(4u * quad_3 + 3u, 29u)) % 4u];
    let c_12 = (x_12 - mul_19);
    let mul_26 = (c_12 * rsqrt_3);
    let final_norm_12 = vectors[min(4u * quad_3 + 3u, 29u) / 4u][min(4u * quad_3 + 3u, 29u) % 4u];
    let mul_27 = (mul_26 * final_norm_12);
    let final_norm_bias_12 = vectors[(min(4u * quad_3 + 3u, 29u) + 32u) / 4u][(min(4u * quad_3 + 3u, 29u) + 32u) % 4u];
    next_input = vec4<f32>(select(0.0, (mul_21 + final_norm_bias_9), 4u * quad_3 + 0u < 30u), select(0.0, (mul_23 + final_norm_bias_10), 4u * quad_3 + 1u < 30u), select(0.0, (mul_25 + final_norm_bias_11), 4u * quad_3 + 2u < 30u), select(0.0, (mul_27 + final_norm_bias_12), 4u * quad_3 + 3u < 30u));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[(input_source_2 * 30u + min(4u * quad_4 + 0u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 0u, 29u)) % 4u];
    let mul_28 = sum[input_source_2 / 4u][input_source_2 % 4u];
    let c_13 = (x_13 - mul_28);
    let rsqrt_4 = sum_2[input_source_2 / 4u][input_source_2 % 4u];
    let mul_29 = (c_13 * rsqrt_4);
    let final_norm_13 = vectors[min(4u * quad_4 + 0u, 29u) / 4u][min(4u * quad_4 + 0u, 29u) % 4u];
    let mul_30 = (mul_29 * final_norm_13);
    let final_norm_bias_13 = vectors[(min(4u * quad_4 + 0u, 29u) + 32u) / 4u][(min(4u * quad_4 + 0u, 29u) + 32u) % 4u];
    let x_14 = x_in[(input_source_2 * 30u + min(4u * quad_4 + 1u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 1u, 29u)) % 4u];
    let c_14 = (x_14 - mul_28);
    let mul_31 = (c_14 * rsqrt_4);
    let final_norm_14 = vectors[min(4u * quad_4 + 1u, 29u) / 4u][min(4u * quad_4 + 1u, 29u) % 4u];
    let mul_32 = (mul_31 * final_norm_14);
    let final_norm_bias_14 = vectors[(min(4u * quad_4 + 1u, 29u) + 32u) / 4u][(min(4u * quad_4 + 1u, 29u) + 32u) % 4u];
    let x_15 = x_in[(input_source_2 * 30u + min(4u * quad_4 + 2u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 2u, 29u)) % 4u];
    let c_15 = (x_15 - mul_28);
    let mul_33 = (c_15 * rsqrt_4);
    let final_norm_15 = vectors[min(4u * quad_4 + 2u, 29u) / 4u][min(4u * quad_4 + 2u, 29u) % 4u];
    let mul_34 = (mul_33 * final_norm_15);
    let final_norm_bias_15 = vectors[(min(4u * quad_4 + 2u, 29u) + 32u) / 4u][(min(4u * quad_4 + 2u, 29u) + 32u) % 4u];
    let x_16 = x_in[(input_source_2 * 30u + min(4u * quad_4 + 3u, 29u)) / 4u][(input_source_2 * 30u + min(4u * quad_4 + 3u, 29u)) % 4u];
    let c_16 = (x_16 - mul_28);
    let mul_35 = (c_16 * rsqrt_4);
    let final_norm_16 = vectors[min(4u * quad_4 + 3u, 29u) / 4u][min(4u * quad_4 + 3u, 29u) % 4u];
    let mul_36 = (mul_35 * final_norm_16);
    let final_norm_bias_16 = vectors[(min(4u * quad_4 + 3u, 29u) + 32u) / 4u][(min(4u * quad_4 + 3u, 29u) + 32u) % 4u];
    next_input_2 = vec4<f32>(select(0.0, (mul_30 + final_norm_bias_13), 4u * quad_4 + 0u < 30u), select(0.0, (mul_32 + final_norm_bias_14), 4u * quad_4 + 1u < 30u), select(0.0, (mul_34 + final_norm_bias_15), 4u * quad_4 + 2u < 30u), select(0.0, (mul_36 + final_norm_bias_16), 4u * quad_4 + 3u < 30u));
    if (is_live) {
      for (var part = 0u; part < 4u; part++) {
        let x_17 = input_tile[part * 34u + line];
        let x_18 = input_tile[part * 34u + line + 1u];
        let x_19 = input_tile[part * 34u + line + 2u];
        let x_20 = input_tile[part * 34u + line + 3u];
        let w = weight_tile[part * 34u + column];
        let w_2 = weight_tile[part * 34u + column + 8u];
        let w_3 = weight_tile[part * 34u + column + 16u];
        let w_4 = weight_tile[part * 34u + column + 24u];
        let across = vec4<f32>(w.x, w_2.x, w_3.x, w_4.x);
        sum_3 = fma(vec4<f32>(x_17.x), across, sum_3);
        sum_4 = fma(vec4<f32>(x_18.x), across, sum_4);
        sum_5 = fma(vec4<f32>(x_19.x), across, sum_5);
        sum_6 = fma(vec4<f32>(x_20.x), across, sum_6);
        let across_2 = vec4<f32>(w.y, w_2.y, w_3.y, w_4.y);
        sum_3 = fma(vec4<f32>(x_17.y), across_2, sum_3);
        sum_4 = fma(vec4<f32>(x_18.y), across_2, sum_4);
        sum_5 = fma(vec4<f32>(x_19.y), across_2, sum_5);
        sum_6 = fma(vec4<f32>(x_20.y), across_2, sum_6);
        let across_3 = vec4<f32>(w.z, w_2.z, w_3.z, w_4.z);
        sum_3 = fma(vec4<f32>(x_17.z), across_3, sum_3);
        sum_4 = fma(vec4<f32>(x_18.z), across_3, sum_4);
        sum_5 = fma(vec4<f32>(x_19.z), across_3, sum_5);
        sum_6 = fma(vec4<f32>(x_20.z), across_3, sum_6);
        let across_4 = vec4<f32>(w.w, w_2.w, w_3.w, w_4.w);
        sum_3 = fma(vec4<f32>(x_17.w), across_4, sum_3);
        sum_4 = fma(vec4<f32>(x_18.w), across_4, sum_4);
        sum_5 = fma(vec4<f32>(x_19.w), across_4, sum_5);
        sum_6 = fma(vec4<f32>(x_20.w), across_4, sum_6);
      }
    }
    workgroupBarrier();
  }
  var results = array<f32, 16>(sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w, sum_5.x, sum_5.y, sum_5.z, sum_5.w, sum_6.x, sum_6.y, sum_6.z, sum_6.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1] && row < 50u) {
      let total = results[result];
      let head_2 = total;
      head[token * 50u + row] = head_2;
    }
  }
}

// ---- embed_embed_decode.wgsl
// embed: gather.
// Stores embed [width 30].
// 0 FLOP, 120 bytes read, 120 written per token.
// test/golden/parallel-block.hyb:2: model parallel_block {

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> tokens: array<u32, 32>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 375>;
@group(0) @binding(3) var<storage, read_write> embed: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index;
  if (row >= 30u) { return; }
  let entry = tokens[control[1] - 1u];
  let embed_2 = vectors[(row * 50u + entry) / 4u][(row * 50u + entry) % 4u];
  embed[row] = embed_2;
}

// ---- par_f_q_proj_f_k_proj_f_v_proj_decode.wgsl
// PAR: f.q_proj, f.k_proj, f.v_proj, g.up_proj with sum, mul, sub, add, rsqrt, gelu_tanh.
// Stores q [kv 5, per 1, part 6], k [kv 5, part 6], v [kv 5, value 6], h [hidden 52].
// 9,345 FLOP, 17,968 bytes read, 568 written per token.
// std/attention.hyb:43: q = q_proj(u)
// std/attention.hyb:44: k = k_proj(u)
// std/attention.hyb:45: v = v_proj(u)
// std/gelu_mlp.hyb:6: h = up_proj(u)
// std/gelu_mlp.hyb:7: h = if act != none then activation(h, act) else if exact then gelu(h) else gelu_tanh(h)
// std/norms.hyb:20: c = x - mean(x, over)
// std/norms.hyb:21: return c * rsqrt(mean(c * c, over) + eps) * w + bias(w)

@group(0) @binding(0) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>, 1136>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(3) var<storage, read_write> q_k_v: array<f32, 256>;

var<workgroup> partials: array<f32, 64>;
var<workgroup> shared_0: array<f32, 1>;
var<workgroup> shared_1: array<f32, 1>;
var<workgroup> parts_of_sum: array<f32, 64>;

fn op_gelu_tanh(x: f32) -> f32 {
  let inner = 0.79788456 * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1.0 + tanh(clamp(inner, -10.0, 10.0)));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  var part = 0.0;
  if (local_invocation_index < 30u) {
    let i = 0u + local_invocation_index;
    part = part + (x_in[i / 4u][i % 4u]);
  }
  parts_of_sum[local_invocation_index] = part;
  workgroupBarrier();
  var total = 0.0;
  if (local_invocation_index == 0u) {
    for (var i_2 = 0u; i_2 < 30u; i_2++) {
      total = total + parts_of_sum[i_2];
    }
  }
  workgroupBarrier();
  if (local_invocation_index == 0u) {
    shared_0[0] = (total * 0.03333333507180214);
  }
  workgroupBarrier();
  var part_2 = 0.0;
  if (local_invocation_index < 30u) {
    let i_3 = 0u + local_invocation_index;
    let x = x_in[i_3 / 4u][i_3 % 4u];
    let mul = shared_0[0u];
    let c = (x - mul);
    part_2 = part_2 + ((c * c));
  }
  parts_of_sum[local_invocation_index] = part_2;
  workgroupBarrier();
  var total_2 = 0.0;
  if (local_invocation_index == 0u) {
    for (var i_4 = 0u; i_4 < 30u; i_4++) {
      total_2 = total_2 + parts_of_sum[i_4];
    }
  }
  workgroupBarrier();
  if (local_invocation_index == 0u) {
    let mul_2 = (total_2 * 0.03333333507180214);
    let add = (mul_2 + 0.000009999999747378752);
    shared_1[0] = inverseSqrt(add);
  }
  workgroupBarrier();
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 141u);
  var part_3 = vec4<f32>();
  let quad = lane;
  let w = weights[row * 8u + quad];
  let x_2 = x_in[min(4u * quad + 0u, 29u) / 4u][min(4u * quad + 0u, 29u) % 4u];
  let mul_3 = shared_0[0u];
  let c_2 = (x_2 - mul_3);
  let rsqrt = shared_1[0u];
  let mul_4 = (c_2 * rsqrt);
  let n = vectors[min(4u * quad + 0u, 29u) / 4u][min(4u * quad + 0u, 29u) % 4u];
  let mul_5 = (mul_4 * n);
  let n_bias = vectors[(min(4u * quad + 0u, 29u) + 32u) / 4u][(min(4u * quad + 0u, 29u) + 32u) % 4u];
  let x_3 = x_in[min(4u * quad + 1u, 29u) / 4u][min(4u * quad + 1u, 29u) % 4u];
  let c_3 = (x_3 - mul_3);
  let mul_6 = (c_3 * rsqrt);
  let n_2 = vectors[min(4u * quad + 1u, 29u) / 4u][min(4u * quad + 1u, 29u) % 4u];
  let mul_7 = (mul_6 * n_2);
  let n_bias_2 = vectors[(min(4u * quad + 1u, 29u) + 32u) / 4u][(min(4u * quad + 1u, 29u) + 32u) % 4u];
  let x_4 = x_in[min(4u * quad + 2u, 29u) / 4u][min(4u * quad + 2u, 29u) % 4u];
  let c_4 = (x_4 - mul_3);
  let mul_8 = (c_4 * rsqrt);
  let n_3 = vectors[min(4u * quad + 2u, 29u) / 4u][min(4u * quad + 2u, 29u) % 4u];
  let mul_9 = (mul_8 * n_3);
  let n_bias_3 = vectors[(min(4u * quad + 2u, 29u) + 32u) / 4u][(min(4u * quad + 2u, 29u) + 32u) % 4u];
  let x_5 = x_in[min(4u * quad + 3u, 29u) / 4u][min(4u * quad + 3u, 29u) % 4u];
  let c_5 = (x_5 - mul_3);
  let mul_10 = (c_5 * rsqrt);
  let n_4 = vectors[min(4u * quad + 3u, 29u) / 4u][min(4u * quad + 3u, 29u) % 4u];
  let mul_11 = (mul_10 * n_4);
  let n_bias_4 = vectors[(min(4u * quad + 3u, 29u) + 32u) / 4u][(min(4u * quad + 3u, 29u) + 32u) % 4u];
  let x_6 = vec4<f32>(select(0.0, (mul_5 + n_bias), 4u * quad + 0u < 30u), select(0.0, (mul_7 + n_bias_2), 4u * quad + 1u < 30u), select(0.0, (mul_9 + n_bias_3), 4u * quad + 2u < 30u), select(0.0, (mul_11 + n_bias_4), 4u * quad + 3u < 30u));
  let quad_2 = lane + 4u;
  let w_2 = weights[row * 8u + quad_2];
  let x_7 = x_in[min(4u * quad_2 + 0u, 29u) / 4u][min(4u * quad_2 + 0u, 29u) % 4u];
  let c_6 = (x_7 - mul_3);
  let mul_12 = (c_6 * rsqrt);
  let n_5 = vectors[min(4u * quad_2 + 0u, 29u) / 4u][min(4u * quad_2 + 0u, 29u) % 4u];
  let mul_13 = (mul_12 * n_5);
  let n_bias_5 = vectors[(min(4u * quad_2 + 0u, 29u) + 32u) / 4u][(min(4u * quad_2 + 0u, 29u) + 32u) % 4u];
  let x_8 = x_in[min(4u * quad_2 + 1u, 29u) / 4u][min(4u * quad_2 + 1u, 29u) % 4u];
  let c_7 = (x_8 - mul_3);
  let mul_14 = (c_7 * rsqrt);
  let n_6 = vectors[min(4u * quad_2 + 1u, 29u) / 4u][min(4u * quad_2 + 1u, 29u) % 4u];
  let mul_15 = (mul_14 * n_6);
  let n_bias_6 = vectors[(min(4u * quad_2 + 1u, 29u) + 32u) / 4u][(min(4u * quad_2 + 1u, 29u) + 32u) % 4u];
  let x_9 = x_in[min(4u * quad_2 + 2u, 29u) / 4u][min(4u * quad_2 + 2u, 29u) % 4u];
  let c_8 = (x_9 - mul_3);
  let mul_16 = (c_8 * rsqrt);
  let n_7 = vectors[min(4u * quad_2 + 2u, 29u) / 4u][min(4u * quad_2 + 2u, 29u) % 4u];
  let mul_17 = (mul_16 * n_7);
  let n_bias_7 = vectors[(min(4u * quad_2 + 2u, 29u) + 32u) / 4u][(min(4u * quad_2 + 2u, 29u) + 32u) % 4u];
  let x_10 = x_in[min(4u * quad_2 + 3u, 29u) / 4u][min(4u * quad_2 + 3u, 29u) % 4u];
  let c_9 = (x_10 - mul_3);
  let mul_18 = (c_9 * rsqrt);
  let n_8 = vectors[min(4u * quad_2 + 3u, 29u) / 4u][min(4u * quad_2 + 3u, 29u) % 4u];
  let mul_19 = (mul_18 * n_8);
  let n_bias_8 = vectors[(min(4u * quad_2 + 3u, 29u) + 32u) / 4u][(min(4u * quad_2 + 3u, 29u) + 32u) % 4u];
  let x_11 = vec4<f32>(select(0.0, (mul_13 + n_bias_5), 4u * quad_2 + 0u < 30u), select(0.0, (mul_15 + n_bias_6), 4u * quad_2 + 1u < 30u), select(0.0, (mul_17 + n_bias_7), 4u * quad_2 + 2u < 30u), select(0.0, (mul_19 + n_bias_8), 4u * quad_2 + 3u < 30u));
  part_3 = fma(w, x_6, part_3);
  part_3 = fma(w_2, x_11, part_3);
  var sum = dot(part_3, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u && mine < 142u) {
    let row_2 = min(mine, 141u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total_3 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    if (row_2 >= 0u && row_2 < 30u) {
      let f_q_proj_bias = vectors[(row_2 + 64u) / 4u][(row_2 + 64u) % 4u];
      let q = (total_3 + f_q_proj_bias);
      q_k_v[row_2] = q;
    }
    if (row_2 >= 30u && row_2 < 60u) {
      let local_row = row_2 - 30u;
      let f_k_proj_bias = vectors[(local_row + 96u) / 4u][(local_row + 96u) % 4u];
      let k = (total_3 + f_k_proj_bias);
      q_k_v[local_row + 64u] = k;
    }
    if (row_2 >= 60u && row_2 < 90u) {
      let local_row_2 = row_2 - 60u;
      let f_v_proj_bias = vectors[(local_row_2 + 128u) / 4u][(local_row_2 + 128u) % 4u];
      let v = (total_3 + f_v_proj_bias);
      q_k_v[local_row_2 + 128u] = v;
    }
    if (row_2 >= 90u && row_2 < 142u) {
      let local_row_3 = row_2 - 90u;
      let g_up_proj_bias = vectors[(local_row_3 + 196u) / 4u][(local_row_3 + 196u) % 4u];
      let h = (total_3 + g_up_proj_bias);
      let h_2 = op_gelu_tanh(h);
      q_k_v[local_row_3 + 192u] = h_2;
    }
  }
}

// ---- par_attended_decode.wgsl
// PAR: attended with rotate, attend.
// Stores attended [kv 5, per 1, value 6].
// 18,040 FLOP, 31,088 bytes read, 120 written per token.
// std/attention.hyb:66: q = rotate(q, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:70: attended = attend(

@group(0) @binding(0) var<storage, read_write> k_memory: array<f32, 3840>;
@group(0) @binding(1) var<storage, read_write> v_memory: array<f32, 3840>;
@group(0) @binding(2) var<storage, read> control: array<u32, 16>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(4) var<storage, read> q_k_v: array<vec4<f32>, 64>;
@group(0) @binding(5) var<storage, read_write> attended: array<f32, 64>;

var<workgroup> queries: array<f32, 6>;
var<workgroup> new_key: array<f32, 6>;
var<workgroup> weights: array<f32, 128>;
var<workgroup> maxima: array<f32, 16>;

fn turn(position: u32, frequency: f32) -> vec2<f32> {
  let angle = f32(position) * frequency;
  let quarters = round(angle * 0.63661975);
  let rest = (angle - quarters * 1.5703125) - quarters * 0.00048382679;
  let square = rest * rest;
  let s = rest + rest * square * (-0.16666655 + square * (0.0083321609 - square * 0.00019515296));
  let c = 1.0 - 0.5 * square + square * square * (0.041666646 + square * (-0.0013887316 + square * 0.000024433157));
  let quadrant = u32(i32(quarters) & 3);
  let swapped = select(vec2<f32>(c, s), vec2<f32>(s, c), quadrant % 2u == 1u);
  return swapped * vec2<f32>(
    select(1.0, -1.0, quadrant == 1u || quadrant == 2u),
    select(1.0, -1.0, quadrant >= 2u),
  );
}

@compute @workgroup_size(128, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let current = (control[0] + control[1] - 1u);
  let group = min(workgroup_id.y, 4u);
  let first_head = 0u * 1u;
  // Positions are counted backwards from the current one; the pinned ones come after the window.
  let start = 0u * 128u;
  let limit = min(current + 1u, 128u);
  if (local_invocation_index < 6u) {
    let item = local_invocation_index;
    let head = min(first_head + item / 6u, 0u);
    let entry_2 = item % 6u;
    let part_2 = entry_2;
    let pair = part_2 % 2u;
    let angle = turn((control[0] + control[1] - 1u), vectors[(pair + 160u) / 4u][(pair + 160u) % 4u]);
    let first = q_k_v[(group * 6u + pair) / 4u][(group * 6u + pair) % 4u];
    let second = q_k_v[(group * 6u + pair + 2u) / 4u][(group * 6u + pair + 2u) % 4u];
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part_2 < 2u);
    let kept = q_k_v[(group * 6u + part_2) / 4u][(group * 6u + part_2) % 4u];
    let q = select(kept, rotated, part_2 < 4u);
    queries[item] = q * 0.5889778137207031;
  }
  if (start == 0u) {
    if (local_invocation_index < 6u) {
      let item_2 = local_invocation_index;
      let part_3 = item_2;
      let pair_2 = part_3 % 2u;
      let angle_2 = turn((control[0] + control[1] - 1u), vectors[(pair_2 + 160u) / 4u][(pair_2 + 160u) % 4u]);
      let first_2 = q_k_v[(group * 6u + pair_2 + 64u) / 4u][(group * 6u + pair_2 + 64u) % 4u];
      let second_2 = q_k_v[(group * 6u + pair_2 + 2u + 64u) / 4u][(group * 6u + pair_2 + 2u + 64u) % 4u];
      let rotated_2 = select(second_2 * angle_2.x + first_2 * angle_2.y, first_2 * angle_2.x - second_2 * angle_2.y, part_3 < 2u);
      let kept_2 = q_k_v[(group * 6u + part_3 + 64u) / 4u][(group * 6u + part_3 + 64u) % 4u];
      let k = select(kept_2, rotated_2, part_3 < 4u);
      let k_2 = k;
      new_key[item_2] = k_2;
      let slot = current % 128u;
      k_memory[group * 768u + slot * 6u + item_2] = k_2;
    }
  }
  let entry = local_invocation_index % 6u;
  let part = local_invocation_index / 6u;
  var peak = -3.4e38;
  var total = 0.0;
  var sum = 0.0;
  workgroupBarrier();
  let index = start + local_invocation_index;
  let seen = index < limit;
  var score = 0.0;
  if (index == 0u) {
    for (var entry_3 = 0u; entry_3 < 6u; entry_3++) {
      let k_3 = new_key[entry_3];
      score += queries[0u + entry_3] * k_3;
    }
  }
  if (seen && index != 0u) {
    let position = current - index;
    let slot_2 = position % 128u;
    for (var entry_4 = 0u; entry_4 < 6u; entry_4++) {
      let k_4 = k_memory[group * 768u + slot_2 * 6u + entry_4];
      score += queries[0u + entry_4] * k_4;
    }
  }
  score = select(-3.4e38, score, seen);
  weights[0u + local_invocation_index] = score;
  workgroupBarrier();
  if (local_invocation_index < 16u) {
    let item_3 = local_invocation_index;
    let first_3 = item_3 / 16u * 128u + item_3 % 16u;
    maxima[item_3] = max(max(max(max(max(max(max(weights[first_3 + 0u], weights[first_3 + 16u]), weights[first_3 + 32u]), weights[first_3 + 48u]), weights[first_3 + 64u]), weights[first_3 + 80u]), weights[first_3 + 96u]), weights[first_3 + 112u]);
  }
  workgroupBarrier();
  var tile_peak = maxima[0u];
  for (var other = 0u; other < 16u; other++) {
    tile_peak = max(tile_peak, maxima[0u + other]);
  }
  let next_peak = max(peak, tile_peak);
  peak = next_peak;
  weights[0u + local_invocation_index] = select(0.0, exp2(score - peak), seen);
  workgroupBarrier();
  if (part < 16u) {
    if (start == 0u && part == 0u) {
      let v = q_k_v[(group * 6u + entry + 128u) / 4u][(group * 6u + entry + 128u) % 4u];
      let v_2 = v;
      let slot_3 = current % 128u;
      v_memory[group * 768u + slot_3 * 6u + entry] = v_2;
      let weight = weights[0u + 0u];
      total += weight;
      sum += weight * v_2;
    }
    for (var step_2 = 0u; step_2 < 8u; step_2++) {
      let offset = step_2 * 16u + part;
      let index_2 = start + offset;
      if (index_2 < limit && index_2 != 0u) {
        let position_2 = current - index_2;
        let slot_4 = position_2 % 128u;
        let v_3 = v_memory[group * 768u + slot_4 * 6u + entry];
        let weight_2 = weights[0u + offset];
        total += weight_2;
        sum += weight_2 * v_3;
      }
    }
  }
  workgroupBarrier();
  if (part < 16u) {
    let place = 0u + (part * 6u + entry) * 1u;
    weights[place + 0u] = sum;
    if (entry == 0u) {
      weights[96u + part] = total;
    }
  }
  workgroupBarrier();
  if (local_invocation_index < 6u) {
    let item_4 = local_invocation_index;
    let head_of_batch = item_4 / 6u;
    let entry_5 = item_4 % 6u;
    var sum_2 = 0.0;
    var total_2 = 0.0;
    for (var part_4 = 0u; part_4 < 16u; part_4++) {
      let place_2 = head_of_batch * 112u + (part_4 * 6u + entry_5) * 1u;
      sum_2 += weights[place_2 + 0u];
      total_2 += weights[head_of_batch * 112u + 96u + part_4];
    }
    let head_2 = first_head + 0u + head_of_batch;
    let peak_2 = peak;
    let result = sum_2 / (total_2);
    let attended_2 = result;
    attended[group * 6u + entry_5] = attended_2;
  }
}

// ---- par_g_down_proj_decode.wgsl
// PAR: g.down_proj with add.
// Stores g.down_proj [width 30].
// 3,150 FLOP, 6,568 bytes read, 120 written per token.
// std/gelu_mlp.hyb:8: return down_proj(h)

@group(0) @binding(0) var<storage, read> g_down_proj_weights: array<vec4<f32>, 390>;
@group(0) @binding(1) var<storage, read> q_k_v: array<vec4<f32>, 64>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(3) var<storage, read_write> g_down_proj: array<f32, 64>;

var<workgroup> partials: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 29u);
  var part = vec4<f32>();
  let quad = lane;
  let w = g_down_proj_weights[row * 13u + quad];
  let x = q_k_v[quad + 48u];
  let quad_2 = lane + 4u;
  let w_2 = g_down_proj_weights[row * 13u + quad_2];
  let x_2 = q_k_v[quad_2 + 48u];
  let quad_3 = lane + 8u;
  let w_3 = g_down_proj_weights[row * 13u + quad_3];
  let x_3 = q_k_v[quad_3 + 48u];
  part = fma(w, x, part);
  part = fma(w_2, x_2, part);
  part = fma(w_3, x_3, part);
  let beyond = lane + 12u;
  let quad_4 = min(beyond, 12u);
  let w_4 = g_down_proj_weights[row * 13u + quad_4];
  let x_4 = q_k_v[quad_4 + 48u];
  let x_5 = select(vec4<f32>(), x_4, beyond < 13u);
  part = fma(w_4, x_5, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u && mine < 30u) {
    let row_2 = min(mine, 29u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let g_down_proj_bias = vectors[(row_2 + 248u) / 4u][(row_2 + 248u) % 4u];
    let add = (total + g_down_proj_bias);
    g_down_proj[row_2] = add;
  }
}

// ---- par_f_o_proj_decode.wgsl
// PAR: f.o_proj with add.
// Stores stream [width 30].
// 1,890 FLOP, 4,080 bytes read, 120 written per token.
// std/attention.hyb:83: return o_proj(attended)
// std/blocks.hyb:37: return x + f(y) + g(y)

@group(0) @binding(0) var<storage, read> f_o_proj_weights: array<vec4<f32>, 240>;
@group(0) @binding(1) var<storage, read> attended: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 70>;
@group(0) @binding(4) var<storage, read> g_down_proj: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read_write> stream: array<f32, 64>;

var<workgroup> partials: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 29u);
  var part = vec4<f32>();
  let quad = lane;
  let w = f_o_proj_weights[row * 8u + quad];
  let x = vec4<f32>(select(0.0, attended[min(4u * quad + 0u, 29u) / 4u][min(4u * quad + 0u, 29u) % 4u], 4u * quad + 0u < 30u), select(0.0, attended[min(4u * quad + 1u, 29u) / 4u][min(4u * quad + 1u, 29u) % 4u], 4u * quad + 1u < 30u), select(0.0, attended[min(4u * quad + 2u, 29u) / 4u][min(4u * quad + 2u, 29u) % 4u], 4u * quad + 2u < 30u), select(0.0, attended[min(4u * quad + 3u, 29u) / 4u][min(4u * quad + 3u, 29u) % 4u], 4u * quad + 3u < 30u));
  let quad_2 = lane + 4u;
  let w_2 = f_o_proj_weights[row * 8u + quad_2];
  let x_2 = vec4<f32>(select(0.0, attended[min(4u * quad_2 + 0u, 29u) / 4u][min(4u * quad_2 + 0u, 29u) % 4u], 4u * quad_2 + 0u < 30u), select(0.0, attended[min(4u * quad_2 + 1u, 29u) / 4u][min(4u * quad_2 + 1u, 29u) % 4u], 4u * quad_2 + 1u < 30u), select(0.0, attended[min(4u * quad_2 + 2u, 29u) / 4u][min(4u * quad_2 + 2u, 29u) % 4u], 4u * quad_2 + 2u < 30u), select(0.0, attended[min(4u * quad_2 + 3u, 29u) / 4u][min(4u * quad_2 + 3u, 29u) % 4u], 4u * quad_2 + 3u < 30u));
  part = fma(w, x, part);
  part = fma(w_2, x_2, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u && mine < 30u) {
    let row_2 = min(mine, 29u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let x_3 = x_in[row_2 / 4u][row_2 % 4u];
    let f_o_proj_bias = vectors[(row_2 + 164u) / 4u][(row_2 + 164u) % 4u];
    let add = (total + f_o_proj_bias);
    let add_2 = (x_3 + add);
    let add_3 = g_down_proj[row_2 / 4u][row_2 % 4u];
    let add_4 = (add_2 + add_3);
    stream[row_2] = add_4;
  }
}

// ---- sample.wgsl
// Draws the next token: repetition penalty, temperature, top-k, top-p, min-p; then advances the position.

@group(0) @binding(0) var<storage, read> logits: array<u32, 50>;
@group(0) @binding(1) var<storage, read_write> control: array<u32, 16>;
@group(0) @binding(2) var<storage, read_write> tokens: array<u32, 4>;
@group(0) @binding(3) var<storage, read_write> sampled: array<u32, 64>;
@group(0) @binding(4) var<storage, read_write> seen: array<u32, 2>;

var<workgroup> settings: vec4<u32>;
var<workgroup> penalty: f32;
var<workgroup> best_key: atomic<u32>;
var<workgroup> best_token: atomic<u32>;
var<workgroup> winner: vec2<u32>;
var<workgroup> bins: array<atomic<u32>, 256>;
var<workgroup> low_bins: array<atomic<u32>, 256>;
var<workgroup> bin_totals: array<u32, 256>;
var<workgroup> group_totals: array<u32, 16>;
var<workgroup> chosen: vec4<u32>;
var<workgroup> weight_sums: array<f32, 256>;
var<workgroup> weight_total: f32;
var<workgroup> not_finite: atomic<u32>;

// Keys are ordered as the f32 values of the bits are; 0 is for minus infinity and what is not a number, so that no token is drawn for it.
fn order_key(bits: u32) -> u32 {
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u || bits == 0xff800000u) { return 0u; }
  if (magnitude == 0u) { return 0x80000000u; }
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

// The value of a key; that of infinity is the largest number.
fn key_value(key: u32) -> f32 {
  let finite = clamp(key, 0x00800000u, 0xff7fffffu);
  return bitcast<f32>(select(~finite, finite & 0x7fffffffu, finite >= 0x80000000u));
}

// A token's score over the temperature, relative to the best one's: at most 0.
fn relative_score(key: u32, best: u32, temperature: f32) -> f32 {
  return max((key_value(key) - key_value(best)) / temperature, -3.0e38);
}

// The PCG3D hash (Jarzynski and Olano 2020): a random number for every token, draw and seed.
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
}

// The highest key of all invocations, and the lowest token that has it.
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
}

fn sum_of_workgroup(lane: u32, value: f32) -> f32 {
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
}

// Going down from the highest bin, the one in which the sum reaches the goal (at most everything): the bin, the sum above it, the goal, its own sum.
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
}

// The key of a token's logit after the repetition penalty; what is infinite or no number stays what it is.
fn token_key(token: u32) -> u32 {
  let bits = logits[token];
  let is_plain = penalty == 1.0 || (bits & 0x7f800000u) == 0x7f800000u;
  if (is_plain || (seen[token / 32u] >> (token % 32u)) % 2u == 0u) { return order_key(bits); }
  let logit = bitcast<f32>(bits);
  return order_key(bitcast<u32>(select(logit / penalty, logit * penalty, logit < 0.0)));
}

const BY_COUNT = 0u;
const BY_WEIGHT = 1u;
const BY_RANK = 2u;

// Going down from the highest key that belongs, the one at which the sum reaches what is wanted, how much of it the key itself has
// to give, and how much it has. Keys from the limit on belong and count 1 or their weight; or, by rank, the tokens whose key is the limit, from the lowest on.
fn select_key(lane: u32, by: u32, wanted: u32, limit: u32, best: u32, temperature: f32, scale: f32) -> vec3<u32> {
  var prefix = 0u;
  var left = wanted;
  var own = 0u;
  for (var digit = 0u; digit < 4u; digit++) {
    let shift = 24u - digit * 8u;
    for (var round_2 = 0u; round_2 < 1u; round_2++) {
      let token = round_2 * 256u + lane;
      if (token < 50u) {
        let key = token_key(token);
        let sorted = select(key, ~token, by == BY_RANK);
        let belongs = select(key >= limit, key == limit, by == BY_RANK);
        if (belongs && ((sorted ^ prefix) >> shift) < 256u) {
          let bin = (sorted >> shift) % 256u;
          if (by == BY_WEIGHT) {
            // In units of 2^-30, and what is left in units of 2^-42, so that no sum overflows.
            let weight = exp(relative_score(key, best, temperature)) * scale;
            let units = u32(weight);
            atomicAdd(&bins[bin], units);
            atomicAdd(&low_bins[bin], u32((weight - f32(units)) * 4096.0));
          } else {
            atomicAdd(&bins[bin], 1u);
          }
        }
      }
    }
    let found = choose_bin(lane, left);
    prefix |= found.x << shift;
    left = found.z - found.y;
    own = found.w;
  }
  return vec3<u32>(prefix, left, own);
}

fn draw_token(lane: u32, best: u32, temperature: f32, top_k: u32, shares: vec2<f32>) -> u32 {
  let top_p = shares.x;
  let min_p = shares.y;
  var limit = 1u;
  var last_token = 0xffffffffu;
  var scale = 1.0;
  var wanted = top_k;
  var needed = top_k > 0u && top_k < 50u;
  // Top-k, then top-p, then which tokens stay of those that are equal at its end.
  for (var by = 0u; by < 3u; by++) {
    if (!needed && by == BY_RANK) { break; }
    if (by == BY_WEIGHT) {
      needed = top_p < 1.0;
      if (!needed) { break; }
      var sum = 0.0;
      for (var round_2 = 0u; round_2 < 1u; round_2++) {
        let token = round_2 * 256u + lane;
        if (token < 50u) {
          let key = token_key(token);
          sum += select(0.0, exp(relative_score(key, best, temperature)), key >= limit);
        }
      }
      scale = exp2(30.0) / sum_of_workgroup(lane, sum);
      wanted = max(1u, u32(max(top_p, 0.0) * exp2(30.0)));
    }
    if (!needed) { continue; }
    let crossing = select_key(lane, by, wanted, limit, best, temperature, scale);
    if (by == BY_RANK) { last_token = ~crossing.x; } else { limit = max(limit, crossing.x); }
    if (by == BY_WEIGHT) {
      let weight = max(1.0, exp(relative_score(limit, best, temperature)) * scale);
      needed = f32(crossing.z) > 1.5 * weight;
      wanted = u32(clamp(ceil((f32(crossing.y) - 1.0) / weight), 1.0, 1.0e9));
    }
  }
  var highest = 0u;
  var highest_token = 0u;
  let draw = control[2];
  let seed = control[3];
  for (var round_3 = 0u; round_3 < 1u; round_3++) {
    let token = round_3 * 256u + lane;
    if (token < 50u) {
      let plain = token_key(token);
      let score = relative_score(plain, best, temperature);
      if ((plain > limit || (plain == limit && token <= last_token)) && exp(score) >= min_p) {
        let noise = gumbel(random_bits(token, draw, seed));
        let key = order_key(bitcast<u32>(score + noise));
        if (key > highest) {
          highest = key;
          highest_token = token;
        }
      }
    }
  }
  return best_of_workgroup(lane, highest, highest_token).y;
}

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index;
  if (lane == 0u) {
    settings = vec4<u32>(control[4], control[5], control[6], control[9]);
    penalty = bitcast<f32>(control[8]);
    atomicStore(&not_finite, 0u);
  }
  atomicStore(&bins[lane], 0u);
  atomicStore(&low_bins[lane], 0u);
  let drawing = workgroupUniformLoad(&settings);
  var highest = 0u;
  var highest_token = 0u;
  var spoiled = false;
  for (var round_2 = 0u; round_2 < 1u; round_2++) {
    let token = round_2 * 256u + lane;
    if (token < 50u) {
      let bits = logits[token];
      spoiled = spoiled || (bits & 0x7f800000u) == 0x7f800000u;
      let key = token_key(token);
      if (key > highest) {
        highest = key;
        highest_token = token;
      }
    }
  }
  if (spoiled) { atomicStore(&not_finite, 1u); }
  let best = best_of_workgroup(lane, highest, highest_token);
  var drawn = best.y;
  let temperature = bitcast<f32>(drawing.x);
  if (temperature > 0.0) {
    drawn = draw_token(lane, best.x, max(temperature, 1.0e-20), drawing.y, bitcast<vec2<f32>>(drawing.zw));
  }
  if (lane == 0u) {
    tokens[0] = drawn;
    seen[drawn / 32u] |= 1u << (drawn % 32u);
    sampled[control[2] % 64u] = drawn;
    control[2] += 1u;
    control[0] += control[1];
    control[1] = 1u;
    if (atomicLoad(&not_finite) == 1u) { control[7] = 1u; }
  }
}
