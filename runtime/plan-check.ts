// What must hold of a plan that comes from a file, so that a damaged bundle is named as such before the GPU sees it.
import { checkDerived } from './derived/check.ts';
import { badBundle, type HybError } from './errors.ts';
import { CONTROL, PLAN_SCHEMA } from './plan.ts';
import type { DerivedPlan, Dispatch, Plan, ReadEncoding, WeightPlan } from './plan.ts';
import { encodedBytes } from './weights/regions.ts';

/** WebGPU's default for where a binding may begin. */
const BINDING_ALIGNMENT = 256;

/** Names of the programs, in the order in which they are first used. */
export const PROGRAMS = ['prefill', 'last', 'all', 'settle', 'decode', 'sample'] as const;

/** Throws `bad_bundle` where the plan contradicts itself. */
export function checkPlan(plan: Plan): void {
  if (plan.schema !== PLAN_SCHEMA)
    throw badBundle(`its schema is ${String(plan.schema)}, and this runtime reads ${PLAN_SCHEMA}`);
  checkBuffers(plan);
  for (const weight of [...plan.weights, ...(plan.otherwise ?? [])]) {
    if (weight.encoding !== 'f32' && weight.encoding !== 'f16') throw unknownEncoding(weight);
    checkWeight(plan, weight);
  }
  for (const constant of plan.constants) {
    const bytes = constant.values.length * 4;
    checkRange(plan, 'a constant', constant.buffer, constant.byteOffset, bytes, 4);
  }
  for (const derived of plan.derived) checkProgram(plan, derived);
  for (const state of plan.states)
    checkRange(plan, `state \`${state.name}\``, state.buffer, state.byteOffset, state.bytes, 4);
  for (const program of PROGRAMS)
    for (const dispatch of plan.programs[program]) checkDispatch(plan, dispatch);
  checkIo(plan);
}

function checkBuffers(plan: Plan): void {
  for (const { name, bytes } of plan.buffers)
    if (!isCount(bytes) || bytes === 0 || bytes % 16 !== 0)
      throw badBundle(`buffer \`${name}\` has ${bytes} bytes, not a multiple of 16`);
  if (!isCount(plan.chunk) || plan.chunk === 0) throw badBundle('its chunk holds no token');
  const isEmpty = plan.vocab === 0 && plan.features === undefined;
  if (!isCount(plan.vocab) || isEmpty) throw badBundle('its vocabulary is empty');
  if (plan.prefix !== undefined && !isCount(plan.prefix))
    throw badBundle('its prefix is no number of positions');
}

/** What has names and sizes to place things in. */
interface Places {
  readonly buffers: readonly { readonly name: string; readonly bytes: number }[];
}

function checkRange(
  plan: Places,
  what: string,
  buffer: number,
  offset: number,
  bytes: number,
  alignment: number,
): void {
  const found = plan.buffers[buffer];
  if (found === undefined) throw badBundle(`${what} is in buffer ${buffer}, which does not exist`);
  if (!isCount(offset) || offset % alignment !== 0)
    throw badBundle(`${what} begins at ${offset}, not a multiple of ${alignment}`);
  if (!isCount(bytes) || bytes % 4 !== 0 || offset + bytes > found.bytes)
    throw badBundle(`${what} (${bytes} bytes at ${offset}) does not fit buffer \`${found.name}\``);
}

function checkProgram(plan: Plan, derived: DerivedPlan): void {
  checkDerived(derived);
  for (const { elements, target } of derived.arrays)
    if (target !== undefined)
      checkRange(plan, 'a derived value', target.buffer, target.byteOffset, 4 * elements, 4);
  // Its arrays are to its weights what buffers are to the plan's.
  const buffers = derived.arrays.map(({ elements }, index) => ({
    name: `array ${index}`,
    bytes: 8 * elements,
  }));
  for (const weight of [...derived.weights, ...(derived.otherwise ?? [])]) {
    if (weight.encoding !== 'f64') throw unknownEncoding(weight);
    checkWeight({ buffers }, weight);
  }
}

function unknownEncoding({ name, encoding }: WeightPlan<ReadEncoding>): HybError {
  return badBundle(`weight \`${name}\` has the unknown encoding \`${String(encoding)}\``);
}

function checkWeight(plan: Places, weight: WeightPlan<ReadEncoding>): void {
  const what = `weight \`${weight.name}\``;
  const { dimensions, shape, sourceOffset } = weight;
  const strides = dimensions.flatMap(({ size, source, target }) => [size, source, target]);
  if (!isCount(sourceOffset) || !strides.every(isCount)) throw badBundle(`${what} has a negative stride`);
  if (dimensions.some(({ size, target }) => size > 1 && target === 0))
    throw badBundle(`${what} writes one element many times`);
  if (dimensions.some(({ size }) => size === 0)) return;
  const elements = shape.reduce((product, size) => product * size, 1);
  const reach = dimensions.reduce((sum, { size, source }) => sum + (size - 1) * source, 1);
  if (sourceOffset + reach > elements) throw badBundle(`${what} reads beyond its tensor`);
  const written = dimensions.reduce((sum, { size, target }) => sum + (size - 1) * target, 1);
  const bytes = Math.ceil((written * encodedBytes(weight)) / 4) * 4;
  checkRange(plan, what, weight.buffer, weight.targetByteOffset, bytes, encodedBytes(weight));
}

function checkDispatch(plan: Plan, dispatch: Dispatch): void {
  const kernel = plan.kernels[dispatch.kernel];
  if (kernel === undefined) throw badBundle(`\`${dispatch.label}\` calls kernel ${dispatch.kernel}`);
  const what = `\`${dispatch.label}\` (kernel \`${kernel.name}\`)`;
  if (kernel.bindings.length !== dispatch.bindings.length)
    throw badBundle(`${what} binds ${dispatch.bindings.length} of ${kernel.bindings.length} buffers`);
  const written = new Map<number, string>();
  for (const [i, binding] of dispatch.bindings.entries()) {
    const wanted = kernel.bindings[i];
    if (wanted === undefined) continue;
    checkRange(plan, what, binding.buffer, binding.byteOffset, binding.bytes, BINDING_ALIGNMENT);
    if (binding.bytes < wanted.bytes)
      throw badBundle(
        `${what} binds ${binding.bytes} bytes as \`${wanted.name}\`, which has ${wanted.bytes}`,
      );
    const other = written.get(binding.buffer) ?? wanted.access;
    if (other !== wanted.access)
      throw badBundle(`${what} reads and writes buffer \`${plan.buffers[binding.buffer]?.name ?? ''}\``);
    written.set(binding.buffer, wanted.access);
  }
}

function checkIo(plan: Plan): void {
  const { control, tokens, sampled, sampledRing, seen, logits, allLogits } = plan.io;
  if (!isCount(sampledRing) || sampledRing === 0) throw badBundle('its ring of drawn tokens is empty');
  checkRange(plan, 'the control block', control, 0, CONTROL.words * 4, 4);
  checkRange(plan, 'the token list', tokens, 0, plan.chunk * 4, 4);
  checkRange(plan, 'the ring of drawn tokens', sampled, 0, sampledRing * 4, 4);
  checkRange(plan, 'the tokens that were seen', seen, 0, Math.ceil(plan.vocab / 32) * 4, 4);
  checkRange(plan, 'the logits', logits, 0, plan.vocab * 4, 4);
  checkRange(plan, 'the logits of a chunk', allLogits, 0, plan.chunk * plan.vocab * 4, 4);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
