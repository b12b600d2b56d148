// Runs a body group by group, as its kernels do: a group sees what earlier groups stored, its sources, and what it computes itself.
import { matrixProduct, nodeOf } from '../../compiler/fuse/facts.ts';
import type { Block, Group, Grouping, Segment } from '../../compiler/fuse/group.ts';
import { takenResult } from '../../compiler/fuse/scan-results.ts';
import { storedCount } from '../../compiler/ir/axes.ts';
import { keysAndValues } from '../../compiler/ir/attended.ts';
import { type AnyNode, type Body, elementCount, type NodeId } from '../../compiler/ir/graph.ts';
import { History } from '../../compiler/ir/history.ts';
import { prepareBody, type PreparedBody } from '../../compiler/ir/interpret-body.ts';
import { givenSources, type GivenValues } from '../../compiler/ir/interpret-one.ts';
import type { Sources } from '../../compiler/ir/op.ts';
import { signatureOf } from '../../compiler/ir/memory.ts';
import { recordOf } from '../../compiler/ir/ops/index.ts';

/** Ops whose element is computed from their inputs' elements at the same place: they may read registers. */
const IN_PLACE: ReadonlySet<string> = new Set(['map', 'temporal']);

/** Filters that read their input from memory, where a kernel before theirs puts a run's values. */
const LONG = 'longconv';

/** A value inside a group. A value in registers exists only for the row that the invocation owns. */
interface Value {
  readonly values: Float64Array;
  readonly register: boolean;
}

/** What temporal ops remember between runs, as the plan's states do. */
interface Memory {
  /** Inputs of filters and shifts, by the filter or shift. */
  readonly past: ReadonlyMap<NodeId, History>;
  /** Keys and values, by themselves. */
  readonly seen: ReadonlyMap<NodeId, History>;
  readonly states: ReadonlyMap<NodeId, readonly Float64Array[]>;
}

/** A body in progress: runs of any groupings of it, one after the other, as prefill and decode follow each other. */
export class GroupInterpreter {
  readonly #body: Body;
  readonly #given: GivenValues;
  readonly #prepared: PreparedBody;
  readonly #memory: Memory;
  #position = 0;

  constructor(body: Body, given: GivenValues) {
    this.#body = body;
    this.#given = given;
    this.#prepared = prepareBody(body);
    this.#memory = freshMemory(body);
  }

