// Where a matrix product goes: into the kernel that reads the same input.
import { type AnyNode, type NodeId } from '../ir/graph.ts';
import { addSegment, type Draft } from './draft.ts';
import { matrixProduct } from './facts.ts';
import { store, makeReadable, admit, isCheapClosure } from './storing.ts';
import { type Where, type Walk, begin } from './walk.ts';

export function placeProduct(walk: Walk, node: AnyNode): Where {
  const product = matrixProduct(walk.body, node);
  if (product === undefined) throw new Error('internal: not a product');
  const key = walk.fuse ? `${product.data}` : `${node.id}`;
  const draft = walk.products.get(key) ?? beginProduct(walk, product.data, key);
  const segment = addSegment(draft, product.rows, [node.id]);
  return { kind: 'tail', draft, segment, rows: product.rows };
}

function beginProduct(walk: Walk, data: NodeId, key: string): Draft {
  makeReadable(walk, data, 'a projection reads all of it');
  if (!isCheapClosure(walk, data))
    store(walk, data, 'a projection would compute it once for each of its rows');
  const draft = begin(walk, 'contract', [data]);
  admit(walk, draft, data);
  walk.products.set(key, draft);
  return draft;
}
