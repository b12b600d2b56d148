// Puts the elaborated bodies together: which outputs are read, which nodes live, which call gives what to which.
import type { Source } from '../../grammar/source.ts';
import type { Body, BodyCall, GraphOutput, ValueReference } from '../ir/graph.ts';
import type { BodyContext, Program } from './elaborate/context.ts';
import { finishGraph } from './elaborate/finish.ts';
import { sameAxesInOrder } from './elaborate/weight-node.ts';
import type { ElaboratedBody } from './letter-body.ts';
import * as errors from './errors.ts';
import type { Place } from './letters.ts';
import type { ElaboratedOutput } from './outputs.ts';
import type { FindShared } from './shared-places.ts';
import { requestOf, requestTemplate, weightNames, type RequestTemplate } from './weight-requests.ts';
import type { WeightRequest } from './weight-request.ts';

/** Keys that no letter can have: names have no spaces. */
const embedKey = ' embed';
const headKey = ' head';
const outputKey = (name: string): string => ` output ${name}`;

export interface Parts {
  readonly program: Program;
  readonly embed: ElaboratedBody;
  readonly outputs: readonly ElaboratedOutput[];
  /** Absent where the model has no logits. */
  readonly head: ElaboratedBody | undefined;
  /** By letter. */
  readonly letters: ReadonlyMap<string, ElaboratedBody>;
  readonly places: readonly Place[];
  readonly findShared: FindShared;
}

export interface Assembled {
  readonly bodies: Readonly<Record<string, Body>>;
  readonly calls: readonly BodyCall[];
  /** Absent where the model gives just logits. */
  readonly outputs?: readonly GraphOutput[];
  readonly requests: readonly { readonly request: WeightRequest; readonly pinned: boolean }[];
}

/** Undefined where a body is missing, which was reported. */
export function assemble(parts: Parts): Assembled | undefined {
  const finished = finishBodies(parts);
  if (finished === undefined) return undefined;
  const sites = [
    { key: embedKey, label: 'embed', site: 0 },
    ...parts.places.map((place) => ({ ...place, key: place.letter, label: place.letter })),
    ...parts.outputs.flatMap(({ name, body }) =>
      body === undefined ? [] : [{ key: outputKey(name), label: name, site: 0 }],
    ),
    ...(parts.head === undefined ? [] : [{ key: headKey, label: 'head', site: 0 }]),
  ];
  const requests = new Map<string, { readonly request: WeightRequest; readonly pinned: boolean }>();
  const templates = new Map<string, RequestTemplate>();
  const calls: BodyCall[] = [];
  for (const site of sites) {
    const body = finished.get(site.key);
    if (body === undefined) return undefined;
    const inputs = inputsOf(parts, body, calls, site);
    const weights: Record<string, string> = emptyTable();
    for (const name of weightNames(body.body.nodes)) {
      const slot = body.context.slots.get(name);
      if (slot === undefined) throw new Error(`internal: the weight node '${name}' has no declaration`);
      const key = `${site.key} ${name}`;
      const template = templates.get(key) ?? requestTemplate(body.context, slot);
      templates.set(key, template);
      const request = requestOf(body.context, slot, { ...site, findShared: parts.findShared }, template);
      const before = requests.get(request.id);
      if (before === undefined) requests.set(request.id, { request, pinned: slot.weight.pinned });
      else if (!sameShape(before.request, request)) {
        const { axes, span } = before.request;
        parts.program.report(errors.weightTwice(request.span, slot.weight.name, axes, request.axes, span));
      }
      weights[name] = request.id;
    }
    calls.push({
      body: body.body.name,
      label: site.label,
      ...('layer' in site ? { layer: site.layer } : {}),
      site: site.site,
      inputs,
      weights,
      parameters: parametersOf(body, site.site),
    });
  }
  const bodies = Object.fromEntries([...finished.values()].map(({ body }) => [body.name, body]));
  const outputs = parts.outputs.length === 0 ? undefined : outputsOf(parts, sites);
  return { bodies, calls, ...(outputs === undefined ? {} : { outputs }), requests: [...requests.values()] };
}

/** The logits first, if there are any; what has no body is the stream behind the last layer. */
function outputsOf(parts: Parts, sites: readonly { readonly key: string }[]): readonly GraphOutput[] {
  const callOf = (key: string): number => sites.findIndex((site) => site.key === key);
  const logits: GraphOutput = {
    name: 'logits',
    from: { call: callOf(headKey), output: 'logits' },
    per: 'position',
  };
  const others = parts.outputs.map(({ name, per, body }): GraphOutput => {
    const from =
      body === undefined
        ? { call: parts.places.length, output: 'stream' }
        : { call: callOf(outputKey(name)), output: name };
    return { name, from, per };
  });
  return parts.head === undefined ? others : [logits, ...others];
}

