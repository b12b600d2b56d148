// ---- embed_embed_prefill.wgsl
// embed: gather.
// Stores embed [width 64].
// 0 FLOP, 8,192 bytes read, 8,192 written for 32 tokens.
// test/golden/full-attention.hyb:2: model full_attention {

@group(0) @binding(0) var<storage, read> tokens: array<u32, 32>;
@group(0) @binding(1) var<storage, read> embed_weights: array<vec4<f32>, 1536>;
@group(0) @binding(2) var<storage, read_write> embed: array<f32, 2048>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index;
  let token = workgroup_id.y;
  let entry = tokens[token];
  let embed_2 = embed_weights[(entry * 64u + row) / 4u][(entry * 64u + row) % 4u];
  embed[token * 64u + row] = embed_2;
}

// ---- att_sum_prefill.wgsl
// ATT: mul, sum, add, rsqrt.
// Stores sum [].
// 4,224 FLOP, 8,192 bytes read, 128 written for 32 tokens.
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read> x_in: array<vec4<f32>, 512>;
@group(0) @binding(1) var<storage, read_write> sum: array<f32, 64>;

var<workgroup> shared_0: array<f32, 1>;
var<workgroup> parts_of_sum: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  var part = 0.0;
  for (var round_2 = 0u; round_2 < 1u; round_2++) {
    let i = round_2 * 64u + local_invocation_index;
    let x = x_in[(workgroup_id.y * 64u + i) / 4u][(workgroup_id.y * 64u + i) % 4u];
    part = part + ((x * x));
  }
  parts_of_sum[local_invocation_index] = part;
  workgroupBarrier();
  var total = 0.0;
  if (local_invocation_index == 0u) {
    for (var i_2 = 0u; i_2 < 64u; i_2++) {
      total = total + parts_of_sum[i_2];
    }
  }
  workgroupBarrier();
  if (local_invocation_index == 0u) {
    let mul = (total * 0.015625);
    let constant = 9.999999974752427e-7;
    let add = (mul + constant);
    shared_0[0] = inverseSqrt(add);
  }
  workgroupBarrier();
  let row = local_invocation_index;
  if (row >= 1u) { return; }
  let token = workgroup_id.y;
  let rsqrt = shared_0[0u];
  sum[token] = rsqrt;
}

// ---- att_q_proj_k_proj_v_proj_prefill.wgsl
// ATT: q_proj, k_proj, v_proj with mul.
// Stores q_proj [kv 2, per 2, part 32], k_proj [kv 2, part 32], v_proj [kv 2, value 32].
// 1,058,816 FLOP, 74,112 bytes read, 32,768 written for 32 tokens.
// std/attention.hyb:43: q = q_proj(u)
// std/attention.hyb:44: k = k_proj(u)
// std/attention.hyb:45: v = v_proj(u)

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>, 4096>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 512>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 36>;
@group(0) @binding(4) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read_write> q_proj_k_proj_v_proj: array<f32, 8192>;

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
  let weight_source = min(first_row + weight_at, 255u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 255u);
  var next_weight_2 = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  var sum_5 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = weights[weight_source * 16u + weight_quad];
  next_weight_2 = weights[weight_source_2 * 16u + weight_quad_2];
  let x = x_in[input_source * 16u + input_quad].x;
  let n = vectors[input_quad].x;
  let x_2 = x_in[input_source * 16u + input_quad].y;
  let n_2 = vectors[input_quad].y;
  let x_3 = x_in[input_source * 16u + input_quad].z;
  let n_3 = vectors[input_quad].z;
  let x_4 = x_in[input_source * 16u + input_quad].w;
  let n_4 = vectors[input_quad].w;
  next_input = vec4<f32>((x * n), (x_2 * n_2), (x_3 * n_3), (x_4 * n_4));
  let x_5 = x_in[input_source_2 * 16u + input_quad_2].x;
  let n_5 = vectors[input_quad_2].x;
  let x_6 = x_in[input_source_2 * 16u + input_quad_2].y;
  let n_6 = vectors[input_quad_2].y;
  let x_7 = x_in[input_source_2 * 16u + input_quad_2].z;
  let n_7 = vectors[input_quad_2].z;
  let x_8 = x_in[input_source_2 * 16u + input_quad_2].w;
  let n_8 = vectors[input_quad_2].w;
  next_input_2 = vec4<f32>((x_5 * n_5), (x_6 * n_6), (x_7 * n_7), (x_8 * n_8));
  for (var stage = 0u; stage < 4u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 3u);
    let quad = next * 4u + weight_quad;
    next_weight = weights[weight_source * 16u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = weights[weight_source_2 * 16u + quad_2];
    let quad_3 = next * 4u + input_quad;
    let x_9 = x_in[input_source * 16u + quad_3].x;
    let n_9 = vectors[quad_3].x;
    let x_10 = x_in[input_source * 16u + quad_3].y;
    let n_10 = vectors[quad_3].y;
    let x_11 = x_in[input_source * 16u + quad_3].z;
    let n_11 = vectors[quad_3].z;
    let x_12 = x_in[input_source * 16u + quad_3].w;
    let n_12 = vectors[quad_3].w;
    next_input = vec4<f32>((x_9 * n_9), (x_10 * n_10), (x_11 * n_11), (x_12 * n_12));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[input_source_2 * 16u + quad_4].x;
    let n_13 = vectors[quad_4].x;
    let x_14 = x_in[input_source_2 * 16u + quad_4].y;
    let n_14 = vectors[quad_4].y;
    let x_15 = x_in[input_source_2 * 16u + quad_4].z;
    let n_15 = vectors[quad_4].z;
    let x_16 = x_in[input_source_2 * 16u + quad_4].w;
    let n_16 = vectors[quad_4].w;
    next_input_2 = vec4<f32>((x_13 * n_13), (x_14 * n_14), (x_15 * n_15), (x_16 * n_16));
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
        sum_2 = fma(vec4<f32>(x_17.x), across, sum_2);
        sum_3 = fma(vec4<f32>(x_18.x), across, sum_3);
        sum_4 = fma(vec4<f32>(x_19.x), across, sum_4);
        sum_5 = fma(vec4<f32>(x_20.x), across, sum_5);
        let across_2 = vec4<f32>(w.y, w_2.y, w_3.y, w_4.y);
        sum_2 = fma(vec4<f32>(x_17.y), across_2, sum_2);
        sum_3 = fma(vec4<f32>(x_18.y), across_2, sum_3);
        sum_4 = fma(vec4<f32>(x_19.y), across_2, sum_4);
        sum_5 = fma(vec4<f32>(x_20.y), across_2, sum_5);
        let across_3 = vec4<f32>(w.z, w_2.z, w_3.z, w_4.z);
        sum_2 = fma(vec4<f32>(x_17.z), across_3, sum_2);
        sum_3 = fma(vec4<f32>(x_18.z), across_3, sum_3);
        sum_4 = fma(vec4<f32>(x_19.z), across_3, sum_4);
        sum_5 = fma(vec4<f32>(x_20.z), across_3, sum_5);
        let across_4 = vec4<f32>(w.w, w_2.w, w_3.w, w_4.w);
        sum_2 = fma(vec4<f32>(x_17.w), across_4, sum_2);
        sum_3 = fma(vec4<f32>(x_18.w), across_4, sum_3);
        sum_4 = fma(vec4<f32>(x_19.w), across_4, sum_4);
        sum_5 = fma(vec4<f32>(x_20.w), across_4, sum_5);
      }
    }
    workgroupBarrier();
  }
  var results = array<f32, 16>(sum_2.x, sum_2.y, sum_2.z, sum_2.w, sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w, sum_5.x, sum_5.y, sum_5.z, sum_5.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1]) {
      let total = results[result];
      if (row >= 0u && row < 128u) {
        let rsqrt = sum[token / 4u][token % 4u];
        let mul = (total * rsqrt);
        q_proj_k_proj_v_proj[token * 128u + row] = mul;
      }
      if (row >= 128u && row < 192u) {
        let local_row = row - 128u;
        let rsqrt_2 = sum[token / 4u][token % 4u];
        let mul_2 = (total * rsqrt_2);
        q_proj_k_proj_v_proj[token * 64u + local_row + 4096u] = mul_2;
      }
      if (row >= 192u && row < 256u) {
        let local_row_2 = row - 192u;
        let rsqrt_3 = sum[token / 4u][token % 4u];
        let mul_3 = (total * rsqrt_3);
        q_proj_k_proj_v_proj[token * 64u + local_row_2 + 6144u] = mul_3;
      }
    }
  }
}

// ---- att_sum_prefill_2.wgsl
// ATT: mul, sum, add, rsqrt.
// Stores sum [kv 2, per 2], sum [kv 2].
// 13,056 FLOP, 24,576 bytes read, 768 written for 32 tokens.
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> q_proj_k_proj_v_proj: array<vec4<f32>, 2048>;
@group(0) @binding(2) var<storage, read_write> sum_sum: array<f32, 192>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index % 6u;
  let token = workgroup_id.y * 10u + local_invocation_index / 6u;
  if (token >= control[1] || local_invocation_index / 6u >= 10u) { return; }
  if (row >= 0u && row < 4u) {
    var sum = 0.0;
    for (var i_part = 0u; i_part < 32u; i_part++) {
      let mul = q_proj_k_proj_v_proj[(token * 128u + row * 32u + i_part) / 4u][(token * 128u + row * 32u + i_part) % 4u];
      sum = sum + ((mul * mul));
    }
    let mul_2 = (sum * 0.03125);
    let constant = 9.999999974752427e-7;
    let add = (mul_2 + constant);
    let rsqrt = inverseSqrt(add);
    sum_sum[token * 4u + row] = rsqrt;
  }
  if (row >= 4u && row < 6u) {
    let local_row = row - 4u;
    var sum_2 = 0.0;
    for (var i_part_2 = 0u; i_part_2 < 32u; i_part_2++) {
      let mul_3 = q_proj_k_proj_v_proj[(token * 64u + local_row * 32u + i_part_2 + 4096u) / 4u][(token * 64u + local_row * 32u + i_part_2 + 4096u) % 4u];
      sum_2 = sum_2 + ((mul_3 * mul_3));
    }
    let mul_4 = (sum_2 * 0.03125);
    let constant_2 = 9.999999974752427e-7;
    let add_2 = (mul_4 + constant_2);
    let rsqrt_2 = inverseSqrt(add_2);
    sum_sum[token * 2u + local_row + 128u] = rsqrt_2;
  }
}

