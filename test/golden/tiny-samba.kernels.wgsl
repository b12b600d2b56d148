// ---- embed_embed_prefill.wgsl
// embed: gather.
// Stores embed [width 32].
// 0 FLOP, 4,096 bytes read, 4,096 written for 32 tokens.
// test/golden/tiny-samba.hyb:2: model tiny_samba {

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> tokens: array<u32, 32>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 512>;
@group(0) @binding(3) var<storage, read_write> embed: array<f32, 1024>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index % 32u;
  let token = workgroup_id.y * 2u + local_invocation_index / 32u;
  if (token >= control[1] || local_invocation_index / 32u >= 2u) { return; }
  let entry = tokens[token];
  let embed_2 = vectors[(row * 64u + entry) / 4u][(row * 64u + entry) % 4u];
  embed[token * 32u + row] = embed_2;
}

// ---- ssm_sum_prefill.wgsl
// SSM: mul, sum, add, rsqrt.
// Stores sum [].
// 2,176 FLOP, 4,096 bytes read, 128 written for 32 tokens.
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read> x_in: array<vec4<f32>, 256>;
@group(0) @binding(1) var<storage, read_write> sum: array<f32, 64>;

var<workgroup> shared_0: array<f32, 1>;
var<workgroup> parts_of_sum: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  var part = 0.0;
  if (local_invocation_index < 32u) {
    let i = 0u + local_invocation_index;
    let x = x_in[(workgroup_id.y * 32u + i) / 4u][(workgroup_id.y * 32u + i) % 4u];
    part = part + ((x * x));
  }
  parts_of_sum[local_invocation_index] = part;
  workgroupBarrier();
  var total = 0.0;
  if (local_invocation_index == 0u) {
    for (var i_2 = 0u; i_2 < 32u; i_2++) {
      total = total + parts_of_sum[i_2];
    }
  }
  workgroupBarrier();
  if (local_invocation_index == 0u) {
    let mul = (total * 0.03125);
    let add = (mul + 0.000009999999747378752);
    shared_0[0] = inverseSqrt(add);
  }
  workgroupBarrier();
  let row = local_invocation_index;
  if (row >= 1u) { return; }
  let token = workgroup_id.y;
  let rsqrt = shared_0[0u];
  sum[token] = rsqrt;
}

// ---- ssm_in_proj_0_in_proj_1_prefill.wgsl
// SSM: in_proj.0, in_proj.1 with mul, silu.
// Stores in_proj.0 [channel 64], in_proj.1 [channel 64].
// 275,456 FLOP, 20,736 bytes read, 16,384 written for 32 tokens.
// std/mamba.hyb:26: x, z     = in_proj(u)
// std/mamba.hyb:46: return out_proj(memory * silu(z))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>, 1024>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 256>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 248>;
@group(0) @binding(4) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read_write> in_proj_0_in_proj_1: array<f32, 4096>;

var<workgroup> input_tile: array<vec4<f32>, 136>;
var<workgroup> weight_tile: array<vec4<f32>, 136>;

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
  let weight_source = min(first_row + weight_at, 127u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 127u);
  var next_weight_2 = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  var sum_5 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = weights[weight_source * 8u + weight_quad];
  next_weight_2 = weights[weight_source_2 * 8u + weight_quad_2];
  let x = x_in[input_source * 8u + input_quad].x;
  let n = vectors[input_quad].x;
  let x_2 = x_in[input_source * 8u + input_quad].y;
  let n_2 = vectors[input_quad].y;
  let x_3 = x_in[input_source * 8u + input_quad].z;
  let n_3 = vectors[input_quad].z;
  let x_4 = x_in[input_source * 8u + input_quad].w;
  let n_4 = vectors[input_quad].w;
  next_input = vec4<f32>((x * n), (x_2 * n_2), (x_3 * n_3), (x_4 * n_4));
  let x_5 = x_in[input_source_2 * 8u + input_quad_2].x;
  let n_5 = vectors[input_quad_2].x;
  let x_6 = x_in[input_source_2 * 8u + input_quad_2].y;
  let n_6 = vectors[input_quad_2].y;
  let x_7 = x_in[input_source_2 * 8u + input_quad_2].z;
  let n_7 = vectors[input_quad_2].z;
  let x_8 = x_in[input_source_2 * 8u + input_quad_2].w;
  let n_8 = vectors[input_quad_2].w;
  next_input_2 = vec4<f32>((x_5 * n_5), (x_6 * n_6), (x_7 * n_7), (x_8 * n_8));
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
    let x_9 = x_in[input_source * 8u + quad_3].x;
    let n_9 = vectors[quad_3].x;
    let x_10 = x_in[input_source * 8u + quad_3].y;
    let n_10 = vectors[quad_3].y;
    let x_11 = x_in[input_source * 8u + quad_3].z;
    let n_11 = vectors[quad_3].z;
    let x_12 = x_in[input_source * 8u + quad_3].w;
    let n_12 = vectors[quad_3].w;
    next_input = vec4<f32>((x_9 * n_9), (x_10 * n_10), (x_11 * n_11), (x_12 * n_12));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[input_source_2 * 8u + quad_4].x;
    let n_13 = vectors[quad_4].x;
    let x_14 = x_in[input_source_2 * 8u + quad_4].y;
    let n_14 = vectors[quad_4].y;
    let x_15 = x_in[input_source_2 * 8u + quad_4].z;
    let n_15 = vectors[quad_4].z;
    let x_16 = x_in[input_source_2 * 8u + quad_4].w;
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
      if (row >= 0u && row < 64u) {
        let rsqrt = sum[token / 4u][token % 4u];
        let mul = (total * rsqrt);
        in_proj_0_in_proj_1[token * 64u + row] = mul;
      }
      if (row >= 64u && row < 128u) {
        let local_row = row - 64u;
        let rsqrt_2 = sum[token / 4u][token % 4u];
        let mul_2 = (total * rsqrt_2);
        let silu = op_silu(mul_2);
        in_proj_0_in_proj_1[token * 64u + local_row + 2048u] = silu;
      }
    }
  }
}

// ---- ssm_x_prefill.wgsl
// SSM: conv, add, silu.
// Stores x [channel 64].
// 26,624 FLOP, 10,240 bytes read, 8,192 written for 32 tokens.
// std/mamba.hyb:27: x        = silu(conv(x, conv1d))

@group(0) @binding(0) var<storage, read> vectors: array<vec4<f32>, 248>;
@group(0) @binding(1) var<storage, read> in_proj_0_in_proj_1: array<vec4<f32>, 1024>;
@group(0) @binding(2) var<storage, read> conv_past: array<vec4<f32>, 48>;
@group(0) @binding(3) var<storage, read_write> x: array<f32, 2048>;

fn op_silu(x: f32) -> f32 {
  return x / (1.0 + exp(min(-x, 87.0)));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index;
  let token = workgroup_id.y;
  var past_3: f32;
  if (token >= 3u) {
    past_3 = in_proj_0_in_proj_1[(((token - 3u)) * 64u + row) / 4u][(((token - 3u)) * 64u + row) % 4u];
  } else {
    past_3 = conv_past[(((token + 0u) % 3u) * 64u + row) / 4u][(((token + 0u) % 3u) * 64u + row) % 4u];
  }
  var past_2: f32;
  if (token >= 2u) {
    past_2 = in_proj_0_in_proj_1[(((token - 2u)) * 64u + row) / 4u][(((token - 2u)) * 64u + row) % 4u];
  } else {
    past_2 = conv_past[(((token + 1u) % 3u) * 64u + row) / 4u][(((token + 1u) % 3u) * 64u + row) % 4u];
  }
  var past_1: f32;
  if (token >= 1u) {
    past_1 = in_proj_0_in_proj_1[(((token - 1u)) * 64u + row) / 4u][(((token - 1u)) * 64u + row) % 4u];
  } else {
    past_1 = conv_past[(((token + 2u) % 3u) * 64u + row) / 4u][(((token + 2u) % 3u) * 64u + row) % 4u];
  }
  let now = in_proj_0_in_proj_1[(token * 64u + row) / 4u][(token * 64u + row) % 4u];
  let conv = vectors[(row * 4u + 32u) / 4u][(row * 4u + 32u) % 4u] * past_3 + vectors[(row * 4u + 33u) / 4u][(row * 4u + 33u) % 4u] * past_2 + vectors[(row * 4u + 34u) / 4u][(row * 4u + 34u) % 4u] * past_1 + vectors[(row * 4u + 35u) / 4u][(row * 4u + 35u) % 4u] * now;
  let conv1d_bias = vectors[(row + 288u) / 4u][(row + 288u) % 4u];
  let add = (conv + conv1d_bias);
  let x_2 = op_silu(add);
  x[token * 64u + row] = x_2;
}

// ---- ssm_x_proj_0_x_proj_1_x_proj_2_prefill.wgsl
// SSM: x_proj.0, x_proj.1, x_proj.2.
// Stores x_proj.0 [dt_rank 2], x_proj.1 [n 8], x_proj.2 [n 8].
// 73,728 FLOP, 12,800 bytes read, 2,304 written for 32 tokens.
// std/mamba.hyb:28: dt, B, C = x_proj(x)

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>, 288>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>, 512>;
@group(0) @binding(3) var<storage, read_write> x_proj_0_x_proj_1_x_proj_2: array<f32, 576>;

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
  let weight_source = min(first_row + weight_at, 17u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 17u);
  var next_weight_2 = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = weights[weight_source * 16u + weight_quad];
  next_weight_2 = weights[weight_source_2 * 16u + weight_quad_2];
  next_input = x[input_source * 16u + input_quad];
  next_input_2 = x[input_source_2 * 16u + input_quad_2];
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
    next_input = x[input_source * 16u + quad_3];
    let quad_4 = next * 4u + input_quad_2;
    next_input_2 = x[input_source_2 * 16u + quad_4];
    if (is_live) {
      for (var part = 0u; part < 4u; part++) {
        let x_2 = input_tile[part * 34u + line];
        let x_3 = input_tile[part * 34u + line + 1u];
        let x_4 = input_tile[part * 34u + line + 2u];
        let x_5 = input_tile[part * 34u + line + 3u];
        let w = weight_tile[part * 34u + column];
        let w_2 = weight_tile[part * 34u + column + 8u];
        let w_3 = weight_tile[part * 34u + column + 16u];
        let w_4 = weight_tile[part * 34u + column + 24u];
        let across = vec4<f32>(w.x, w_2.x, w_3.x, w_4.x);
        sum = fma(vec4<f32>(x_2.x), across, sum);
        sum_2 = fma(vec4<f32>(x_3.x), across, sum_2);
        sum_3 = fma(vec4<f32>(x_4.x), across, sum_3);
        sum_4 = fma(vec4<f32>(x_5.x), across, sum_4);
        let across_2 = vec4<f32>(w.y, w_2.y, w_3.y, w_4.y);
        sum = fma(vec4<f32>(x_2.y), across_2, sum);
        sum_2 = fma(vec4<f32>(x_3.y), across_2, sum_2);
        sum_3 = fma(vec4<f32>(x_4.y), across_2, sum_3);
        sum_4 = fma(vec4<f32>(x_5.y), across_2, sum_4);
        let across_3 = vec4<f32>(w.z, w_2.z, w_3.z, w_4.z);
        sum = fma(vec4<f32>(x_2.z), across_3, sum);
        sum_2 = fma(vec4<f32>(x_3.z), across_3, sum_2);
        sum_3 = fma(vec4<f32>(x_4.z), across_3, sum_3);
        sum_4 = fma(vec4<f32>(x_5.z), across_3, sum_4);
        let across_4 = vec4<f32>(w.w, w_2.w, w_3.w, w_4.w);
        sum = fma(vec4<f32>(x_2.w), across_4, sum);
        sum_2 = fma(vec4<f32>(x_3.w), across_4, sum_2);
        sum_3 = fma(vec4<f32>(x_4.w), across_4, sum_3);
        sum_4 = fma(vec4<f32>(x_5.w), across_4, sum_4);
      }
    }
    workgroupBarrier();
  }
  var results = array<f32, 16>(sum.x, sum.y, sum.z, sum.w, sum_2.x, sum_2.y, sum_2.z, sum_2.w, sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1] && row < 18u) {
      let total = results[result];
      if (row >= 0u && row < 2u) {
        let x_proj_0 = total;
        x_proj_0_x_proj_1_x_proj_2[token * 2u + row] = x_proj_0;
      }
      if (row >= 2u && row < 10u) {
        let local_row = row - 2u;
        let x_proj_1 = total;
        x_proj_0_x_proj_1_x_proj_2[token * 8u + local_row + 64u] = x_proj_1;
      }
      if (row >= 10u && row < 18u) {
        let local_row_2 = row - 10u;
        let x_proj_2 = total;
        x_proj_0_x_proj_1_x_proj_2[token * 8u + local_row_2 + 320u] = x_proj_2;
      }
    }
  }
}

