// The kernel of a contract group: projections of one input with their tails, as a matrix-vector or a tiled matrix product.
import { matrixProduct, type MatrixProduct } from '../fuse/facts.ts';
import type { Segment } from '../fuse/group.ts';
import { elementCount, type NodeId } from '../ir/graph.ts';
import { quadsOf, type Rider } from './contract.ts';
import { element, nodeIn } from './elements.ts';
import { gemm } from './gemm.ts';
import { gemv } from './gemv.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { depthAxes, depthOf, entryOf, matrixRows, slotOfQuad, weightRows } from './lookup.ts';
import { type Index, placeOf, plainIndex, quadIndex, withAxes } from './place.ts';
import { storeOutputs } from './pointwise-kernel.ts';
import { printPreamble, withPreamble } from './preamble.ts';
import { readQuadAt, type Storage } from './storage.ts';
import type { Templated } from './template.ts';
import type { Code } from './wgsl.ts';

const LANES = [0, 1, 2, 3] as const;

export function contractKernel(draft: KernelDraft): Templated {
  const { segments } = draft.group;
  const first = segments[0]?.streams[0];
  const product = first === undefined ? undefined : matrixProduct(draft.body, nodeIn(draft.body, first));
  if (product === undefined) throw new Error('internal: a contract group without a product');
  const parts = inputParts(draft);
  const shared = {
    rows: segments.reduce((sum, segment) => sum + elementCount(segment.rows), 0),
    depth: depthOf(product),
    streams: segments[0]?.streams.length ?? 1,
    weight: (code: Code, stream: number, row: string, quad: string, token: string) => {
      if (product.lookup?.summed !== true) return weightQuad(draft, product, code, stream, row, quad);
      const { slot, within } = slotOfQuad(code, product, quad);
      const entry = entryOf(draft, code, product.lookup, token, slot);
      const own = code.let('weight_row', `${entry} * ${elementCount(product.rows)}u + ${row}`);
      return weightQuad(draft, product, code, stream, own, within);
    },
    ...(product.lookup === undefined || product.lookup.summed
      ? {}
      : {
          weightRow: (code: Code, token: string, row: string) => lookedUpRow(draft, code, token, row),
        }),
    input: (code: Code, token: string, quad: string, row: string) =>
      inputQuad(draft, parts, code, token, quad, row),
    reserved: draft.reserved,
  };
  const finish = (
    code: Code,
    token: string,
    row: string,
    sums: readonly string[],
    riders: readonly string[],
  ): void => printFinish(draft, code, token, row, sums, riders);
  if (draft.phase === 'one') {
    const preamble = (code: Code, workgroup: number): void => printPreamble(draft, code, workgroup);
    const borders = parts.slice(1).map(({ from }) => from);
    const riders = ridersOf(draft, product);
    const spec = { ...shared, riders, preamble, finish, tokens: 'one', borders } as const;
    return withPreamble(draft, withFunctions(draft, gemv(spec, draft.context.target)));
  }
  if (product.lookup !== undefined) {
    const spec = { ...shared, riders: [], finish, tokens: 'each' } as const;
    return withFunctions(draft, gemv(spec, draft.context.target));
  }
  const tokens = { maximum: draft.context.chunk, count: draft.control('count') };
  return withFunctions(draft, gemm({ ...shared, riders: [], finish, tokens }, draft.context.target));
}

function withFunctions(draft: KernelDraft, made: Templated): Templated {
  return { ...made, body: { ...made.body, functions: [...draft.functions, ...made.body.functions] } };
}

/** Four elements of a value along the summed axes. Past the depth within the last quad they are zero. */
function quadOf(
  draft: KernelDraft,
  code: Code,
  product: MatrixProduct,
  id: NodeId,
  token: string,
  quad: string,
): string {
  if (product.lookup?.summed === true && elementCount(depthAxes(product)) % 4 !== 0)
    return paddedQuadOf(draft, code, product, id, token, quad);
  const depth = elementCount(product.over);
  draft.bound.clear();
  const whole = readWhole(draft, product, id, token, quad);
  if (whole !== undefined) return whole;
  const at = (index: Index): string => element(draft, code, id, placeOf(index, product.over, token));
  if (depth % 4 === 0) return `vec4<f32>(${LANES.map((lane) => at(quadIndex(quad, lane))).join(', ')})`;
  const lanes = LANES.map((lane) => {
    const index = `4u * ${quad} + ${lane}u`;
    return `select(0.0, ${at(plainIndex(`min(${index}, ${depth - 1}u)`))}, ${index} < ${depth}u)`;
  });
  return `vec4<f32>(${lanes.join(', ')})`;
}

