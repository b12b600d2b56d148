// Runs one body in f64: index plans made once, then node after node.
import { storedCount } from './axes.ts';
import type { AnyNode, Body, NodeId } from './graph.ts';
import { internal } from './internal.ts';
import { prepareMap } from './interpret-map.ts';
import type {
  AnyAttrs,
  AnyOp,
  BodyValues,
  Evaluate,
  EvaluateTemporal,
  Remembered,
  SourceOp,
  Sources,
  TemporalRun,
} from './op.ts';
import { recordOf } from './ops/index.ts';

/** A node with what was planned for it. */
interface Step {
  readonly node: AnyNode;
  readonly source?: SourceOp<AnyAttrs>;
  readonly evaluate?: Evaluate;
  readonly evaluateTemporal?: EvaluateTemporal;
  readonly remembers: readonly Remembered[];
}

export interface PreparedBody {
  readonly body: Body;
  readonly steps: readonly Step[];
}

/** What a body is run with. */
export interface BodyRun {
  readonly sources: Sources;
  /** What a temporal node remembers at this run. */
  memory(node: AnyNode, remembers: readonly Remembered[]): Pick<TemporalRun, 'histories' | 'states'>;
  /** Values that do not change with time, by node; filled at the first run. */
  readonly fixed: Map<NodeId, Float64Array>;
  /** Called with each node's value, in order, as soon as it is there. */
  onValue(node: AnyNode, values: Float64Array): void;
}

/** Plans every node of the body. */
export function prepareBody(body: Body): PreparedBody {
  const signatures = body.nodes.map((node) => ({
    inputs: node.inputs.map((input) => (body.nodes[input] ?? internal(`no node %${input}`)).type),
    attrs: node.attrs,
    type: node.type,
  }));
  const steps = body.nodes.map((node, i) => prepareStep(node, recordOf(node.op), signatures[i]!));
  return { body, steps };
}

function prepareStep(node: AnyNode, record: AnyOp, signature: Parameters<typeof prepareMap>[1]): Step {
  switch (record.kind) {
    case 'source':
      return { node, source: record, remembers: [] };
    case 'map':
      return { node, evaluate: prepareMap(record, signature), remembers: [] };
    case 'temporal':
      return {
        node,
        evaluateTemporal: record.prepare(signature, prepareInner),
        remembers: record.remembers(signature),
      };
    default:
      return { node, evaluate: record.prepare(signature), remembers: [] };
  }
}

/** The values of all nodes for one run: `count` positions of temporal values, position outermost. */
export function runBody({ steps }: PreparedBody, run: BodyRun): readonly Float64Array[] {
  const values: Float64Array[] = [];
  for (const step of steps) {
    const { node } = step;
    const known = node.type.temporal ? undefined : run.fixed.get(node.id);
    const result = known ?? evaluateStep(step, values, run);
    if (!node.type.temporal) run.fixed.set(node.id, result);
    values.push(result);
    run.onValue(node, result);
  }
  return values;
}

function evaluateStep(step: Step, values: readonly Float64Array[], run: BodyRun): Float64Array {
  const { node, source, evaluate, evaluateTemporal } = step;
  const { count, position } = run.sources;
  if (source !== undefined) return checkedSource(node, source.read(node.attrs, run.sources), count);
  const inputs = node.inputs.map((input) => values[input]!);
  const out = new Float64Array(storedCount(node.type, count));
  if (evaluate !== undefined) evaluate(inputs, out, count);
  else evaluateTemporal!(inputs, out, { count, position, ...run.memory(node, step.remembers) });
  return out;
}

function checkedSource(node: AnyNode, values: Float64Array, count: number): Float64Array {
  const expected = storedCount(node.type, count);
  if (values.length !== expected)
    internal(
      `%${node.id} ${node.name ?? node.op} was given ${values.length} elements instead of ${expected}`,
    );
  return values;
}

/** A scan's body, run for one position at a time in buffers that are used again. */
function prepareInner(body: Body): (inputs: ReadonlyMap<string, Float64Array>) => BodyValues {
  const { steps } = prepareBody(body);
  const values = body.nodes.map((node) => new Float64Array(storedCount(node.type, 1)));
  const inputs = body.nodes.map((node) => node.inputs.map((input) => values[input]!));
  return (given) => {
    const sources = innerSources(given);
    steps.forEach(({ node, source, evaluate }, i) => {
      if (source !== undefined) values[i]!.set(source.read(node.attrs, sources));
      else if (evaluate !== undefined) evaluate(inputs[i]!, values[i]!, 1);
      else internal(`a scan's body holds the temporal op ${node.op}`);
    });
    return Object.fromEntries(Object.entries(body.outputs).map(([name, id]) => [name, values[id]!]));
  };
}

function absent(name: string): never {
  return internal(`a scan's body reads '${name}', which it cannot have`);
}

function innerSources(given: ReadonlyMap<string, Float64Array>): Sources {
  return {
    count: 1,
    position: 0,
    tokens: new Float64Array(0),
    features: new Float64Array(0),
    input: (name) => given.get(name) ?? absent(name),
    weight: absent,
    parameter: absent,
  };
}