// ---- att_append_attended_prefill.wgsl
// ATT: remember the keys and values of attended.
// 10,240 FLOP, 2,105,792 bytes read, 2,097,152 written for 32 tokens.
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read_write> k_memory: array<f32, 262144>;
@group(0) @binding(1) var<storage, read> vectors: array<vec4<f32>, 36>;
@group(0) @binding(2) var<storage, read> control: array<u32, 16>;
@group(0) @binding(3) var<storage, read> q_proj_k_proj_v_proj: array<vec4<f32>, 2048>;
@group(0) @binding(4) var<storage, read> sum_sum: array<vec4<f32>, 48>;
@group(0) @binding(5) var<storage, read_write> v_proj_memory: array<f32, 262144>;

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
  let row = workgroup_id.x * 64u + local_invocation_index;
  let token = workgroup_id.y;
  if (row >= 0u && row < 64u) {
    let part = (row) % 32u;
    let pair = part % 16u;
    let angle = turn((control[0] + token), vectors[(pair + 128u) / 4u][(pair + 128u) % 4u]);
    let mul = q_proj_k_proj_v_proj[(token * 64u + (row / 32u) * 32u + pair + 4096u) / 4u][(token * 64u + (row / 32u) * 32u + pair + 4096u) % 4u];
    let rsqrt = sum_sum[(token * 2u + row / 32u + 128u) / 4u][(token * 2u + row / 32u + 128u) % 4u];
    let mul_2 = (mul * rsqrt);
    let k_norm = vectors[(pair + 96u) / 4u][(pair + 96u) % 4u];
    let first = (mul_2 * k_norm);
    let mul_3 = q_proj_k_proj_v_proj[(token * 64u + (row / 32u) * 32u + pair + 16u + 4096u) / 4u][(token * 64u + (row / 32u) * 32u + pair + 16u + 4096u) % 4u];
    let mul_4 = (mul_3 * rsqrt);
    let k_norm_2 = vectors[(pair + 16u + 96u) / 4u][(pair + 16u + 96u) % 4u];
    let second = (mul_4 * k_norm_2);
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part < 16u);
    let value = rotated;
    let slot = (control[0] + token) % 4096u;
    k_memory[(row / 32u) * 131072u + slot * 32u + (row) % 32u] = value;
  }
  if (row >= 64u && row < 128u) {
    let local_row = row - 64u;
    let value_2 = q_proj_k_proj_v_proj[(token * 64u + local_row + 6144u) / 4u][(token * 64u + local_row + 6144u) % 4u];
    let slot_2 = (control[0] + token) % 4096u;
    v_proj_memory[(local_row / 32u) * 131072u + slot_2 * 32u + (local_row) % 32u] = value_2;
  }
}

// ---- att_attended_prefill.wgsl
// ATT: attended with mul, rotate, attend.
// Stores attended [kv 2, per 2, value 32].
// 69,236,736 FLOP, 2,131,008 bytes read, 16,384 written for 32 tokens.
// std/attention.hyb:66: q = rotate(q, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:70: attended = attend(
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read> k_memory: array<vec4<f32>, 65536>;
@group(0) @binding(1) var<storage, read> v_proj_memory: array<vec4<f32>, 65536>;
@group(0) @binding(2) var<storage, read> control: array<u32, 16>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 36>;
@group(0) @binding(4) var<storage, read> q_proj_k_proj_v_proj: array<vec4<f32>, 2048>;
@group(0) @binding(5) var<storage, read> sum_sum: array<vec4<f32>, 48>;
@group(0) @binding(6) var<storage, read_write> attended: array<f32, 4096>;

var<workgroup> queries: array<vec4<f32>, 256>;
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
  let first_token = workgroup_id.x * 16u;
  if (first_token >= count) { return; }
  let group = min(workgroup_id.y, 1u);
  let first_head = 0u;
  let first_quad = 0u;
  let across = local_invocation_index % 8u;
  let down = local_invocation_index / 8u;
  let last_token = min(first_token + 16u, count);
  let row_position = current + vec4<u32>(min(first_token + (down * 4u + 0u) / 2u, count - 1u), min(first_token + (down * 4u + 1u) / 2u, count - 1u), min(first_token + (down * 4u + 2u) / 2u, count - 1u), min(first_token + (down * 4u + 3u) / 2u, count - 1u));
  let span = current + last_token;
  for (var round_2 = 0u; round_2 < 4u; round_2++) {
    let item = round_2 * 64u + local_invocation_index;
    let element = item % 32u;
    let four = item / 32u;
    let row = four * 4u;
    let token = first_token + row / 2u;
    let head = min(first_head + row % 2u, 1u);
    let token_2 = min(token, count - 1u);
    let part = element;
    let pair = part % 16u;
    let angle = turn((control[0] + token_2), vectors[(pair + 128u) / 4u][(pair + 128u) % 4u]);
    let mul = q_proj_k_proj_v_proj[(token_2 * 128u + group * 64u + head * 32u + pair) / 4u][(token_2 * 128u + group * 64u + head * 32u + pair) % 4u];
    let rsqrt = sum_sum[(token_2 * 4u + group * 2u + head) / 4u][(token_2 * 4u + group * 2u + head) % 4u];
    let mul_2 = (mul * rsqrt);
    let q_norm = vectors[(pair + 64u) / 4u][(pair + 64u) % 4u];
    let first = (mul_2 * q_norm);
    let mul_3 = q_proj_k_proj_v_proj[(token_2 * 128u + group * 64u + head * 32u + pair + 16u) / 4u][(token_2 * 128u + group * 64u + head * 32u + pair + 16u) % 4u];
    let mul_4 = (mul_3 * rsqrt);
    let q_norm_2 = vectors[(pair + 16u + 64u) / 4u][(pair + 16u + 64u) % 4u];
    let second = (mul_4 * q_norm_2);
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part < 16u);
    let q = rotated;
    let row_2 = four * 4u + 1u;
    let token_3 = first_token + row_2 / 2u;
    let head_2 = min(first_head + row_2 % 2u, 1u);
    let token_4 = min(token_3, count - 1u);
    let angle_2 = turn((control[0] + token_4), vectors[(pair + 128u) / 4u][(pair + 128u) % 4u]);
    let mul_5 = q_proj_k_proj_v_proj[(token_4 * 128u + group * 64u + head_2 * 32u + pair) / 4u][(token_4 * 128u + group * 64u + head_2 * 32u + pair) % 4u];
    let rsqrt_2 = sum_sum[(token_4 * 4u + group * 2u + head_2) / 4u][(token_4 * 4u + group * 2u + head_2) % 4u];
    let mul_6 = (mul_5 * rsqrt_2);
    let first_2 = (mul_6 * q_norm);
    let mul_7 = q_proj_k_proj_v_proj[(token_4 * 128u + group * 64u + head_2 * 32u + pair + 16u) / 4u][(token_4 * 128u + group * 64u + head_2 * 32u + pair + 16u) % 4u];
    let mul_8 = (mul_7 * rsqrt_2);
    let second_2 = (mul_8 * q_norm_2);
    let rotated_2 = select(second_2 * angle_2.x + first_2 * angle_2.y, first_2 * angle_2.x - second_2 * angle_2.y, part < 16u);
    let q_2 = rotated_2;
    let row_3 = four * 4u + 2u;
    let token_5 = first_token + row_3 / 2u;
    let head_3 = min(first_head + row_3 % 2u, 1u);
    let token_6 = min(token_5, count - 1u);
    let angle_3 = turn((control[0] + token_6), vectors[(pair + 128u) / 4u][(pair + 128u) % 4u]);
    let mul_9 = q_proj_k_proj_v_proj[(token_6 * 128u + group * 64u + head_3 * 32u + pair) / 4u][(token_6 * 128u + group * 64u + head_3 * 32u + pair) % 4u];
    let rsqrt_3 = sum_sum[(token_6 * 4u + group * 2u + head_3) / 4u][(token_6 * 4u + group * 2u + head_3) % 4u];
    let mul_10 = (mul_9 * rsqrt_3);
    let first_3 = (mul_10 * q_norm);
    let mul_11 = q_proj_k_proj_v_proj[(token_6 * 128u + group * 64u + head_3 * 32u + pair + 16u) / 4u][(token_6 * 128u + group * 64u + head_3 * 32u + pair + 16u) % 4u];
    let mul_12 = (mul_11 * rsqrt_3);
    let second_3 = (mul_12 * q_norm_2);
    let rotated_3 = select(second_3 * angle_3.x + first_3 * angle_3.y, first_3 * angle_3.x - second_3 * angle_3.y, part < 16u);
    let q_3 = rotated_3;
    let row_4 = four * 4u + 3u;
    let token_7 = first_token + row_4 / 2u;
    let head_4 = min(first_head + row_4 % 2u, 1u);
    let token_8 = min(token_7, count - 1u);
    let angle_4 = turn((control[0] + token_8), vectors[(pair + 128u) / 4u][(pair + 128u) % 4u]);
    let mul_13 = q_proj_k_proj_v_proj[(token_8 * 128u + group * 64u + head_4 * 32u + pair) / 4u][(token_8 * 128u + group * 64u + head_4 * 32u + pair) % 4u];
    let rsqrt_4 = sum_sum[(token_8 * 4u + group * 2u + head_4) / 4u][(token_8 * 4u + group * 2u + head_4) % 4u];
    let mul_14 = (mul_13 * rsqrt_4);
    let first_4 = (mul_14 * q_norm);
    let mul_15 = q_proj_k_proj_v_proj[(token_8 * 128u + group * 64u + head_4 * 32u + pair + 16u) / 4u][(token_8 * 128u + group * 64u + head_4 * 32u + pair + 16u) % 4u];
    let mul_16 = (mul_15 * rsqrt_4);
    let second_4 = (mul_16 * q_norm_2);
    let rotated_4 = select(second_4 * angle_4.x + first_4 * angle_4.y, first_4 * angle_4.x - second_4 * angle_4.y, part < 16u);
    let q_4 = rotated_4;
    queries[element * 8u + four] = vec4<f32>(q, q_2, q_3, q_4) * 0.255034863948822;
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
      let entry_2 = min(entry, 7u);
      let position = min(base + four_2 * 4u + 0u, span - 1u);
      let slot = position % 4096u;
      let k = vec4<f32>(k_memory[group * 32768u + slot * 8u + entry_2].x, k_memory[group * 32768u + slot * 8u + entry_2].y, k_memory[group * 32768u + slot * 8u + entry_2].z, k_memory[group * 32768u + slot * 8u + entry_2].w);
      let position_2 = min(base + four_2 * 4u + 1u, span - 1u);
      let slot_2 = position_2 % 4096u;
      let k_2 = vec4<f32>(k_memory[group * 32768u + slot_2 * 8u + entry_2].x, k_memory[group * 32768u + slot_2 * 8u + entry_2].y, k_memory[group * 32768u + slot_2 * 8u + entry_2].z, k_memory[group * 32768u + slot_2 * 8u + entry_2].w);
      let position_3 = min(base + four_2 * 4u + 2u, span - 1u);
      let slot_3 = position_3 % 4096u;
      let k_3 = vec4<f32>(k_memory[group * 32768u + slot_3 * 8u + entry_2].x, k_memory[group * 32768u + slot_3 * 8u + entry_2].y, k_memory[group * 32768u + slot_3 * 8u + entry_2].z, k_memory[group * 32768u + slot_3 * 8u + entry_2].w);
      let position_4 = min(base + four_2 * 4u + 3u, span - 1u);
      let slot_4 = position_4 % 4096u;
      let k_4 = vec4<f32>(k_memory[group * 32768u + slot_4 * 8u + entry_2].x, k_memory[group * 32768u + slot_4 * 8u + entry_2].y, k_memory[group * 32768u + slot_4 * 8u + entry_2].z, k_memory[group * 32768u + slot_4 * 8u + entry_2].w);
      rows[(entry * 4u + 0u) * 8u + four_2] = vec4<f32>(k.x, k_2.x, k_3.x, k_4.x);
      rows[(entry * 4u + 1u) * 8u + four_2] = vec4<f32>(k.y, k_2.y, k_3.y, k_4.y);
      rows[(entry * 4u + 2u) * 8u + four_2] = vec4<f32>(k.z, k_2.z, k_3.z, k_4.z);
      rows[(entry * 4u + 3u) * 8u + four_2] = vec4<f32>(k.w, k_2.w, k_3.w, k_4.w);
    }
    workgroupBarrier();
    for (var element_2 = 0u; element_2 < 32u; element_2++) {
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
    for (var round_3 = 0u; round_3 < 4u; round_3++) {
      let item_3 = round_3 * 64u + local_invocation_index;
      let column = item_3 / 8u;
      let quad = min(first_quad + 0u + item_3 % 8u, 7u);
      let position_13 = min(base + column, span - 1u);
      let slot_5 = position_13 % 4096u;
      rows[item_3] = vec4<f32>(v_proj_memory[group * 32768u + slot_5 * 8u + quad].x, v_proj_memory[group * 32768u + slot_5 * 8u + quad].y, v_proj_memory[group * 32768u + slot_5 * 8u + quad].z, v_proj_memory[group * 32768u + slot_5 * 8u + quad].w);
    }
    workgroupBarrier();
    for (var column_2 = 0u; column_2 < 32u; column_2++) {
      let weight_5 = weights[column_2 * 8u + down];
      let v = rows[column_2 * 8u + across];
      sum = fma(vec4<f32>(weight_5.x), v, sum);
      sum_2 = fma(vec4<f32>(weight_5.y), v, sum_2);
      sum_3 = fma(vec4<f32>(weight_5.z), v, sum_3);
      sum_4 = fma(vec4<f32>(weight_5.w), v, sum_4);
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
    let token_9 = first_token + row_5 / 2u;
    let head_5 = first_head + row_5 % 2u;
    if (token_9 < count) {
      let inverse = 1.0 / (total.x);
      let local = 0u + across;
      let result = sum * inverse;
      let d = (first_quad + local) * 4u + 0u;
      let attended_2 = result.x;
      attended[token_9 * 128u + group * 64u + head_5 * 32u + d] = attended_2;
      let d_2 = (first_quad + local) * 4u + 1u;
      let attended_3 = result.y;
      attended[token_9 * 128u + group * 64u + head_5 * 32u + d_2] = attended_3;
      let d_3 = (first_quad + local) * 4u + 2u;
      let attended_4 = result.z;
      attended[token_9 * 128u + group * 64u + head_5 * 32u + d_3] = attended_4;
      let d_4 = (first_quad + local) * 4u + 3u;
      let attended_5 = result.w;
      attended[token_9 * 128u + group * 64u + head_5 * 32u + d_4] = attended_5;
    }
  }
  {
    let row_6 = down * 4u + 1u;
    let token_10 = first_token + row_6 / 2u;
    let head_6 = first_head + row_6 % 2u;
    if (token_10 < count) {
      let inverse_2 = 1.0 / (total.y);
      let local_2 = 0u + across;
      let result_2 = sum_2 * inverse_2;
      let d_5 = (first_quad + local_2) * 4u + 0u;
      let attended_6 = result_2.x;
      attended[token_10 * 128u + group * 64u + head_6 * 32u + d_5] = attended_6;
      let d_6 = (first_quad + local_2) * 4u + 1u;
      let attended_7 = result_2.y;
      attended[token_10 * 128u + group * 64u + head_6 * 32u + d_6] = attended_7;
      let d_7 = (first_quad + local_2) * 4u + 2u;
      let attended_8 = result_2.z;
      attended[token_10 * 128u + group * 64u + head_6 * 32u + d_7] = attended_8;
      let d_8 = (first_quad + local_2) * 4u + 3u;
      let attended_9 = result_2.w;
      attended[token_10 * 128u + group * 64u + head_6 * 32u + d_8] = attended_9;
    }
  }
  {
    let row_7 = down * 4u + 2u;
    let token_11 = first_token + row_7 / 2u;
    let head_7 = first_head + row_7 % 2u;
    if (token_11 < count) {
      let inverse_3 = 1.0 / (total.z);
      let local_3 = 0u + across;
      let result_3 = sum_3 * inverse_3;
      let d_9 = (first_quad + local_3) * 4u + 0u;
      let attended_10 = result_3.x;
      attended[token_11 * 128u + group * 64u + head_7 * 32u + d_9] = attended_10;
      let d_10 = (first_quad + local_3) * 4u + 1u;
      let attended_11 = result_3.y;
      attended[token_11 * 128u + group * 64u + head_7 * 32u + d_10] = attended_11;
      let d_11 = (first_quad + local_3) * 4u + 2u;
      let attended_12 = result_3.z;
      attended[token_11 * 128u + group * 64u + head_7 * 32u + d_11] = attended_12;
      let d_12 = (first_quad + local_3) * 4u + 3u;
      let attended_13 = result_3.w;
      attended[token_11 * 128u + group * 64u + head_7 * 32u + d_12] = attended_13;
    }
  }
  {
    let row_8 = down * 4u + 3u;
    let token_12 = first_token + row_8 / 2u;
    let head_8 = first_head + row_8 % 2u;
    if (token_12 < count) {
      let inverse_4 = 1.0 / (total.w);
      let local_4 = 0u + across;
      let result_4 = sum_4 * inverse_4;
      let d_13 = (first_quad + local_4) * 4u + 0u;
      let attended_14 = result_4.x;
      attended[token_12 * 128u + group * 64u + head_8 * 32u + d_13] = attended_14;
      let d_14 = (first_quad + local_4) * 4u + 1u;
      let attended_15 = result_4.y;
      attended[token_12 * 128u + group * 64u + head_8 * 32u + d_14] = attended_15;
      let d_15 = (first_quad + local_4) * 4u + 2u;
      let attended_16 = result_4.z;
      attended[token_12 * 128u + group * 64u + head_8 * 32u + d_15] = attended_16;
      let d_16 = (first_quad + local_4) * 4u + 3u;
      let attended_17 = result_4.w;
      attended[token_12 * 128u + group * 64u + head_8 * 32u + d_16] = attended_17;
    }
  }
}