// ---- ssm_dt_proj_prefill.wgsl
// SSM: dt_proj with add, softplus.
// Stores dt [channel 64].
// 18,432 FLOP, 1,024 bytes read, 8,192 written for 32 tokens.
// std/mamba.hyb:39: dt = softplus(dt_proj(dt))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> dt_proj_weights: array<vec4<f32>, 64>;
@group(0) @binding(2) var<storage, read> x_proj_0_x_proj_1_x_proj_2: array<vec4<f32>, 144>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 248>;
@group(0) @binding(4) var<storage, read_write> dt: array<f32, 2048>;

var<workgroup> input_tile: array<vec4<f32>, 136>;
var<workgroup> weight_tile: array<vec4<f32>, 136>;

fn op_softplus(x: f32) -> f32 {
  let e = exp(-min(abs(x), 87.0));
  let series = e * (1.0 - e * (0.5 - e * (0.33333334 - e * 0.25)));
  return max(x, 0.0) + select(log(1.0 + e), series, e < 0.02);
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
  let quad = min(weight_quad, 0u);
  next_weight = dt_proj_weights[weight_source + quad];
  let quad_2 = min(weight_quad_2, 0u);
  next_weight_2 = dt_proj_weights[weight_source_2 + quad_2];
  let quad_3 = min(input_quad, 0u);
  next_input = select(vec4<f32>(), vec4<f32>(select(0.0, x_proj_0_x_proj_1_x_proj_2[(input_source * 2u + min(4u * quad_3 + 0u, 1u)) / 4u][(input_source * 2u + min(4u * quad_3 + 0u, 1u)) % 4u], 4u * quad_3 + 0u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[(input_source * 2u + min(4u * quad_3 + 1u, 1u)) / 4u][(input_source * 2u + min(4u * quad_3 + 1u, 1u)) % 4u], 4u * quad_3 + 1u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[(input_source * 2u + min(4u * quad_3 + 2u, 1u)) / 4u][(input_source * 2u + min(4u * quad_3 + 2u, 1u)) % 4u], 4u * quad_3 + 2u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[(input_source * 2u + min(4u * quad_3 + 3u, 1u)) / 4u][(input_source * 2u + min(4u * quad_3 + 3u, 1u)) % 4u], 4u * quad_3 + 3u < 2u)), input_quad < 1u);
  let quad_4 = min(input_quad_2, 0u);
  next_input_2 = select(vec4<f32>(), vec4<f32>(select(0.0, x_proj_0_x_proj_1_x_proj_2[(input_source_2 * 2u + min(4u * quad_4 + 0u, 1u)) / 4u][(input_source_2 * 2u + min(4u * quad_4 + 0u, 1u)) % 4u], 4u * quad_4 + 0u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[(input_source_2 * 2u + min(4u * quad_4 + 1u, 1u)) / 4u][(input_source_2 * 2u + min(4u * quad_4 + 1u, 1u)) % 4u], 4u * quad_4 + 1u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[(input_source_2 * 2u + min(4u * quad_4 + 2u, 1u)) / 4u][(input_source_2 * 2u + min(4u * quad_4 + 2u, 1u)) % 4u], 4u * quad_4 + 2u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[(input_source_2 * 2u + min(4u * quad_4 + 3u, 1u)) / 4u][(input_source_2 * 2u + min(4u * quad_4 + 3u, 1u)) % 4u], 4u * quad_4 + 3u < 2u)), input_quad_2 < 1u);
  for (var stage = 0u; stage < 1u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
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
  }
  var results = array<f32, 16>(sum.x, sum.y, sum.z, sum.w, sum_2.x, sum_2.y, sum_2.z, sum_2.w, sum_3.x, sum_3.y, sum_3.z, sum_3.w, sum_4.x, sum_4.y, sum_4.z, sum_4.w);
  for (var result = 0u; result < 16u; result++) {
    let token = first_token + line + result / 4u;
    let row = first_row + column + result % 4u * 8u;
    if (token < control[1]) {
      let total = results[result];
      let dt_proj_bias = vectors[(row + 352u) / 4u][(row + 352u) % 4u];
      let add = (total + dt_proj_bias);
      let dt_2 = op_softplus(add);
      dt[token * 64u + row] = dt_2;
    }
  }
}

// ---- ssm_y_prefill.wgsl
// SSM: y with scan, mul, add.
// Stores memory [channel 64].
// 137,216 FLOP, 30,976 bytes read, 10,240 written for 32 tokens.
// std/mamba.hyb:41: scan h[channel, n] {
// std/mamba.hyb:45: expose memory = y + D * x
// std/mamba.hyb:46: return out_proj(memory * silu(z))

@group(0) @binding(0) var<storage, read_write> y_h: array<f32, 512>;
@group(0) @binding(1) var<storage, read> control: array<u32, 16>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 248>;
@group(0) @binding(3) var<storage, read> x: array<vec4<f32>, 512>;
@group(0) @binding(4) var<storage, read> in_proj_0_in_proj_1: array<vec4<f32>, 1024>;
@group(0) @binding(5) var<storage, read_write> memory: array<f32, 2048>;
@group(0) @binding(6) var<storage, read> x_proj_0_x_proj_1_x_proj_2: array<vec4<f32>, 144>;
@group(0) @binding(7) var<storage, read> dt: array<vec4<f32>, 512>;

var<workgroup> x_proj_1_tile: array<f32, 256>;
var<workgroup> x_proj_2_tile: array<f32, 256>;
var<workgroup> results: array<f32, 2048>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let count = control[1];
  let first_column = workgroup_id.x * 64u;
  let lane = 0u;
  let channel = local_invocation_index;
  let p = min(first_column + channel, 63u);
  let operand_1 = vectors[(p * 8u + 480u) / 4u][(p * 8u + 480u) % 4u];
  let operand_1_2 = vectors[(p * 8u + 481u) / 4u][(p * 8u + 481u) % 4u];
  let operand_1_3 = vectors[(p * 8u + 482u) / 4u][(p * 8u + 482u) % 4u];
  let operand_1_4 = vectors[(p * 8u + 483u) / 4u][(p * 8u + 483u) % 4u];
  let operand_1_5 = vectors[(p * 8u + 484u) / 4u][(p * 8u + 484u) % 4u];
  let operand_1_6 = vectors[(p * 8u + 485u) / 4u][(p * 8u + 485u) % 4u];
  let operand_1_7 = vectors[(p * 8u + 486u) / 4u][(p * 8u + 486u) % 4u];
  let operand_1_8 = vectors[(p * 8u + 487u) / 4u][(p * 8u + 487u) % 4u];
  var state = y_h[p];
  var state_2 = y_h[p + 64u];
  var state_3 = y_h[p + 128u];
  var state_4 = y_h[p + 192u];
  var state_5 = y_h[p + 256u];
  var state_6 = y_h[p + 320u];
  var state_7 = y_h[p + 384u];
  var state_8 = y_h[p + 448u];
  for (var first_token = 0u; first_token < count; first_token += 32u) {
    for (var round_2 = 0u; round_2 < 4u; round_2++) {
      let item = round_2 * 64u + local_invocation_index;
      let token = min(first_token + item / 8u, count - 1u);
      let index = item % 8u;
      let x_proj_1 = x_proj_0_x_proj_1_x_proj_2[(token * 8u + index + 64u) / 4u][(token * 8u + index + 64u) % 4u];
      x_proj_1_tile[item] = x_proj_1;
    }
    for (var round_3 = 0u; round_3 < 4u; round_3++) {
      let item_2 = round_3 * 64u + local_invocation_index;
      let token_2 = min(first_token + item_2 / 8u, count - 1u);
      let index_2 = item_2 % 8u;
      let x_proj_2 = x_proj_0_x_proj_1_x_proj_2[(token_2 * 8u + index_2 + 320u) / 4u][(token_2 * 8u + index_2 + 320u) % 4u];
      x_proj_2_tile[item_2] = x_proj_2;
    }
    workgroupBarrier();
    for (var step_2 = 0u; step_2 < 32u; step_2++) {
      let token_3 = first_token + step_2;
      if (token_3 >= count) {
        break;
      }
      let dt_2 = dt[(token_3 * 64u + p) / 4u][(token_3 * 64u + p) % 4u];
      let x_proj_1_2 = x_proj_1_tile[step_2 * 8u + 0u];
      let x_proj_1_3 = x_proj_1_tile[step_2 * 8u + 1u];
      let x_proj_1_4 = x_proj_1_tile[step_2 * 8u + 2u];
      let x_proj_1_5 = x_proj_1_tile[step_2 * 8u + 3u];
      let x_proj_1_6 = x_proj_1_tile[step_2 * 8u + 4u];
      let x_proj_1_7 = x_proj_1_tile[step_2 * 8u + 5u];
      let x_proj_1_8 = x_proj_1_tile[step_2 * 8u + 6u];
      let x_proj_1_9 = x_proj_1_tile[step_2 * 8u + 7u];
      let x_2 = x[(token_3 * 64u + p) / 4u][(token_3 * 64u + p) % 4u];
      let x_proj_2_2 = x_proj_2_tile[step_2 * 8u + 0u];
      let x_proj_2_3 = x_proj_2_tile[step_2 * 8u + 1u];
      let x_proj_2_4 = x_proj_2_tile[step_2 * 8u + 2u];
      let x_proj_2_5 = x_proj_2_tile[step_2 * 8u + 3u];
      let x_proj_2_6 = x_proj_2_tile[step_2 * 8u + 4u];
      let x_proj_2_7 = x_proj_2_tile[step_2 * 8u + 5u];
      let x_proj_2_8 = x_proj_2_tile[step_2 * 8u + 6u];
      let x_proj_2_9 = x_proj_2_tile[step_2 * 8u + 7u];
      var y = 0.0;
      let mul = (dt_2 * operand_1);
      let exp_2 = exp(mul);
      let mul_2 = (exp_2 * state);
      let mul_3 = (dt_2 * x_proj_1_2);
      let mul_4 = (mul_3 * x_2);
      state = (mul_2 + mul_4);
      y += ((state * x_proj_2_2));
      let mul_5 = (dt_2 * operand_1_2);
      let exp_3 = exp(mul_5);
      let mul_6 = (exp_3 * state_2);
      let mul_7 = (dt_2 * x_proj_1_3);
      let mul_8 = (mul_7 * x_2);
      state_2 = (mul_6 + mul_8);
      y += ((state_2 * x_proj_2_3));
      let mul_9 = (dt_2 * operand_1_3);
      let exp_4 = exp(mul_9);
      let mul_10 = (exp_4 * state_3);
      let mul_11 = (dt_2 * x_proj_1_4);
      let mul_12 = (mul_11 * x_2);
      state_3 = (mul_10 + mul_12);
      y += ((state_3 * x_proj_2_4));
      let mul_13 = (dt_2 * operand_1_4);
      let exp_5 = exp(mul_13);
      let mul_14 = (exp_5 * state_4);
      let mul_15 = (dt_2 * x_proj_1_5);
      let mul_16 = (mul_15 * x_2);
      state_4 = (mul_14 + mul_16);
      y += ((state_4 * x_proj_2_5));
      let mul_17 = (dt_2 * operand_1_5);
      let exp_6 = exp(mul_17);
      let mul_18 = (exp_6 * state_5);
      let mul_19 = (dt_2 * x_proj_1_6);
      let mul_20 = (mul_19 * x_2);
      state_5 = (mul_18 + mul_20);
      y += ((state_5 * x_proj_2_6));
      let mul_21 = (dt_2 * operand_1_6);
      let exp_7 = exp(mul_21);
      let mul_22 = (exp_7 * state_6);
      let mul_23 = (dt_2 * x_proj_1_7);
      let mul_24 = (mul_23 * x_2);
      state_6 = (mul_22 + mul_24);
      y += ((state_6 * x_proj_2_7));
      let mul_25 = (dt_2 * operand_1_7);
      let exp_8 = exp(mul_25);
      let mul_26 = (exp_8 * state_7);
      let mul_27 = (dt_2 * x_proj_1_8);
      let mul_28 = (mul_27 * x_2);
      state_7 = (mul_26 + mul_28);
      y += ((state_7 * x_proj_2_8));
      let mul_29 = (dt_2 * operand_1_8);
      let exp_9 = exp(mul_29);
      let mul_30 = (exp_9 * state_8);
      let mul_31 = (dt_2 * x_proj_1_9);
      let mul_32 = (mul_31 * x_2);
      state_8 = (mul_30 + mul_32);
      y += ((state_8 * x_proj_2_9));
      results[(step_2 * 64u + channel)] = y;
    }
    workgroupBarrier();
    for (var round_4 = 0u; round_4 < 32u; round_4++) {
      let item_3 = round_4 * 64u + local_invocation_index;
      let token_4 = first_token + item_3 / 64u;
      let p_2 = first_column + item_3 % 64u;
      if (token_4 < count) {
        let y_2 = results[item_3];
        let D = vectors[(p_2 + 416u) / 4u][(p_2 + 416u) % 4u];
        let x_3 = x[(token_4 * 64u + p_2) / 4u][(token_4 * 64u + p_2) % 4u];
        let mul_33 = (D * x_3);
        let memory_2 = (y_2 + mul_33);
        let silu = in_proj_0_in_proj_1[(token_4 * 64u + p_2 + 2048u) / 4u][(token_4 * 64u + p_2 + 2048u) % 4u];
        let mul_34 = (memory_2 * silu);
        memory[token_4 * 64u + p_2] = mul_34;
      }
    }
  }
  y_h[p] = state;
  y_h[p + 64u] = state_2;
  y_h[p + 128u] = state_3;
  y_h[p + 192u] = state_4;
  y_h[p + 256u] = state_5;
  y_h[p + 320u] = state_6;
  y_h[p + 384u] = state_7;
  y_h[p + 448u] = state_8;
}

