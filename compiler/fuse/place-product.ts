// Where a matrix product goes: into the kernel that reads the same input.
import { type AnyNode } from '../ir/graph.ts';
import { addSegment, type Draft } from './draft.ts';
import { type MatrixProduct, matrixProduct } from './facts.ts';
import { store, makeReady, makeReadable, admit, isCheapClosure } from './storing.ts';
import { type Where, type Walk, begin } from './walk.ts';

export function placeProduct(walk: Walk, node: AnyNode): Where {
  const product = matrixProduct(walk.body, node);
  if (product === undefined) throw new Error('internal: not a product');
  // Matrices that are looked up wait for their index, and so do not share a kernel with those that are not.
  const shares = walk.fuse && product.lookup?.summed !== true;
  const key = shares ? `${product.data}:${product.lookup?.index ?? ''}` : `one ${node.id}`;
  const draft = walk.products.get(key) ?? beginProduct(walk, product, key);
  const segment = addSegment(draft, product.rows, [node.id]);
  return { kind: 'tail', draft, segment, rows: product.rows };
}

function beginProduct(walk: Walk, { data, lookup }: MatrixProduct, key: string): Draft {
  if (lookup !== undefined) makeReady(walk, lookup.index, 'a projection looks its weights up with it');
  makeReadable(walk, data, 'a projection reads all of it');
  if (!isCheapClosure(walk, data))
    store(walk, data, 'a projection would compute it once for each of its rows');
  const draft = begin(walk, 'contract', lookup === undefined ? [data] : [data, lookup.index]);
  admit(walk, draft, data);
  walk.products.set(key, draft);
  return draft;
}
