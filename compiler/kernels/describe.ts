// What a kernel says of itself in its first lines: what it computes, from which source, at what cost.
import type { KernelCost } from '../../runtime/plan.ts';
import { valueName } from '../fuse/facts.ts';
import type { Group } from '../fuse/group.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';
import { nodeIn } from './elements.ts';
import { groupNodes } from './group-nodes.ts';
import type { KernelContext } from './kernel-draft.ts';

export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** One sentence: `SSM: in_proj.x, in_proj.z; then conv1d, silu`. */
export function groupTitle(context: KernelContext, group: Group): string {
  const { body } = context.grouping;
  const anchors = group.segments.flatMap((segment) => segment.streams).map((id) => valueName(body, id));
  const isLong = group.anchor !== undefined && isOp(nodeIn(body, group.anchor), 'longconv');
  const verb = {
    append: isLong ? 'remember the input of' : 'remember the keys and values of',
    carry: 'move on the memory of',
    settle: 'add up what earlier positions give to later ones in',
  }[group.kind as string];
  if (verb !== undefined && group.anchor !== undefined)
    return `${body.name}: ${verb} ${valueName(body, group.anchor)}.`;
  const main =
    anchors.length > 0 ? anchors : group.anchor === undefined ? [] : [valueName(body, group.anchor)];
  const maps = groupNodes(context.grouping, group).filter((node) =>
    ['map', 'temporal', 'rotate', 'gather', 'reduce'].includes(recordOf(node.op).kind),
  );
  const rest = [...new Set(maps.map((node) => node.op))].filter((op) => !main.includes(op));
  const parts = [
    main.join(', '),
    rest.length === 0 ? '' : `${main.length > 0 ? 'with ' : ''}${rest.join(', ')}`,
  ];
  return `${body.name}: ${parts.filter((part) => part !== '').join(' ')}.`;
}

/** The header's lines after the title. */
export function describeGroup(context: KernelContext, group: Group, cost: KernelCost): readonly string[] {
  const { body } = context.grouping;
  const outputs = group.segments.flatMap((segment) => segment.outputs).map((id) => nodeIn(body, id));
  const stores = outputs.map(
    (node) =>
      `${valueName(body, node.id)} [${node.type.axes.map((axis) => `${axis.name} ${axis.size}`).join(', ')}]`,
  );
  const per = cost.tokens === 1 ? 'per token' : `for ${cost.tokens} tokens`;
  return [
    ...(stores.length > 0 ? [`Stores ${stores.join(', ')}.`] : []),
    `${count(cost.flops)} FLOP, ${count(cost.bytesRead)} bytes read, ${count(cost.bytesWritten)} written ${per}.`,
    ...sourceLines(context, group).map((source) => `${source.file}:${source.line}: ${source.text}`),
  ];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** The lines of source that the group's nodes come from, in order, each once. */
export function sourceLines(context: KernelContext, group: Group): readonly SourceLine[] {
  const lines = new Map<string, SourceLine>();
  for (const node of groupNodes(context.grouping, group)) {
    if (node.span === undefined) continue;
    const { source, start } = node.span;
    const line = source.text.slice(0, start).split('\n').length;
    const text = (source.text.split('\n')[line - 1] ?? '').trim();
    lines.set(`${source.name}:${line}`, { file: source.name, line, text });
  }
  return [...lines.values()].toSorted((a, b) =>
    a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1,
  );
}
