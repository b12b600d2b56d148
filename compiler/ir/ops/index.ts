// The table of ops. Nothing else lists them.
import type { AnyNode, NodeId } from '../graph.ts';
import { internal } from '../internal.ts';
import type { AnyOp } from '../op.ts';
import { arrayOps } from './arrays.ts';
import { attendOps } from './attend.ts';
import { chooseOps } from './choose.ts';
import { contractOps } from './contract.ts';
import { convOps } from './conv.ts';
import { longConvOps } from './longconv.ts';
import { gatherOps } from './gather.ts';
import { binaryOps, choiceOps } from './map-binary.ts';
import { unaryOps } from './map-unary.ts';
import { moveOps } from './move.ts';
import { reduceOps } from './reduce.ts';
import { rotateOps } from './rotate.ts';
import { scanOps } from './scan.ts';
import { sourceOps } from './source.ts';

export const ops = {
  ...sourceOps,
  ...unaryOps,
  ...binaryOps,
  ...choiceOps,
  ...reduceOps,
  ...contractOps,
  ...moveOps,
  ...gatherOps,
  ...chooseOps,
  ...rotateOps,
  ...arrayOps,
  ...convOps,
  ...longConvOps,
  ...attendOps,
  ...scanOps,
};

export type OpName = keyof typeof ops;
export type AttrsOf<Name extends OpName> = Parameters<(typeof ops)[Name]['infer']>[1];

/** A node whose op is known, with that op's attributes. */
export type NodeOf<Name extends OpName> = AnyNode & { readonly op: Name; readonly attrs: AttrsOf<Name> };

/** The unary and binary and ternary maps, by name. */
export type MapName = keyof typeof unaryOps | keyof typeof binaryOps | keyof typeof choiceOps;

/** Whether the node is of that op; its attributes are then typed. */
export function isOp<Name extends OpName>(node: AnyNode, op: Name): node is NodeOf<Name> {
  return node.op === op;
}

/** The record of a node's op. */
export function recordOf(op: string): AnyOp {
  if (!Object.hasOwn(ops, op)) internal(`no op is called '${op}'`);
  // The name was looked up just now, and every record takes the attributes of its own nodes.
  return ops[op as OpName] as AnyOp;
}

export function isOpName(op: string): op is OpName {
  return Object.hasOwn(ops, op);
}

/** A node of the body; it is our mistake if the id is outside. */
export function nodeAt(nodes: readonly AnyNode[], id: NodeId): AnyNode {
  return nodes[id] ?? internal(`no node %${id}`);
}