// ---- ssm_out_proj_prefill.wgsl
// SSM: out_proj with add.
// Stores stream [width 32].
// 132,096 FLOP, 20,480 bytes read, 4,096 written for 32 tokens.
// std/blocks.hyb:6: return x + f(n(x))
// std/mamba.hyb:46: return out_proj(memory * silu(z))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> out_proj_weights: array<vec4<f32>, 512>;
@group(0) @binding(2) var<storage, read> memory: array<vec4<f32>, 512>;
@group(0) @binding(3) var<storage, read> x_in: array<vec4<f32>, 256>;
@group(0) @binding(4) var<storage, read_write> stream: array<f32, 1024>;

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
  let weight_source = min(first_row + weight_at, 31u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 31u);
  var next_weight_2 = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = out_proj_weights[weight_source * 16u + weight_quad];
  next_weight_2 = out_proj_weights[weight_source_2 * 16u + weight_quad_2];
  next_input = memory[input_source * 16u + input_quad];
  next_input_2 = memory[input_source_2 * 16u + input_quad_2];
  for (var stage = 0u; stage < 4u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 3u);
    let quad = next * 4u + weight_quad;
    next_weight = out_proj_weights[weight_source * 16u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = out_proj_weights[weight_source_2 * 16u + quad_2];
    let quad_3 = next * 4u + input_quad;
    next_input = memory[input_source * 16u + quad_3];
    let quad_4 = next * 4u + input_quad_2;
    next_input_2 = memory[input_source_2 * 16u + quad_4];
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
      let x_5 = x_in[(token * 32u + row) / 4u][(token * 32u + row) % 4u];
      let add = (x_5 + total);
      stream[token * 32u + row] = add;
    }
  }
}

// ---- ssm_carry_conv_prefill.wgsl
// SSM: move on the memory of conv.
// 0 FLOP, 8,960 bytes read, 768 written for 32 tokens.

@group(0) @binding(0) var<storage, read_write> conv_past: array<f32, 192>;
@group(0) @binding(1) var<storage, read> control: array<u32, 16>;
@group(0) @binding(2) var<storage, read> in_proj_0_in_proj_1: array<vec4<f32>, 1024>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index;
  for (var row_2 = 0u; row_2 < 3u; row_2++) {
    var value: f32;
    if (row_2 + control[1] >= 3u) {
      value = in_proj_0_in_proj_1[(((row_2 + control[1] - 3u)) * 64u + row) / 4u][(((row_2 + control[1] - 3u)) * 64u + row) % 4u];
    } else {
      value = conv_past[((row_2 + control[1]) % 3u) * 64u + row];
    }
    conv_past[row_2 * 64u + row] = value;
  }
}

// ---- mlp_gate_proj_up_proj_prefill.wgsl
// MLP: gate_proj, up_proj with mul, silu.
// Stores gate_proj [hidden 48].
// 208,384 FLOP, 16,640 bytes read, 6,144 written for 32 tokens.
// std/swiglu.hyb:7: gate = gate_proj(u)
// std/swiglu.hyb:11: y = down_proj((if act == "silu" then silu(gate) else activation(gate, act)) * up_proj(u))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>, 768>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 256>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 8>;
@group(0) @binding(4) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read_write> gate_proj: array<f32, 1536>;

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
  let weight_source = min(first_row + weight_at, 47u);
  var next_weight = vec4<f32>();
  var next_weight_2 = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 47u);
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
  next_weight = weights[weight_source * 8u + weight_quad];
  next_weight_2 = weights[weight_source * 8u + weight_quad + 384u];
  next_weight_3 = weights[weight_source_2 * 8u + weight_quad_2];
  next_weight_4 = weights[weight_source_2 * 8u + weight_quad_2 + 384u];
  let x = x_in[input_source * 8u + input_quad].x;
  let n = vectors[input_quad].x;
  let x_2 = x_in[input_source * 8u + input_quad].y;
  let n_2 = vectors[input_quad].y;
  let x_3 = x_in[input_source * 8u + input_quad].z;
  let n_3 = vectors[input_quad].z;
  let x_4 = x_in[input_source * 8u + input_quad].w;
  let n_4 = vectors[input_quad].w;
  next_input = vec4<f32>((x * n), (x_2 * n_2), (x_3 * n_3), (x_4 * n_4));
  let x_5 = x_in[input_source_2 * 8u + input_quad_2].x;
  let n_5 = vectors[input_quad_2].x;
  let x_6 = x_in[input_source_2 * 8u + input_quad_2].y;
  let n_6 = vectors[input_quad_2].y;
  let x_7 = x_in[input_source_2 * 8u + input_quad_2].z;
  let n_7 = vectors[input_quad_2].z;
  let x_8 = x_in[input_source_2 * 8u + input_quad_2].w;
  let n_8 = vectors[input_quad_2].w;
  next_input_2 = vec4<f32>((x_5 * n_5), (x_6 * n_6), (x_7 * n_7), (x_8 * n_8));
  for (var stage = 0u; stage < 2u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile_2[weight_place] = next_weight_2;
    weight_tile[weight_place_2] = next_weight_3;
    weight_tile_2[weight_place_2] = next_weight_4;
    workgroupBarrier();
    let next = min(stage + 1u, 1u);
    let quad = next * 4u + weight_quad;
    next_weight = weights[weight_source * 8u + quad];
    next_weight_2 = weights[weight_source * 8u + quad + 384u];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_3 = weights[weight_source_2 * 8u + quad_2];
    next_weight_4 = weights[weight_source_2 * 8u + quad_2 + 384u];
    let quad_3 = next * 4u + input_quad;
    let x_9 = x_in[input_source * 8u + quad_3].x;
    let n_9 = vectors[quad_3].x;
    let x_10 = x_in[input_source * 8u + quad_3].y;
    let n_10 = vectors[quad_3].y;
    let x_11 = x_in[input_source * 8u + quad_3].z;
    let n_11 = vectors[quad_3].z;
    let x_12 = x_in[input_source * 8u + quad_3].w;
    let n_12 = vectors[quad_3].w;
    next_input = vec4<f32>((x_9 * n_9), (x_10 * n_10), (x_11 * n_11), (x_12 * n_12));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[input_source_2 * 8u + quad_4].x;
    let n_13 = vectors[quad_4].x;
    let x_14 = x_in[input_source_2 * 8u + quad_4].y;
    let n_14 = vectors[quad_4].y;
    let x_15 = x_in[input_source_2 * 8u + quad_4].z;
    let n_15 = vectors[quad_4].z;
    let x_16 = x_in[input_source_2 * 8u + quad_4].w;
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
    if (token < control[1] && row < 48u) {
      let total = results[result];
      let total_2 = results_2[result];
      let rsqrt = sum[token / 4u][token % 4u];
      let mul = (total * rsqrt);
      let silu = op_silu(mul);
      let mul_2 = (total_2 * rsqrt);
      let mul_3 = (silu * mul_2);
      gate_proj[token * 48u + row] = mul_3;
    }
  }
}

// ---- mlp_down_proj_prefill.wgsl
// MLP: down_proj with add.
// Stores stream [width 32].
// 99,328 FLOP, 16,384 bytes read, 4,096 written for 32 tokens.
// std/blocks.hyb:6: return x + f(n(x))
// std/swiglu.hyb:11: y = down_proj((if act == "silu" then silu(gate) else activation(gate, act)) * up_proj(u))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> down_proj_weights: array<vec4<f32>, 384>;
@group(0) @binding(2) var<storage, read> gate_proj: array<vec4<f32>, 384>;
@group(0) @binding(3) var<storage, read> x_in: array<vec4<f32>, 256>;
@group(0) @binding(4) var<storage, read_write> stream: array<f32, 1024>;

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
  let weight_source = min(first_row + weight_at, 31u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 31u);
  var next_weight_2 = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = down_proj_weights[weight_source * 12u + weight_quad];
  next_weight_2 = down_proj_weights[weight_source_2 * 12u + weight_quad_2];
  next_input = gate_proj[input_source * 12u + input_quad];
  next_input_2 = gate_proj[input_source_2 * 12u + input_quad_2];
  for (var stage = 0u; stage < 3u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 2u);
    let quad = next * 4u + weight_quad;
    next_weight = down_proj_weights[weight_source * 12u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = down_proj_weights[weight_source_2 * 12u + quad_2];
    let quad_3 = next * 4u + input_quad;
    next_input = gate_proj[input_source * 12u + quad_3];
    let quad_4 = next * 4u + input_quad_2;
    next_input_2 = gate_proj[input_source_2 * 12u + quad_4];
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
      let x_5 = x_in[(token * 32u + row) / 4u][(token * 32u + row) % 4u];
      let add = (x_5 + total);
      stream[token * 32u + row] = add;
    }
  }
}

