// A bundle: the plan as an object, or a folder with manifest.json and the kernels' WGSL beside it.
import { badBundle, fileNotFound, readFailed, reasonOf, throwIfAborted } from './errors.ts';
import { beside, inside, locate } from './location.ts';
import type { Location } from './location.ts';
import { checkPlan } from './plan-check.ts';
import type { KernelPlan, Plan } from './plan.ts';

/** What an emitted model.ts passes; `plan.kernels` carry their WGSL. */
export interface InlineBundle {
  readonly plan: Plan;
}

/** A plan in memory, or the path or address of a bundle's folder or of its manifest.json. */
export type Bundle = InlineBundle | Plan | string | URL;

/** The bundle's plan with all WGSL in place, checked. Throws `bad_bundle`, `file_not_found` or `read_failed`. */
export async function readBundle(bundle: Bundle, signal: AbortSignal | undefined): Promise<Plan> {
  const plan =
    typeof bundle === 'string' || bundle instanceof URL
      ? await readManifest(locate(bundle), signal)
      : 'plan' in bundle
        ? bundle.plan
        : bundle;
  checkPlan(plan);
  return plan;
}

async function readManifest(place: Location, signal: AbortSignal | undefined): Promise<Plan> {
  const manifest = /\.json(?:[?#]|$)/.test(place.text) ? place : inside(place, 'manifest.json');
  const plan = planOf(await readPlace(manifest, signal), manifest.text);
  const kernels = await Promise.all(plan.kernels.map((kernel) => withSource(kernel, manifest, signal)));
  return { ...plan, kernels };
}

function planOf(text: string, name: string): Plan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badBundle(`${name} is not JSON: ${reasonOf(cause)}`);
  }
  const plan = isRecord(value) && 'plan' in value ? value['plan'] : value;
  if (!isPlan(plan)) throw badBundle(`${name} does not hold a plan`);
  return plan;
}

/** The lists that every plan has; checkPlan looks at what is in them. */
function isPlan(value: unknown): value is Plan {
  if (!isRecord(value)) return false;
  const lists = ['buffers', 'weights', 'constants', 'derived', 'states', 'kernels', 'ignored'];
  return (
    lists.every((key) => Array.isArray(value[key])) &&
    ['requires', 'programs', 'io'].every((key) => isRecord(value[key]))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A manifest may leave a kernel's text to `kernels/NAME.wgsl`. */
async function withSource(
  kernel: KernelPlan,
  manifest: Location,
  signal: AbortSignal | undefined,
): Promise<KernelPlan> {
  if (typeof kernel.wgsl === 'string' && kernel.wgsl !== '') return kernel;
  if (!/^[\w-][\w.-]*$/.test(kernel.name)) throw badBundle(`a kernel is called \`${kernel.name}\``);
  return { ...kernel, wgsl: await readPlace(beside(manifest, `kernels/${kernel.name}.wgsl`), signal) };
}

async function readPlace(place: Location, signal: AbortSignal | undefined): Promise<string> {
  throwIfAborted(signal);
  if (place.kind === 'path') {
    const { fileText } = await import('./node-files.ts');
    return fileText(place.text);
  }
  try {
    const response = await fetch(place.text, signal === undefined ? {} : { signal });
    if (response.ok) return await response.text();
    throw fileNotFound(`${place.text} (the server answered ${response.status})`);
  } catch (cause) {
    throwIfAborted(signal);
    throw cause instanceof TypeError ? readFailed(place.text, reasonOf(cause), cause) : cause;
  }
}