/** The same where each slot's part of the depth is padded to whole quads. */
function paddedQuadOf(
  draft: KernelDraft,
  code: Code,
  product: MatrixProduct,
  id: NodeId,
  token: string,
  quad: string,
): string {
  const axes = depthAxes(product);
  const depth = elementCount(axes);
  const { slot, within } = slotOfQuad(code, product, quad);
  draft.bound.clear();
  const lanes = LANES.map((lane) => {
    const index = `4u * ${within} + ${lane}u`;
    const place = placeOf(plainIndex(`min(${index}, ${depth - 1}u)`), axes, token);
    const slots = product.over.slice(0, 1).map(({ name }) => [name, plainIndex(slot)] as const);
    return `select(0.0, ${element(draft, code, id, withAxes(place, slots))}, ${index} < ${depth}u)`;
  });
  return `vec4<f32>(${lanes.join(', ')})`;
}

/** The quad in one load, where the value itself is in memory with its summed axes side by side. */
function readWhole(
  draft: KernelDraft,
  product: MatrixProduct,
  id: NodeId,
  token: string,
  quad: string,
): string | undefined {
  const storage = draft.storage(id);
  if (storage === undefined || elementCount(product.over) % 4 !== 0) return undefined;
  return readQuadAt(storage, placeOf(quadIndex(quad, 0), product.over, token));
}

/** Rows that have one input. */
interface InputPart {
  readonly product: MatrixProduct;
  readonly from: number;
  readonly to: number;
}

/** Neighbouring segments of one input are one part. */
function inputParts(draft: KernelDraft): readonly InputPart[] {
  const parts: InputPart[] = [];
  let from = 0;
  for (const { streams, rows } of draft.group.segments) {
    const [stream] = streams;
    const product = stream === undefined ? undefined : matrixProduct(draft.body, nodeIn(draft.body, stream));
    if (product === undefined) throw new Error('internal: a contract group without a product');
    const to = from + elementCount(rows);
    const last = parts.at(-1);
    if (last?.product.data === product.data) parts.splice(-1, 1, { ...last, to });
    else parts.push({ product, from, to });
    from = to;
  }
  return parts;
}

/** Four elements of the input that the row has. */
function inputQuad(
  draft: KernelDraft,
  parts: readonly InputPart[],
  code: Code,
  token: string,
  quad: string,
  row: string,
): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined)
    return quadOf(draft, code, only.product, only.product.data, token, quad);
  const result = code.fresh('x');
  code.line(`var ${result}: vec4<f32>;`);
  for (const { product, from, to } of parts)
    code.block(`if (${row} >= ${from}u && ${row} < ${to}u)`, (inner) =>
      inner.line(`${result} = ${quadOf(draft, inner, product, product.data, token, quad)};`),
    );
  return result;
}

/** The weights of a stream, one for each segment, with the rows each gives. */
interface StreamPart {
  readonly storage: Storage;
  readonly from: number;
  readonly rows: number;
}

function streamParts(draft: KernelDraft, stream: number): readonly StreamPart[] {
  let from = 0;
  return draft.group.segments.map((segment) => {
    const product = matrixProduct(draft.body, nodeIn(draft.body, segment.streams[stream] as NodeId)); // Every segment has it.
    const storage = product === undefined ? undefined : draft.storage(product.weight);
    if (product === undefined || storage === undefined)
      throw new Error('internal: a stream whose weight is not in memory');
    const part = { storage, from, rows: weightRows(product) };
    from += part.rows;
    return part;
  });
}

