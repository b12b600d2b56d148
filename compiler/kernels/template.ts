// What every kernel template is given and gives: shapes, hooks that print elements, and a target.
import type { KernelCost } from '../../runtime/plan.ts';
import type { Code, KernelBody } from './wgsl.ts';

/** What the device allows; plans are made for one target, and a target of WebGPU's default limits always works. */
export interface Target {
  readonly subgroups: boolean;
  /** The smallest subgroup that the device may run a kernel with, a power of two; 4, WebGPU's smallest, where it is not known. */
  readonly minSubgroupSize?: number;
  readonly shaderF16: boolean;
  readonly maxInvocations: number;
  readonly maxSharedBytes: number;
  readonly maxWorkgroupsPerDimension: number;
}

/** WebGPU's default limits and no optional feature. */
export const DEFAULT_TARGET: Target = {
  subgroups: false,
  shaderF16: false,
  maxInvocations: 256,
  maxSharedBytes: 16_384,
  maxWorkgroupsPerDimension: 65_535,
};

/**
 * A hook writes whatever statements it needs into `code` and returns the WGSL expression of the result. All arguments are WGSL
 * expressions of type u32 (or names of f32 values where said). Hooks are safe to call many times; templates should put a result
 * they use twice into a `let`. All arithmetic is f32.
 */
export type Hook<Arguments extends readonly string[]> = (code: Code, ...at: Arguments) => string;

/** A hook that only writes statements (stores). */
export type Action<Arguments extends readonly string[]> = (code: Code, ...at: Arguments) => void;

/** A kernel body with the grid it must be launched on: numbers, or tiles of the run's token count. */
export interface Templated {
  readonly body: KernelBody;
  readonly grid: readonly [GridExtent, GridExtent, GridExtent];
  /** What it does, where the group's nodes do not say: it has a part of their work, or more than what they ask for. */
  readonly work?: Omit<KernelCost, 'tokens'>;
}

/** A kernel with a word for its part of a group's work, where the group has several; '' for the one that ends it. */
export type NamedKernel = readonly [part: string, made: Templated];

/** `times × ceil(tokens / tile)` workgroups, or a fixed number. */
export type GridExtent = number | { readonly tile: number; readonly times: number };
