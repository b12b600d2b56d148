// Prints a graph for people: its bodies, and the calls with runs of like layers folded.
import type { Span } from '../../grammar/source.ts';
import { describeAxes, describeType } from './axes.ts';
import type { AnyNode, Axis, Body, Graph, NodeId } from './graph.ts';
import { recordOf } from './ops/index.ts';
import { printCalls } from './print-calls.ts';

/** The whole graph as text, the same for the same graph, ending in a newline. */
export function printGraph(graph: Graph): string {
  const context = graph.context === undefined ? '' : `, context ${graph.context}`;
  const head = `graph ${graph.name}: vocab ${graph.vocab}, width ${graph.width}${context}`;
  const bodies = Object.values(graph.bodies).map(printBody);
  return [head, ...bodies, printCalls(graph)].join('\n\n') + '\n';
}

/** One body: a node per line, then its outputs. */
export function printBody(body: Body): string {
  return [`body ${body.name} {`, ...bodyLines(body, '  '), '}'].join('\n');
}

function bodyLines(body: Body, indent: string): readonly string[] {
  const nodes = body.nodes.flatMap((node) => nodeLines(node, indent));
  const outputs = Object.entries(body.outputs).map(
    ([name, id]) => `${indent}-> ${name} = ${reference(body, id)}`,
  );
  return [...nodes, ...outputs];
}

function reference(body: Body, id: NodeId): string {
  const name = body.nodes[id]?.name;
  return name === undefined ? `%${id}` : `%${id} ${name}`;
}

function nodeLines(node: AnyNode, indent: string): readonly string[] {
  const name = node.name === undefined ? '' : ` ${node.name}`;
  const inputs = node.inputs.map((id) => `%${id}`);
  const call = `${node.op}(${[...inputs, ...printAttrs(node)].join(', ')})`;
  const place = node.span === undefined ? '' : `   // ${describePlace(node.span)}`;
  const line = `${indent}%${node.id}${name} : ${describeType(node.type)} = ${call}`;
  const inner = recordOf(node.op).bodies?.(node.attrs) ?? [];
  if (inner.length === 0) return [line + place];
  const lines = inner.flatMap((body) => bodyLines(body, `${indent}  `));
  return [`${line} {${place}`, ...lines, `${indent}}`];
}

/** `samba.hyb:12`. */
export function describePlace({ source, start }: Span): string {
  const line = source.text.slice(0, start).split('\n').length;
  return `${source.name}:${line}`;
}

/** Attributes as the language would write arguments; bodies are printed below the line, and types stand before it. */
function printAttrs(node: AnyNode): readonly string[] {
  const typed = recordOf(node.op).kind === 'source';
  return Object.entries(node.attrs)
    .filter(
      ([key, value]) =>
        value !== undefined && key !== 'body' && !(typed && (key === 'type' || key === 'axes')),
    )
    .map(([key, value]) => (typed ? printValue(value) : `${key}: ${printValue(value)}`));
}

function printValue(value: unknown): string {
  if (Array.isArray(value))
    return value.every(isAxis) ? describeAxes(value) : `[${value.map(printValue).join(', ')}]`;
  if (isAxis(value)) return `${value.name} ${value.size}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { name, ...rest } = value as Readonly<Record<string, unknown>>; // Attributes are plain records by contract.
  const fields = Object.entries(rest).map(([key, field]) => `${key} ${printValue(field)}`);
  return [...(name === undefined ? [] : [String(name)]), ...fields].join(' ');
}

function isAxis(value: unknown): value is Axis {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'size' in value &&
    Object.keys(value).length === 2
  );
}