// ---- att_o_proj_prefill.wgsl
// ATT: o_proj with add.
// Stores stream [width 64].
// 526,336 FLOP, 57,344 bytes read, 8,192 written for 32 tokens.
// std/attention.hyb:83: return o_proj(attended)
// std/blocks.hyb:6: return x + f(n(x))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> o_proj_weights: array<vec4<f32>, 2048>;
@group(0) @binding(2) var<storage, read> attended: array<vec4<f32>, 1024>;
@group(0) @binding(3) var<storage, read> x_in: array<vec4<f32>, 512>;
@group(0) @binding(4) var<storage, read_write> stream: array<f32, 2048>;

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
  let weight_source = min(first_row + weight_at, 63u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 63u);
  var next_weight_2 = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = o_proj_weights[weight_source * 32u + weight_quad];
  next_weight_2 = o_proj_weights[weight_source_2 * 32u + weight_quad_2];
  next_input = attended[input_source * 32u + input_quad];
  next_input_2 = attended[input_source_2 * 32u + input_quad_2];
  for (var stage = 0u; stage < 8u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 7u);
    let quad = next * 4u + weight_quad;
    next_weight = o_proj_weights[weight_source * 32u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = o_proj_weights[weight_source_2 * 32u + quad_2];
    let quad_3 = next * 4u + input_quad;
    next_input = attended[input_source * 32u + quad_3];
    let quad_4 = next * 4u + input_quad_2;
    next_input_2 = attended[input_source_2 * 32u + quad_4];
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
    if (token < control[1]) {
      let total = results[result];
      let x_5 = x_in[(token * 64u + row) / 4u][(token * 64u + row) % 4u];
      let add = (x_5 + total);
      stream[token * 64u + row] = add;
    }
  }
}

// ---- mlp_gate_proj_up_proj_prefill.wgsl
// MLP: gate_proj, up_proj with mul, silu.
// Stores gate_proj [hidden 80].
// 675,328 FLOP, 49,536 bytes read, 10,240 written for 32 tokens.
// std/swiglu.hyb:7: gate = gate_proj(u)
// std/swiglu.hyb:11: y = down_proj((if act == "silu" then silu(gate) else activation(gate, act)) * up_proj(u))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>, 2560>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 512>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 16>;
@group(0) @binding(4) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read_write> gate_proj: array<f32, 2560>;

var<workgroup> input_tile: array<vec4<f32>, 136>;
var<workgroup> weight_tile: array<vec4<f32>, 136>;
var<workgroup> weight_tile_2: array<vec4<f32>, 136>;