// ---- swa_q_proj_k_proj_v_proj_prefill.wgsl
// SWA: q_proj, k_proj, v_proj with mul.
// Stores q_proj [kv 2, per 2, part 8], k_proj [kv 2, part 8], v_proj [kv 2, value 8].
// 134,144 FLOP, 12,544 bytes read, 8,192 written for 32 tokens.
// std/attention.hyb:43: q = q_proj(u)
// std/attention.hyb:44: k = k_proj(u)
// std/attention.hyb:45: v = v_proj(u)

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>, 512>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 256>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 9>;
@group(0) @binding(4) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read_write> q_proj_k_proj_v_proj: array<f32, 2048>;

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
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  var sum_5 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = weights[weight_source * 8u + weight_quad];
  next_weight_2 = weights[weight_source_2 * 8u + weight_quad_2];
  let x = x_in[input_source * 8u + input_quad].x;
  let n = vectors[input_quad].x;
  let x_2 = x_in[input_source * 8u + input_quad].y;
  let n_2 = vectors[input_quad].y;
  let x_3 = x_in[input_source * 8u + input_quad].z;
  let n_3 = vectors[input_quad].z;
  let x_4 = x_in[input_source * 8u + input_quad].w;
  let n_4 = vectors[input_quad].w;
  next_input = vec4<f32>((x * n), (x_2 * n_2), (x_3 * n_3), (x_4 * n_4));
  let x_5 = x_in[input_source_2 * 8u + input_quad_2].x;
  let n_5 = vectors[input_quad_2].x;
  let x_6 = x_in[input_source_2 * 8u + input_quad_2].y;
  let n_6 = vectors[input_quad_2].y;
  let x_7 = x_in[input_source_2 * 8u + input_quad_2].z;
  let n_7 = vectors[input_quad_2].z;
  let x_8 = x_in[input_source_2 * 8u + input_quad_2].w;
  let n_8 = vectors[input_quad_2].w;
  next_input_2 = vec4<f32>((x_5 * n_5), (x_6 * n_6), (x_7 * n_7), (x_8 * n_8));
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
    let x_9 = x_in[input_source * 8u + quad_3].x;
    let n_9 = vectors[quad_3].x;
    let x_10 = x_in[input_source * 8u + quad_3].y;
    let n_10 = vectors[quad_3].y;
    let x_11 = x_in[input_source * 8u + quad_3].z;
    let n_11 = vectors[quad_3].z;
    let x_12 = x_in[input_source * 8u + quad_3].w;
    let n_12 = vectors[quad_3].w;
    next_input = vec4<f32>((x_9 * n_9), (x_10 * n_10), (x_11 * n_11), (x_12 * n_12));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[input_source_2 * 8u + quad_4].x;
    let n_13 = vectors[quad_4].x;
    let x_14 = x_in[input_source_2 * 8u + quad_4].y;
    let n_14 = vectors[quad_4].y;
    let x_15 = x_in[input_source_2 * 8u + quad_4].z;
    let n_15 = vectors[quad_4].z;
    let x_16 = x_in[input_source_2 * 8u + quad_4].w;
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
      if (row >= 0u && row < 32u) {
        let rsqrt = sum[token / 4u][token % 4u];
        let mul = (total * rsqrt);
        q_proj_k_proj_v_proj[token * 32u + row] = mul;
      }
      if (row >= 32u && row < 48u) {
        let local_row = row - 32u;
        let rsqrt_2 = sum[token / 4u][token % 4u];
        let mul_2 = (total * rsqrt_2);
        q_proj_k_proj_v_proj[token * 16u + local_row + 1024u] = mul_2;
      }
      if (row >= 48u && row < 64u) {
        let local_row_2 = row - 48u;
        let rsqrt_3 = sum[token / 4u][token % 4u];
        let mul_3 = (total * rsqrt_3);
        q_proj_k_proj_v_proj[token * 16u + local_row_2 + 1536u] = mul_3;
      }
    }
  }
}

// ---- swa_append_attended_prefill.wgsl
// SWA: remember the keys and values of attended.
// 1,536 FLOP, 8,208 bytes read, 6,144 written for 32 tokens.
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read_write> k_memory: array<f32, 768>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 9>;
@group(0) @binding(3) var<storage, read> q_proj_k_proj_v_proj: array<vec4<f32>, 512>;
@group(0) @binding(4) var<storage, read_write> v_proj_memory: array<f32, 768>;

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
  let row = local_invocation_index % 32u;
  let token = workgroup_id.y * 2u + local_invocation_index / 32u;
  if (token >= control[1] || local_invocation_index / 32u >= 2u) { return; }
  if (row >= 0u && row < 16u) {
    let part = (row) % 8u;
    let pair = part % 4u;
    let angle = turn((control[0] + token), vectors[(pair + 32u) / 4u][(pair + 32u) % 4u]);
    let first = q_proj_k_proj_v_proj[(token * 16u + (row / 8u) * 8u + pair + 1024u) / 4u][(token * 16u + (row / 8u) * 8u + pair + 1024u) % 4u];
    let second = q_proj_k_proj_v_proj[(token * 16u + (row / 8u) * 8u + pair + 4u + 1024u) / 4u][(token * 16u + (row / 8u) * 8u + pair + 4u + 1024u) % 4u];
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part < 4u);
    let value = rotated;
    let slot = (control[0] + token) % 48u;
    k_memory[(row / 8u) * 384u + slot * 8u + (row) % 8u] = value;
  }
  if (row >= 16u && row < 32u) {
    let local_row = row - 16u;
    let value_2 = q_proj_k_proj_v_proj[(token * 16u + local_row + 1536u) / 4u][(token * 16u + local_row + 1536u) % 4u];
    let slot_2 = (control[0] + token) % 48u;
    v_proj_memory[(local_row / 8u) * 384u + slot_2 * 8u + (local_row) % 8u] = value_2;
  }
}

// ---- swa_attended_prefill.wgsl
// SWA: attended with rotate, attend.
// Stores attended [kv 2, per 2, value 8].
// 78,336 FLOP, 14,352 bytes read, 4,096 written for 32 tokens.
// std/attention.hyb:66: q = rotate(q, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:70: attended = attend(

@group(0) @binding(0) var<storage, read> k_memory: array<vec4<f32>, 192>;
@group(0) @binding(1) var<storage, read> v_proj_memory: array<vec4<f32>, 192>;
@group(0) @binding(2) var<storage, read> control: array<u32, 16>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 9>;
@group(0) @binding(4) var<storage, read> q_proj_k_proj_v_proj: array<vec4<f32>, 512>;
@group(0) @binding(5) var<storage, read_write> attended: array<f32, 1024>;

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
  let first_token = workgroup_id.x * 16u;
  if (first_token >= count) { return; }
  let group = min(workgroup_id.y, 1u);
  let first_head = 0u;
  let first_quad = 0u;
  let across = local_invocation_index % 8u;
  let down = local_invocation_index / 8u;
  let last_token = min(first_token + 16u, count);
  let row_position = current + vec4<u32>(min(first_token + (down * 4u + 0u) / 2u, count - 1u), min(first_token + (down * 4u + 1u) / 2u, count - 1u), min(first_token + (down * 4u + 2u) / 2u, count - 1u), min(first_token + (down * 4u + 3u) / 2u, count - 1u));
  let first_position = current + first_token;
  let begin = select(0u, first_position - 15u, first_position >= 16u);
  let span = current + last_token - begin;
  {
    let item = local_invocation_index;
    let element = item % 8u;
    let four = item / 8u;
    let row = four * 4u;
    let token = first_token + row / 2u;
    let head = min(first_head + row % 2u, 1u);
    let token_2 = min(token, count - 1u);
    let part = element;
    let pair = part % 4u;
    let angle = turn((control[0] + token_2), vectors[(pair + 32u) / 4u][(pair + 32u) % 4u]);
    let first = q_proj_k_proj_v_proj[(token_2 * 32u + group * 16u + head * 8u + pair) / 4u][(token_2 * 32u + group * 16u + head * 8u + pair) % 4u];
    let second = q_proj_k_proj_v_proj[(token_2 * 32u + group * 16u + head * 8u + pair + 4u) / 4u][(token_2 * 32u + group * 16u + head * 8u + pair + 4u) % 4u];
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part < 4u);
    let q = rotated;
    let row_2 = four * 4u + 1u;
    let token_3 = first_token + row_2 / 2u;
    let head_2 = min(first_head + row_2 % 2u, 1u);
    let token_4 = min(token_3, count - 1u);
    let angle_2 = turn((control[0] + token_4), vectors[(pair + 32u) / 4u][(pair + 32u) % 4u]);
    let first_2 = q_proj_k_proj_v_proj[(token_4 * 32u + group * 16u + head_2 * 8u + pair) / 4u][(token_4 * 32u + group * 16u + head_2 * 8u + pair) % 4u];
    let second_2 = q_proj_k_proj_v_proj[(token_4 * 32u + group * 16u + head_2 * 8u + pair + 4u) / 4u][(token_4 * 32u + group * 16u + head_2 * 8u + pair + 4u) % 4u];
    let rotated_2 = select(second_2 * angle_2.x + first_2 * angle_2.y, first_2 * angle_2.x - second_2 * angle_2.y, part < 4u);
    let q_2 = rotated_2;
    let row_3 = four * 4u + 2u;
    let token_5 = first_token + row_3 / 2u;
    let head_3 = min(first_head + row_3 % 2u, 1u);
    let token_6 = min(token_5, count - 1u);
    let angle_3 = turn((control[0] + token_6), vectors[(pair + 32u) / 4u][(pair + 32u) % 4u]);
    let first_3 = q_proj_k_proj_v_proj[(token_6 * 32u + group * 16u + head_3 * 8u + pair) / 4u][(token_6 * 32u + group * 16u + head_3 * 8u + pair) % 4u];
    let second_3 = q_proj_k_proj_v_proj[(token_6 * 32u + group * 16u + head_3 * 8u + pair + 4u) / 4u][(token_6 * 32u + group * 16u + head_3 * 8u + pair + 4u) % 4u];
    let rotated_3 = select(second_3 * angle_3.x + first_3 * angle_3.y, first_3 * angle_3.x - second_3 * angle_3.y, part < 4u);
    let q_3 = rotated_3;
    let row_4 = four * 4u + 3u;
    let token_7 = first_token + row_4 / 2u;
    let head_4 = min(first_head + row_4 % 2u, 1u);
    let token_8 = min(token_7, count - 1u);
    let angle_4 = turn((control[0] + token_8), vectors[(pair + 32u) / 4u][(pair + 32u) % 4u]);
    let first_4 = q_proj_k_proj_v_proj[(token_8 * 32u + group * 16u + head_4 * 8u + pair) / 4u][(token_8 * 32u + group * 16u + head_4 * 8u + pair) % 4u];
    let second_4 = q_proj_k_proj_v_proj[(token_8 * 32u + group * 16u + head_4 * 8u + pair + 4u) / 4u][(token_8 * 32u + group * 16u + head_4 * 8u + pair + 4u) % 4u];
    let rotated_4 = select(second_4 * angle_4.x + first_4 * angle_4.y, first_4 * angle_4.x - second_4 * angle_4.y, part < 4u);
    let q_4 = rotated_4;
    queries[element * 8u + four] = vec4<f32>(q, q_2, q_3, q_4) * 0.510069727897644;
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
    if (local_invocation_index < 16u) {
      let item_2 = local_invocation_index;
      let entry = item_2 % 2u;
      let four_2 = item_2 / 2u;
      let entry_2 = min(entry, 1u);
      let position = begin + min(base + four_2 * 4u + 0u, span - 1u);
      let slot = position % 48u;
      let k = vec4<f32>(k_memory[group * 96u + slot * 2u + entry_2].x, k_memory[group * 96u + slot * 2u + entry_2].y, k_memory[group * 96u + slot * 2u + entry_2].z, k_memory[group * 96u + slot * 2u + entry_2].w);
      let position_2 = begin + min(base + four_2 * 4u + 1u, span - 1u);
      let slot_2 = position_2 % 48u;
      let k_2 = vec4<f32>(k_memory[group * 96u + slot_2 * 2u + entry_2].x, k_memory[group * 96u + slot_2 * 2u + entry_2].y, k_memory[group * 96u + slot_2 * 2u + entry_2].z, k_memory[group * 96u + slot_2 * 2u + entry_2].w);
      let position_3 = begin + min(base + four_2 * 4u + 2u, span - 1u);
      let slot_3 = position_3 % 48u;
      let k_3 = vec4<f32>(k_memory[group * 96u + slot_3 * 2u + entry_2].x, k_memory[group * 96u + slot_3 * 2u + entry_2].y, k_memory[group * 96u + slot_3 * 2u + entry_2].z, k_memory[group * 96u + slot_3 * 2u + entry_2].w);
      let position_4 = begin + min(base + four_2 * 4u + 3u, span - 1u);
      let slot_4 = position_4 % 48u;
      let k_4 = vec4<f32>(k_memory[group * 96u + slot_4 * 2u + entry_2].x, k_memory[group * 96u + slot_4 * 2u + entry_2].y, k_memory[group * 96u + slot_4 * 2u + entry_2].z, k_memory[group * 96u + slot_4 * 2u + entry_2].w);
      rows[(entry * 4u + 0u) * 8u + four_2] = vec4<f32>(k.x, k_2.x, k_3.x, k_4.x);
      rows[(entry * 4u + 1u) * 8u + four_2] = vec4<f32>(k.y, k_2.y, k_3.y, k_4.y);
      rows[(entry * 4u + 2u) * 8u + four_2] = vec4<f32>(k.z, k_2.z, k_3.z, k_4.z);
      rows[(entry * 4u + 3u) * 8u + four_2] = vec4<f32>(k.w, k_2.w, k_3.w, k_4.w);
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
    let position_5 = begin + min(index, span - 1u);
    let position_6 = vec4<u32>(position_5);
    let seen = (position_6 <= row_position) & vec4<bool>(index < span) & (row_position - position_6 < vec4<u32>(16u));
    let score_5 = select(vec4<f32>(-3.4e38), score, seen);
    let index_2 = base + across * 4u + 1u;
    let position_7 = begin + min(index_2, span - 1u);
    let position_8 = vec4<u32>(position_7);
    let seen_2 = (position_8 <= row_position) & vec4<bool>(index_2 < span) & (row_position - position_8 < vec4<u32>(16u));
    let score_6 = select(vec4<f32>(-3.4e38), score_2, seen_2);
    let index_3 = base + across * 4u + 2u;
    let position_9 = begin + min(index_3, span - 1u);
    let position_10 = vec4<u32>(position_9);
    let seen_3 = (position_10 <= row_position) & vec4<bool>(index_3 < span) & (row_position - position_10 < vec4<u32>(16u));
    let score_7 = select(vec4<f32>(-3.4e38), score_3, seen_3);
    let index_4 = base + across * 4u + 3u;
    let position_11 = begin + min(index_4, span - 1u);
    let position_12 = vec4<u32>(position_11);
    let seen_4 = (position_12 <= row_position) & vec4<bool>(index_4 < span) & (row_position - position_12 < vec4<u32>(16u));
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
      let position_13 = begin + min(base + column, span - 1u);
      let slot_5 = position_13 % 48u;
      rows[item_3] = vec4<f32>(v_proj_memory[group * 96u + slot_5 * 2u + quad].x, v_proj_memory[group * 96u + slot_5 * 2u + quad].y, v_proj_memory[group * 96u + slot_5 * 2u + quad].z, v_proj_memory[group * 96u + slot_5 * 2u + quad].w);
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
      if (local < 2u) {
        let result = sum * inverse;
        let d = (first_quad + local) * 4u + 0u;
        let attended_2 = result.x;
        attended[token_9 * 32u + group * 16u + head_5 * 8u + d] = attended_2;
        let d_2 = (first_quad + local) * 4u + 1u;
        let attended_3 = result.y;
        attended[token_9 * 32u + group * 16u + head_5 * 8u + d_2] = attended_3;
        let d_3 = (first_quad + local) * 4u + 2u;
        let attended_4 = result.z;
        attended[token_9 * 32u + group * 16u + head_5 * 8u + d_3] = attended_4;
        let d_4 = (first_quad + local) * 4u + 3u;
        let attended_5 = result.w;
        attended[token_9 * 32u + group * 16u + head_5 * 8u + d_4] = attended_5;
      }
    }
  }
  {
    let row_6 = down * 4u + 1u;
    let token_10 = first_token + row_6 / 2u;
    let head_6 = first_head + row_6 % 2u;
    if (token_10 < count) {
      let inverse_2 = 1.0 / (total.y);
      let local_2 = 0u + across;
      if (local_2 < 2u) {
        let result_2 = sum_2 * inverse_2;
        let d_5 = (first_quad + local_2) * 4u + 0u;
        let attended_6 = result_2.x;
        attended[token_10 * 32u + group * 16u + head_6 * 8u + d_5] = attended_6;
        let d_6 = (first_quad + local_2) * 4u + 1u;
        let attended_7 = result_2.y;
        attended[token_10 * 32u + group * 16u + head_6 * 8u + d_6] = attended_7;
        let d_7 = (first_quad + local_2) * 4u + 2u;
        let attended_8 = result_2.z;
        attended[token_10 * 32u + group * 16u + head_6 * 8u + d_7] = attended_8;
        let d_8 = (first_quad + local_2) * 4u + 3u;
        let attended_9 = result_2.w;
        attended[token_10 * 32u + group * 16u + head_6 * 8u + d_8] = attended_9;
      }
    }
  }
  {
    let row_7 = down * 4u + 2u;
    let token_11 = first_token + row_7 / 2u;
    let head_7 = first_head + row_7 % 2u;
    if (token_11 < count) {
      let inverse_3 = 1.0 / (total.z);
      let local_3 = 0u + across;
      if (local_3 < 2u) {
        let result_3 = sum_3 * inverse_3;
        let d_9 = (first_quad + local_3) * 4u + 0u;
        let attended_10 = result_3.x;
        attended[token_11 * 32u + group * 16u + head_7 * 8u + d_9] = attended_10;
        let d_10 = (first_quad + local_3) * 4u + 1u;
        let attended_11 = result_3.y;
        attended[token_11 * 32u + group * 16u + head_7 * 8u + d_10] = attended_11;
        let d_11 = (first_quad + local_3) * 4u + 2u;
        let attended_12 = result_3.z;
        attended[token_11 * 32u + group * 16u + head_7 * 8u + d_11] = attended_12;
        let d_12 = (first_quad + local_3) * 4u + 3u;
        let attended_13 = result_3.w;
        attended[token_11 * 32u + group * 16u + head_7 * 8u + d_12] = attended_13;
      }
    }
  }
  {
    let row_8 = down * 4u + 3u;
    let token_12 = first_token + row_8 / 2u;
    let head_8 = first_head + row_8 % 2u;
    if (token_12 < count) {
      let inverse_4 = 1.0 / (total.w);
      let local_4 = 0u + across;
      if (local_4 < 2u) {
        let result_4 = sum_4 * inverse_4;
        let d_13 = (first_quad + local_4) * 4u + 0u;
        let attended_14 = result_4.x;
        attended[token_12 * 32u + group * 16u + head_8 * 8u + d_13] = attended_14;
        let d_14 = (first_quad + local_4) * 4u + 1u;
        let attended_15 = result_4.y;
        attended[token_12 * 32u + group * 16u + head_8 * 8u + d_14] = attended_15;
        let d_15 = (first_quad + local_4) * 4u + 2u;
        let attended_16 = result_4.z;
        attended[token_12 * 32u + group * 16u + head_8 * 8u + d_15] = attended_16;
        let d_16 = (first_quad + local_4) * 4u + 3u;
        let attended_17 = result_4.w;
        attended[token_12 * 32u + group * 16u + head_8 * 8u + d_16] = attended_17;
      }
    }
  }
}

