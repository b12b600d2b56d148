// The start of one-token attention: queries and the new key go to workgroup memory, and the new key to the cache.
import { eachElement, entryOf, queryFactor, type Row, slotOf } from './attend.ts';
import type { Kernel } from './attend-decode-kernel.ts';
import { forEachItem } from './text.ts';
import type { Code } from './wgsl.ts';

/** Queries go to workgroup memory, scaled; the new key too, and to the cache. */
export function stageQueries(code: Code, kernel: Kernel): void {
  const { spec, tuning, keys, at } = kernel;
  const whole = queryFactor(spec);
  const factor = spec.perVisible === true ? code.let('factor', `${whole} / f32(${at.limit})`) : whole;
  forEachItem(code, tuning.workgroup, tuning.heads * keys.length, (inner, item) => {
    const head = inner.let('head', `min(${at.first_head} + ${item} / ${keys.length}u, ${spec.per - 1}u)`);
    const entry = inner.let('entry', `${item} % ${keys.length}u`);
    const value = entryOf(inner, keys, entry, (d) => inner.let('q', spec.query(inner, at.group, head, d)));
    inner.line(`${at.queries}[${item}] = ${value} * ${factor};`);
  });
  const { newKey } = spec;
  if (newKey === undefined) return;
  code.block(`if (${at.start} == 0u)`, (first) => {
    forEachItem(first, tuning.workgroup, keys.length, (inner, entry) => {
      const key = inner.let(
        'k',
        entryOf(inner, keys, entry, (d) => inner.let('k', newKey(inner, at.group, d))),
      );
      inner.line(`${at.new_key}[${entry}] = ${key};`);
      storeOnce(inner, kernel, keys, entry, key, 'writeKey');
    });
  });
}

/** Of the workgroups that hold a group's heads, the first one appends. */
export function storeOnce(
  code: Code,
  kernel: Kernel,
  row: Row,
  entry: string,
  value: string,
  write: 'writeKey' | 'writeValue',
): void {
  const { spec, tuning, at } = kernel;
  const store = (inner: Code): void => {
    const slot = inner.let('slot', slotOf(spec, at.current));
    eachElement(inner, row, entry, value, (d, element) =>
      spec.store?.[write](inner, at.group, slot, d, element),
    );
  };
  if (tuning.headTiles === 1) store(code);
  else code.block('if (workgroup_id.z == 0u)', store);
}
