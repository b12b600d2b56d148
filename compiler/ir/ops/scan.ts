// A recurrence: a small graph run once per position, whose states pass from each position to the next.
import { offsetTable, sameAxes, sameType } from '../axes.ts';
import { elementCount, type Axis, type Body, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { EvaluateTemporal, PrepareBody, Signature, TemporalOp } from '../op.ts';

export type ScanState = {
  readonly name: string;
  readonly axes: readonly Axis[];
  /** What every element is before the first position. */
  readonly initial: number;
};

export type ScanAttrs = {
  readonly states: readonly ScanState[];
  /**
   * Not temporal inside. Its sources are constants and `input` nodes: `state:NAME` (before the position) and `operand:K` (the K-th
   * input of the scan node). Its outputs are `state:NAME` (after the position) and the results.
   */
  readonly body: Body;
  /** Names of the body's outputs that the node yields. */
  readonly results: readonly string[];
  /** The state whose exponential the others are kept divided by, for people: the body says all of it. */
  readonly stabiliser?: string;
};

/** The axis on which several results lie one after the other, each flattened row-major. */
export const RESULTS_AXIS = 'results';

/** The one result; or all results, flattened and concatenated on the axis `results`. */
const scan: TemporalOp<ScanAttrs> = {
  kind: 'temporal',
  infer,
  flops: () => 0,
  bodies: ({ body }) => [body],
  remembers: () => [],
  states: ({ states }) =>
    states.map(({ name, axes, initial }) => ({ name, count: elementCount(axes), initial })),
  causal: () => true,
  prepare,
};

function outputType(body: Body, name: string): ValueType {
  const id = body.outputs[name] ?? internal(`a scan's body has no output '${name}'`);
  return (body.nodes[id] ?? internal(`output '${name}' of a scan's body is no node`)).type;
}

/** The types of a scan's results, in order; `slice` finds them at the running sum of their element counts. */
export function resultTypes({ body, results }: ScanAttrs): readonly ValueType[] {
  return results.map((name) => outputType(body, name));
}

function infer(inputs: readonly ValueType[], attrs: ScanAttrs): ValueType {
  checkSources(inputs, attrs);
  for (const { name, axes } of attrs.states)
    if (!sameAxes(outputType(attrs.body, `state:${name}`).axes, axes))
      internal(`state '${name}' has other axes after the position`);
  const types = resultTypes(attrs);
  const [first] = types;
  if (first === undefined) internal('a scan without results');
  if (types.length === 1) return { ...first, temporal: true };
  const size = types.reduce((sum, type) => sum + elementCount(type.axes), 0);
  return { dtype: 'f32', axes: [{ name: RESULTS_AXIS, size }], temporal: true };
}

function checkSources(inputs: readonly ValueType[], { states, body }: ScanAttrs): void {
  for (const node of body.nodes) {
    if (node.type.temporal) internal(`%${node.id} of a scan's body is temporal`);
    if (node.op !== 'input') continue;
    const name = String(node.attrs['name']);
    const type = sourceType(name, inputs, states) ?? internal(`a scan's body reads '${name}'`);
    if (!sameType(node.type, type)) internal(`'${name}' of a scan's body is not what the scan gives it`);
  }
}

/** The type inside the body of `operand:K` or `state:NAME`. */
function sourceType(
  name: string,
  inputs: readonly ValueType[],
  states: readonly ScanState[],
): ValueType | undefined {
  const state = states.find((candidate) => `state:${candidate.name}` === name);
  if (state !== undefined) return { dtype: 'f32', axes: state.axes, temporal: false };
  const operand = inputs.find((_, k) => `operand:${k}` === name);
  return operand && { ...operand, temporal: false };
}

function prepare({ inputs, attrs, type }: Signature<ScanAttrs>, prepareBody: PrepareBody): EvaluateTemporal {
  const evaluate = prepareBody(attrs.body);
  const sizes = inputs.map((input) => elementCount(input.axes));
  const size = elementCount(type.axes);
  // An update may have the state's axes in another order.
  const places = attrs.states.map(({ name, axes }) =>
    offsetTable(axes, outputType(attrs.body, `state:${name}`).axes),
  );
  return (operands, out, { count, states }) => {
    const sources = new Map<string, Float64Array>();
    attrs.states.forEach(({ name }, i) => sources.set(`state:${name}`, states[i]!.slice()));
    for (let position = 0; position < count; position++) {
      operands.forEach((values, k) => {
        const at = inputs[k]!.temporal ? position * sizes[k]! : 0;
        sources.set(`operand:${k}`, values.subarray(at, at + sizes[k]!));
      });
      const outputs = evaluate(sources);
      let at = position * size;
      for (const name of attrs.results) {
        out.set(outputs[name]!, at);
        at += outputs[name]!.length;
      }
      keepStates(attrs.states, states, places, outputs, sources);
    }
  };
}

/** All states are read before any is overwritten, as one state's new value may be another's old one. */
function keepStates(
  declared: readonly ScanState[],
  states: readonly Float64Array[],
  places: readonly ArrayLike<number>[],
  outputs: Readonly<Record<string, Float64Array>>,
  sources: ReadonlyMap<string, Float64Array>,
): void {
  declared.forEach(({ name }, i) => {
    const [state, update, place] = [states[i]!, outputs[`state:${name}`]!, places[i]!];
    for (let at = 0; at < state.length; at += 1) state[at] = update[place[at]!]!;
  });
  declared.forEach(({ name }, i) => sources.get(`state:${name}`)!.set(states[i]!));
}

export const scanOps = { scan };