// ---- swa_o_proj_prefill.wgsl
// SWA: o_proj with add.
// Stores stream [width 32].
// 66,560 FLOP, 12,288 bytes read, 4,096 written for 32 tokens.
// std/attention.hyb:83: return o_proj(attended)
// std/blocks.hyb:6: return x + f(n(x))

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> o_proj_weights: array<vec4<f32>, 256>;
@group(0) @binding(2) var<storage, read> attended: array<vec4<f32>, 256>;
@group(0) @binding(3) var<storage, read> x_in: array<vec4<f32>, 256>;
@group(0) @binding(4) var<storage, read_write> stream: array<f32, 1024>;

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
  let weight_source = min(first_row + weight_at, 31u);
  var next_weight = vec4<f32>();
  let weight_quad_2 = (local_invocation_index + 64u) % 4u;
  let weight_at_2 = (local_invocation_index + 64u) / 4u;
  let weight_place_2 = weight_quad_2 * 34u + weight_at_2;
  let weight_source_2 = min(first_row + weight_at_2, 31u);
  var next_weight_2 = vec4<f32>();
  var sum = vec4<f32>();
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = o_proj_weights[weight_source * 8u + weight_quad];
  next_weight_2 = o_proj_weights[weight_source_2 * 8u + weight_quad_2];
  next_input = attended[input_source * 8u + input_quad];
  next_input_2 = attended[input_source_2 * 8u + input_quad_2];
  for (var stage = 0u; stage < 2u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 1u);
    let quad = next * 4u + weight_quad;
    next_weight = o_proj_weights[weight_source * 8u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = o_proj_weights[weight_source_2 * 8u + quad_2];
    let quad_3 = next * 4u + input_quad;
    next_input = attended[input_source * 8u + quad_3];
    let quad_4 = next * 4u + input_quad_2;
    next_input_2 = attended[input_source_2 * 8u + quad_4];
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
      let x_5 = x_in[(token * 32u + row) / 4u][(token * 32u + row) % 4u];
      let add = (x_5 + total);
      stream[token * 32u + row] = add;
    }
  }
}

// ---- take_last_32.wgsl
// The values of the last token of a run.

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> run: array<f32, 1024>;
@group(0) @binding(2) var<storage, read_write> one: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let i = workgroup_id.x * 64u + local_invocation_index;
  if (i >= 32u) { return; }
  one[i] = run[(control[1] - 1u) * 32u + i];
}

// ---- mlp_gate_proj_up_proj_decode.wgsl
// MLP: gate_proj, up_proj with mul, sum, add, rsqrt, silu.
// Stores gate_proj [hidden 48].
// 6,580 FLOP, 12,544 bytes read, 192 written per token.
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w
// std/swiglu.hyb:7: gate = gate_proj(u)
// std/swiglu.hyb:11: y = down_proj((if act == "silu" then silu(gate) else activation(gate, act)) * up_proj(u))

@group(0) @binding(0) var<storage, read> weights: array<vec4<f32>, 768>;
@group(0) @binding(1) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 8>;
@group(0) @binding(3) var<storage, read_write> gate_proj: array<f32, 64>;

var<workgroup> partials: array<f32, 192>;

fn op_silu(x: f32) -> f32 {
  return x / (1.0 + exp(min(-x, 87.0)));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 47u);
  var part = vec4<f32>();
  var part_2 = vec4<f32>();
  var total = 0.0;
  let quad = lane;
  let w = weights[row * 8u + quad];
  let w_2 = weights[row * 8u + quad + 384u];
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
  let w_3 = weights[row * 8u + quad_2];
  let w_4 = weights[row * 8u + quad_2 + 384u];
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
  part = fma(w, x_5, part);
  part_2 = fma(w_2, x_5, part_2);
  total += total_term;
  part = fma(w_3, x_10, part);
  part_2 = fma(w_4, x_10, part_2);
  total += total_term_2;
  var sum = dot(part, vec4<f32>(1.0));
  var sum_2 = dot(part_2, vec4<f32>(1.0));
  partials[group * 12u + lane] = sum;
  partials[group * 12u + 4u + lane] = sum_2;
  partials[group * 12u + 8u + lane] = total;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 47u);
    let place = min(local_invocation_index, 15u);
    let first = place * 12u;
    let total_2 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let total_3 = partials[first + 4u] + partials[first + 5u] + partials[first + 6u] + partials[first + 7u];
    let total_total = partials[first + 8u] + partials[first + 9u] + partials[first + 10u] + partials[first + 11u];
    let mul = (total_total * 0.03125);
    let add = (mul + 0.000009999999747378752);
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
// Stores stream [width 32].
// 3,104 FLOP, 6,464 bytes read, 128 written per token.
// std/blocks.hyb:6: return x + f(n(x))
// std/swiglu.hyb:11: y = down_proj((if act == "silu" then silu(gate) else activation(gate, act)) * up_proj(u))

@group(0) @binding(0) var<storage, read> down_proj_weights: array<vec4<f32>, 384>;
@group(0) @binding(1) var<storage, read> gate_proj: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read_write> stream: array<f32, 64>;

var<workgroup> partials: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 31u);
  var part = vec4<f32>();
  let quad = lane;
  let w = down_proj_weights[row * 12u + quad];
  let x = gate_proj[quad];
  let quad_2 = lane + 4u;
  let w_2 = down_proj_weights[row * 12u + quad_2];
  let x_2 = gate_proj[quad_2];
  let quad_3 = lane + 8u;
  let w_3 = down_proj_weights[row * 12u + quad_3];
  let x_3 = gate_proj[quad_3];
  part = fma(w, x, part);
  part = fma(w_2, x_2, part);
  part = fma(w_3, x_3, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 31u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let x_4 = x_in[row_2 / 4u][row_2 % 4u];
    let add = (x_4 + total);
    stream[row_2] = add;
  }
}

// ---- head_embed_decode.wgsl
// head: embed with mul, sum, add, rsqrt.
// Stores logits [vocab 64].
// 4,260 FLOP, 8,448 bytes read, 256 written per token.
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w
// test/golden/tiny-samba.hyb:12: head tied

@group(0) @binding(0) var<storage, read> embed_weights: array<vec4<f32>, 512>;
@group(0) @binding(1) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 8>;
@group(0) @binding(3) var<storage, read_write> logits: array<f32, 64>;

