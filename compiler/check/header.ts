// Compares what a model needs with what a weight file's header says, all at once.
import { closest } from '../../grammar/suggest.ts';
import type { Diagnostic } from '../../grammar/source.ts';
import { TENSORS_JOINED } from '../../runtime/plan.ts';
import type { GraphWeight, TensorView, WeightLayout } from '../ir/graph.ts';
import { nameMatcher } from './name-pattern.ts';

export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

export type NeededWeight = Pick<GraphWeight, 'id' | 'views' | 'optional'> & {
  readonly otherwise?: Pick<WeightLayout, 'views'>;
};

const readableDtypes = ['F32', 'F16', 'BF16'];

/** Every tensor that is missing, mis-shaped, of a dtype that cannot be read, or extra; in that order. */
export function checkHeader(
  weights: readonly NeededWeight[],
  ignored: readonly string[],
  tensors: readonly StoredTensor[],
): readonly Diagnostic[] {
  const stored = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const needed = neededTensors(weights.map((weight) => inFile(weight, stored)));
  const read = new Set<string>();
  const missing: { readonly names: readonly string[]; readonly weight: string }[] = [];
  const wrong: Diagnostic[] = [];
  for (const { view, weight } of needed) {
    const found = firstThere(view.tensors, stored);
    if (found === undefined) {
      if (!weight.optional) missing.push({ names: view.tensors, weight: weight.id });
      continue;
    }
    for (const { name } of found) read.add(name);
    wrong.push(...checkTensors(found, view, weight.id));
  }
  const allowed = ignored.map(nameMatcher);
  const unread = tensors.map(({ name }) => name).filter((name) => !read.has(name));
  const extra = unread.filter((name) => !allowed.some((matches) => matches(name)));
  return [...missing.map((each) => tensorMissing(each, unread)), ...wrong, ...extra.map(tensorExtra)];
}

/** A tensor that several weights share is spoken of once. */
function neededTensors(
  weights: readonly NeededWeight[],
): readonly { readonly view: TensorView; readonly weight: NeededWeight }[] {
  const seen = new Map<string, { view: TensorView; weight: NeededWeight }>();
  for (const weight of weights) {
    for (const view of weight.views) {
      const key = `${view.tensors.join(' ')} ${view.shape.join()}`;
      const first = seen.get(key);
      if (first === undefined || (first.weight.optional && !weight.optional)) seen.set(key, { view, weight });
    }
  }
  return [...seen.values()];
}

/** The weight in the layout that the file has; the first one where it has neither. */
function inFile(weight: NeededWeight, stored: ReadonlyMap<string, StoredTensor>): NeededWeight {
  const has = ({ views }: Pick<WeightLayout, 'views'>) =>
    views.every(({ tensors }) => firstThere(tensors, stored) !== undefined);
  const { otherwise } = weight;
  return otherwise !== undefined && !has(weight) && has(otherwise)
    ? { ...weight, views: otherwise.views }
    : weight;
}

/** The tensors of the first name, mostly one, that are all there. */
function firstThere(
  names: readonly string[],
  stored: ReadonlyMap<string, StoredTensor>,
): readonly StoredTensor[] | undefined {
  for (const name of names) {
    const whole = stored.get(name);
    if (whole !== undefined) return [whole];
    const parts = name.split(TENSORS_JOINED).flatMap((part) => stored.get(part) ?? []);
    if (parts.length === name.split(TENSORS_JOINED).length) return parts;
  }
  return undefined;
}

/** Tensors that are read as one are as long as their first dimensions together, and otherwise of one shape and dtype. */
function checkTensors(
  tensors: readonly StoredTensor[],
  view: TensorView,
  weight: string,
): readonly Diagnostic[] {
  const [first, ...others] = tensors;
  if (first === undefined) return [];
  const odd = others.filter(
    ({ shape, dtype }) => shape.slice(1).join() !== first.shape.slice(1).join() || dtype !== first.dtype,
  );
  if (odd.length > 0) return odd.map((tensor) => tensorsDiffer(first, tensor, weight));
  const length = tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0);
  const name = tensors.map((tensor) => tensor.name).join(TENSORS_JOINED);
  const shape = others.length === 0 ? first.shape : [length, ...first.shape.slice(1)];
  return checkTensor({ name, shape, dtype: first.dtype }, view, weight);
}

function tensorsDiffer(first: StoredTensor, tensor: StoredTensor, weight: string): Diagnostic {
  const [is, must] = [tensor, first].map(({ shape, dtype }) => `${dtype} [${shape.join(', ')}]`);
  return {
    severity: 'error',
    code: 'tensor_misshaped',
    message: `\`${tensor.name}\` is ${is} in the file, and \`${first.name}\`, which it goes on from, is ${must}.`,
    help: [`both are read for \`${weight}\`; they may differ only in their first dimension`],
  };
}

function checkTensor(tensor: StoredTensor, view: TensorView, weight: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const [elements, wanted] = [tensor.shape, view.shape].map((shape) => shape.reduce((a, b) => a * b, 1));
  const isOne = elements === 1 && wanted === 1;
  if (tensor.shape.join() !== view.shape.join() && !isOne) {
    const [is, must] = [tensor.shape, view.shape].map((shape) => `[${shape.join(', ')}]`);
    found.push({
      severity: 'error',
      code: 'tensor_misshaped',
      message: `\`${tensor.name}\` is ${is} in the file, and the model needs ${must}.`,
      help: [`it is read for \`${weight}\`; its stored shape can be said in the checkpoint section`],
    });
  }
  const isWhole = ['I64', 'I32'].includes(tensor.dtype);
  if (!readableDtypes.includes(tensor.dtype) && !(isWhole && isOne)) {
    found.push({
      severity: 'error',
      code: 'tensor_dtype',
      message: `\`${tensor.name}\` is stored as ${tensor.dtype}, which cannot be read.`,
      help: [`store it as ${readableDtypes.join(', ')}`],
    });
  }
  return found;
}

function tensorMissing(
  { names, weight }: { readonly names: readonly string[]; readonly weight: string },
  unread: readonly string[],
): Diagnostic {
  const [name = '', ...others] = names;
  const near = closest(name, unread);
  const also =
    others.length > 0 ? [`also looked for: ${others.map((other) => `\`${other}\``).join(', ')}`] : [];
  return {
    severity: 'error',
    code: 'tensor_missing',
    message: `The file has no \`${name}\`, which \`${weight}\` is read from.`,
    help: [...also, ...(near === undefined ? [] : [`the file has \`${near}\`, which nothing reads`])],
  };
}

function tensorExtra(name: string): Diagnostic {
  return {
    severity: 'error',
    code: 'tensor_extra',
    message: `The file has \`${name}\`, which the model does not read.`,
    help: [`if that is right, say so in the checkpoint section: \`ignore "${name}"\``],
  };
}