/** The row of the weights that a row of the product is computed from: that of the matrix that its slot has. */
function lookedUpRow(draft: KernelDraft, code: Code, token: string, row: string): string {
  const result = code.fresh('weight_row');
  const { segments } = draft.group;
  code.line(`var ${result}: u32;`);
  let [start, first] = [0, 0];
  for (const segment of segments) {
    const product = matrixProduct(draft.body, nodeIn(draft.body, segment.streams[0] as NodeId)); // Every segment has one.
    if (product?.lookup === undefined) throw new Error('internal: a looked-up row of what is not looked up');
    const { lookup } = product;
    const [from, end, before] = [start, start + elementCount(segment.rows), first];
    const rows = elementCount(matrixRows(product));
    const body = (inner: Code): void => {
      const local = from === 0 ? row : inner.let('local_row', `${row} - ${from}u`);
      const entry = entryOf(draft, inner, lookup, token, `${local} / ${rows}u`);
      inner.line(
        `${result} = ${before === 0 ? '' : `${before}u + `}${entry} * ${rows}u + ${local} % ${rows}u;`,
      );
    };
    if (segments.length === 1) code.block('', body);
    else code.block(`if (${row} >= ${from}u && ${row} < ${end}u)`, body);
    start = end;
    first += weightRows(product);
  }
  return result;
}

/** Four weights of a row of all segments'. Where the segments' rows lie one after the other, as they are laid out to, it is one load. */
function weightQuad(
  draft: KernelDraft,
  product: MatrixProduct,
  code: Code,
  stream: number,
  row: string,
  quad: string,
): string {
  const pitch = 4 * quadsOf(elementCount(depthAxes(product)));
  const parts = streamParts(draft, stream);
  const [first, ...others] = parts;
  if (first === undefined) throw new Error('internal: a product without rows');
  const inLine = others.every(
    ({ storage, from }) =>
      storage.binding === first.storage.binding && storage.offset === first.storage.offset + from * pitch,
  );
  if (inLine) return partQuad(first.storage, pitch, row, quad);
  const result = code.fresh('weight');
  code.line(`var ${result}: vec4<f32>;`);
  for (const { storage, from, rows } of parts)
    code.block(`if (${row} >= ${from}u && ${row} < ${from + rows}u)`, (inner) =>
      inner.line(`${result} = ${partQuad(storage, pitch, `(${row} - ${from}u)`, quad)};`),
    );
  return result;
}

function partQuad(storage: Storage, pitch: number, row: string, quad: string): string {
  const strides = [
    { axis: { name: 'row', size: 1 << 30 }, stride: pitch },
    { axis: { name: 'depth', size: pitch }, stride: 1 },
  ];
  const axes = new Map([
    ['row', plainIndex(row)],
    ['depth', quadIndex(quad, 0)],
  ]);
  const text = readQuadAt({ ...storage, strides }, { axes, token: '0u' });
  if (text === undefined) throw new Error('internal: a row of weights is not made of whole quads');
  return text;
}

/** The sums that ride along: each adds the products of its own inputs, quad by quad. */
function ridersOf(draft: KernelDraft, product: MatrixProduct): readonly Rider[] {
  return draft.group.riders.map((id) => {
    const node = nodeIn(draft.body, id);
    const term = (code: Code, token: string, quad: string): string => {
      const [a, b] = node.inputs.map((input) => quadOf(draft, code, product, input, token, quad));
      return `dot(${a ?? '0.0'}, ${b ?? 'vec4<f32>(1.0)'})`;
    };
    return { name: node.name ?? 'total', term };
  });
}

/** The tail of a row: which segment it belongs to decides what is computed from its sums. */
function printFinish(
  draft: KernelDraft,
  code: Code,
  token: string,
  row: string,
  sums: readonly string[],
  riders: readonly string[],
): void {
  const { segments } = draft.group;
  let start = 0;
  for (const segment of segments) {
    const from = start;
    const end = from + elementCount(segment.rows);
    const body = (inner: Code): void =>
      printTail(
        draft,
        inner,
        segment,
        from === 0 ? row : inner.let('local_row', `${row} - ${from}u`),
        token,
        sums,
        riders,
      );
    if (segments.length === 1) body(code);
    else code.block(`if (${row} >= ${from}u && ${row} < ${end}u)`, body);
    start = end;
  }
}

function printTail(
  draft: KernelDraft,
  code: Code,
  segment: Segment,
  row: string,
  token: string,
  sums: readonly string[],
  riders: readonly string[],
): void {
  draft.bound.clear();
  segment.streams.forEach((stream, i) => draft.bound.set(stream, sums[i] ?? '0.0'));
  draft.group.riders.forEach((rider, i) => draft.bound.set(rider, riders[i] ?? '0.0'));
  storeOutputs(draft, code, segment, placeOf(plainIndex(row), segment.rows, token));
  draft.bound.clear();
}