var<workgroup> partials: array<f32, 128>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 63u);
  var part = vec4<f32>();
  var total = 0.0;
  let quad = lane;
  let w = embed_weights[row * 8u + quad];
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
  let w_2 = embed_weights[row * 8u + quad_2];
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
  part = fma(w, x_5, part);
  total += total_term;
  part = fma(w_2, x_10, part);
  total += total_term_2;
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 8u + lane] = sum;
  partials[group * 8u + 4u + lane] = total;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 63u);
    let place = min(local_invocation_index, 15u);
    let first = place * 8u;
    let total_2 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let total_total = partials[first + 4u] + partials[first + 5u] + partials[first + 6u] + partials[first + 7u];
    let mul = (total_total * 0.03125);
    let add = (mul + 0.000009999999747378752);
    let rsqrt = inverseSqrt(add);
    let mul_2 = (total_2 * rsqrt);
    logits[row_2] = mul_2;
  }
}

// ---- head_embed_prefill.wgsl
// head: embed with mul.
// Stores logits [vocab 64].
// 134,144 FLOP, 12,544 bytes read, 8,192 written for 32 tokens.
// test/golden/tiny-samba.hyb:12: head tied

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> embed_weights: array<vec4<f32>, 512>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 256>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 8>;
@group(0) @binding(4) var<storage, read> sum: array<vec4<f32>, 16>;
@group(0) @binding(5) var<storage, read_write> logits: array<f32, 2048>;

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
  var sum_2 = vec4<f32>();
  var sum_3 = vec4<f32>();
  var sum_4 = vec4<f32>();
  var sum_5 = vec4<f32>();
  let is_live = first_token + line < control[1];
  next_weight = embed_weights[weight_source * 8u + weight_quad];
  next_weight_2 = embed_weights[weight_source_2 * 8u + weight_quad_2];
  let x = x_in[input_source * 8u + input_quad].x;
  let final_norm = vectors[input_quad].x;
  let x_2 = x_in[input_source * 8u + input_quad].y;
  let final_norm_2 = vectors[input_quad].y;
  let x_3 = x_in[input_source * 8u + input_quad].z;
  let final_norm_3 = vectors[input_quad].z;
  let x_4 = x_in[input_source * 8u + input_quad].w;
  let final_norm_4 = vectors[input_quad].w;
  next_input = vec4<f32>((x * final_norm), (x_2 * final_norm_2), (x_3 * final_norm_3), (x_4 * final_norm_4));
  let x_5 = x_in[input_source_2 * 8u + input_quad_2].x;
  let final_norm_5 = vectors[input_quad_2].x;
  let x_6 = x_in[input_source_2 * 8u + input_quad_2].y;
  let final_norm_6 = vectors[input_quad_2].y;
  let x_7 = x_in[input_source_2 * 8u + input_quad_2].z;
  let final_norm_7 = vectors[input_quad_2].z;
  let x_8 = x_in[input_source_2 * 8u + input_quad_2].w;
  let final_norm_8 = vectors[input_quad_2].w;
  next_input_2 = vec4<f32>((x_5 * final_norm_5), (x_6 * final_norm_6), (x_7 * final_norm_7), (x_8 * final_norm_8));
  for (var stage = 0u; stage < 2u; stage++) {
    input_tile[input_place] = next_input;
    input_tile[input_place_2] = next_input_2;
    weight_tile[weight_place] = next_weight;
    weight_tile[weight_place_2] = next_weight_2;
    workgroupBarrier();
    let next = min(stage + 1u, 1u);
    let quad = next * 4u + weight_quad;
    next_weight = embed_weights[weight_source * 8u + quad];
    let quad_2 = next * 4u + weight_quad_2;
    next_weight_2 = embed_weights[weight_source_2 * 8u + quad_2];
    let quad_3 = next * 4u + input_quad;
    let x_9 = x_in[input_source * 8u + quad_3].x;
    let final_norm_9 = vectors[quad_3].x;
    let x_10 = x_in[input_source * 8u + quad_3].y;
    let final_norm_10 = vectors[quad_3].y;
    let x_11 = x_in[input_source * 8u + quad_3].z;
    let final_norm_11 = vectors[quad_3].z;
    let x_12 = x_in[input_source * 8u + quad_3].w;
    let final_norm_12 = vectors[quad_3].w;
    next_input = vec4<f32>((x_9 * final_norm_9), (x_10 * final_norm_10), (x_11 * final_norm_11), (x_12 * final_norm_12));
    let quad_4 = next * 4u + input_quad_2;
    let x_13 = x_in[input_source_2 * 8u + quad_4].x;
    let final_norm_13 = vectors[quad_4].x;
    let x_14 = x_in[input_source_2 * 8u + quad_4].y;
    let final_norm_14 = vectors[quad_4].y;
    let x_15 = x_in[input_source_2 * 8u + quad_4].z;
    let final_norm_15 = vectors[quad_4].z;
    let x_16 = x_in[input_source_2 * 8u + quad_4].w;
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
      logits[token * 64u + row] = mul;
    }
  }
}

// ---- embed_embed_decode.wgsl
// embed: gather.
// Stores embed [width 32].
// 0 FLOP, 128 bytes read, 128 written per token.
// test/golden/tiny-samba.hyb:2: model tiny_samba {

@group(0) @binding(0) var<storage, read> control: array<u32, 16>;
@group(0) @binding(1) var<storage, read> tokens: array<u32, 32>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 512>;
@group(0) @binding(3) var<storage, read_write> embed: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let row = local_invocation_index;
  if (row >= 32u) { return; }
  let entry = tokens[control[1] - 1u];
  let embed_2 = vectors[(row * 64u + entry) / 4u][(row * 64u + entry) % 4u];
  embed[row] = embed_2;
}

// ---- ssm_in_proj_0_in_proj_1_decode.wgsl
// SSM: in_proj.0, in_proj.1 with mul, sum, add, rsqrt, conv, silu.
// Stores x [channel 64], in_proj.1 [channel 64].
// 9,508 FLOP, 18,688 bytes read, 1,280 written per token.
// std/mamba.hyb:26: x, z     = in_proj(u)
// std/mamba.hyb:27: x        = silu(conv(x, conv1d))
// std/mamba.hyb:46: return out_proj(memory * silu(z))
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read> weights: array<vec4<f32>, 1024>;
@group(0) @binding(1) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 248>;
@group(0) @binding(3) var<storage, read_write> conv_past: array<f32, 192>;
@group(0) @binding(4) var<storage, read_write> x_in_proj_1: array<f32, 128>;

var<workgroup> partials: array<f32, 128>;

fn op_silu(x: f32) -> f32 {
  return x / (1.0 + exp(min(-x, 87.0)));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 127u);
  var part = vec4<f32>();
  var total = 0.0;
  let quad = lane;
  let w = weights[row * 8u + quad];
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
  let w_2 = weights[row * 8u + quad_2];
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
  part = fma(w, x_5, part);
  total += total_term;
  part = fma(w_2, x_10, part);
  total += total_term_2;
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 8u + lane] = sum;
  partials[group * 8u + 4u + lane] = total;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 127u);
    let place = min(local_invocation_index, 15u);
    let first = place * 8u;
    let total_2 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let total_total = partials[first + 4u] + partials[first + 5u] + partials[first + 6u] + partials[first + 7u];
    if (row_2 >= 0u && row_2 < 64u) {
      let mul = (total_total * 0.03125);
      let add = (mul + 0.000009999999747378752);
      let rsqrt = inverseSqrt(add);
      let now = (total_2 * rsqrt);
      let past_3 = conv_past[row_2];
      let past_2 = conv_past[row_2 + 64u];
      let past_1 = conv_past[row_2 + 128u];
      conv_past[row_2] = past_2;
      conv_past[row_2 + 64u] = past_1;
      conv_past[row_2 + 128u] = now;
      let conv = vectors[(row_2 * 4u + 32u) / 4u][(row_2 * 4u + 32u) % 4u] * past_3 + vectors[(row_2 * 4u + 33u) / 4u][(row_2 * 4u + 33u) % 4u] * past_2 + vectors[(row_2 * 4u + 34u) / 4u][(row_2 * 4u + 34u) % 4u] * past_1 + vectors[(row_2 * 4u + 35u) / 4u][(row_2 * 4u + 35u) % 4u] * now;
      let conv1d_bias = vectors[(row_2 + 288u) / 4u][(row_2 + 288u) % 4u];
      let add_2 = (conv + conv1d_bias);
      let x_11 = op_silu(add_2);
      x_in_proj_1[row_2] = x_11;
    }
    if (row_2 >= 64u && row_2 < 128u) {
      let local_row = row_2 - 64u;
      let mul_2 = (total_total * 0.03125);
      let add_3 = (mul_2 + 0.000009999999747378752);
      let rsqrt_2 = inverseSqrt(add_3);
      let mul_3 = (total_2 * rsqrt_2);
      let silu = op_silu(mul_3);
      x_in_proj_1[local_row + 64u] = silu;
    }
  }
}

// ---- ssm_x_proj_0_x_proj_1_x_proj_2_decode.wgsl
// SSM: x_proj.0, x_proj.1, x_proj.2.
// Stores x_proj.0 [dt_rank 2], x_proj.1 [n 8], x_proj.2 [n 8].
// 2,304 FLOP, 4,864 bytes read, 72 written per token.
// std/mamba.hyb:28: dt, B, C = x_proj(x)

@group(0) @binding(0) var<storage, read> weights: array<vec4<f32>, 288>;
@group(0) @binding(1) var<storage, read> x_in_proj_1: array<vec4<f32>, 32>;
@group(0) @binding(2) var<storage, read_write> x_proj_0_x_proj_1_x_proj_2: array<f32, 192>;

var<workgroup> partials: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 17u);
  var part = vec4<f32>();
  let quad = lane;
  let w = weights[row * 16u + quad];
  let x = x_in_proj_1[quad];
  let quad_2 = lane + 4u;
  let w_2 = weights[row * 16u + quad_2];
  let x_2 = x_in_proj_1[quad_2];
  let quad_3 = lane + 8u;
  let w_3 = weights[row * 16u + quad_3];
  let x_3 = x_in_proj_1[quad_3];
  let quad_4 = lane + 12u;
  let w_4 = weights[row * 16u + quad_4];
  let x_4 = x_in_proj_1[quad_4];
  part = fma(w, x, part);
  part = fma(w_2, x_2, part);
  part = fma(w_3, x_3, part);
  part = fma(w_4, x_4, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u && mine < 18u) {
    let row_2 = min(mine, 17u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    if (row_2 >= 0u && row_2 < 2u) {
      let x_proj_0 = total;
      x_proj_0_x_proj_1_x_proj_2[row_2] = x_proj_0;
    }
    if (row_2 >= 2u && row_2 < 10u) {
      let local_row = row_2 - 2u;
      let x_proj_1 = total;
      x_proj_0_x_proj_1_x_proj_2[local_row + 64u] = x_proj_1;
    }
    if (row_2 >= 10u && row_2 < 18u) {
      let local_row_2 = row_2 - 10u;
      let x_proj_2 = total;
      x_proj_0_x_proj_1_x_proj_2[local_row_2 + 128u] = x_proj_2;
    }
  }
}

// ---- ssm_dt_proj_decode.wgsl
// SSM: dt_proj with add, softplus, scan, mul.
// Stores memory [channel 64].
// 4,864 FLOP, 5,704 bytes read, 2,304 written per token.
// std/mamba.hyb:39: dt = softplus(dt_proj(dt))
// std/mamba.hyb:41: scan h[channel, n] {
// std/mamba.hyb:45: expose memory = y + D * x
// std/mamba.hyb:46: return out_proj(memory * silu(z))

@group(0) @binding(0) var<storage, read> dt_proj_weights: array<vec4<f32>, 64>;
@group(0) @binding(1) var<storage, read> x_proj_0_x_proj_1_x_proj_2: array<vec4<f32>, 48>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 248>;
@group(0) @binding(3) var<storage, read> x_in_proj_1: array<vec4<f32>, 32>;
@group(0) @binding(4) var<storage, read_write> y_h: array<f32, 512>;
@group(0) @binding(5) var<storage, read_write> memory: array<f32, 64>;

var<workgroup> partials: array<f32, 64>;

