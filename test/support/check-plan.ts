// Checks a plan by its own numbers: bindings in range, nothing both read and written, default limits, nothing overwritten before it is read.
import type { Dispatch, KernelPlan, Plan } from '../../runtime/plan.ts';

/** What is wrong with the plan, each in a sentence; nothing where it is right. */
export function planFaults(plan: Plan): readonly string[] {
  const programs: readonly (readonly [string, readonly Dispatch[]])[] = Object.entries(plan.programs);
  return [
    ...plan.kernels.flatMap(kernelFaults),
    ...programs.flatMap(([name, dispatches]) =>
      dispatches.flatMap((dispatch, at) =>
        dispatchFaults(plan, dispatch).map((fault) => `${name} ${at} (${dispatch.label}): ${fault}`),
      ),
    ),
    ...overlapFaults(plan),
    ...jsonFaults(plan, 'plan'),
  ];
}

function kernelFaults(kernel: KernelPlan): readonly string[] {
  const { name, wgsl, workgroup, bindings } = kernel;
  const faults: string[] = [];
  const invocations = workgroup.reduce((product, size) => product * size, 1);
  if (bindings.length > 8) faults.push(`has ${bindings.length} bindings`);
  if (invocations > 256) faults.push(`has ${invocations} invocations`);
  if (sharedBytes(wgsl) > 16_384) faults.push(`has ${sharedBytes(wgsl)} bytes of workgroup memory`);
  if (!wgsl.includes(`@workgroup_size(${workgroup.join(', ')})`)) faults.push('has another workgroup size');
  const declared = [...wgsl.matchAll(/@binding\((\d+)\) var<storage, (\w+)> (\w+)/g)];
  const expected = bindings.map((binding, i) => `${i} ${binding.access} ${binding.name}`);
  const found = declared.map(([, index, access, binding]) => `${index} ${access} ${binding}`);
  if (found.join() !== expected.join()) faults.push(`declares ${found.join()} instead of ${expected.join()}`);
  return faults.map((fault) => `kernel ${name} ${fault}`);
}

const BYTES: Readonly<Record<string, number>> = { f32: 4, u32: 4, i32: 4, f16: 2 };

/** Bytes of a number, or of a vector of them: one of three takes the room of four. */
function elementBytes(type: string): number {
  const [, count = '1', element = type] = /^vec(\d)<(\w+)>$/.exec(type) ?? [];
  const bytes = BYTES[element];
  if (bytes === undefined) throw new Error(`no size of ${type} is known`);
  return bytes * (count === '3' ? 4 : Number(count));
}

/** Bytes of all workgroup variables: arrays of numbers and vectors, and single ones. */
function sharedBytes(wgsl: string): number {
  const variables = [...wgsl.matchAll(/var<workgroup> \w+: ([^;]+);/g)];
  return variables.reduce((sum, [, type = '']) => {
    const array = /^array<(.+), (\d+)>$/.exec(type);
    const element = (array?.[1] ?? type).replace(/^atomic<(\w+)>$/, '$1');
    return sum + elementBytes(element) * Number(array?.[2] ?? 1);
  }, 0);
}

function dispatchFaults(plan: Plan, dispatch: Dispatch): readonly string[] {
  const kernel = plan.kernels[dispatch.kernel];
  if (kernel === undefined) return ['runs a kernel that is not there'];
  const faults: string[] = [];
  if (kernel.bindings.length !== dispatch.bindings.length) faults.push('binds another number of buffers');
  dispatch.bindings.forEach(({ buffer, byteOffset, bytes }, i) => {
    const size = plan.buffers[buffer]?.bytes ?? 0;
    if (byteOffset % 256 !== 0) faults.push(`binding ${i} starts at ${byteOffset}`);
    if (byteOffset + bytes > size) faults.push(`binding ${i} ends at ${byteOffset + bytes} of ${size}`);
    if (bytes !== kernel.bindings[i]?.bytes) faults.push(`binding ${i} has ${bytes} bytes`);
    if (bytes % 4 !== 0 || bytes === 0) faults.push(`binding ${i} has ${bytes} bytes`);
  });
  const bound = dispatch.bindings.map((binding, i) => ({ ...binding, access: kernel.bindings[i]?.access }));
  bound.forEach((one, i) =>
    bound.slice(i + 1).forEach((other) => {
      if (one.buffer !== other.buffer) return;
      if (one.access !== other.access) faults.push(`buffer ${one.buffer} is read and written`);
      const overlap =
        one.byteOffset < other.byteOffset + other.bytes && other.byteOffset < one.byteOffset + one.bytes;
      if (overlap && one.access === 'read_write')
        faults.push(`buffer ${one.buffer} is written through two bindings`);
    }),
  );
  for (const extent of dispatch.grid) {
    const count = typeof extent === 'number' ? extent : extent.times * Math.ceil(plan.chunk / extent.tile);
    if (!Number.isInteger(count) || count < 1 || count > 65_535) faults.push(`has a grid of ${count}`);
  }
  return faults;
}

interface Piece {
  readonly what: string;
  readonly buffer: number;
  readonly from: number;
  readonly to: number;
}

