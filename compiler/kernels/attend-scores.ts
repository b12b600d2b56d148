// What attention adds to its scores and makes of them: biases by lag, sinks, and weights by a function of the score.
import type { AnyNode, Body } from '../ir/graph.ts';
import { attendInputs, type LagTable } from '../ir/ops/attend-inputs.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';
import type { BiasHook } from './attend.ts';
import { element, nodeIn } from './elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import type { Place } from './place.ts';
import { float } from './text.ts';
import { Code } from './wgsl.ts';

/** The op's functions begin so, and no name of a kernel does. */
const WEIGH = 'op_weigh';

/** The place of a head, with one index more. */
export type HeadPlace = (group: string, per: string, axis: string, index: string) => Place;

/** A bias is read where it lies; what is past its table's end has the bias of the end. */
export function biasHook(draft: KernelDraft, node: AnyNode, placeOf: HeadPlace): BiasHook | undefined {
  if (!isOp(node, 'attend') || node.attrs.biases === undefined || node.attrs.biases.length === 0)
    return undefined;
  const { biases } = attendInputs(node.inputs, node.attrs);
  const tables = node.attrs.biases.map((table, i) => ({ ...table, id: biases[i]! }));
  const behind = tables.find(({ ahead }) => !ahead);
  const ahead = tables.find((table) => table.ahead);
  return (code, group, per, query, position) => {
    const read = (table: (typeof tables)[number], lag: string): string => {
      draft.bound.clear();
      const { id, axis } = table;
      const size = nodeIn(draft.body, id).type.axes.find(({ name }) => name === axis)?.size ?? 1;
      const entry = code.let('lag', entryOf(table, size, lag));
      const value = element(draft, code, id, placeOf(group, per, axis, entry));
      return code.let('bias', value);
    };
    const later = `${position} > ${query}`;
    const before =
      node.attrs.causal === false
        ? `max(${query}, ${position}) - min(${query}, ${position})`
        : `${query} - ${position}`;
    if (ahead === undefined) return behind === undefined ? '0.0' : read(behind, before);
    const near = behind === undefined ? '0.0' : read(behind, before);
    return `select(${near}, ${read(ahead, `${position} - ${query}`)}, ${later})`;
  };
}

function entryOf({ first, farthestFirst }: LagTable, size: number, lag: string): string {
  const near = first === 0 ? lag : `max(${lag}, ${first}u) - ${first}u`;
  const bounded = `min(${near}, ${size - 1}u)`;
  return farthestFirst ? `${size - 1}u - ${bounded}` : bounded;
}

/** The name of the function that makes weights of scores, which becomes one of the kernel's; nothing for a softmax. */
export function weighFunction(draft: KernelDraft, node: AnyNode): string | undefined {
  if (!isOp(node, 'attend') || node.attrs.body === undefined) return undefined;
  const { body } = node.attrs;
  const code = new Code();
  const result = printMaps(draft, code, body);
  draft.helper(`fn ${WEIGH}(score: f32) -> f32 {\n${code.text()}\n  return ${result};\n}`);
  return WEIGH;
}

/** Each map of the body as a `let`, in order. */
function printMaps(draft: KernelDraft, code: Code, body: Body): string {
  code.reserve(['score']);
  const texts: string[] = [];
  for (const node of body.nodes) {
    const record = recordOf(node.op);
    if (node.op === 'constant') texts.push(float(Number(node.attrs['value'])));
    else if (record.kind !== 'map') texts.push('score');
    else {
      record.helpers.forEach((helper) => draft.helper(helper));
      texts.push(code.let(node.name ?? node.op, record.wgsl(node.inputs.map((input) => texts[input] ?? ''))));
    }
  }
  return texts[body.outputs['weight'] ?? -1] ?? 'score';
}
