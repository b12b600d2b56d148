// Prints a coefficient as a formula in the source's names.
import type { AnyNode, Body, NodeId } from '../ir/graph.ts';
import { nodeAt } from '../ir/ops/index.ts';

const LOOSE = 0;
const PRODUCT = 1;
const TIGHT = 2;

interface Text {
  readonly text: string;
  /** How tightly the outermost operation binds. */
  readonly binds: number;
}

/** `names` says what the operands are called. */
export function formula(body: Body, id: NodeId, names: readonly string[]): string {
  return print(body, id, names).text;
}

function print(body: Body, id: NodeId, names: readonly string[]): Text {
  const node = nodeAt(body.nodes, id);
  const of = (index: number, binds: number): string =>
    inBrackets(print(body, node.inputs[index] ?? id, names), binds);
  const over = Array.isArray(node.attrs['over']) ? node.attrs['over'].join(',') : '';
  switch (node.op) {
    case 'input':
      return sourceOf(node, names);
    case 'constant':
      return { text: String(Number(Number(node.attrs['value']).toPrecision(6))), binds: TIGHT };
    case 'add':
      return { text: `${of(0, LOOSE)} + ${of(1, LOOSE)}`, binds: LOOSE };
    case 'sub':
      return { text: `${of(0, LOOSE)} − ${of(1, PRODUCT)}`, binds: LOOSE };
    case 'mul':
      return { text: `${of(0, PRODUCT)}·${of(1, PRODUCT)}`, binds: PRODUCT };
    case 'div':
      return { text: `${of(0, PRODUCT)}/${of(1, TIGHT)}`, binds: PRODUCT };
    case 'neg':
      return { text: `−${of(0, PRODUCT)}`, binds: PRODUCT };
    case 'contract':
      return { text: `Σ_${over} ${of(0, PRODUCT)}·${of(1, PRODUCT)}`, binds: LOOSE };
    case 'sum':
      return { text: `Σ_${over} ${of(0, PRODUCT)}`, binds: LOOSE };
    default:
      return { text: `${node.op}(${node.inputs.map((_, i) => of(i, LOOSE)).join(', ')})`, binds: TIGHT };
  }
}

function inBrackets({ text, binds }: Text, needed: number): string {
  return binds < needed ? `(${text})` : text;
}

/** Source text with an operator outside of all brackets is bracketed where a formula goes on. */
function sourceOf(node: AnyNode, names: readonly string[]): Text {
  const [, operand] = String(node.attrs['name']).split(':');
  const text = names[Number(operand)] ?? node.name ?? node.op;
  let outside = text;
  for (let before = ''; before !== outside;) {
    before = outside;
    outside = outside.replace(/\([^()]*\)/g, '');
  }
  return { text, binds: /[-+*/\s]/.test(outside) ? LOOSE : TIGHT };
}

/** The source text that a node comes from, if it is short. */
export function sourceText({ span }: AnyNode): string | undefined {
  const text = span?.source.text.slice(span.start, span.end).replace(/\s+/g, ' ') ?? '';
  return text === '' || text.length > 60 ? undefined : text;
}