fn op_silu(x: f32) -> f32 {
  return x / (1.0 + exp(min(-x, 87.0)));
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
  let weight_source = min(first_row + weight_at, 79u);
  var next_weight = vec4<f32>();
  var next_weight_2 = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 79u);
  var next_weight_3 = vec4<f32>();
  var next_weight_4 = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  var sum_5 = vec4<f32>();
  var sum_6 = vec4<f32>();
  var sum_7 = vec4<f32>();
  var sum_8 = vec4<f32>();
  var sum_9 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = weights[weight_source * 16u + weight_quad];
  next_weight_2 = weights[weight_source * 16u + weight_quad + 1280u];
  next_weight_3 = weights[weight_source_2 * 16u + weight_quad_2];
  next_weight_4 = weights[weight_source_2 * 16u + weight_quad_2 + 1280u];
  let x = x_in[input_source * 16u + input_quad].x;
  let n = vectors[input_quad].x;
  let x_2 = x_in[input_source * 16u + input_quad].y;
  let n_2 = vectors[input_quad].y;
  let x_3 = x_in[input_source * 16u + input_quad].z;
  let n_3 = vectors[input_quad].z;
  let x_4 = x_in[input_source * 16u + input_quad].w;
  let n_4 = vectors[input_quad].w;
  next_input = vec4<f32>((x * n), (x_2 * n_2), (x_3 * n_3), (x_4 * n_4));
  let x_5 = x_in[input_source_2 * 16u + input_quad_2].x;
  let n_5 = vectors[input_quad_2].x;
  let x_6 = x_in[input_source_2 * 16u + input_quad_2].y;
  let n_6 = vectors[input_quad_2].y;
  let x_7 = x_in[input_source_2 * 16u + input_quad_2].z;
  let n_7 = vectors[input_quad_2].z;
  let x_8 = x_in[input_source_2 * 16u + input_quad_2].w;
  let n_8 = vectors[input_quad_2].w;
  next_input_2 = vec4<f32>((x_5 * n_5), (x_6 * n_6), (x_7 * n_7), (x_8 * n_8));
  for (var stage = 0u; stage < 4u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile_2[weight_place] = next_weight_2;
    weight_tile[weight_place_2] = next_weight_3;
    weight_tile_2[weight_place_2] = next_weight_4;
    workgroupBarrier();
    let next = min(stage + 1u, 3u);
    let quad = next * 4u + weight_quad;
    next_weight = weights[weight_source * 16u + quad];
    next_weight_2 = weights[weight_source * 16u + quad + 1280u];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_3 = weights[weight_source_2 * 16u + quad_2];
    next_weight_4 = weights[weight_source_2 * 16u + quad_2 + 1280u];
    let quad_3 = next * 4u + input_quad;
    let x_9 = x_in[input_source * 16u + quad_3].x;
    let n_9 = vectors[quad_3].x;
    let x_10 = x_in[input_source * 16u + quad_3].y;
    let n_10 = vectors[quad_3].y;
    let x_11 = x_in[input_source * 16u + quad_3].z;
    let n_11 = vectors[quad_3].z;
    let x_12 = x_in[input_source * 16u + quad_3].w;
    let n_12 = vectors[quad_3].w;
    next_input = vec4<f32>((x_9 * n_9), (x_10 * n_10), (x_11 * n_11), (x_12 * n_12));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[input_source_2 * 16u + quad_4].x;
    let n_13 = vectors[quad_4].x;
    let x_14 = x_in[input_source_2 * 16u + quad_4].y;
    let n_14 = vectors[quad_4].y;
    let x_15 = x_in[input_source_2 * 16u + quad_4].z;
    let n_15 = vectors[quad_4].z;
    let x_16 = x_in[input_source_2 * 16u + quad_4].w;
    let n_16 = vectors[quad_4].w;
    next_input_2 = vec4<f32>((x_13 * n_13), (x_14 * n_14), (x_15 * n_15), (x_16 * n_16));
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
        sum_2 = fma(vec4<f32>(x_17.x), across, sum_2);
        sum_3 = fma(vec4<f32>(x_18.x), across, sum_3);
        sum_4 = fma(vec4<f32>(x_19.x), across, sum_4);
        sum_5 = fma(vec4<f32>(x_20.x), across, sum_5);
        let across_2 = vec4<f32>(w.y, w_2.y, w_3.y, w_4.y);
        sum_2 = fma(vec4<f32>(x_17.y), across_2, sum_2);
        sum_3 = fma(vec4<f32>(x_18.y), across_2, sum_3);
        sum_4 = fma(vec4<f32>(x_19.y), across_2, sum_4);
        sum_5 = fma(vec4<f32>(x_20.y), across_2, sum_5);
        let across_3 = vec4<f32>(w.z, w_2.z, w_3.z, w_4.z);
        sum_2 = fma(vec4<f32>(x_17.z), across_3, sum_2);
        sum_3 = fma(vec4<f32>(x_18.z), across_3, sum_3);
        sum_4 = fma(vec4<f32>(x_19.z), across_3, sum_4);
        sum_5 = fma(vec4<f32>(x_20.z), across_3, sum_5);
        let across_4 = vec4<f32>(w.w, w_2.w, w_3.w, w_4.w);
        sum_2 = fma(vec4<f32>(x_17.w), across_4, sum_2);
        sum_3 = fma(vec4<f32>(x_18.w), across_4, sum_3);
        sum_4 = fma(vec4<f32>(x_19.w), across_4, sum_4);
        sum_5 = fma(vec4<f32>(x_20.w), across_4, sum_5);
        let w_5 = weight_tile_2[part * 34u + column];
        let w_6 = weight_tile_2[part * 34u + column + 8u];
        let w_7 = weight_tile_2[part * 34u + column + 16u];
        let w_8 = weight_tile_2[part * 34u + column + 24u];
        let across_5 = vec4<f32>(w_5.x, w_6.x, w_7.x, w_8.x);
        sum_6 = fma(vec4<f32>(x_17.x), across_5, sum_6);
        sum_7 = fma(vec4<f32>(x_18.x), across_5, sum_7);
        sum_8 = fma(vec4<f32>(x_19.x), across_5, sum_8);
        sum_9 = fma(vec4<f32>(x_20.x), across_5, sum_9);
        let across_6 = vec4<f32>(w_5.y, w_6.y, w_7.y, w_8.y);
        sum_6 = fma(vec4<f32>(x_17.y), across_6, sum_6);
        sum_7 = fma(vec4<f32>(x_18.y), across_6, sum_7);
        sum_8 = fma(vec4<f32>(x_19.y), across_6, sum_8);
        sum_9 = fma(vec4<f32>(x_20.y), across_6, sum_9);
        let across_7 = vec4<f32>(w_5.z, w_6.z, w_7.z, w_8.z);
        sum_6 = fma(vec4<f32>(x_17.z), across_7, sum_6);
        sum_7 = fma(vec4<f32>(x_18.z), across_7, sum_7);
        sum_8 = fma(vec4<f32>(x_19.z), across_7, sum_8);
        sum_9 = fma(vec4<f32>(x_20.z), across_7, sum_9);
        let across_8 = vec4<f32>(w_5.w, w_6.w, w_7.w, w_8.w);
        sum_6 = fma(vec4<f32>(x_17.w), across_8, sum_6);
        sum_7 = fma(vec4<f32>(x_18.w), across_8, sum_7);
        sum_8 = fma(vec4<f32>(x_19.w), across_8, sum_8);
        sum_9 = fma(vec4<f32>(x_20.w), across_8, sum_9);
      }
    }
    workgroupBarrier();
  }
  var results = array<f32, 16>(sum_2.x, sum_2.y, sum_2.z, sum_2.w, sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w, sum_5.x, sum_5.y, sum_5.z, sum_5.w);
  var results_2 = array<f32, 16>(sum_6.x, sum_6.y, sum_6.z, sum_6.w, sum_7.x, sum_7.y, sum_7.z, sum_7.w, sum_8.x, sum_8.y, sum_8.z, sum_8.w, sum_9.x, sum_9.y, sum_9.z, sum_9.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1] && row < 80u) {
      let total = results[result];
      let total_2 = results_2[result];
      let rsqrt = sum[token / 4u][token % 4u];
      let mul = (total * rsqrt);
      let silu = op_silu(mul);
      let mul_2 = (total_2 * rsqrt);
      let mul_3 = (silu * mul_2);
      gate_proj[token * 80u + row] = mul_3;
    }
  }
}

// ---- mlp_down_proj_prefill.wgsl
// MLP: down_proj with add.
// Stores stream [width 64].
// 329,728 FLOP, 38,912 bytes read, 8,192 written for 32 tokens.
// std/blocks.hyb:6: return x + f(n(x))
// std/swiglu.hyb:11: y = down_proj((if act == "silu" then silu(gate) else activation(gate, act)) * up_proj(u))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> down_proj_weights: array<vec4<f32>, 1280>;
@group(0) @binding(2) var<storage, read> gate_proj: array<vec4<f32>, 640>;
@group(0) @binding(3) var<storage, read> x_in: array<vec4<f32>, 512>;
@group(0) @binding(4) var<storage, read_write> stream: array<f32, 2048>;

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
  let weight_source = min(first_row + weight_at, 63u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 63u);
  var next_weight_2 = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = down_proj_weights[weight_source * 20u + weight_quad];
  next_weight_2 = down_proj_weights[weight_source_2 * 20u + weight_quad_2];
  next_input = gate_proj[input_source * 20u + input_quad];
  next_input_2 = gate_proj[input_source_2 * 20u + input_quad_2];
  for (var stage = 0u; stage < 5u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 4u);
    let quad = next * 4u + weight_quad;
    next_weight = down_proj_weights[weight_source * 20u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = down_proj_weights[weight_source_2 * 20u + quad_2];
    let quad_3 = next * 4u + input_quad;
    next_input = gate_proj[input_source * 20u + quad_3];
    let quad_4 = next * 4u + input_quad_2;
    next_input_2 = gate_proj[input_source_2 * 20u + quad_4];
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
    if (token < control[1]) {
      let total = results[result];
      let x_5 = x_in[(token * 64u + row) / 4u][(token * 64u + row) % 4u];
      let add = (x_5 + total);
      stream[token * 64u + row] = add;
    }
  }
}

// ---- take_last_64.wgsl
// The values of the last token of a run.

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> run: array<f32, 2048>;
@group(0) @binding(2) var<storage, read_write> one: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let i = workgroup_id.x * 64u + local_invocation_index;
  if (i >= 64u) { return; }
  one[i] = run[(control[1] - 1u) * 64u + i];
}

// ---- mlp_gate_proj_up_proj_decode.wgsl
// MLP: gate_proj, up_proj with mul, sum, add, rsqrt, silu.
// Stores gate_proj [hidden 80].
// 21,236 FLOP, 41,472 bytes read, 320 written per token.
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w
// std/swiglu.hyb:7: gate = gate_proj(u)
// std/swiglu.hyb:11: y = down_proj((if act == "silu" then silu(gate) else activation(gate, act)) * up_proj(u))

@group(0) @binding(0) var<storage, read> weights: array<vec4<f32>, 2560>;
@group(0) @binding(1) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read_write> gate_proj: array<f32, 128>;

var<workgroup> partials: array<f32, 192>;

fn op_silu(x: f32) -> f32 {
  return x / (1.0 + exp(min(-x, 87.0)));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 79u);
  var part = vec4<f32>();
  var part_2 = vec4<f32>();
  var total = 0.0;
  let quad = lane;
  let w = weights[row * 16u + quad];
  let w_2 = weights[row * 16u + quad + 1280u];
  let x = x_in[quad].x;
  let n = vectors[quad].x;
  let x_2 = x_in[quad].y;
  let n_2 = vectors[quad].y;
  let x_3 = x_in[quad].z;
  let n_3 = vectors[quad].z;
  let x_4 = x_in[quad].w;
  let n_4 = vectors[quad].w;
  let x_5 = vec4<f32>((x * n), (x_2 * n_2), (x_3 * n_3), (x_4 * n_4));
  let total_term = dot(vec4<f32>((x * x), (x_2 * x_2), (x_3 * x_3), (x_4 * x_4)), vec4<f32>(1.0));
  let quad_2 = lane + 4u;
  let w_3 = weights[row * 16u + quad_2];
  let w_4 = weights[row * 16u + quad_2 + 1280u];
  let x_6 = x_in[quad_2].x;
  let n_5 = vectors[quad_2].x;
  let x_7 = x_in[quad_2].y;
  let n_6 = vectors[quad_2].y;
  let x_8 = x_in[quad_2].z;
  let n_7 = vectors[quad_2].z;
  let x_9 = x_in[quad_2].w;
  let n_8 = vectors[quad_2].w;
  let x_10 = vec4<f32>((x_6 * n_5), (x_7 * n_6), (x_8 * n_7), (x_9 * n_8));
  let total_term_2 = dot(vec4<f32>((x_6 * x_6), (x_7 * x_7), (x_8 * x_8), (x_9 * x_9)), vec4<f32>(1.0));
  let quad_3 = lane + 8u;
  let w_5 = weights[row * 16u + quad_3];
  let w_6 = weights[row * 16u + quad_3 + 1280u];
  let x_11 = x_in[quad_3].x;
  let n_9 = vectors[quad_3].x;
  let x_12 = x_in[quad_3].y;
  let n_10 = vectors[quad_3].y;
  let x_13 = x_in[quad_3].z;
  let n_11 = vectors[quad_3].z;
  let x_14 = x_in[quad_3].w;
  let n_12 = vectors[quad_3].w;
  let x_15 = vec4<f32>((x_11 * n_9), (x_12 * n_10), (x_13 * n_11), (x_14 * n_12));
  let total_term_3 = dot(vec4<f32>((x_11 * x_11), (x_12 * x_12), (x_13 * x_13), (x_14 * x_14)), vec4<f32>(1.0));
  let quad_4 = lane + 12u;
  let w_7 = weights[row * 16u + quad_4];
  let w_8 = weights[row * 16u + quad_4 + 1280u];
  let x_16 = x_in[quad_4].x;
  let n_13 = vectors[quad_4].x;
  let x_17 = x_in[quad_4].y;
  let n_14 = vectors[quad_4].y;
  let x_18 = x_in[quad_4].z;
  let n_15 = vectors[quad_4].z;
  let x_19 = x_in[quad_4].w;
  let n_16 = vectors[quad_4].w;
  let x_20 = vec4<f32>((x_16 * n_13), (x_17 * n_14), (x_18 * n_15), (x_19 * n_16));
  let total_term_4 = dot(vec4<f32>((x_16 * x_16), (x_17 * x_17), (x_18 * x_18), (x_19 * x_19)), vec4<f32>(1.0));
  part = fma(w, x_5, part);
  part_2 = fma(w_2, x_5, part_2);
  total += total_term;
  part = fma(w_3, x_10, part);
  part_2 = fma(w_4, x_10, part_2);
  total += total_term_2;
  part = fma(w_5, x_15, part);
  part_2 = fma(w_6, x_15, part_2);
  total += total_term_3;
  part = fma(w_7, x_20, part);
  part_2 = fma(w_8, x_20, part_2);
  total += total_term_4;
  var sum = dot(part, vec4<f32>(1.0));
  var sum_2 = dot(part_2, vec4<f32>(1.0));
  partials[group * 12u + lane] = sum;
  partials[group * 12u + 4u + lane] = sum_2;
  partials[group * 12u + 8u + lane] = total;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 79u);
    let place = min(local_invocation_index, 15u);
    let first = place * 12u;
    let total_2 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let total_3 = partials[first + 4u] + partials[first + 5u] + partials[first + 6u] + partials[first + 7u];
    let total_total = partials[first + 8u] + partials[first + 9u] + partials[first + 10u] + partials[first + 11u];
    let mul = (total_total * 0.015625);
    let constant = 9.999999974752427e-7;
    let add = (mul + constant);
    let rsqrt = inverseSqrt(add);
    let mul_2 = (total_2 * rsqrt);
    let silu = op_silu(mul_2);
    let mul_3 = (total_3 * rsqrt);
    let mul_4 = (silu * mul_3);
    gate_proj[row_2] = mul_4;
  }
}

