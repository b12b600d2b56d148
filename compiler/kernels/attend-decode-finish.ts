// The end of one-token attention: sums of the invocations' parts become the result, or a partial result of the split.
import { eachElement, withSink } from './attend.ts';
import { batchOf, guardHead, type Kernel } from './attend-decode-kernel.ts';
import { partFloats } from './attend-decode-tuning.ts';
import { partialsStart } from './attend-reduce.ts';
import { counted, forEachItem, names } from './text.ts';
import type { Code } from './wgsl.ts';

/** Every invocation has whole sums of its own entries. */
export function finishAlone(code: Code, kernel: Kernel): void {
  const { tuning, values } = kernel;
  kernel.sums.forEach((sums, index) => {
    const count = Math.min(tuning.workgroup, values.length - index * tuning.workgroup);
    const write = (inner: Code): void => {
      const entry = inner.let('entry', `local_invocation_index + ${index * tuning.workgroup}u`);
      sums.forEach((sum, head) => {
        const [peak = '', total = ''] = [kernel.peaks[head], kernel.totals[head]];
        const name = inner.let('head', `${kernel.at.first_head} + ${head}u`);
        guardHead(inner, kernel, name, (body) =>
          writeResult(body, kernel, name, entry, { sum, total, peak }),
        );
      });
    };
    if (count === tuning.workgroup) code.block('', write);
    else code.block(`if (local_invocation_index < ${count}u)`, write);
  });
}

interface HeadSum {
  readonly sum: string;
  readonly total: string;
  readonly peak: string;
}

/** One entry of one head: the result itself, or a partial one for the reduce. */
function writeResult(code: Code, kernel: Kernel, head: string, entry: string, of: HeadSum): void {
  const { spec, tuning, values, at } = kernel;
  if (tuning.splits === 1) {
    const sink = spec.sink?.(code, at.group, head);
    const share = spec.weigh === undefined ? ` / (${withSink(of.total, of.peak, sink)})` : '';
    const result = code.let('result', `${of.sum}${share}`);
    eachElement(code, values, entry, result, (d, element) => spec.finish(code, at.group, head, d, element));
    return;
  }
  const start = code.let('partial', partialsStart(spec, tuning, at.group, head, 'workgroup_id.x'));
  if (spec.weigh === undefined)
    code.block(`if (${entry} == 0u)`, (inner) => {
      spec.writePartial(inner, start, of.peak);
      spec.writePartial(inner, `${start} + 1u`, of.total);
    });
  eachElement(code, values, entry, of.sum, (d, element) =>
    spec.writePartial(code, `${start} + 2u + ${d}`, element),
  );
}

/** The parts' sums are added up through workgroup memory, a batch of heads at a time. */
export function finishFromParts(code: Code, kernel: Kernel): void {
  const batch = batchOf(kernel);
  for (let first = 0; first < kernel.tuning.heads; first += batch)
    finishBatch(code, kernel, first, Math.min(batch, kernel.tuning.heads - first));
}

function finishBatch(code: Code, kernel: Kernel, first: number, count: number): void {
  const { tuning, values, at } = kernel;
  const { parts } = tuning;
  const stride = partFloats(values, parts);
  code.line('workgroupBarrier();');
  code.block(parts * values.length < tuning.workgroup ? `if (${at.part} < ${parts}u)` : '', (inner) => {
    const sums = kernel.sums[0] ?? [];
    counted(count, (index) => {
      const head = first + index;
      const place = inner.let(
        'place',
        `${index * stride}u + (${at.part} * ${values.length}u + ${at.entry}) * ${values.width}u`,
      );
      const lanes = values.width === 1 ? [''] : ['.x', '.y', '.z', '.w'];
      lanes.forEach((lane, offset) =>
        inner.line(`${at.weights}[${place} + ${offset}u] = ${sums[head]}${lane};`),
      );
      const total = `${index * stride + parts * values.length * values.width}u + ${at.part}`;
      if (kernel.spec.weigh === undefined)
        inner.block(`if (${at.entry} == 0u)`, (body) =>
          body.line(`${at.weights}[${total}] = ${kernel.totals[head]};`),
        );
    });
  });
  code.line('workgroupBarrier();');
  forEachItem(code, tuning.workgroup, count * values.length, (inner, item) =>
    addParts(inner, kernel, first, count, item),
  );
}

function addParts(code: Code, kernel: Kernel, first: number, count: number, item: string): void {
  const { spec, tuning, values, at } = kernel;
  const { parts } = tuning;
  const stride = partFloats(values, parts);
  const local = code.let('head_of_batch', `${item} / ${values.length}u`);
  const entry = code.let('entry', `${item} % ${values.length}u`);
  const { sum, total } = names(code, ['sum', 'total']);
  code.line(`var ${sum} = ${values.zero};`);
  if (spec.weigh === undefined) code.line(`var ${total} = 0.0;`);
  code.loop(code.fresh('part'), parts, (inner, part) => {
    const place = inner.let(
      'place',
      `${local} * ${stride}u + (${part} * ${values.length}u + ${entry}) * ${values.width}u`,
    );
    const lanes = counted(values.width, (lane) => `${at.weights}[${place} + ${lane}u]`);
    inner.line(`${sum} += ${values.width === 1 ? lanes[0] : `vec4<f32>(${lanes.join(', ')})`};`);
    if (spec.weigh !== undefined) return;
    inner.line(
      `${total} += ${at.weights}[${local} * ${stride}u + ${parts * values.length * values.width}u + ${part}];`,
    );
  });
  const head = code.let('head', `${at.first_head} + ${first}u + ${local}`);
  const peak = kernel.peaks
    .slice(first, first + count)
    .reduce((chosen, name, index) =>
      index === 0 ? name : `select(${chosen}, ${name}, ${local} == ${index}u)`,
    );
  guardHead(code, kernel, head, (inner) =>
    writeResult(inner, kernel, head, entry, {
      sum,
      total,
      peak: spec.weigh === undefined ? inner.let('peak', peak) : '',
    }),
  );
}
