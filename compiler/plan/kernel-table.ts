// The plan's kernels: equal code is one kernel, whatever layer or letter it came from.
import type { KernelPlan } from '../../runtime/plan.ts';
import type { MadeKernel } from '../kernels/make-kernel.ts';
import type { SourceLine } from '../kernels/describe.ts';

export class KernelTable {
  readonly #plans: KernelPlan[] = [];
  readonly #known = new Map<string, number>();
  readonly #names = new Map<string, number>();

  get plans(): readonly KernelPlan[] {
    return this.#plans;
  }

  /** The kernel's index. */
  add(kernel: MadeKernel, sources: readonly SourceLine[]): number {
    const known = this.#known.get(kernel.code);
    if (known !== undefined) return known;
    const seen = this.#names.get(kernel.name) ?? 0;
    this.#names.set(kernel.name, seen + 1);
    const index = this.#plans.push({
      name: seen === 0 ? kernel.name : `${kernel.name}_${seen + 1}`,
      wgsl: kernel.wgsl,
      bindings: kernel.bindings.map(({ name, access, bytes }) => ({ name, access, bytes })),
      workgroup: kernel.workgroup,
      features: kernel.features,
      cost: kernel.cost,
      sources,
      title: kernel.title,
    });
    this.#known.set(kernel.code, index - 1);
    return index - 1;
  }
}