// ---- mlp_down_proj_decode.wgsl
// MLP: down_proj with add.
// Stores stream [width 64].
// 10,304 FLOP, 21,056 bytes read, 256 written per token.
// std/blocks.hyb:6: return x + f(n(x))
// std/swiglu.hyb:11: y = down_proj((if act == "silu" then silu(gate) else activation(gate, act)) * up_proj(u))

@group(0) @binding(0) var<storage, read> down_proj_weights: array<vec4<f32>, 1280>;
@group(0) @binding(1) var<storage, read> gate_proj: array<vec4<f32>, 32>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read_write> stream: array<f32, 64>;

var<workgroup> partials: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 63u);
  var part = vec4<f32>();
  let quad = lane;
  let w = down_proj_weights[row * 20u + quad];
  let x = gate_proj[quad];
  let quad_2 = lane + 4u;
  let w_2 = down_proj_weights[row * 20u + quad_2];
  let x_2 = gate_proj[quad_2];
  let quad_3 = lane + 8u;
  let w_3 = down_proj_weights[row * 20u + quad_3];
  let x_3 = gate_proj[quad_3];
  let quad_4 = lane + 12u;
  let w_4 = down_proj_weights[row * 20u + quad_4];
  let x_4 = gate_proj[quad_4];
  let quad_5 = lane + 16u;
  let w_5 = down_proj_weights[row * 20u + quad_5];
  let x_5 = gate_proj[quad_5];
  part = fma(w, x, part);
  part = fma(w_2, x_2, part);
  part = fma(w_3, x_3, part);
  part = fma(w_4, x_4, part);
  part = fma(w_5, x_5, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 63u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let x_6 = x_in[row_2 / 4u][row_2 % 4u];
    let add = (x_6 + total);
    stream[row_2] = add;
  }
}

// ---- head_head_decode.wgsl
// head: head with mul, sum, add, rsqrt.
// Stores logits [vocab 96].
// 12,580 FLOP, 25,088 bytes read, 384 written per token.
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w
// test/golden/full-attention.hyb:2: model full_attention {

@group(0) @binding(0) var<storage, read> head_weights: array<vec4<f32>, 1536>;
@group(0) @binding(1) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read_write> logits: array<f32, 128>;

var<workgroup> partials: array<f32, 128>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 95u);
  var part = vec4<f32>();
  var total = 0.0;
  let quad = lane;
  let w = head_weights[row * 16u + quad];
  let x = x_in[quad].x;
  let final_norm = vectors[quad].x;
  let x_2 = x_in[quad].y;
  let final_norm_2 = vectors[quad].y;
  let x_3 = x_in[quad].z;
  let final_norm_3 = vectors[quad].z;
  let x_4 = x_in[quad].w;
  let final_norm_4 = vectors[quad].w;
  let x_5 = vec4<f32>((x * final_norm), (x_2 * final_norm_2), (x_3 * final_norm_3), (x_4 * final_norm_4));
  let total_term = dot(vec4<f32>((x * x), (x_2 * x_2), (x_3 * x_3), (x_4 * x_4)), vec4<f32>(1.0));
  let quad_2 = lane + 4u;
  let w_2 = head_weights[row * 16u + quad_2];
  let x_6 = x_in[quad_2].x;
  let final_norm_5 = vectors[quad_2].x;
  let x_7 = x_in[quad_2].y;
  let final_norm_6 = vectors[quad_2].y;
  let x_8 = x_in[quad_2].z;
  let final_norm_7 = vectors[quad_2].z;
  let x_9 = x_in[quad_2].w;
  let final_norm_8 = vectors[quad_2].w;
  let x_10 = vec4<f32>((x_6 * final_norm_5), (x_7 * final_norm_6), (x_8 * final_norm_7), (x_9 * final_norm_8));
  let total_term_2 = dot(vec4<f32>((x_6 * x_6), (x_7 * x_7), (x_8 * x_8), (x_9 * x_9)), vec4<f32>(1.0));
  let quad_3 = lane + 8u;
  let w_3 = head_weights[row * 16u + quad_3];
  let x_11 = x_in[quad_3].x;
  let final_norm_9 = vectors[quad_3].x;
  let x_12 = x_in[quad_3].y;
  let final_norm_10 = vectors[quad_3].y;
  let x_13 = x_in[quad_3].z;
  let final_norm_11 = vectors[quad_3].z;
  let x_14 = x_in[quad_3].w;
  let final_norm_12 = vectors[quad_3].w;
  let x_15 = vec4<f32>((x_11 * final_norm_9), (x_12 * final_norm_10), (x_13 * final_norm_11), (x_14 * final_norm_12));
  let total_term_3 = dot(vec4<f32>((x_11 * x_11), (x_12 * x_12), (x_13 * x_13), (x_14 * x_14)), vec4<f32>(1.0));
  let quad_4 = lane + 12u;
  let w_4 = head_weights[row * 16u + quad_4];
  let x_16 = x_in[quad_4].x;
  let final_norm_13 = vectors[quad_4].x;
  let x_17 = x_in[quad_4].y;
  let final_norm_14 = vectors[quad_4].y;
  let x_18 = x_in[quad_4].z;
  let final_norm_15 = vectors[quad_4].z;
  let x_19 = x_in[quad_4].w;
  let final_norm_16 = vectors[quad_4].w;
  let x_20 = vec4<f32>((x_16 * final_norm_13), (x_17 * final_norm_14), (x_18 * final_norm_15), (x_19 * final_norm_16));
  let total_term_4 = dot(vec4<f32>((x_16 * x_16), (x_17 * x_17), (x_18 * x_18), (x_19 * x_19)), vec4<f32>(1.0));
  part = fma(w, x_5, part);
  total += total_term;
  part = fma(w_2, x_10, part);
  total += total_term_2;
  part = fma(w_3, x_15, part);
  total += total_term_3;
  part = fma(w_4, x_20, part);
  total += total_term_4;
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 8u + lane] = sum;
  partials[group * 8u + 4u + lane] = total;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 95u);
    let place = min(local_invocation_index, 15u);
    let first = place * 8u;
    let total_2 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let total_total = partials[first + 4u] + partials[first + 5u] + partials[first + 6u] + partials[first + 7u];
    let mul = (total_total * 0.015625);
    let constant = 9.999999974752427e-7;
    let add = (mul + constant);
    let rsqrt = inverseSqrt(add);
    let mul_2 = (total_2 * rsqrt);
    logits[row_2] = mul_2;
  }
}

// ---- head_head_prefill.wgsl
// head: head with mul.
// Stores logits [vocab 96].
// 398,336 FLOP, 33,152 bytes read, 12,288 written for 32 tokens.
// test/golden/full-attention.hyb:2: model full_attention {

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> head_weights: array<vec4<f32>, 1536>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 512>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 16>;
@group(0) @binding(4) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read_write> logits: array<f32, 3072>;

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
  let weight_source = min(first_row + weight_at, 95u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 95u);
  var next_weight_2 = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  var sum_5 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = head_weights[weight_source * 16u + weight_quad];
  next_weight_2 = head_weights[weight_source_2 * 16u + weight_quad_2];
  let x = x_in[input_source * 16u + input_quad].x;
  let final_norm = vectors[input_quad].x;
  let x_2 = x_in[input_source * 16u + input_quad].y;
  let final_norm_2 = vectors[input_quad].y;
  let x_3 = x_in[input_source * 16u + input_quad].z;
  let final_norm_3 = vectors[input_quad].z;
  let x_4 = x_in[input_source * 16u + input_quad].w;
  let final_norm_4 = vectors[input_quad].w;
  next_input = vec4<f32>((x * final_norm), (x_2 * final_norm_2), (x_3 * final_norm_3), (x_4 * final_norm_4));
  let x_5 = x_in[input_source_2 * 16u + input_quad_2].x;
  let final_norm_5 = vectors[input_quad_2].x;
  let x_6 = x_in[input_source_2 * 16u + input_quad_2].y;
  let final_norm_6 = vectors[input_quad_2].y;
  let x_7 = x_in[input_source_2 * 16u + input_quad_2].z;
  let final_norm_7 = vectors[input_quad_2].z;
  let x_8 = x_in[input_source_2 * 16u + input_quad_2].w;
  let final_norm_8 = vectors[input_quad_2].w;
  next_input_2 = vec4<f32>((x_5 * final_norm_5), (x_6 * final_norm_6), (x_7 * final_norm_7), (x_8 * final_norm_8));
  for (var stage = 0u; stage < 4u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 3u);
    let quad = next * 4u + weight_quad;
    next_weight = head_weights[weight_source * 16u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = head_weights[weight_source_2 * 16u + quad_2];
    let quad_3 = next * 4u + input_quad;
    let x_9 = x_in[input_source * 16u + quad_3].x;
    let final_norm_9 = vectors[quad_3].x;
    let x_10 = x_in[input_source * 16u + quad_3].y;
    let final_norm_10 = vectors[quad_3].y;
    let x_11 = x_in[input_source * 16u + quad_3].z;
    let final_norm_11 = vectors[quad_3].z;
    let x_12 = x_in[input_source * 16u + quad_3].w;
    let final_norm_12 = vectors[quad_3].w;
    next_input = vec4<f32>((x_9 * final_norm_9), (x_10 * final_norm_10), (x_11 * final_norm_11), (x_12 * final_norm_12));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[input_source_2 * 16u + quad_4].x;
    let final_norm_13 = vectors[quad_4].x;
    let x_14 = x_in[input_source_2 * 16u + quad_4].y;
    let final_norm_14 = vectors[quad_4].y;
    let x_15 = x_in[input_source_2 * 16u + quad_4].z;
    let final_norm_15 = vectors[quad_4].z;
    let x_16 = x_in[input_source_2 * 16u + quad_4].w;
    let final_norm_16 = vectors[quad_4].w;
    next_input_2 = vec4<f32>((x_13 * final_norm_13), (x_14 * final_norm_14), (x_15 * final_norm_15), (x_16 * final_norm_16));
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
        sum_2 = fma(vec4<f32>(x_17.x), across, sum_2);
        sum_3 = fma(vec4<f32>(x_18.x), across, sum_3);
        sum_4 = fma(vec4<f32>(x_19.x), across, sum_4);
        sum_5 = fma(vec4<f32>(x_20.x), across, sum_5);
        let across_2 = vec4<f32>(w.y, w_2.y, w_3.y, w_4.y);
        sum_2 = fma(vec4<f32>(x_17.y), across_2, sum_2);
        sum_3 = fma(vec4<f32>(x_18.y), across_2, sum_3);
        sum_4 = fma(vec4<f32>(x_19.y), across_2, sum_4);
        sum_5 = fma(vec4<f32>(x_20.y), across_2, sum_5);
        let across_3 = vec4<f32>(w.z, w_2.z, w_3.z, w_4.z);
        sum_2 = fma(vec4<f32>(x_17.z), across_3, sum_2);
        sum_3 = fma(vec4<f32>(x_18.z), across_3, sum_3);
        sum_4 = fma(vec4<f32>(x_19.z), across_3, sum_4);
        sum_5 = fma(vec4<f32>(x_20.z), across_3, sum_5);
        let across_4 = vec4<f32>(w.w, w_2.w, w_3.w, w_4.w);
        sum_2 = fma(vec4<f32>(x_17.w), across_4, sum_2);
        sum_3 = fma(vec4<f32>(x_18.w), across_4, sum_3);
        sum_4 = fma(vec4<f32>(x_19.w), across_4, sum_4);
        sum_5 = fma(vec4<f32>(x_20.w), across_4, sum_5);
      }
    }
    workgroupBarrier();
  }
  var results = array<f32, 16>(sum_2.x, sum_2.y, sum_2.z, sum_2.w, sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w, sum_5.x, sum_5.y, sum_5.z, sum_5.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1]) {
      let total = results[result];
      let rsqrt = sum[token / 4u][token % 4u];
      let mul = (total * rsqrt);
      logits[token * 96u + row] = mul;
    }
  }
}

