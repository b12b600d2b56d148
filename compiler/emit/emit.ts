// A plan becomes the files of a bundle: plain texts with their paths, written by whoever calls this.
import type { KernelPlan, Plan } from '../../runtime/plan.ts';
import { emitFacade, writesText } from './facade.ts';
import { type PageUse, pageText } from './page.ts';

export interface BundleFile {
  /** Inside the bundle's folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface EmitOptions {
  readonly plan: Plan;
  /** What a person calls the source: `samba.hyb`. */
  readonly source: string;
  /** The text of report.html, where there is one. */
  readonly report?: string;
  /** Whether the folder is to run in a page as it is; the runtime is then imported from `./runtime/index.js`. */
  readonly standalone: boolean;
}

/**
 * The bundle's files: manifest.json, kernels/*.wgsl, model.ts with .js and .d.ts, report.html and, if standalone, index.html.
 * The same plan gives the same bytes.
 */
export async function emitBundle(options: EmitOptions): Promise<readonly BundleFile[]> {
  const { plan, source, report, standalone } = options;
  const runtime = standalone ? './runtime/index.js' : 'hyb/runtime';
  return [
    { path: 'manifest.json', text: manifestText(plan) },
    ...plan.kernels.map((kernel) => ({ path: `kernels/${kernel.name}.wgsl`, text: kernel.wgsl })),
    ...(await emitFacade(plan, source, runtime)),
    ...(report === undefined ? [] : [{ path: 'report.html', text: report }]),
    ...(standalone ? [{ path: 'index.html', text: pageText(plan.name, pageUse(plan)) }] : []),
  ];
}

/** The plan as JSON with one record a line, so that two manifests can be compared by eye; kernels' WGSL is left to their files. */
export function manifestText(plan: Plan): string {
  const kernels: readonly KernelPlan[] = plan.kernels.map((kernel) => ({ ...kernel, wgsl: '' }));
  const entries = Object.entries({ ...plan, kernels });
  const lines = entries.map(([key, value]) => `  ${JSON.stringify(key)}: ${valueText(value, '  ')}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function valueText(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    const lines = value.map((item) => `${inner}${JSON.stringify(item)}`);
    return `[\n${lines.join(',\n')}\n${indent}]`;
  }
  if (isRecord(value) && Object.values(value).some(Array.isArray)) {
    const lines = Object.entries(value).map(([key, item]) => `${inner}"${key}": ${valueText(item, inner)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  return JSON.stringify(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pageUse(plan: Plan): PageUse {
  if (writesText(plan)) return 'write';
  return plan.features === undefined ? 'encode tokens' : 'encode features';
}
