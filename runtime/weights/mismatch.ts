// What to say where a file's tensors are not those that the model reads.
import { weightsMismatch } from '../errors.ts';
import type { HybError } from '../errors.ts';
import type { StoredTensor } from './checkpoint.ts';
import { READABLE } from './decode-elements.ts';

/** A weight as the model reads it: under any of the names, of one shape. */
export interface Expected {
  readonly tensors: readonly string[];
  readonly shape: readonly number[];
}

/** Everything that does not fit. */
export interface Misfits {
  readonly missing: readonly Expected[];
  readonly wrong: readonly { readonly weight: Expected; readonly tensor: StoredTensor }[];
  readonly extra: readonly StoredTensor[];
  /** How many weights the model reads. */
  readonly wanted: number;
}

/** One line for each, and what to do about them. */
export function mismatch(misfits: Misfits): HybError {
  const { missing, wrong, extra } = misfits;
  const lines = [
    ...missing.map((weight) => missingLine(weight, extra)),
    ...wrong.map(({ weight, tensor }) => wrongLine(weight, tensor)),
    ...extra.map(
      ({ name, shape }) =>
        `extra: \`${name}\` [${shape.join(', ')}] is in the file, and the model has no such weight`,
    ),
  ];
  return weightsMismatch([...new Set(lines)], advice(misfits));
}

function missingLine({ tensors, shape }: Expected, extra: readonly StoredTensor[]): string {
  const [first = '', second, ...others] = tensors;
  const more = others.length === 0 ? '' : `, nor ${others.length} other names`;
  const also = second === undefined ? '' : ` (nor \`${second}\`${more})`;
  const near = extra.filter((tensor) => tensor.shape.join() === shape.join() && isNear(tensor.name, first));
  const meant = near.length === 1 ? `; \`${near[0]?.name ?? ''}\` is in the file` : '';
  return `missing: \`${first}\` [${shape.join(', ')}]${also}${meant}`;
}

function wrongLine({ shape }: Expected, { name, shape: stored, dtype }: StoredTensor): string {
  if (stored.join() === shape.join())
    return `dtype: \`${name}\` is ${dtype}, and only ${READABLE.join(', ')} can be read`;
  const lines = `shape: \`${name}\` is [${stored.join(', ')}] in the file, and [${shape.join(', ')}] in the model`;
  const halved = shape.at(-1) === 2 && stored.join() === shape.slice(0, -1).join();
  return halved ? `${lines}; a complex weight ends with its real and imaginary parts` : lines;
}

/** Where there is one thing to do about most of it. */
function advice({ missing, wrong, extra, wanted }: Misfits): string | undefined {
  const prefix = commonPrefix(missing, extra);
  if (prefix !== undefined)
    return `the file's names begin with \`${prefix}\`: say so in \`checkpoint { … }\`, for instance \`layer i "${prefix}layers.{i}."\` and \`embed "${prefix}embed"\``;
  const modes = missing.filter(({ tensors }) => tensors.every((name) => name.startsWith('distilled.')));
  if (missing.length > 0 && modes.length === missing.length)
    return 'the model is a distilled one: give the file that `hyb distill` wrote beside the weights';
  if (missing.length === wanted && wanted > 1)
    return "none of the model's tensors is there: the file is another model's, or its names are to be said in `checkpoint { … }`";
  const unlike = wrong.filter(({ weight, tensor }) => tensor.shape.join() !== weight.shape.join());
  if (unlike.some(({ weight, tensor }) => count(tensor) === count(weight)))
    return "how a tensor lies in the file is said in `checkpoint { … }`, in its letter's braces: `name as [axis, 1, axis]`";
  return wrong.length > unlike.length ? 'save the tensors as F32, in PyTorch by `tensor.float()`' : undefined;
}

/** What stands before the names of all that is missing, where the file has them so. */
function commonPrefix(missing: readonly Expected[], extra: readonly StoredTensor[]): string | undefined {
  const [first] = missing;
  if (first === undefined) return undefined;
  const names = new Set(extra.map(({ name }) => name));
  const prefixes = extra.flatMap(({ name }) =>
    first.tensors.flatMap((wanted) => (name.endsWith(`.${wanted}`) ? [name.slice(0, -wanted.length)] : [])),
  );
  return prefixes.find((prefix) =>
    missing.every(({ tensors }) => tensors.some((wanted) => names.has(`${prefix}${wanted}`))),
  );
}

function count({ shape }: { readonly shape: readonly number[] }): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether one name becomes the other by at most two changes of one character. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2) return false;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]),
        ),
      );
    row = next;
  }
  return (row[b.length] ?? 0) <= 2;
}
