// A program ready to be encoded: flat lists, so that encoding a token is one loop that allocates nothing.
import type { Kernel } from './pipelines.ts';
import type { Dispatch, GridSize } from './plan.ts';

/** One program of one session. `x`, `y`, `z` hold the workgroups for runs of `tokens` tokens; see `fit`. */
export interface DispatchList {
  readonly pipelines: readonly GPUComputePipeline[];
  readonly groups: readonly GPUBindGroup[];
  readonly x: Uint32Array;
  readonly y: Uint32Array;
  readonly z: Uint32Array;
  readonly dispatches: readonly Dispatch[];
  tokens: number;
}

/** Bind groups of a session by what they bind, so that equal ones are made once. */
export type GroupCache = Map<string, GPUBindGroup>;

/** Makes the list of a program; all bind groups are created here. */
export function createDispatchList(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  kernels: readonly Kernel[],
  buffers: readonly (GPUBuffer | null)[],
  groups: GroupCache,
): DispatchList {
  const list: DispatchList = {
    pipelines: dispatches.map(({ kernel }) => kernelAt(kernels, kernel).pipeline),
    groups: dispatches.map((dispatch) => groupFor(device, dispatch, kernels, buffers, groups)),
    x: new Uint32Array(dispatches.length),
    y: new Uint32Array(dispatches.length),
    z: new Uint32Array(dispatches.length),
    dispatches,
    tokens: 0,
  };
  fit(list, 1);
  return list;
}

/** Sets the workgroup counts for a run of `tokens` tokens. */
export function fit(list: DispatchList, tokens: number): void {
  if (list.tokens === tokens) return;
  for (const [i, { grid }] of list.dispatches.entries()) {
    list.x[i] = workgroups(grid[0], tokens);
    list.y[i] = workgroups(grid[1], tokens);
    list.z[i] = workgroups(grid[2], tokens);
  }
  list.tokens = tokens;
}

/** Encodes all dispatches into the pass, in order. */
export function encode(list: DispatchList, pass: GPUComputePassEncoder): void {
  const { pipelines, groups, x, y, z } = list;
  let current: GPUComputePipeline | undefined;
  for (let i = 0; i < pipelines.length; i++) {
    const pipeline = pipelines[i];
    if (pipeline !== undefined && pipeline !== current) {
      pass.setPipeline(pipeline);
      current = pipeline;
    }
    pass.setBindGroup(0, groups[i]);
    pass.dispatchWorkgroups(x[i] ?? 0, y[i], z[i]);
  }
}

/** Encodes one dispatch. */
export function encodeOne(list: DispatchList, index: number, pass: GPUComputePassEncoder): void {
  const pipeline = list.pipelines[index];
  if (pipeline !== undefined) pass.setPipeline(pipeline);
  pass.setBindGroup(0, list.groups[index]);
  pass.dispatchWorkgroups(list.x[index] ?? 0, list.y[index], list.z[index]);
}

function workgroups(size: GridSize, tokens: number): number {
  return typeof size === 'number' ? size : size.times * Math.ceil(tokens / size.tile);
}

function groupFor(
  device: GPUDevice,
  dispatch: Dispatch,
  kernels: readonly Kernel[],
  buffers: readonly (GPUBuffer | null)[],
  groups: GroupCache,
): GPUBindGroup {
  const places = dispatch.bindings.map(({ buffer, byteOffset, bytes }) => `${buffer} ${byteOffset} ${bytes}`);
  const key = `${dispatch.kernel}: ${places.join(', ')}`;
  const known = groups.get(key);
  if (known !== undefined) return known;
  const group = device.createBindGroup({
    label: dispatch.label,
    layout: kernelAt(kernels, dispatch.kernel).layout,
    entries: dispatch.bindings.map(({ buffer, byteOffset, bytes }, binding) => ({
      binding,
      resource: { buffer: bufferAt(buffers, buffer), offset: byteOffset, size: bytes },
    })),
  });
  groups.set(key, group);
  return group;
}

function kernelAt(kernels: readonly Kernel[], index: number): Kernel {
  const kernel = kernels[index];
  if (kernel === undefined) throw new Error(`internal: kernel ${index} was not made`);
  return kernel;
}

/** A buffer of the plan by its index. */
export function bufferAt(buffers: readonly (GPUBuffer | null)[], index: number): GPUBuffer {
  const buffer = buffers[index];
  if (buffer === undefined || buffer === null) throw new Error(`internal: buffer ${index} was not made`);
  return buffer;
}