fn op_softplus(x: f32) -> f32 {
  let e = exp(-min(abs(x), 87.0));
  let series = e * (1.0 - e * (0.5 - e * (0.33333334 - e * 0.25)));
  return max(x, 0.0) + select(log(1.0 + e), series, e < 0.02);
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 63u);
  var part = vec4<f32>();
  let beyond = lane;
  let quad = min(beyond, 0u);
  let w = dt_proj_weights[row + quad];
  let x = vec4<f32>(select(0.0, x_proj_0_x_proj_1_x_proj_2[min(4u * quad + 0u, 1u) / 4u][min(4u * quad + 0u, 1u) % 4u], 4u * quad + 0u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[min(4u * quad + 1u, 1u) / 4u][min(4u * quad + 1u, 1u) % 4u], 4u * quad + 1u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[min(4u * quad + 2u, 1u) / 4u][min(4u * quad + 2u, 1u) % 4u], 4u * quad + 2u < 2u), select(0.0, x_proj_0_x_proj_1_x_proj_2[min(4u * quad + 3u, 1u) / 4u][min(4u * quad + 3u, 1u) % 4u], 4u * quad + 3u < 2u));
  let x_2 = select(vec4<f32>(), x, beyond < 1u);
  part = fma(w, x_2, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 63u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let dt_proj_bias = vectors[(row_2 + 352u) / 4u][(row_2 + 352u) % 4u];
    let add = (total + dt_proj_bias);
    let dt = op_softplus(add);
    let x_3 = x_in_proj_1[row_2 / 4u][row_2 % 4u];
    var y = 0.0;
    for (var element = 0u; element < 8u; element++) {
      let input = vectors[(row_2 * 8u + element + 480u) / 4u][(row_2 * 8u + element + 480u) % 4u];
      let mul = (dt * input);
      let exp_2 = exp(mul);
      let h = y_h[element * 64u + row_2];
      let mul_2 = (exp_2 * h);
      let x_proj_1 = x_proj_0_x_proj_1_x_proj_2[(element + 64u) / 4u][(element + 64u) % 4u];
      let mul_3 = (dt * x_proj_1);
      let mul_4 = (mul_3 * x_3);
      let new_h = (mul_2 + mul_4);
      let x_proj_2 = x_proj_0_x_proj_1_x_proj_2[(element + 128u) / 4u][(element + 128u) % 4u];
      y = y + ((new_h * x_proj_2));
      y_h[element * 64u + row_2] = new_h;
    }
    let y_2 = y;
    let D = vectors[(row_2 + 416u) / 4u][(row_2 + 416u) % 4u];
    let x_4 = x_in_proj_1[row_2 / 4u][row_2 % 4u];
    let mul_5 = (D * x_4);
    let memory_2 = (y_2 + mul_5);
    let silu = x_in_proj_1[(row_2 + 64u) / 4u][(row_2 + 64u) % 4u];
    let mul_6 = (memory_2 * silu);
    memory[row_2] = mul_6;
  }
}

// ---- ssm_out_proj_decode.wgsl
// SSM: out_proj with add.
// Stores stream [width 32].
// 4,128 FLOP, 8,576 bytes read, 128 written per token.
// std/blocks.hyb:6: return x + f(n(x))
// std/mamba.hyb:46: return out_proj(memory * silu(z))

@group(0) @binding(0) var<storage, read> out_proj_weights: array<vec4<f32>, 512>;
@group(0) @binding(1) var<storage, read> memory: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read_write> stream: array<f32, 64>;

var<workgroup> partials: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 31u);
  var part = vec4<f32>();
  let quad = lane;
  let w = out_proj_weights[row * 16u + quad];
  let x = memory[quad];
  let quad_2 = lane + 4u;
  let w_2 = out_proj_weights[row * 16u + quad_2];
  let x_2 = memory[quad_2];
  let quad_3 = lane + 8u;
  let w_3 = out_proj_weights[row * 16u + quad_3];
  let x_3 = memory[quad_3];
  let quad_4 = lane + 12u;
  let w_4 = out_proj_weights[row * 16u + quad_4];
  let x_4 = memory[quad_4];
  part = fma(w, x, part);
  part = fma(w_2, x_2, part);
  part = fma(w_3, x_3, part);
  part = fma(w_4, x_4, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 31u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let x_5 = x_in[row_2 / 4u][row_2 % 4u];
    let add = (x_5 + total);
    stream[row_2] = add;
  }
}

// ---- swa_q_proj_k_proj_v_proj_decode.wgsl
// SWA: q_proj, k_proj, v_proj with mul, sum, add, rsqrt.
// Stores q_proj [kv 2, per 2, part 8], k_proj [kv 2, part 8], v_proj [kv 2, value 8].
// 4,260 FLOP, 8,448 bytes read, 256 written per token.
// std/attention.hyb:43: q = q_proj(u)
// std/attention.hyb:44: k = k_proj(u)
// std/attention.hyb:45: v = v_proj(u)
// std/norms.hyb:5: return x * rsqrt(mean(x * x, over) + eps) * w

@group(0) @binding(0) var<storage, read> weights: array<vec4<f32>, 512>;
@group(0) @binding(1) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> vectors: array<vec4<f32>, 9>;
@group(0) @binding(3) var<storage, read_write> q_proj_k_proj_v_proj: array<f32, 192>;

var<workgroup> partials: array<f32, 128>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 63u);
  var part = vec4<f32>();
  var total = 0.0;
  let quad = lane;
  let w = weights[row * 8u + quad];
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
  let w_2 = weights[row * 8u + quad_2];
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
  part = fma(w, x_5, part);
  total += total_term;
  part = fma(w_2, x_10, part);
  total += total_term_2;
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 8u + lane] = sum;
  partials[group * 8u + 4u + lane] = total;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 63u);
    let place = min(local_invocation_index, 15u);
    let first = place * 8u;
    let total_2 = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let total_total = partials[first + 4u] + partials[first + 5u] + partials[first + 6u] + partials[first + 7u];
    if (row_2 >= 0u && row_2 < 32u) {
      let mul = (total_total * 0.03125);
      let add = (mul + 0.000009999999747378752);
      let rsqrt = inverseSqrt(add);
      let mul_2 = (total_2 * rsqrt);
      q_proj_k_proj_v_proj[row_2] = mul_2;
    }
    if (row_2 >= 32u && row_2 < 48u) {
      let local_row = row_2 - 32u;
      let mul_3 = (total_total * 0.03125);
      let add_2 = (mul_3 + 0.000009999999747378752);
      let rsqrt_2 = inverseSqrt(add_2);
      let mul_4 = (total_2 * rsqrt_2);
      q_proj_k_proj_v_proj[local_row + 64u] = mul_4;
    }
    if (row_2 >= 48u && row_2 < 64u) {
      let local_row_2 = row_2 - 48u;
      let mul_5 = (total_total * 0.03125);
      let add_3 = (mul_5 + 0.000009999999747378752);
      let rsqrt_3 = inverseSqrt(add_3);
      let mul_6 = (total_2 * rsqrt_3);
      q_proj_k_proj_v_proj[local_row_2 + 128u] = mul_6;
    }
  }
}

// ---- swa_attended_decode.wgsl
// SWA: attended with rotate, attend.
// Stores attended [kv 2, per 2, value 8].
// 2,448 FLOP, 6,416 bytes read, 128 written per token.
// std/attention.hyb:66: q = rotate(q, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:67: k = rotate(k, part, base: rope, scaling: scaling, original: original, dims: rotary, style: style)
// std/attention.hyb:70: attended = attend(

@group(0) @binding(0) var<storage, read_write> k_memory: array<f32, 768>;
@group(0) @binding(1) var<storage, read_write> v_proj_memory: array<f32, 768>;
@group(0) @binding(2) var<storage, read> control: array<u32, 16>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>, 9>;
@group(0) @binding(4) var<storage, read> q_proj_k_proj_v_proj: array<vec4<f32>, 48>;
@group(0) @binding(5) var<storage, read_write> attended: array<f32, 64>;