/** States, constants and loaded weights each have memory of their own. */
function overlapFaults(plan: Plan): readonly string[] {
  const pieces: Piece[] = [
    ...plan.states.map(({ name, buffer, byteOffset, bytes }) => ({
      what: name,
      buffer,
      from: byteOffset,
      to: byteOffset + bytes,
    })),
    ...plan.constants.map(({ buffer, byteOffset, values }) => ({
      what: 'a constant',
      buffer,
      from: byteOffset,
      to: byteOffset + 4 * values.length,
    })),
    ...plan.derived.flatMap(({ arrays }) =>
      arrays.flatMap(({ elements, target }) =>
        target === undefined
          ? []
          : [
              {
                what: 'a derived value',
                ...target,
                from: target.byteOffset,
                to: target.byteOffset + 4 * elements,
              },
            ],
      ),
    ),
    ...plan.weights.map((weight) => {
      const last = weight.dimensions.reduce((sum, { size, target }) => sum + (size - 1) * target, 0);
      const bytes = weight.encoding === 'f32' ? 4 : 2;
      const from = weight.targetByteOffset;
      return { what: weight.name, buffer: weight.buffer, from, to: from + bytes * (last + 1) };
    }),
  ];
  const sorted = pieces.toSorted((a, b) => a.buffer - b.buffer || a.from - b.from);
  return sorted.flatMap((piece, i) => {
    const next = sorted[i + 1];
    const outside =
      piece.to > (plan.buffers[piece.buffer]?.bytes ?? 0) ? [`${piece.what} ends outside its buffer`] : [];
    const interleaved = piece.what.replace(/\[\d+\]$/, '') === next?.what.replace(/\[\d+\]$/, '');
    const overlap =
      next !== undefined && !interleaved && next.buffer === piece.buffer && next.from < piece.to;
    return overlap ? [...outside, `${piece.what} and ${next.what} overlap`] : outside;
  });
}

/** Only what JSON holds: no undefined, no function, no number that JSON lacks, no object but plain ones. */
function jsonFaults(value: unknown, path: string): readonly string[] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return [];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`];
  if (Array.isArray(value)) return value.flatMap((each, i) => jsonFaults(each, `${path}[${i}]`));
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return [`${path} is no plain JSON`];
  return Object.entries(value).flatMap(([key, each]) => jsonFaults(each, `${path}.${key}`));
}

/** Lists that run one after the other. */
export const SEQUENCES: Readonly<Record<string, readonly (keyof Plan['programs'])[]>> = {
  decode: ['decode', 'sample'],
  'prefill and last': ['prefill', 'last', 'sample'],
  'prefill and all': ['prefill', 'all'],
};

/**
 * Runs the lists in a shadow memory that knows which dispatch wrote each 16 bytes of activations. A reader of a range must find what one
 * and the same dispatch wrote there, and that must be the dispatch which wrote it for this reader: `expected` says so by the reader's
 * position, binding by binding, where the graph knows it.
 */
export function shadowFaults(plan: Plan, lists: readonly (keyof Plan['programs'])[]): readonly string[] {
  const faults: string[] = [];
  const writers = plan.buffers.map(({ bytes, use }) =>
    use === 'activations' ? new Int32Array(Math.ceil(bytes / 16)).fill(-1) : undefined,
  );
  const dispatches = lists.flatMap((list) => plan.programs[list]);
  dispatches.forEach((dispatch, at) => {
    const kernel = plan.kernels[dispatch.kernel];
    dispatch.bindings.forEach(({ buffer, byteOffset, bytes }, i) => {
      const shadow = writers[buffer]?.subarray(byteOffset / 16, (byteOffset + bytes) / 16);
      if (shadow === undefined || kernel?.bindings[i]?.access !== 'read') return;
      const found = new Set(shadow);
      const name = `${kernel.name} (${at}) reads ${kernel.bindings[i]?.name}`;
      if (found.has(-1)) faults.push(`${name}, which nobody wrote`);
      if (found.size > 1) faults.push(`${name}, which ${[...found].join(' and ')} wrote`);
      for (const writer of found) {
        const before = dispatches[writer];
        const wrote = before === undefined ? undefined : plan.kernels[before.kernel]?.bindings;
        const names = wrote?.filter(({ access }) => access === 'read_write').map((binding) => binding.name);
        if (names !== undefined && !fits(names, kernel.bindings[i]?.name ?? ''))
          faults.push(`${name}, but ${writer} wrote ${names.join()}`);
      }
    });
    dispatch.bindings.forEach(({ buffer, byteOffset, bytes }, i) => {
      if (kernel?.bindings[i]?.access === 'read_write')
        writers[buffer]?.fill(at, byteOffset / 16, Math.ceil((byteOffset + bytes) / 16));
    });
  });
  return faults;
}

/** A stored value has the same name where it is written and where it is read, but for a call's inputs and a copy of the last token. */
function fits(written: readonly string[], read: string): boolean {
  const plain = read.replace(/^the_/, '');
  const same = (name: string): boolean =>
    name === plain || name.replace(/_\d+$/, '') === plain || name === plain.replace(/_\d+$/, '');
  return (
    read.endsWith('_in') ||
    read === 'run' ||
    written.includes('one') ||
    written.some((name) => same(name.replace(/^the_/, '')))
  );
}