// ---- embed_embed_decode.wgsl
// embed: gather.
// Stores embed [width 64].
// 0 FLOP, 256 bytes read, 256 written per token.
// test/golden/full-attention.hyb:2: model full_attention {

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> tokens: array<u32, 32>;
@group(0) @binding(2) var<storage, read> embed_weights: array<vec4<f32>, 1536>;
@group(0) @binding(3) var<storage, read_write> embed: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index;
  let entry = tokens[control[1] - 1u];
  let embed_2 = embed_weights[(entry * 64u + row) / 4u][(entry * 64u + row) % 4u];
  embed[row] = embed_2;
}

// ---- att_q_proj_k_proj_v_proj_decode.wgsl
// ATT: q_proj, k_proj, v_proj with mul, sum, add, rsqrt.
// Stores q_proj [kv 2, per 2, part 32], k_proj [kv 2, part 32], v_proj [kv 2, value 32].
// 33,220 FLOP, 66,048 bytes read, 1,024 written per token.
// std/attention.hyb:43: q = q_proj(u)
// std/attention.hyb:44: k = k_proj(u)
// std/attention.hyb:45: v = v_proj(u)
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read> weights: array<vec4<f32>, 4096>;
@group(0) @binding(1) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 36>;
@group(0) @binding(3) var<storage, read_write> q_proj_k_proj_v_proj: array<f32, 256>;

var<workgroup> partials: array<f32, 128>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 255u);
  var part = vec4<f32>();
  var total = 0.0;
  let quad = lane;
  let w = weights[row * 16u + quad];
  let x = x_in[quad].x;
  let n = vectors[quad].x;
  let x_2 = x_in[quad].y;
  let n_2 = vectors[quad].y;
  let x_3 = x_in[quad].z;
  let n_3 = vectors[quad].z;
  let x_4 = x_in[quad].w;
  let n_4 = vectors[quad].w;
  let x_5 = vec4<f32>((x * n), (x_2 * n_2), (x_3 * n_3), (x_4 * n_4));
  let total_term = dot(vec4<f32>((x * x), (x_2 * x_2), (x_3 * x_3), (x_4 * x_4)), vec4<f32>(1.0));
  let quad_2 = lane + 4u;
  let w_2 = weights[row * 16u + quad_2];
  let x_6 = x_in[quad_2].x;
  let n_5 = vectors[quad_2].x;
  let x_7 = x_in[quad_2].y;
  let n_6 = vectors[quad_2].y;
  let x_8 = x_in[quad_2].z;
  let n_7 = vectors[quad_2].z;
  let x_9 = x_in[quad_2].w;
  let n_8 = vectors[quad_2].w;
  let x_10 = vec4<f32>((x_6 * n_5), (x_7 * n_6), (x_8 * n_7), (x_9 * n_8));
  let total_term_2 = dot(vec4<f32>((x_6 * x_6), (x_7 * x_7), (x_8 * x_8), (x_9 * x_9)), vec4<f32>(1.0));
  let quad_3 = lane + 8u;
  let w_3 = weights[row * 16u + quad_3];
  let x_11 = x_in[quad_3].x;
  let n_9 = vectors[quad_3].x;
  let x_12 = x_in[quad_3].y;
  let n_10 = vectors[quad_3].y;
  let x_13 = x_in[quad_3].z;
  let n_11 = vectors[quad_3].z;
  let x_14 = x_in[quad_3].w;
  let n_12 = vectors[quad_3].w;
  let x_15 = vec4<f32>((x_11 * n_9), (x_12 * n_10), (x_13 * n_11), (x_14 * n_12));
  let total_term_3 = dot(vec4<f32>((x_11 * x_11), (x_12 * x_12), (x_13 * x_13), (x_14 * x_14)), vec4<f32>(1.0));
  let quad_4 = lane + 12u;
  let w_4 = weights[row * 16u + quad_4];
  let x_16 = x_in[quad_4].x;
  let n_13 = vectors[quad_4].x;
  let x_17 = x_in[quad_4].y;
  let n_14 = vectors[quad_4].y;
  let x_18 = x_in[quad_4].z;
  let n_15 = vectors[quad_4].z;
  let x_19 = x_in[quad_4].w;
  let n_16 = vectors[quad_4].w;
  let x_20 = vec4<f32>((x_16 * n_13), (x_17 * n_14), (x_18 * n_15), (x_19 * n_16));
  let total_term_4 = dot(vec4<f32>((x_16 * x_16), (x_17 * x_17), (x_18 * x_18), (x_19 * x_19)), vec4<f32>(1.0));
  part = fma(w, x_5, part);
  total += total_term;
  part = fma(w_2, x_10, part);
  total += total_term_2;
  part = fma(w_3, x_15, part);
  total += total_term_3;
  part = fma(w_4, x_20, part);
  total += total_term_4;
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 8u + lane] = sum;
  partials[group * 8u + 4u + lane] = total;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 255u);
    let place = min(local_invocation_index, 15u);
    let first = place * 8u;
    let total_2 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let total_total = partials[first + 4u] + partials[first + 5u] + partials[first + 6u] + partials[first + 7u];
    if (row_2 >= 0u && row_2 < 128u) {
      let mul = (total_total * 0.015625);
      let constant = 9.999999974752427e-7;
      let add = (mul + constant);
      let rsqrt = inverseSqrt(add);
      let mul_2 = (total_2 * rsqrt);
      q_proj_k_proj_v_proj[row_2] = mul_2;
    }
    if (row_2 >= 128u && row_2 < 192u) {
      let local_row = row_2 - 128u;
      let mul_3 = (total_total * 0.015625);
      let constant_2 = 9.999999974752427e-7;
      let add_2 = (mul_3 + constant_2);
      let rsqrt_2 = inverseSqrt(add_2);
      let mul_4 = (total_2 * rsqrt_2);
      q_proj_k_proj_v_proj[local_row + 128u] = mul_4;
    }
    if (row_2 >= 192u && row_2 < 256u) {
      let local_row_2 = row_2 - 192u;
      let mul_5 = (total_total * 0.015625);
      let constant_3 = 9.999999974752427e-7;
      let add_3 = (mul_5 + constant_3);
      let rsqrt_3 = inverseSqrt(add_3);
      let mul_6 = (total_2 * rsqrt_3);
      q_proj_k_proj_v_proj[local_row_2 + 192u] = mul_6;
    }
  }
}

// ---- att_attended_split_decode.wgsl
// ATT: attended with mul, sum, add, rsqrt, rotate, attend.
// Stores attended [kv 2, per 2, value 32].
// 2,164,056 FLOP, 2,115,904 bytes read, 512 written per token.
// std/attention.hyb:66: q = rotate(q, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:70: attended = attend(
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read_write> k_memory: array<f32, 262144>;
@group(0) @binding(1) var<storage, read_write> v_proj_memory: array<f32, 262144>;
@group(0) @binding(2) var<storage, read> control: array<u32, 16>;
@group(0) @binding(3) var<storage, read> q_proj_k_proj_v_proj: array<vec4<f32>, 64>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>, 36>;
@group(0) @binding(5) var<storage, read_write> partials: array<f32, 4352>;

