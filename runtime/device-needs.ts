// What a plan needs of a GPU, and which part of the model needs it.
import { featureMissing, limitMissing } from './errors.ts';
import type { MissingLimit } from './errors.ts';
import { PROGRAMS } from './plan-check.ts';
import type { GridSize, Plan } from './plan.ts';

/** Limits by their WebGPU names; a device's or an adapter's. */
export type Limits = GPUSupportedLimits;

interface Need {
  readonly needed: number;
  readonly neededBy: string;
}

/** Every feature that the plan or a kernel names, and by whom it is needed. */
export function neededFeatures(plan: Plan): ReadonlyMap<string, string> {
  const needs = new Map<string, string>();
  for (const kernel of plan.kernels)
    for (const feature of kernel.features)
      if (!needs.has(feature)) needs.set(feature, `kernel \`${kernel.name}\``);
  for (const feature of plan.requires.features) if (!needs.has(feature)) needs.set(feature, 'the plan');
  return needs;
}

/** Throws `feature_missing` with all that are not in `features`. */
export function checkFeatures(plan: Plan, features: ReadonlySet<string>): void {
  const missing = [...neededFeatures(plan)]
    .filter(([feature]) => !features.has(feature))
    .map(([feature, neededBy]) => ({ feature, neededBy }));
  if (missing.length > 0) throw featureMissing(missing);
}

/** Throws `limit_missing` with every limit that is too small, and what needs it. */
export function checkLimits(plan: Plan, limits: Limits): void {
  const missing: MissingLimit[] = [];
  for (const [limit, { needed, neededBy }] of neededLimits(plan)) {
    const allowed = limitOf(limits, limit);
    if (allowed === null || allowed < needed)
      missing.push({ limit, needed, allowed: allowed ?? 0, neededBy });
  }
  if (missing.length > 0) throw limitMissing(missing);
}

export function limitOf(limits: Limits, name: string): number | null {
  const value: unknown = Reflect.get(limits, name);
  return typeof value === 'number' ? value : null;
}

/** Limits that the plan asks for, and those that its own numbers imply. */
export function neededLimits(plan: Plan): ReadonlyMap<string, Need> {
  const needs = new Map<string, Need>();
  const need = (limit: string, needed: number, neededBy: string): void => {
    if (needed > (needs.get(limit)?.needed ?? 0)) needs.set(limit, { needed, neededBy });
  };
  for (const { name, bytes } of plan.buffers) need('maxBufferSize', bytes, `buffer \`${name}\``);
  for (const kernel of plan.kernels) {
    const by = `kernel \`${kernel.name}\``;
    const [x, y, z] = kernel.workgroup;
    need('maxStorageBuffersPerShaderStage', kernel.bindings.length, by);
    for (const { bytes } of kernel.bindings) need('maxStorageBufferBindingSize', bytes, by);
    need('maxComputeInvocationsPerWorkgroup', x * y * z, by);
    need('maxComputeWorkgroupSizeX', x, by);
    need('maxComputeWorkgroupSizeY', y, by);
    need('maxComputeWorkgroupSizeZ', z, by);
  }
  for (const dispatch of PROGRAMS.flatMap((program) => plan.programs[program])) {
    const groups = dispatch.grid.map((size: GridSize) =>
      typeof size === 'number' ? size : size.times * Math.ceil(plan.chunk / size.tile),
    );
    need('maxComputeWorkgroupsPerDimension', Math.max(...groups), `\`${dispatch.label}\``);
  }
  for (const [limit, needed] of Object.entries(plan.requires.limits)) need(limit, needed, 'the plan');
  return needs;
}