/** Weights of the embedding, the head and the model itself share their names. */
function sameShape(a: WeightRequest, b: WeightRequest): boolean {
  return a === b || sameAxesInOrder(a.axes, b.axes);
}

interface Finished {
  readonly context: BodyContext;
  readonly body: Body;
}

/** Removes what nobody reads; an exposed value lives only where a live node of another body reads it. */
function finishBodies(parts: Parts): ReadonlyMap<string, Finished> | undefined {
  const all = new Map([
    [embedKey, parts.embed],
    ...parts.letters,
    ...parts.outputs.flatMap(({ name, body }) =>
      body === undefined ? [] : [[outputKey(name), body] as const],
    ),
    ...(parts.head === undefined ? [] : [[headKey, parts.head] as const]),
  ]);
  const read = new Map<string, Set<string>>();
  let finished = new Map<string, Finished>();
  for (let again = true; again;) {
    again = false;
    finished = new Map();
    for (const [key, { context, result }] of all) {
      if (result === undefined) return undefined;
      const outputs: Record<string, number> = emptyTable();
      outputs[resultName(key)] = result.node;
      for (const name of read.get(key) ?? []) {
        const value = context.exposed.get(name);
        if (value !== undefined) outputs[name] = value.node;
      }
      const live = finishGraph(context.graph.nodes, outputs);
      const body = { name: bodyName(key), nodes: live.nodes, outputs: live.outputs };
      finished.set(key, { context, body });
      for (const node of live.nodes)
        again = noteRead(context, String(node.attrs['name']), node.op, read) || again;
    }
  }
  return finished;
}

/** What the body's result is called: a layer and the embedding give the stream. */
function resultName(key: string): string {
  if (key === headKey) return 'logits';
  return key.startsWith(outputKey('')) ? key.slice(outputKey('').length) : 'stream';
}

/** A letter's name, unless the ends of the model have it. */
function bodyName(key: string): string {
  const taken = key === embedKey.trim() || key === headKey.trim();
  return taken ? `${key}.layer` : key.trim().replace(' ', '.');
}

/** Remembers that a letter's exposed value is read; whether that is news. */
function noteRead(context: BodyContext, name: string, op: string, read: Map<string, Set<string>>): boolean {
  const source = op === 'input' ? context.reads.get(name) : undefined;
  if (source?.letter === undefined) return false;
  const names = read.get(source.letter) ?? new Set();
  read.set(source.letter, names);
  const news = !names.has(source.output);
  names.add(source.output);
  return news;
}

/** For each live input, the call that gives it. */
function inputsOf(
  parts: Parts,
  { context, body }: Finished,
  calls: readonly BodyCall[],
  site: object,
): Readonly<Record<string, ValueReference>> {
  const inputs: Record<string, ValueReference> = emptyTable();
  for (const node of body.nodes) {
    if (node.op !== 'input') continue;
    const name = String(node.attrs['name']);
    const read = context.reads.get(name);
    if (name === 'stream')
      inputs[name] = { call: Math.min(calls.length - 1, parts.places.length), output: 'stream' };
    else if (read?.letter === undefined) inputs[name] = { call: 0, output: 'stream' };
    else {
      const call = calls.findLastIndex(
        (earlier) => earlier.label === read.letter && earlier.layer !== undefined,
      );
      if (call >= 0) inputs[name] = { call, output: read.output };
      else if ('layer' in site && 'name' in site) reportUnread(parts, read.letter, read, site);
    }
  }
  return inputs;
}

function reportUnread(
  parts: Parts,
  letter: string,
  read: { readonly output: string; readonly span: { source: Source; start: number; end: number } },
  site: object,
): void {
  const place = parts.places.find(
    (other) => 'name' in site && other.name === site.name && 'layer' in site && other.layer === site.layer,
  );
  if (place === undefined) return;
  parts.program.report(
    errors.exposedWithoutOccurrence(read.span, letter, read.output, place.layer, place.name.span),
  );
}

function parametersOf(
  { context, body }: Finished,
  site: number,
): Readonly<Record<string, readonly number[]>> {
  const parameters: Record<string, readonly number[]> = emptyTable();
  for (const node of body.nodes) {
    if (node.op !== 'parameter') continue;
    const name = String(node.attrs['name']);
    parameters[name] = context.parameters.get(name)?.[site] ?? [];
  }
  return parameters;
}

/** A table without a prototype, so that `__proto__` is a name like any other. */
function emptyTable<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>; // Object.create has no type of its own.
}