var<workgroup> queries: array<vec4<f32>, 16>;
var<workgroup> new_key: array<vec4<f32>, 8>;
var<workgroup> weights: array<f32, 1056>;
var<workgroup> maxima: array<f32, 32>;
var<workgroup> shared_0: array<f32, 4>;
var<workgroup> shared_1: array<f32, 2>;
var<workgroup> parts_of_sum: array<f32, 128>;

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
  let group = min(workgroup_id.y, 1u);
  let first_head = 0u * 2u;
  // Positions are counted backwards from the current one; the pinned ones come after the window.
  let start = min(workgroup_id.x, 31u) * 128u;
  let limit = min(current + 1u, 4096u);
  if (start >= limit) {
    if (local_invocation_index < 2u) {
      let head = first_head + local_invocation_index;
      let partial = ((group * 2u + head) * 32u + workgroup_id.x) * 34u;
      partials[partial] = -3.4e38;
      partials[partial + 1u] = 0.0;
    }
    return;
  }
  for (var round_2 = 0u; round_2 < 1u; round_2++) {
    let item = round_2 * 128u + local_invocation_index;
    if (item < 4u) {
      var sum_3 = 0.0;
      for (var i_part = 0u; i_part < 32u; i_part++) {
        let mul = q_proj_k_proj_v_proj[(item * 32u + i_part) / 4u][(item * 32u + i_part) % 4u];
        sum_3 = sum_3 + ((mul * mul));
      }
      let mul_2 = (sum_3 * 0.03125);
      let constant = 9.999999974752427e-7;
      let add = (mul_2 + constant);
      shared_0[item] = inverseSqrt(add);
    }
  }
  workgroupBarrier();
  for (var round_3 = 0u; round_3 < 1u; round_3++) {
    let item_2 = round_3 * 128u + local_invocation_index;
    if (item_2 < 2u) {
      var sum_4 = 0.0;
      for (var i_part_2 = 0u; i_part_2 < 32u; i_part_2++) {
        let mul_3 = q_proj_k_proj_v_proj[(item_2 * 32u + i_part_2 + 128u) / 4u][(item_2 * 32u + i_part_2 + 128u) % 4u];
        sum_4 = sum_4 + ((mul_3 * mul_3));
      }
      let mul_4 = (sum_4 * 0.03125);
      let constant_2 = 9.999999974752427e-7;
      let add_2 = (mul_4 + constant_2);
      shared_1[item_2] = inverseSqrt(add_2);
    }
  }
  workgroupBarrier();
  if (local_invocation_index < 16u) {
    let item_3 = local_invocation_index;
    let head_2 = min(first_head + item_3 / 8u, 1u);
    let entry_2 = item_3 % 8u;
    let d = entry_2 * 4u;
    let d_2 = entry_2 * 4u + 1u;
    let d_3 = entry_2 * 4u + 2u;
    let d_4 = entry_2 * 4u + 3u;
    let part_2 = d;
    let pair = part_2 % 16u;
    let angle = turn((control[0] + control[1] - 1u), vectors[(pair + 128u) / 4u][(pair + 128u) % 4u]);
    let mul_5 = q_proj_k_proj_v_proj[(group * 64u + head_2 * 32u + pair) / 4u][(group * 64u + head_2 * 32u + pair) % 4u];
    let rsqrt = shared_0[group * 2u + head_2];
    let mul_6 = (mul_5 * rsqrt);
    let q_norm = vectors[(pair + 64u) / 4u][(pair + 64u) % 4u];
    let first = (mul_6 * q_norm);
    let mul_7 = q_proj_k_proj_v_proj[(group * 64u + head_2 * 32u + pair + 16u) / 4u][(group * 64u + head_2 * 32u + pair + 16u) % 4u];
    let mul_8 = (mul_7 * rsqrt);
    let q_norm_2 = vectors[(pair + 16u + 64u) / 4u][(pair + 16u + 64u) % 4u];
    let second = (mul_8 * q_norm_2);
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part_2 < 16u);
    let q = rotated;
    let part_3 = d_2;
    let pair_2 = part_3 % 16u;
    let angle_2 = turn((control[0] + control[1] - 1u), vectors[(pair_2 + 128u) / 4u][(pair_2 + 128u) % 4u]);
    let mul_9 = q_proj_k_proj_v_proj[(group * 64u + head_2 * 32u + pair_2) / 4u][(group * 64u + head_2 * 32u + pair_2) % 4u];
    let mul_10 = (mul_9 * rsqrt);
    let q_norm_3 = vectors[(pair_2 + 64u) / 4u][(pair_2 + 64u) % 4u];
    let first_2 = (mul_10 * q_norm_3);
    let mul_11 = q_proj_k_proj_v_proj[(group * 64u + head_2 * 32u + pair_2 + 16u) / 4u][(group * 64u + head_2 * 32u + pair_2 + 16u) % 4u];
    let mul_12 = (mul_11 * rsqrt);
    let q_norm_4 = vectors[(pair_2 + 16u + 64u) / 4u][(pair_2 + 16u + 64u) % 4u];
    let second_2 = (mul_12 * q_norm_4);
    let rotated_2 = select(second_2 * angle_2.x + first_2 * angle_2.y, first_2 * angle_2.x - second_2 * angle_2.y, part_3 < 16u);
    let q_2 = rotated_2;
    let part_4 = d_3;
    let pair_3 = part_4 % 16u;
    let angle_3 = turn((control[0] + control[1] - 1u), vectors[(pair_3 + 128u) / 4u][(pair_3 + 128u) % 4u]);
    let mul_13 = q_proj_k_proj_v_proj[(group * 64u + head_2 * 32u + pair_3) / 4u][(group * 64u + head_2 * 32u + pair_3) % 4u];
    let mul_14 = (mul_13 * rsqrt);
    let q_norm_5 = vectors[(pair_3 + 64u) / 4u][(pair_3 + 64u) % 4u];
    let first_3 = (mul_14 * q_norm_5);
    let mul_15 = q_proj_k_proj_v_proj[(group * 64u + head_2 * 32u + pair_3 + 16u) / 4u][(group * 64u + head_2 * 32u + pair_3 + 16u) % 4u];
    let mul_16 = (mul_15 * rsqrt);
    let q_norm_6 = vectors[(pair_3 + 16u + 64u) / 4u][(pair_3 + 16u + 64u) % 4u];
    let second_3 = (mul_16 * q_norm_6);
    let rotated_3 = select(second_3 * angle_3.x + first_3 * angle_3.y, first_3 * angle_3.x - second_3 * angle_3.y, part_4 < 16u);
    let q_3 = rotated_3;
    let part_5 = d_4;
    let pair_4 = part_5 % 16u;
    let angle_4 = turn((control[0] + control[1] - 1u), vectors[(pair_4 + 128u) / 4u][(pair_4 + 128u) % 4u]);
    let mul_17 = q_proj_k_proj_v_proj[(group * 64u + head_2 * 32u + pair_4) / 4u][(group * 64u + head_2 * 32u + pair_4) % 4u];
    let mul_18 = (mul_17 * rsqrt);
    let q_norm_7 = vectors[(pair_4 + 64u) / 4u][(pair_4 + 64u) % 4u];
    let first_4 = (mul_18 * q_norm_7);
    let mul_19 = q_proj_k_proj_v_proj[(group * 64u + head_2 * 32u + pair_4 + 16u) / 4u][(group * 64u + head_2 * 32u + pair_4 + 16u) % 4u];
    let mul_20 = (mul_19 * rsqrt);
    let q_norm_8 = vectors[(pair_4 + 16u + 64u) / 4u][(pair_4 + 16u + 64u) % 4u];
    let second_4 = (mul_20 * q_norm_8);
    let rotated_4 = select(second_4 * angle_4.x + first_4 * angle_4.y, first_4 * angle_4.x - second_4 * angle_4.y, part_5 < 16u);
    let q_4 = rotated_4;
    queries[item_3] = vec4<f32>(q, q_2, q_3, q_4) * 0.255034863948822;
  }
  if (start == 0u) {
    if (local_invocation_index < 8u) {
      let item_4 = local_invocation_index;
      let d_5 = item_4 * 4u;
      let d_6 = item_4 * 4u + 1u;
      let d_7 = item_4 * 4u + 2u;
      let d_8 = item_4 * 4u + 3u;
      let part_6 = d_5;
      let pair_5 = part_6 % 16u;
      let angle_5 = turn((control[0] + control[1] - 1u), vectors[(pair_5 + 128u) / 4u][(pair_5 + 128u) % 4u]);
      let mul_21 = q_proj_k_proj_v_proj[(group * 32u + pair_5 + 128u) / 4u][(group * 32u + pair_5 + 128u) % 4u];
      let rsqrt_2 = shared_1[group];
      let mul_22 = (mul_21 * rsqrt_2);
      let k_norm = vectors[(pair_5 + 96u) / 4u][(pair_5 + 96u) % 4u];
      let first_5 = (mul_22 * k_norm);
      let mul_23 = q_proj_k_proj_v_proj[(group * 32u + pair_5 + 16u + 128u) / 4u][(group * 32u + pair_5 + 16u + 128u) % 4u];
      let mul_24 = (mul_23 * rsqrt_2);
      let k_norm_2 = vectors[(pair_5 + 16u + 96u) / 4u][(pair_5 + 16u + 96u) % 4u];
      let second_5 = (mul_24 * k_norm_2);
      let rotated_5 = select(second_5 * angle_5.x + first_5 * angle_5.y, first_5 * angle_5.x - second_5 * angle_5.y, part_6 < 16u);
      let k = rotated_5;
      let part_7 = d_6;
      let pair_6 = part_7 % 16u;
      let angle_6 = turn((control[0] + control[1] - 1u), vectors[(pair_6 + 128u) / 4u][(pair_6 + 128u) % 4u]);
      let mul_25 = q_proj_k_proj_v_proj[(group * 32u + pair_6 + 128u) / 4u][(group * 32u + pair_6 + 128u) % 4u];
      let mul_26 = (mul_25 * rsqrt_2);
      let k_norm_3 = vectors[(pair_6 + 96u) / 4u][(pair_6 + 96u) % 4u];
      let first_6 = (mul_26 * k_norm_3);
      let mul_27 = q_proj_k_proj_v_proj[(group * 32u + pair_6 + 16u + 128u) / 4u][(group * 32u + pair_6 + 16u + 128u) % 4u];
      let mul_28 = (mul_27 * rsqrt_2);
      let k_norm_4 = vectors[(pair_6 + 16u + 96u) / 4u][(pair_6 + 16u + 96u) % 4u];
      let second_6 = (mul_28 * k_norm_4);
      let rotated_6 = select(second_6 * angle_6.x + first_6 * angle_6.y, first_6 * angle_6.x - second_6 * angle_6.y, part_7 < 16u);
      let k_2 = rotated_6;
      let part_8 = d_7;
      let pair_7 = part_8 % 16u;
      let angle_7 = turn((control[0] + control[1] - 1u), vectors[(pair_7 + 128u) / 4u][(pair_7 + 128u) % 4u]);
      let mul_29 = q_proj_k_proj_v_proj[(group * 32u + pair_7 + 128u) / 4u][(group * 32u + pair_7 + 128u) % 4u];
      let mul_30 = (mul_29 * rsqrt_2);
      let k_norm_5 = vectors[(pair_7 + 96u) / 4u][(pair_7 + 96u) % 4u];
      let first_7 = (mul_30 * k_norm_5);
      let mul_31 = q_proj_k_proj_v_proj[(group * 32u + pair_7 + 16u + 128u) / 4u][(group * 32u + pair_7 + 16u + 128u) % 4u];
      let mul_32 = (mul_31 * rsqrt_2);
      let k_norm_6 = vectors[(pair_7 + 16u + 96u) / 4u][(pair_7 + 16u + 96u) % 4u];
      let second_7 = (mul_32 * k_norm_6);
      let rotated_7 = select(second_7 * angle_7.x + first_7 * angle_7.y, first_7 * angle_7.x - second_7 * angle_7.y, part_8 < 16u);
      let k_3 = rotated_7;
      let part_9 = d_8;
      let pair_8 = part_9 % 16u;
      let angle_8 = turn((control[0] + control[1] - 1u), vectors[(pair_8 + 128u) / 4u][(pair_8 + 128u) % 4u]);
      let mul_33 = q_proj_k_proj_v_proj[(group * 32u + pair_8 + 128u) / 4u][(group * 32u + pair_8 + 128u) % 4u];
      let mul_34 = (mul_33 * rsqrt_2);
      let k_norm_7 = vectors[(pair_8 + 96u) / 4u][(pair_8 + 96u) % 4u];
      let first_8 = (mul_34 * k_norm_7);
      let mul_35 = q_proj_k_proj_v_proj[(group * 32u + pair_8 + 16u + 128u) / 4u][(group * 32u + pair_8 + 16u + 128u) % 4u];
      let mul_36 = (mul_35 * rsqrt_2);
      let k_norm_8 = vectors[(pair_8 + 16u + 96u) / 4u][(pair_8 + 16u + 96u) % 4u];
      let second_8 = (mul_36 * k_norm_8);
      let rotated_8 = select(second_8 * angle_8.x + first_8 * angle_8.y, first_8 * angle_8.x - second_8 * angle_8.y, part_9 < 16u);
      let k_4 = rotated_8;
      let k_5 = vec4<f32>(k, k_2, k_3, k_4);
      new_key[item_4] = k_5;
      let slot = current % 4096u;
      let d_9 = item_4 * 4u;
      let d_10 = item_4 * 4u + 1u;
      let d_11 = item_4 * 4u + 2u;
      let d_12 = item_4 * 4u + 3u;
      k_memory[group * 131072u + slot * 32u + d_9] = k_5.x;
      k_memory[group * 131072u + slot * 32u + d_10] = k_5.y;
      k_memory[group * 131072u + slot * 32u + d_11] = k_5.z;
      k_memory[group * 131072u + slot * 32u + d_12] = k_5.w;
    }
  }
  let entry = local_invocation_index % 8u;
  let part = local_invocation_index / 8u;
  var peak = -3.4e38;
  var peak_2 = -3.4e38;
  var total = 0.0;
  var total_2 = 0.0;
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  workgroupBarrier();
  let index = start + local_invocation_index;
  let seen = index < limit;
  var score = 0.0;
  var score_2 = 0.0;
  if (index == 0u) {
    for (var entry_3 = 0u; entry_3 < 8u; entry_3++) {
      let k_6 = new_key[entry_3];
      score += dot(queries[0u + entry_3], k_6);
      score_2 += dot(queries[8u + entry_3], k_6);
    }
  }
  if (seen && index != 0u) {
    let position = current - index;
    let slot_2 = position % 4096u;
    for (var entry_4 = 0u; entry_4 < 8u; entry_4++) {
      let k_7 = vec4<f32>(k_memory[group * 131072u + slot_2 * 32u + 4u * entry_4], k_memory[group * 131072u + slot_2 * 32u + 4u * entry_4 + 1u], k_memory[group * 131072u + slot_2 * 32u + 4u * entry_4 + 2u], k_memory[group * 131072u + slot_2 * 32u + 4u * entry_4 + 3u]);
      score += dot(queries[0u + entry_4], k_7);
      score_2 += dot(queries[8u + entry_4], k_7);
    }
  }
  score = select(-3.4e38, score, seen);
  score_2 = select(-3.4e38, score_2, seen);
  weights[0u + local_invocation_index] = score;
  weights[128u + local_invocation_index] = score_2;
  workgroupBarrier();
  if (local_invocation_index < 32u) {
    let item_5 = local_invocation_index;
    let first_9 = item_5 / 16u * 128u + item_5 % 16u;
    maxima[item_5] = max(max(max(max(max(max(max(weights[first_9 + 0u], weights[first_9 + 16u]), weights[first_9 + 32u]), weights[first_9 + 48u]), weights[first_9 + 64u]), weights[first_9 + 80u]), weights[first_9 + 96u]), weights[first_9 + 112u]);
  }
  workgroupBarrier();
  var tile_peak = maxima[0u];
  for (var other = 0u; other < 16u; other++) {
    tile_peak = max(tile_peak, maxima[0u + other]);
  }
  var tile_peak_2 = maxima[16u];
  for (var other_2 = 0u; other_2 < 16u; other_2++) {
    tile_peak_2 = max(tile_peak_2, maxima[16u + other_2]);
  }
  let next_peak = max(peak, tile_peak);
  peak = next_peak;
  weights[0u + local_invocation_index] = select(0.0, exp2(score - peak), seen);
  let next_peak_2 = max(peak_2, tile_peak_2);
  peak_2 = next_peak_2;
  weights[128u + local_invocation_index] = select(0.0, exp2(score_2 - peak_2), seen);
  workgroupBarrier();
  if (start == 0u && part == 0u) {
    let d_13 = entry * 4u;
    let d_14 = entry * 4u + 1u;
    let d_15 = entry * 4u + 2u;
    let d_16 = entry * 4u + 3u;
    let v = q_proj_k_proj_v_proj[(group * 32u + d_13 + 192u) / 4u][(group * 32u + d_13 + 192u) % 4u];
    let v_2 = q_proj_k_proj_v_proj[(group * 32u + d_14 + 192u) / 4u][(group * 32u + d_14 + 192u) % 4u];
    let v_3 = q_proj_k_proj_v_proj[(group * 32u + d_15 + 192u) / 4u][(group * 32u + d_15 + 192u) % 4u];
    let v_4 = q_proj_k_proj_v_proj[(group * 32u + d_16 + 192u) / 4u][(group * 32u + d_16 + 192u) % 4u];
    let v_5 = vec4<f32>(v, v_2, v_3, v_4);
    let slot_3 = current % 4096u;
    v_proj_memory[group * 131072u + slot_3 * 32u + d_13] = v_5.x;
    v_proj_memory[group * 131072u + slot_3 * 32u + d_14] = v_5.y;
    v_proj_memory[group * 131072u + slot_3 * 32u + d_15] = v_5.z;
    v_proj_memory[group * 131072u + slot_3 * 32u + d_16] = v_5.w;
    let weight = weights[0u + 0u];
    total += weight;
    sum += weight * v_5;
    let weight_2 = weights[128u + 0u];
    total_2 += weight_2;
    sum_2 += weight_2 * v_5;
  }
  for (var step_2 = 0u; step_2 < 8u; step_2++) {
    let offset = step_2 * 16u + part;
    let index_2 = start + offset;
    if (index_2 < limit && index_2 != 0u) {
      let position_2 = current - index_2;
      let slot_4 = position_2 % 4096u;
      let v_6 = vec4<f32>(v_proj_memory[group * 131072u + slot_4 * 32u + 4u * entry], v_proj_memory[group * 131072u + slot_4 * 32u + 4u * entry + 1u], v_proj_memory[group * 131072u + slot_4 * 32u + 4u * entry + 2u], v_proj_memory[group * 131072u + slot_4 * 32u + 4u * entry + 3u]);
      let weight_3 = weights[0u + offset];
      total += weight_3;
      sum += weight_3 * v_6;
      let weight_4 = weights[128u + offset];
      total_2 += weight_4;
      sum_2 += weight_4 * v_6;
    }
  }
  workgroupBarrier();
  {
    let place = 0u + (part * 8u + entry) * 4u;
    weights[place + 0u] = sum.x;
    weights[place + 1u] = sum.y;
    weights[place + 2u] = sum.z;
    weights[place + 3u] = sum.w;
    if (entry == 0u) {
      weights[512u + part] = total;
    }
    let place_2 = 528u + (part * 8u + entry) * 4u;
    weights[place_2 + 0u] = sum_2.x;
    weights[place_2 + 1u] = sum_2.y;
    weights[place_2 + 2u] = sum_2.z;
    weights[place_2 + 3u] = sum_2.w;
    if (entry == 0u) {
      weights[1040u + part] = total_2;
    }
  }
  workgroupBarrier();
  if (local_invocation_index < 16u) {
    let item_6 = local_invocation_index;
    let head_of_batch = item_6 / 8u;
    let entry_5 = item_6 % 8u;
    var sum_5 = vec4<f32>();
    var total_3 = 0.0;
    for (var part_10 = 0u; part_10 < 16u; part_10++) {
      let place_3 = head_of_batch * 528u + (part_10 * 8u + entry_5) * 4u;
      sum_5 += vec4<f32>(weights[place_3 + 0u], weights[place_3 + 1u], weights[place_3 + 2u], weights[place_3 + 3u]);
      total_3 += weights[head_of_batch * 528u + 512u + part_10];
    }
    let head_3 = first_head + 0u + head_of_batch;
    let peak_3 = select(peak, peak_2, head_of_batch == 1u);
    let partial_2 = ((group * 2u + head_3) * 32u + workgroup_id.x) * 34u;
    if (entry_5 == 0u) {
      partials[partial_2] = peak_3;
      partials[partial_2 + 1u] = total_3;
    }
    let d_17 = entry_5 * 4u;
    let d_18 = entry_5 * 4u + 1u;
    let d_19 = entry_5 * 4u + 2u;
    let d_20 = entry_5 * 4u + 3u;
    partials[partial_2 + 2u + d_17] = sum_5.x;
    partials[partial_2 + 2u + d_18] = sum_5.y;
    partials[partial_2 + 2u + d_19] = sum_5.z;
    partials[partial_2 + 2u + d_20] = sum_5.w;
  }
}

