// What all sessions of a model share.
import type { Health } from './health.ts';
import type { Kernel } from './pipelines.ts';
import type { Plan } from './plan.ts';

export interface ModelParts {
  readonly plan: Plan;
  readonly device: GPUDevice;
  readonly kernels: readonly Kernel[];
  /** By the plan's buffer indices; null where each session has its own. */
  readonly shared: readonly (GPUBuffer | null)[];
  /** Equal for equal weights: made of a sample of their bytes as they are read. */
  readonly weights: string;
  readonly health: Health;
}
