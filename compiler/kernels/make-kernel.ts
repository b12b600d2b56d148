// From a group to its kernels: picks the template by the group's kind, prints it, and accounts for it.
import type { KernelCost } from '../../runtime/plan.ts';
import { valueName } from '../fuse/facts.ts';
import type { Group } from '../fuse/group.ts';
import { isOp } from '../ir/ops/index.ts';
import { appendKernel, attendDecodeKernels, attendPrefillKernel } from './attend-kernel.ts';
import { blockKernel } from './block-kernel.ts';
import { contractKernel } from './contract-kernel.ts';
import { groupCost } from './group-cost.ts';
import { type KernelContext, KernelDraft, type SlotBinding } from './kernel-draft.ts';
import { describeGroup, groupTitle } from './describe.ts';
import { longConvKernels, rememberKernel } from './longconv/kernels.ts';
import { settleKernels } from './longconv/settle.ts';
import { stepKernel } from './longconv/step.ts';
import { anchorOf, carryKernel, pointwiseKernel } from './pointwise-kernel.ts';
import { scanKernels } from './scan-kernel.ts';
import type { Templated } from './template.ts';
import { printKernel } from './wgsl.ts';

/** A printed kernel of a body, with bindings that the plan resolves for each call. */
export interface MadeKernel {
  readonly name: string;
  readonly title: string;
  readonly wgsl: string;
  /** The text without its header: kernels of equal code are one kernel. */
  readonly code: string;
  readonly bindings: readonly SlotBinding[];
  readonly workgroup: readonly [number, number, number];
  readonly features: readonly string[];
  readonly grid: Templated['grid'];
  readonly cost: KernelCost;
  readonly group: number;
}

interface Printed {
  readonly made: Templated;
  readonly bindings: readonly SlotBinding[];
  readonly part: string;
}

/** The kernels of a group, in order: one, or two where a result is joined from partial ones. */
export function makeKernels(context: KernelContext, group: Group): readonly MadeKernel[] {
  const bindings = printGroup(context, group, [], false).flatMap((printed) => printed.bindings);
  const states = bindings.filter(({ slot }) => slot.kind === 'state').map(({ access }) => access);
  // The second printing knows the bindings' names, so that no local name hides one, and whether memories are read and written: they may
  // lie in one buffer, which one kernel cannot bind in both ways.
  const mixed = new Set(states).size > 1;
  const names = new Set(bindings.map((binding) => binding.name));
  return printGroup(context, group, [...names], mixed).map((printed) =>
    finishKernel(context, group, printed),
  );
}

function printGroup(
  context: KernelContext,
  group: Group,
  reserved: readonly string[],
  writesStates: boolean,
): readonly Printed[] {
  const draft = new KernelDraft(context, group, reserved, writesStates);
  return templates(draft).map(([part, made]) => ({
    part,
    made: withHelpers(draft, made),
    bindings: usedBindings(draft, made),
  }));
}

function templates(draft: KernelDraft): readonly (readonly [string, Templated])[] {
  switch (draft.group.kind) {
    case 'contract':
      return [['', contractKernel(draft)]];
    case 'attend': {
      if (draft.phase === 'many') return [['', attendPrefillKernel(draft)]];
      const { split, reduce } = attendDecodeKernels(draft);
      return reduce === undefined
        ? [['', split]]
        : [
            ['split', split],
            ['join', reduce],
          ];
    }
    case 'block':
      return [['', blockKernel(draft)]];
    case 'longconv':
      return draft.phase === 'many' ? longConvKernels(draft) : [['', stepKernel(draft)]];
    case 'settle':
      return settleKernels(draft);
    case 'append':
      return [['', isOp(anchorOf(draft), 'longconv') ? rememberKernel(draft) : appendKernel(draft)]];
    case 'carry':
      return [['', carryKernel(draft)]];
    case 'scan':
      return scanKernels(draft);
    case 'pointwise':
      return [['', pointwiseKernel(draft)]];
  }
}

function withHelpers(draft: KernelDraft, made: Templated): Templated {
  return {
    ...made,
    body: {
      ...made.body,
      features: [...new Set([...draft.features, ...made.body.features])].toSorted(),
      functions: [...new Set([...draft.functions, ...made.body.functions])],
    },
  };
}

/** The bindings that the kernel's text mentions. */
function usedBindings(draft: KernelDraft, made: Templated): readonly SlotBinding[] {
  const text = [...made.body.functions, made.body.code.text()].join('\n');
  return draft.bindings.filter((binding) => new RegExp(`\\b${binding.name}\\b`).test(text));
}

/** What kernels of these groups are called after, where the others are named for decode. */
const PROGRAM_WORDS: Partial<Readonly<Record<Group['kind'], string>>> = { settle: 'settle' };

function finishKernel(context: KernelContext, group: Group, printed: Printed): MadeKernel {
  const { body, phase } = context.grouping;
  const { made, bindings, part } = printed;
  const title = groupTitle(context, group);
  const cost = { ...groupCost(context, group, bindings, made.body.barriers), ...made.work };
  const header = [title, ...describeGroup(context, group, cost)];
  const wgsl = printKernel(header, bindings, made.body);
  const suffix = [part, phase === 'many' ? 'prefill' : (PROGRAM_WORDS[group.kind] ?? 'decode')].filter(
    (word) => word !== '',
  );
  return {
    name: [body.name, nameOf(context, group), ...suffix]
      .join('_')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_'),
    title,
    wgsl,
    code: printKernel([], bindings, made.body),
    bindings,
    workgroup: made.body.workgroup,
    features: made.body.features,
    grid: made.grid,
    cost,
    group: group.index,
  };
}

function nameOf(context: KernelContext, group: Group): string {
  const { body } = context.grouping;
  const anchors = group.segments.flatMap((segment) => segment.streams);
  const outputs = group.segments.flatMap((segment) => segment.outputs);
  const node = anchors[0] ?? group.anchor ?? outputs[0];
  const named = anchors.length > 0 ? anchors : node === undefined ? [] : [node];
  const words = named.slice(0, 3).map((id) => valueName(body, id));
  return [group.kind === 'append' || group.kind === 'carry' ? group.kind : '', ...words]
    .filter((word) => word !== '')
    .join('_');
}