// ---- att_attended_join_decode.wgsl
// ATT: attended with mul, sum, add, rsqrt, rotate, attend.
// Stores attended [kv 2, per 2, value 32].
// 2,164,056 FLOP, 18,752 bytes read, 512 written per token.
// std/attention.hyb:66: q = rotate(q, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:70: attended = attend(
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read_write> attended: array<f32, 128>;
@group(0) @binding(2) var<storage, read_write> partials: array<f32, 4352>;

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

@compute @workgroup_size(32, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let per = workgroup_id.x % 2u;
  let group = workgroup_id.x / 2u;
  // Splits before the first position hold nothing.
  let splits = (min(((control[0] + control[1] - 1u)) + 1u, 4096u) + 127u) / 128u;
  {
    let item = local_invocation_index;
    var peak = -3.4e38;
    var total = 0.0;
    var sum = 0.0;
    for (var split = 0u; split < 32u; split++) {
      if (split >= splits) {
        break;
      }
      let partial = ((group * 2u + per) * 32u + split) * 34u;
      let split_peak = partials[partial];
      let next_peak = max(peak, split_peak);
      let keep = exp2(peak - next_peak);
      let add = exp2(split_peak - next_peak);
      total = total * keep + partials[partial + 1u] * add;
      sum = sum * keep + partials[partial + 2u + item] * add;
      peak = next_peak;
    }
    let result = sum / (total);
    let attended_2 = result;
    attended[group * 64u + per * 32u + item] = attended_2;
  }
}

// ---- att_o_proj_decode.wgsl
// ATT: o_proj with add.
// Stores stream [width 64].
// 16,448 FLOP, 33,536 bytes read, 256 written per token.
// std/attention.hyb:83: return o_proj(attended)
// std/blocks.hyb:6: return x + f(n(x))

@group(0) @binding(0) var<storage, read> o_proj_weights: array<vec4<f32>, 2048>;
@group(0) @binding(1) var<storage, read> attended: array<vec4<f32>, 32>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read_write> stream: array<f32, 64>;

var<workgroup> partials: array<f32, 72>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 8u;
  let group = local_invocation_index / 8u;
  let first_row = workgroup_id.x * 8u;
  let row = min(first_row + group, 63u);
  var part = vec4<f32>();
  let quad = lane;
  let w = o_proj_weights[row * 32u + quad];
  let x = attended[quad];
  let quad_2 = lane + 8u;
  let w_2 = o_proj_weights[row * 32u + quad_2];
  let x_2 = attended[quad_2];
  let quad_3 = lane + 16u;
  let w_3 = o_proj_weights[row * 32u + quad_3];
  let x_3 = attended[quad_3];
  let quad_4 = lane + 24u;
  let w_4 = o_proj_weights[row * 32u + quad_4];
  let x_4 = attended[quad_4];
  part = fma(w, x, part);
  part = fma(w_2, x_2, part);
  part = fma(w_3, x_3, part);
  part = fma(w_4, x_4, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 9u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 8u) {
    let row_2 = min(mine, 63u);
    let place = min(local_invocation_index, 7u);
    let first = place * 9u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u] + partials[first + 4u] + partials[first + 5u] + partials[first + 6u] + partials[first + 7u];
    let x_5 = x_in[row_2 / 4u][row_2 % 4u];
    let add = (x_5 + total);
    stream[row_2] = add;
  }
}

// ---- sample.wgsl
// Draws the next token: repetition penalty, temperature, top-k, top-p, min-p; then advances the position.

@group(0) @binding(0) var<storage, read> logits: array<u32, 96>;
@group(0) @binding(1) var<storage, read_write> control: array<u32, 16>;
@group(0) @binding(2) var<storage, read_write> tokens: array<u32, 4>;
@group(0) @binding(3) var<storage, read_write> sampled: array<u32, 64>;
@group(0) @binding(4) var<storage, read_write> seen: array<u32, 3>;

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
      if (token < 96u) {
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
  var needed = top_k > 0u && top_k < 96u;
  // Top-k, then top-p, then which tokens stay of those that are equal at its end.
  for (var by = 0u; by < 3u; by++) {
    if (!needed && by == BY_RANK) { break; }
    if (by == BY_WEIGHT) {
      needed = top_p < 1.0;
      if (!needed) { break; }
      var sum = 0.0;
      for (var round_2 = 0u; round_2 < 1u; round_2++) {
        let token = round_2 * 256u + lane;
        if (token < 96u) {
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
    if (token < 96u) {
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
    if (token < 96u) {
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