  /** Goes on by `count` positions and returns the outputs of each. Throws where a group needs what it cannot have. */
  run(grouping: Grouping, count: number): Readonly<Record<string, Float64Array>> {
    if (grouping.phase === 'one' && count !== 1) throw new Error('decode is one position at a time');
    const sources = givenSources(this.#body, this.#given, this.#position, count);
    const run = new GroupRun(this.#prepared, grouping, this.#memory, sources);
    const outputs = run.all();
    this.#position += count;
    for (const [node, history] of this.#memory.past)
      if (looksAtNoOther(this.#body, node)) padTo(history, this.#position);
    for (const [node, { end }] of [...this.#memory.past, ...this.#memory.seen])
      if (end !== this.#position) throw new Error(`the memory of %${node} ends at ${end}`);
    return outputs;
  }
}

/** Rows that nobody will read. */
function padTo(history: History, position: number): void {
  if (history.end < position) history.append(new Float64Array((position - history.end) * history.size));
}

/** A filter of one tap looks at no earlier position, so nothing is kept for it. */
function looksAtNoOther(body: Body, id: NodeId): boolean {
  const node = nodeOf(body, id);
  const record = recordOf(node.op);
  return (
    record.kind === 'temporal' &&
    record.remembers(signatureOf(body, node)).every(({ positions }) => positions === 0)
  );
}

function freshMemory(body: Body): Memory {
  const [past, seen] = [new Map<NodeId, History>(), new Map<NodeId, History>()];
  const states = new Map<NodeId, readonly Float64Array[]>();
  const history = (id: NodeId): History => new History(elementCount(nodeOf(body, id).type.axes), Infinity, 0);
  for (const node of body.nodes) {
    const record = recordOf(node.op);
    if (record.kind !== 'temporal') continue;
    if (node.op === 'attend') for (const id of keysAndValues(node)) seen.set(id, history(id));
    else if (record.causal(node.attrs) && record.remembers(signatureOf(body, node)).length > 0)
      past.set(node.id, history(node.inputs[0] as NodeId)); // A filter or shift reads something.
    const own = record.states(node.attrs);
    if (own.length > 0)
      states.set(
        node.id,
        own.map(({ count, initial }) => new Float64Array(count).fill(initial)),
      );
  }
  return { past, seen, states };
}

/** One run of all groups. */
class GroupRun {
  readonly #grouping: Grouping;
  readonly #body: Body;
  readonly #prepared: PreparedBody;
  readonly #memory: Memory;
  readonly #sources: Sources;
  readonly #stored = new Map<NodeId, Float64Array>();
  readonly #fixed = new Map<NodeId, Float64Array>();
  /** Where each step ran. */
  readonly #steps = new Map<NodeId, string>();

  constructor(prepared: PreparedBody, grouping: Grouping, memory: Memory, sources: Sources) {
    this.#prepared = prepared;
    this.#grouping = grouping;
    this.#body = grouping.body;
    this.#memory = memory;
    this.#sources = sources;
  }

  all(): Readonly<Record<string, Float64Array>> {
    for (const node of this.#body.nodes) if (!node.type.temporal) this.#evaluateFixed(node);
    for (const node of this.#body.nodes) if (node.op === 'attend') this.#appendForeign(node);
    for (const group of this.#grouping.groups) this.#runGroup(group);
    const missing = [...this.#grouping.stored.keys()].find((id) => !this.#stored.has(id));
    if (missing !== undefined) throw new Error(`%${missing} is stored by nobody`);
    return Object.fromEntries(
      Object.entries(this.#body.outputs).map(([name, id]) => [name, this.#output(id)] as const),
    );
  }

  #output(id: NodeId): Float64Array {
    const known = this.#source(id) ?? this.#stored.get(id);
    if (known === undefined) throw new Error(`the output %${id} is stored nowhere`);
    return known;
  }

  #evaluateFixed(node: AnyNode): void {
    const step = this.#step(node.id);
    const read = step.source?.read(node.attrs, this.#sources);
    const out = read ?? new Float64Array(storedCount(node.type, this.#sources.count));
    if (read === undefined)
      step.evaluate?.(
        node.inputs.map((input) => this.#fixed.get(input) as Float64Array), // Not temporal either, and earlier.
        out,
        this.#sources.count,
      );
    this.#fixed.set(node.id, out);
  }

  /** Keys and values that are another call's are in memory before this call begins. */
  #appendForeign(node: AnyNode): void {
    const [, key, value] = node.inputs.map((input) => nodeOf(this.#body, input));
    for (const input of [key, value])
      if (key?.op === 'input' && value?.op === 'input' && input !== undefined)
        this.#see(input.id, this.#source(input.id) as Float64Array); // An input is a source.
  }

  #see(id: NodeId, values: Float64Array): void {
    const history = this.#memory.seen.get(id) as History; // Made for every key and value.
    if (history.end === this.#sources.position) history.append(values);
  }

  #step(id: NodeId): PreparedBody['steps'][number] {
    const step = this.#prepared.steps[id];
    if (step === undefined) throw new Error(`no node %${id}`);
    return step;
  }

  #source(id: NodeId): Float64Array | undefined {
    const node = nodeOf(this.#body, id);
    if (!node.type.temporal) return this.#fixed.get(id);
    return this.#step(id).source?.read(node.attrs, this.#sources);
  }

  #runGroup(group: Group): void {
    const anchor = group.anchor === undefined ? undefined : nodeOf(this.#body, group.anchor);
    if (group.kind === 'append' && anchor?.op === 'attend') {
      for (const id of keysAndValues(anchor)) this.#see(id, this.#free(group, id));
    } else if ((group.kind === 'append' || group.kind === 'carry') && anchor !== undefined) {
      const input = anchor.inputs[0] as NodeId; // A filter or shift reads something.
      const values = this.#free(group, input);
      this.#memory.past.get(anchor.id)?.append(values);
    } else if (group.block !== undefined) this.#runBlock(group, group.block);
    else group.segments.forEach((segment, index) => this.#runSegment(group, segment, index));
  }

  /** Stage by stage: what one keeps is at hand for the next, as what is stored is. */
  #runBlock(group: Group, { stages }: Block): void {
    const kept = new Map<NodeId, Float64Array>();
    stages.forEach((stage, index) => {
      const segment = { ...stage, outputs: stage.values, names: new Map() };
      const run = new SegmentRun(this.#facts(kept), group, segment, index);
      for (const id of [...stage.streams, ...stage.values]) run.value(id);
      for (const id of stage.kept) kept.set(id, run.value(id).values);
      for (const id of stage.values)
        if (this.#grouping.stored.get(id) === group.index) this.#stored.set(id, run.value(id).values);
    });
  }

  /** A value that a group can compute for any element. */
  #free(group: Group, id: NodeId): Float64Array {
    const segment = { streams: [], rows: [], outputs: [], names: new Map() };
    const { values, register } = new SegmentRun(this.#facts(), group, segment, -1).value(id);
    if (register) throw new Error(`group ${group.index} reads %${id}, which is in registers, elsewhere`);
    return values;
  }

  #runSegment(group: Group, segment: Segment, index: number): void {
    const run = new SegmentRun(this.#facts(), group, segment, index);
    const needed = group.anchor === undefined ? [] : [group.anchor];
    for (const id of [...needed, ...segment.streams]) run.value(id);
    for (const id of segment.outputs) {
      if (this.#grouping.stored.get(id) !== group.index) throw new Error(`%${id} is stored elsewhere`);
      if (this.#stored.has(id)) throw new Error(`%${id} is stored twice`);
      this.#stored.set(id, run.value(id).values);
    }
  }

  #facts(kept: ReadonlyMap<NodeId, Float64Array> = new Map()): Facts {
    return {
      kept,
      grouping: this.#grouping,
      memory: this.#memory,
      sources: this.#sources,
      steps: this.#steps,
      step: (id) => this.#step(id),
      source: (id) => this.#source(id),
      stored: (id) => this.#stored.get(id),
      see: (id, values) => this.#see(id, values),
    };
  }
}

interface Facts {
  /** What earlier stages of the group left in workgroup memory. */
  readonly kept: ReadonlyMap<NodeId, Float64Array>;
  readonly grouping: Grouping;
  readonly memory: Memory;
  readonly sources: Sources;
  readonly steps: Map<NodeId, string>;
  readonly step: (id: NodeId) => PreparedBody['steps'][number];
  readonly source: (id: NodeId) => Float64Array | undefined;
  readonly stored: (id: NodeId) => Float64Array | undefined;
  readonly see: (id: NodeId, values: Float64Array) => void;
}

/** What one invocation's code computes: registers are shared within a segment only. */
class SegmentRun {
  readonly #facts: Facts;
  readonly #group: Group;
  readonly #segment: Segment;
  readonly #index: number;
  readonly #known = new Map<NodeId, Value>();

  constructor(facts: Facts, group: Group, segment: Segment, index: number) {
    this.#facts = facts;
    this.#group = group;
    this.#segment = segment;
    this.#index = index;
  }

  value(id: NodeId): Value {
    const known = this.#known.get(id) ?? this.#outside(id);
    if (known !== undefined) return known;
    const computed = this.#compute(nodeOf(this.#facts.grouping.body, id));
    this.#known.set(id, computed);
    return computed;
  }

  #outside(id: NodeId): Value | undefined {
    const source = this.#facts.source(id);
    if (source !== undefined) return { values: source, register: false };
    const kept = this.#facts.kept.get(id);
    if (kept !== undefined) return { values: kept, register: false };
    const storing = this.#facts.grouping.stored.get(id);
    // What a later group stores may be computed here as well, unless it is a step or a projection: `#compute` refuses those.
    if (storing === undefined || storing >= this.#group.index) return undefined;
    const values = this.#facts.stored(id);
    if (values === undefined) this.#refuse(id, `group ${storing} has not stored`);
    return { values, register: false };
  }

  #refuse(id: NodeId, why: string): never {
    const { name, op } = nodeOf(this.#facts.grouping.body, id);
    throw new Error(
      `group ${this.#group.index} (${this.#group.kind}) needs %${id} ${name ?? op}, which ${why}`,
    );
  }

  #compute(node: AnyNode): Value {
    const { kind } = recordOf(node.op);
    const inputs = node.inputs.map((input) => this.value(input));
    const registers = node.inputs.filter((_, i) => inputs[i]?.register);
    // A kernel has every result of a recurrence at the row that it works on.
    const taken = takenResult(this.#facts.grouping.body, node) !== undefined;
    if (registers.length > 0 && !IN_PLACE.has(kind) && node.op !== 'rename' && !taken)
      this.#refuse(registers[0] as NodeId, `is in registers, at other elements for ${node.op}`);
    if (!taken) for (const id of registers) this.#expectSameRows(node, id);
    if (kind === 'temporal') return this.#temporal(node, inputs);
    const isStream = matrixProduct(this.#facts.grouping.body, node) !== undefined;
    if (isStream && !this.#segment.streams.includes(node.id))
      this.#refuse(node.id, 'is a projection of another kernel');
    const out = this.#room(node);
    this.#facts.step(node.id).evaluate?.(
      inputs.map(({ values }) => values),
      out,
      this.#facts.sources.count,
    );
    return { values: out, register: isStream || registers.length > 0 };
  }

  #expectSameRows(node: AnyNode, register: NodeId): void {
    const { axes } = nodeOf(this.#facts.grouping.body, register).type;
    // Several results of a recurrence lie one after the other, each with the rows' axes.
    const results = node.op === 'scan' ? (node.attrs['results'] as readonly unknown[]).length : 1; // The op's record says so.
    if (elementCount(axes) * results !== elementCount(node.type.axes))
      this.#refuse(register, `is one row, while ${node.op} is wider`);
  }

  #room(node: AnyNode): Float64Array {
    return new Float64Array(storedCount(node.type, this.#facts.sources.count));
  }

  #temporal(node: AnyNode, inputs: readonly Value[]): Value {
    const { phase } = this.#facts.grouping;
    const own = phase === 'one' || node.op === 'attend' || node.op === 'scan';
    if (own) this.#claim(node, inputs);
    if (node.op === 'attend') return this.#attend(node, inputs);
    if (node.op === 'scan') return this.#evaluate(node, inputs, [], true);
    const { position, count } = this.#facts.sources;
    const input = inputs[0] as Value; // A filter or shift reads something.
    // What reads later positions has the whole sequence in one run, and no memory.
    const past =
      this.#facts.memory.past.get(node.id) ?? new History(input.values.length / count, Infinity, 0);
    if (past.end === position + count && node.op === LONG) return this.#evaluate(node, inputs, [past], false);
    if (past.end !== position) this.#refuse(node.id, 'comes after its memory was moved on');
    const extended = past.clone();
    extended.append(input.values);
    if (phase === 'one') past.append(input.values);
    return this.#evaluate(node, inputs, [extended], phase === 'one');
  }

  /** A step runs in one place only; attention and scans of a run in kernels of their own. */
  #claim(node: AnyNode, inputs: readonly Value[]): void {
    const place = `${this.#group.index}:${this.#index}`;
    const known = this.#facts.steps.get(node.id) ?? place;
    if (known !== place) this.#refuse(node.id, `is a step of ${known} too`);
    this.#facts.steps.set(node.id, place);
    const { phase } = this.#facts.grouping;
    const needsKernel = node.op === 'attend' || phase === 'many';
    if (!needsKernel) return;
    if (this.#group.anchor !== node.id) this.#refuse(node.id, 'has a kernel of its own');
    if (inputs.some(({ register }) => register)) this.#refuse(node.id, 'reads registers');
  }

  #attend(node: AnyNode, inputs: readonly Value[]): Value {
    const [, key, value] = node.inputs;
    if (this.#facts.grouping.phase === 'one') {
      this.#facts.see(key as NodeId, inputs[1]?.values as Float64Array); // An attend has three inputs.
      this.#facts.see(value as NodeId, inputs[2]?.values as Float64Array); // As above.
    }
    const { seen } = this.#facts.memory;
    const histories = node.inputs.map((input, i) => (i === 1 || i === 2 ? seen.get(input) : undefined));
    const { position, count } = this.#facts.sources;
    if (histories.some((history) => history !== undefined && history.end !== position + count))
      this.#refuse(node.id, 'looks at keys that nobody has put there');
    return this.#evaluate(node, inputs, histories, true);
  }

  #evaluate(
    node: AnyNode,
    inputs: readonly Value[],
    histories: readonly (History | undefined)[],
    register: boolean,
  ): Value {
    const out = this.#room(node);
    const { count, position } = this.#facts.sources;
    const states = this.#facts.memory.states.get(node.id) ?? [];
    this.#facts.step(node.id).evaluateTemporal?.(
      inputs.map(({ values }) => values),
      out,
      { count, position, histories, states },
    );
    return { values: out, register };
  }
}
