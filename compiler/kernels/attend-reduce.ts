// The second kernel of split one-token attention: joins the splits' partial softmax sums of each head.
import { type AttendShape, withSink } from './attend.ts';
import { seenText, type DecodeTuning } from './attend-decode-tuning.ts';
import type { Action, Hook, Target, Templated } from './template.ts';
import { forEachItem, LOWEST, names, powerOfTwoAbove, powerOfTwoBelow } from './text.ts';
import { Code, plainBody } from './wgsl.ts';

export interface AttendReduceSpec extends AttendShape {
  readonly visible: number;
  readonly position: string;
  readonly finishPreamble?: (code: Code) => void;
  readonly finish: Action<[group: string, per: string, d: string, value: string]>;
  /** The score of a head's sink, where it has one. */
  readonly sink?: Hook<[group: string, per: string]>;
  readonly readPartial: Hook<[index: string]>;
  readonly reserved?: readonly string[];
}

type Splits = Pick<DecodeTuning, 'splits' | 'workgroup' | 'tiles'>;

/** f32 values of all partial results: for each head and split the highest score, the total weight, and the weighted sums. */
export function partialsLength(shape: AttendShape, tuning: Splits): number {
  return shape.groups * shape.per * tuning.splits * (shape.value + 2);
}

/** Where the partial result of a head and split begins. */
export function partialsStart(
  shape: AttendShape,
  tuning: Splits,
  group: string,
  per: string,
  split: string,
): string {
  const head = shape.groups === 1 ? per : `${group} * ${shape.per}u + ${per}`;
  return `((${head}) * ${tuning.splits}u + ${split}) * ${shape.value + 2}u`;
}

/** One workgroup per head; no barrier, since every invocation goes through the few splits by itself. */
export function attendReduce(spec: AttendReduceSpec, tuning: Splits, target: Target): Templated {
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  const workgroup = Math.min(
    powerOfTwoBelow(target.maxInvocations),
    Math.max(32, powerOfTwoAbove(spec.value)),
    256,
  );
  const at = names(code, ['group', 'per', 'splits']);
  const span = tuning.workgroup * tuning.tiles;
  code.line(`let ${at.per} = workgroup_id.x % ${spec.per}u;`);
  code.line(`let ${at.group} = workgroup_id.x / ${spec.per}u;`);
  code.line('// Splits before the first position hold nothing.');
  code.line(`let ${at.splits} = (${seenText(spec, `(${spec.position})`)} + ${span - 1}u) / ${span}u;`);
  spec.finishPreamble?.(code);
  forEachItem(code, workgroup, spec.value, (inner, d) => joinSplits(inner, spec, tuning, at, d));
  return {
    body: plainBody(workgroup, code),
    grid: [spec.groups * spec.per, 1, 1],
  };
}

function joinSplits(
  code: Code,
  spec: AttendReduceSpec,
  tuning: Splits,
  at: Readonly<Record<'group' | 'per' | 'splits', string>>,
  d: string,
): void {
  if (spec.weigh !== undefined) return addSplits(code, spec, tuning, at, d);
  const { peak, total, sum } = names(code, ['peak', 'total', 'sum']);
  code.line(`var ${peak} = ${LOWEST};`);
  code.line(`var ${total} = 0.0;`);
  code.line(`var ${sum} = 0.0;`);
  code.loop(code.fresh('split'), tuning.splits, (inner, split) => {
    inner.block(`if (${split} >= ${at.splits})`, (stop) => stop.line('break;'));
    const start = inner.let('partial', partialsStart(spec, tuning, at.group, at.per, split));
    const other = inner.let('split_peak', spec.readPartial(inner, start));
    const next = inner.let('next_peak', `max(${peak}, ${other})`);
    const keep = inner.let('keep', `exp2(${peak} - ${next})`);
    const add = inner.let('add', `exp2(${other} - ${next})`);
    inner.line(`${total} = ${total} * ${keep} + ${spec.readPartial(inner, `${start} + 1u`)} * ${add};`);
    inner.line(`${sum} = ${sum} * ${keep} + ${spec.readPartial(inner, `${start} + 2u + ${d}`)} * ${add};`);
    inner.line(`${peak} = ${next};`);
  });
  const whole = withSink(total, peak, spec.sink?.(code, at.group, at.per));
  spec.finish(code, at.group, at.per, d, code.let('result', `${sum} / (${whole})`));
}

/** Without a softmax the splits' sums are the result's parts. */
function addSplits(
  code: Code,
  spec: AttendReduceSpec,
  tuning: Splits,
  at: Readonly<Record<'group' | 'per' | 'splits', string>>,
  d: string,
): void {
  const { sum } = names(code, ['sum']);
  code.line(`var ${sum} = 0.0;`);
  code.loop(code.fresh('split'), tuning.splits, (inner, split) => {
    inner.block(`if (${split} >= ${at.splits})`, (stop) => stop.line('break;'));
    const start = inner.let('partial', partialsStart(spec, tuning, at.group, at.per, split));
    inner.line(`${sum} += ${spec.readPartial(inner, `${start} + 2u + ${d}`)};`);
  });
  spec.finish(code, at.group, at.per, d, sum);
}