var<workgroup> queries: array<vec4<f32>, 4>;
var<workgroup> new_key: array<vec4<f32>, 2>;
var<workgroup> weights: array<f32, 576>;
var<workgroup> maxima: array<f32, 32>;

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
  let current = (control[0] + control[1] - 1u);
  let group = min(workgroup_id.y, 1u);
  let first_head = 0u * 2u;
  // Positions are counted backwards from the current one; the pinned ones come after the window.
  let start = 0u * 64u;
  let limit = min(current + 1u, 16u);
  if (local_invocation_index < 4u) {
    let item = local_invocation_index;
    let head = min(first_head + item / 2u, 1u);
    let entry_2 = item % 2u;
    let d = entry_2 * 4u;
    let d_2 = entry_2 * 4u + 1u;
    let d_3 = entry_2 * 4u + 2u;
    let d_4 = entry_2 * 4u + 3u;
    let part_2 = d;
    let pair = part_2 % 4u;
    let angle = turn((control[0] + control[1] - 1u), vectors[(pair + 32u) / 4u][(pair + 32u) % 4u]);
    let first = q_proj_k_proj_v_proj[(group * 16u + head * 8u + pair) / 4u][(group * 16u + head * 8u + pair) % 4u];
    let second = q_proj_k_proj_v_proj[(group * 16u + head * 8u + pair + 4u) / 4u][(group * 16u + head * 8u + pair + 4u) % 4u];
    let rotated = select(second * angle.x + first * angle.y, first * angle.x - second * angle.y, part_2 < 4u);
    let q = rotated;
    let part_3 = d_2;
    let pair_2 = part_3 % 4u;
    let angle_2 = turn((control[0] + control[1] - 1u), vectors[(pair_2 + 32u) / 4u][(pair_2 + 32u) % 4u]);
    let first_2 = q_proj_k_proj_v_proj[(group * 16u + head * 8u + pair_2) / 4u][(group * 16u + head * 8u + pair_2) % 4u];
    let second_2 = q_proj_k_proj_v_proj[(group * 16u + head * 8u + pair_2 + 4u) / 4u][(group * 16u + head * 8u + pair_2 + 4u) % 4u];
    let rotated_2 = select(second_2 * angle_2.x + first_2 * angle_2.y, first_2 * angle_2.x - second_2 * angle_2.y, part_3 < 4u);
    let q_2 = rotated_2;
    let part_4 = d_3;
    let pair_3 = part_4 % 4u;
    let angle_3 = turn((control[0] + control[1] - 1u), vectors[(pair_3 + 32u) / 4u][(pair_3 + 32u) % 4u]);
    let first_3 = q_proj_k_proj_v_proj[(group * 16u + head * 8u + pair_3) / 4u][(group * 16u + head * 8u + pair_3) % 4u];
    let second_3 = q_proj_k_proj_v_proj[(group * 16u + head * 8u + pair_3 + 4u) / 4u][(group * 16u + head * 8u + pair_3 + 4u) % 4u];
    let rotated_3 = select(second_3 * angle_3.x + first_3 * angle_3.y, first_3 * angle_3.x - second_3 * angle_3.y, part_4 < 4u);
    let q_3 = rotated_3;
    let part_5 = d_4;
    let pair_4 = part_5 % 4u;
    let angle_4 = turn((control[0] + control[1] - 1u), vectors[(pair_4 + 32u) / 4u][(pair_4 + 32u) % 4u]);
    let first_4 = q_proj_k_proj_v_proj[(group * 16u + head * 8u + pair_4) / 4u][(group * 16u + head * 8u + pair_4) % 4u];
    let second_4 = q_proj_k_proj_v_proj[(group * 16u + head * 8u + pair_4 + 4u) / 4u][(group * 16u + head * 8u + pair_4 + 4u) % 4u];
    let rotated_4 = select(second_4 * angle_4.x + first_4 * angle_4.y, first_4 * angle_4.x - second_4 * angle_4.y, part_5 < 4u);
    let q_4 = rotated_4;
    queries[item] = vec4<f32>(q, q_2, q_3, q_4) * 0.510069727897644;
  }
  if (start == 0u) {
    if (local_invocation_index < 2u) {
      let item_2 = local_invocation_index;
      let d_5 = item_2 * 4u;
      let d_6 = item_2 * 4u + 1u;
      let d_7 = item_2 * 4u + 2u;
      let d_8 = item_2 * 4u + 3u;
      let part_6 = d_5;
      let pair_5 = part_6 % 4u;
      let angle_5 = turn((control[0] + control[1] - 1u), vectors[(pair_5 + 32u) / 4u][(pair_5 + 32u) % 4u]);
      let first_5 = q_proj_k_proj_v_proj[(group * 8u + pair_5 + 64u) / 4u][(group * 8u + pair_5 + 64u) % 4u];
      let second_5 = q_proj_k_proj_v_proj[(group * 8u + pair_5 + 4u + 64u) / 4u][(group * 8u + pair_5 + 4u + 64u) % 4u];
      let rotated_5 = select(second_5 * angle_5.x + first_5 * angle_5.y, first_5 * angle_5.x - second_5 * angle_5.y, part_6 < 4u);
      let k = rotated_5;
      let part_7 = d_6;
      let pair_6 = part_7 % 4u;
      let angle_6 = turn((control[0] + control[1] - 1u), vectors[(pair_6 + 32u) / 4u][(pair_6 + 32u) % 4u]);
      let first_6 = q_proj_k_proj_v_proj[(group * 8u + pair_6 + 64u) / 4u][(group * 8u + pair_6 + 64u) % 4u];
      let second_6 = q_proj_k_proj_v_proj[(group * 8u + pair_6 + 4u + 64u) / 4u][(group * 8u + pair_6 + 4u + 64u) % 4u];
      let rotated_6 = select(second_6 * angle_6.x + first_6 * angle_6.y, first_6 * angle_6.x - second_6 * angle_6.y, part_7 < 4u);
      let k_2 = rotated_6;
      let part_8 = d_7;
      let pair_7 = part_8 % 4u;
      let angle_7 = turn((control[0] + control[1] - 1u), vectors[(pair_7 + 32u) / 4u][(pair_7 + 32u) % 4u]);
      let first_7 = q_proj_k_proj_v_proj[(group * 8u + pair_7 + 64u) / 4u][(group * 8u + pair_7 + 64u) % 4u];
      let second_7 = q_proj_k_proj_v_proj[(group * 8u + pair_7 + 4u + 64u) / 4u][(group * 8u + pair_7 + 4u + 64u) % 4u];
      let rotated_7 = select(second_7 * angle_7.x + first_7 * angle_7.y, first_7 * angle_7.x - second_7 * angle_7.y, part_8 < 4u);
      let k_3 = rotated_7;
      let part_9 = d_8;
      let pair_8 = part_9 % 4u;
      let angle_8 = turn((control[0] + control[1] - 1u), vectors[(pair_8 + 32u) / 4u][(pair_8 + 32u) % 4u]);
      let first_8 = q_proj_k_proj_v_proj[(group * 8u + pair_8 + 64u) / 4u][(group * 8u + pair_8 + 64u) % 4u];
      let second_8 = q_proj_k_proj_v_proj[(group * 8u + pair_8 + 4u + 64u) / 4u][(group * 8u + pair_8 + 4u + 64u) % 4u];
      let rotated_8 = select(second_8 * angle_8.x + first_8 * angle_8.y, first_8 * angle_8.x - second_8 * angle_8.y, part_9 < 4u);
      let k_4 = rotated_8;
      let k_5 = vec4<f32>(k, k_2, k_3, k_4);
      new_key[item_2] = k_5;
      let slot = current % 48u;
      let d_9 = item_2 * 4u;
      let d_10 = item_2 * 4u + 1u;
      let d_11 = item_2 * 4u + 2u;
      let d_12 = item_2 * 4u + 3u;
      k_memory[group * 384u + slot * 8u + d_9] = k_5.x;
      k_memory[group * 384u + slot * 8u + d_10] = k_5.y;
      k_memory[group * 384u + slot * 8u + d_11] = k_5.z;
      k_memory[group * 384u + slot * 8u + d_12] = k_5.w;
    }
  }
  let entry = local_invocation_index % 2u;
  let part = local_invocation_index / 2u;
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
    for (var entry_3 = 0u; entry_3 < 2u; entry_3++) {
      let k_6 = new_key[entry_3];
      score += dot(queries[0u + entry_3], k_6);
      score_2 += dot(queries[2u + entry_3], k_6);
    }
  }
  if (seen && index != 0u) {
    let position = current - index;
    let slot_2 = position % 48u;
    for (var entry_4 = 0u; entry_4 < 2u; entry_4++) {
      let k_7 = vec4<f32>(k_memory[group * 384u + slot_2 * 8u + 4u * entry_4], k_memory[group * 384u + slot_2 * 8u + 4u * entry_4 + 1u], k_memory[group * 384u + slot_2 * 8u + 4u * entry_4 + 2u], k_memory[group * 384u + slot_2 * 8u + 4u * entry_4 + 3u]);
      score += dot(queries[0u + entry_4], k_7);
      score_2 += dot(queries[2u + entry_4], k_7);
    }
  }
  score = select(-3.4e38, score, seen);
  score_2 = select(-3.4e38, score_2, seen);
  weights[0u + local_invocation_index] = score;
  weights[64u + local_invocation_index] = score_2;
  workgroupBarrier();
  if (local_invocation_index < 32u) {
    let item_3 = local_invocation_index;
    let first_9 = item_3 / 16u * 64u + item_3 % 16u;
    maxima[item_3] = max(max(max(weights[first_9 + 0u], weights[first_9 + 16u]), weights[first_9 + 32u]), weights[first_9 + 48u]);
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
  weights[64u + local_invocation_index] = select(0.0, exp2(score_2 - peak_2), seen);
  workgroupBarrier();
  if (start == 0u && part == 0u) {
    let d_13 = entry * 4u;
    let d_14 = entry * 4u + 1u;
    let d_15 = entry * 4u + 2u;
    let d_16 = entry * 4u + 3u;
    let v = q_proj_k_proj_v_proj[(group * 8u + d_13 + 128u) / 4u][(group * 8u + d_13 + 128u) % 4u];
    let v_2 = q_proj_k_proj_v_proj[(group * 8u + d_14 + 128u) / 4u][(group * 8u + d_14 + 128u) % 4u];
    let v_3 = q_proj_k_proj_v_proj[(group * 8u + d_15 + 128u) / 4u][(group * 8u + d_15 + 128u) % 4u];
    let v_4 = q_proj_k_proj_v_proj[(group * 8u + d_16 + 128u) / 4u][(group * 8u + d_16 + 128u) % 4u];
    let v_5 = vec4<f32>(v, v_2, v_3, v_4);
    let slot_3 = current % 48u;
    v_proj_memory[group * 384u + slot_3 * 8u + d_13] = v_5.x;
    v_proj_memory[group * 384u + slot_3 * 8u + d_14] = v_5.y;
    v_proj_memory[group * 384u + slot_3 * 8u + d_15] = v_5.z;
    v_proj_memory[group * 384u + slot_3 * 8u + d_16] = v_5.w;
    let weight = weights[0u + 0u];
    total += weight;
    sum += weight * v_5;
    let weight_2 = weights[64u + 0u];
    total_2 += weight_2;
    sum_2 += weight_2 * v_5;
  }
  for (var step_2 = 0u; step_2 < 2u; step_2++) {
    let offset = step_2 * 32u + part;
    let index_2 = start + offset;
    if (index_2 < limit && index_2 != 0u) {
      let position_2 = current - index_2;
      let slot_4 = position_2 % 48u;
      let v_6 = vec4<f32>(v_proj_memory[group * 384u + slot_4 * 8u + 4u * entry], v_proj_memory[group * 384u + slot_4 * 8u + 4u * entry + 1u], v_proj_memory[group * 384u + slot_4 * 8u + 4u * entry + 2u], v_proj_memory[group * 384u + slot_4 * 8u + 4u * entry + 3u]);
      let weight_3 = weights[0u + offset];
      total += weight_3;
      sum += weight_3 * v_6;
      let weight_4 = weights[64u + offset];
      total_2 += weight_4;
      sum_2 += weight_4 * v_6;
    }
  }
  workgroupBarrier();
  {
    let place = 0u + (part * 2u + entry) * 4u;
    weights[place + 0u] = sum.x;
    weights[place + 1u] = sum.y;
    weights[place + 2u] = sum.z;
    weights[place + 3u] = sum.w;
    if (entry == 0u) {
      weights[256u + part] = total;
    }
    let place_2 = 288u + (part * 2u + entry) * 4u;
    weights[place_2 + 0u] = sum_2.x;
    weights[place_2 + 1u] = sum_2.y;
    weights[place_2 + 2u] = sum_2.z;
    weights[place_2 + 3u] = sum_2.w;
    if (entry == 0u) {
      weights[544u + part] = total_2;
    }
  }
  workgroupBarrier();
  if (local_invocation_index < 4u) {
    let item_4 = local_invocation_index;
    let head_of_batch = item_4 / 2u;
    let entry_5 = item_4 % 2u;
    var sum_3 = vec4<f32>();
    var total_3 = 0.0;
    for (var part_10 = 0u; part_10 < 32u; part_10++) {
      let place_3 = head_of_batch * 288u + (part_10 * 2u + entry_5) * 4u;
      sum_3 += vec4<f32>(weights[place_3 + 0u], weights[place_3 + 1u], weights[place_3 + 2u], weights[place_3 + 3u]);
      total_3 += weights[head_of_batch * 288u + 256u + part_10];
    }
    let head_2 = first_head + 0u + head_of_batch;
    let peak_3 = select(peak, peak_2, head_of_batch == 1u);
    let result = sum_3 / (total_3);
    let d_17 = entry_5 * 4u;
    let d_18 = entry_5 * 4u + 1u;
    let d_19 = entry_5 * 4u + 2u;
    let d_20 = entry_5 * 4u + 3u;
    let attended_2 = result.x;
    attended[group * 16u + head_2 * 8u + d_17] = attended_2;
    let attended_3 = result.y;
    attended[group * 16u + head_2 * 8u + d_18] = attended_3;
    let attended_4 = result.z;
    attended[group * 16u + head_2 * 8u + d_19] = attended_4;
    let attended_5 = result.w;
    attended[group * 16u + head_2 * 8u + d_20] = attended_5;
  }
}

// ---- swa_o_proj_decode.wgsl
// SWA: o_proj with add.
// Stores stream [width 32].
// 2,080 FLOP, 4,352 bytes read, 128 written per token.
// std/attention.hyb:83: return o_proj(attended)
// std/blocks.hyb:6: return x + f(n(x))

@group(0) @binding(0) var<storage, read> o_proj_weights: array<vec4<f32>, 256>;
@group(0) @binding(1) var<storage, read> attended: array<vec4<f32>, 16>;
@group(0) @binding(2) var<storage, read> x_in: array<vec4<f32>, 16>;
@group(0) @binding(3) var<storage, read_write> stream: array<f32, 64>;

var<workgroup> partials: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) workgroup_id: vec3<u32>, @builtin(local_invocation_index) local_invocation_index: u32) {
  let lane = local_invocation_index % 4u;
  let group = local_invocation_index / 4u;
  let first_row = workgroup_id.x * 16u;
  let row = min(first_row + group, 31u);
  var part = vec4<f32>();
  let quad = lane;
  let w = o_proj_weights[row * 8u + quad];
  let x = attended[quad];
  let quad_2 = lane + 4u;
  let w_2 = o_proj_weights[row * 8u + quad_2];
  let x_2 = attended[quad_2];
  part = fma(w, x, part);
  part = fma(w_2, x_2, part);
  var sum = dot(part, vec4<f32>(1.0));
  partials[group * 4u + lane] = sum;
  workgroupBarrier();
  let mine = first_row + local_invocation_index;
  if (local_invocation_index < 16u) {
    let row_2 = min(mine, 31u);
    let place = min(local_invocation_index, 15u);
    let first = place * 4u;
    let total = partials[first] + partials[first + 1u] + partials[first + 2u] + partials[first + 3u];
    let x_3 = x_in[row_2 / 4u][row_2 % 4u];
    let add = (x_3 + total);
    stream[row_2] = add;
  }
}

// ---- sample.wgsl
// Draws the next token: repetition penalty, temperature, top-k, top-p, min-p; then advances the position.

@group(0) @binding(0) var<storage, read> logits: array<u32, 64>;
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
      if (token < 64u) {
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
  var needed = top_k > 0u && top_k < 64u;
  // Top-k, then top-p, then which tokens stay of those that are equal at its end.
  for (var by = 0u; by < 3u; by++) {
    if (!needed && by == BY_RANK) { break; }
    if (by == BY_WEIGHT) {
      needed = top_p < 1.0;
      if (!needed) { break; }
      var sum = 0.0;
      for (var round_2 = 0u; round_2 < 1u; round_2++) {
        let token = round_2 * 256u + lane;
        if (token < 64u) {
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
    if (token < 64u) {
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
    if (token < 64u) {
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
