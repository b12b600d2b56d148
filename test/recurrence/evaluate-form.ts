// Carries a normal form out in f64, straight from its equation: S ← decay ⊙ S + Σ b (aᵀ S) + Σ k vᵀ.
import { type Axis, elementCount, type NodeId } from '../../compiler/ir/graph.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { nodeAt } from '../../compiler/ir/ops/index.ts';
import type { StateTerm } from '../../compiler/recurrence/affine.ts';
import type { MicroStep } from '../../compiler/recurrence/micro-steps.ts';
import type { NormalForm } from '../../compiler/recurrence/normal-form.ts';

type Index = ReadonlyMap<string, number>;
type Values = Readonly<Record<string, Float64Array>>;
/** A coefficient's value at an element; axes that it lacks are ignored. */
type Coefficient = (index: Index) => number;

/** The results of all positions; `operands` has each operand's value for every position, `steps` are those of one position. */
export function evaluateForm(
  form: NormalForm,
  operands: readonly Values[],
  steps: readonly MicroStep[] = [form],
): Float64Array {
  let state: Float64Array = new Float64Array(elementCount(form.state.axes)).fill(form.state.initial);
  return concatenated(
    operands.map((inputs) => {
      const at = coefficientsOf(form, inputs);
      const before = state;
      state = steps.reduce((values, each) => step(form, each, at, values), before);
      return resultOf(form, inputs, at, { before, after: state });
    }),
  );
}

function step(
  form: NormalForm,
  parts: MicroStep,
  at: (id: NodeId) => Coefficient,
  before: Float64Array,
): Float64Array {
  const { axes } = form.state;
  const decay = at(parts.decay);
  const corrections = parts.corrections.map(({ a, b }) => ({
    found: sumOver(form, at(a), before),
    b: at(b),
  }));
  const writes = parts.writes.map(({ k, v }) => ({ k: at(k), v: at(v) }));
  return Float64Array.from(indices(axes), (index, i) => {
    const corrected = corrections.reduce((sum, { found, b }) => sum + b(index) * found(index), 0);
    const written = writes.reduce((sum, { k, v }) => sum + k(index) * v(index), 0);
    return decay(index) * (before[i] ?? NaN) + corrected + written;
  });
}

/** aᵀ S for each head and value. */
function sumOver({ key, state }: NormalForm, a: Coefficient, values: Float64Array): Coefficient {
  return (index) =>
    indices(key).reduce((sum, own) => {
      const whole = new Map([...index, ...own]);
      return sum + a(whole) * (values[flat(state.axes, whole)] ?? NaN);
    }, 0);
}

function resultOf(
  form: NormalForm,
  inputs: Values,
  at: (id: NodeId) => Coefficient,
  states: Readonly<Record<StateTerm['of'], Float64Array>>,
): Float64Array {
  const readings = form.readings.map(({ terms, free, node }, i) => {
    const rest = free === undefined ? undefined : at(free);
    const found = terms.map(({ of, vector, factor }) => {
      const direct: Coefficient = (index) => states[of][flat(form.state.axes, index)] ?? NaN;
      return {
        factor: at(factor),
        value: vector === undefined ? direct : sumOver(form, at(vector), states[of]),
      };
    });
    const value: Coefficient = (index) =>
      found.reduce((sum, each) => sum + each.factor(index) * each.value(index), rest?.(index) ?? 0);
    const source = form.coefficients.nodes.find(({ attrs }) => attrs['name'] === `reading:${i}`);
    if (source === undefined) throw new Error(`reading ${i} of %${node} is not read`);
    return [`reading:${i}`, Float64Array.from(indices(source.type.axes), value)] as const;
  });
  return valueOf(form, form.results[0] ?? 0, { ...inputs, ...Object.fromEntries(readings) });
}

function coefficientsOf(form: NormalForm, inputs: Values): (id: NodeId) => Coefficient {
  return (id) => {
    const { axes } = nodeAt(form.coefficients.nodes, id).type;
    const values = valueOf(form, id, inputs);
    return (index) => values[flat(axes, index)] ?? NaN;
  };
}

/** A coefficient for one position; readings that are not known yet are zero, and not asked for. */
function valueOf({ coefficients }: NormalForm, id: NodeId, inputs: Values): Float64Array {
  const unknown = coefficients.nodes
    .filter(({ op }) => op === 'input')
    .map(({ attrs, type }) => [String(attrs['name']), new Float64Array(elementCount(type.axes))] as const);
  const given = { inputs: { ...Object.fromEntries(unknown), ...inputs }, weights: {}, parameters: {} };
  return (
    interpretBody({ ...coefficients, outputs: { value: id } }, given, [1])['value'] ?? new Float64Array()
  );
}

function indices(axes: readonly Axis[]): readonly Index[] {
  return axes.reduce<readonly Index[]>(
    (all, { name, size }) =>
      all.flatMap((index) => Array.from({ length: size }, (_, i) => new Map([...index, [name, i]]))),
    [new Map()],
  );
}

function flat(axes: readonly Axis[], index: Index): number {
  return axes.reduce((sum, { name, size }) => sum * size + (index.get(name) ?? NaN), 0);
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}
