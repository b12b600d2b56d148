// The stages of a compilation as text: groups, the plan in short, and the kernels.
import { titleOf } from '../../compiler/fuse/facts.ts';
import type { Grouping, Segment } from '../../compiler/fuse/group.ts';
import { groupBody } from '../../compiler/fuse/grouping.ts';
import type { Body, Graph, NodeId } from '../../compiler/ir/graph.ts';
import type { DerivedOperand, DerivedPlan, DerivedStep, Dispatch, GridSize, Plan } from '../../runtime/plan.ts';

/** All groups of all bodies, in decode and in prefill, with the notes of decode. */
export function printGroups(graph: Graph): string {
  const bodies = Object.values(graph.bodies).flatMap((body) =>
    (['one', 'many'] as const).map((phase) => printGrouping(groupBody(body, phase, { fuse: true }))),
  );
  return `${bodies.join('\n\n')}\n`;
}

function printGrouping({ body, phase, groups, notes }: Grouping): string {
  const title = (id: NodeId): string => `%${id} ${nameOf(body, id)}`;
  const lines = groups.flatMap((group) => [
    `  ${group.index} ${group.kind}${group.anchor === undefined ? '' : ` of ${title(group.anchor)}`}`,
    ...group.segments.map((segment) => `    ${printSegment(segment, title)}`),
    ...(group.riders.length === 0 ? [] : [`    riding along: ${group.riders.map(title).join(', ')}`]),
    ...(group.preamble.length === 0 ? [] : [`    before it starts: ${group.preamble.map(title).join(', ')}`]),
  ]);
  const reasons = notes.map((note) => `  ${note.fired ? 'fused' : 'not fused'}: ${note.rule}: ${note.detail}`);
  return [`${body.name}, ${phase === 'one' ? 'one token' : 'many tokens'}`, ...lines, ...reasons].join('\n');
}

function nameOf(body: Body, id: NodeId): string {
  return titleOf(body, id);
}

function printSegment(segment: Segment, title: (id: NodeId) => string): string {
  const rows = segment.rows.map(({ name, size }) => `${name} ${size}`).join(', ');
  const streams = segment.streams.length === 0 ? '' : ` of ${segment.streams.map(title).join(', ')}`;
  return `rows [${rows}]${streams} → ${segment.outputs.map(title).join(', ')}`;
}

/** What is computed at load: where from, how, and where to. */
function printDerived({ name, flops, arrays, weights, steps }: DerivedPlan): readonly string[] {
  return [
    `derived for ${name}: ${flops} FLOP`,
    ...arrays.map(({ elements, values, target }, at) => {
      const given = weights.find(({ buffer }) => buffer === at)?.name ?? values?.join(' ');
      const from = given === undefined ? '' : ` from ${given}`;
      const to = target === undefined ? '' : ` to ${target.buffer}:${target.byteOffset}`;
      return `  $${at} [${elements}]${from}${to}`;
    }),
    ...steps.map((step) => `  ${printDerivedStep(step)}`),
  ];
}

function printDerivedStep(step: DerivedStep): string {
  if (step.kind === 'function') return `$${step.out} = ${step.function}(${step.inputs.join(', ')})`;
  if (step.kind === 'blocks')
    return `by ${step.rows} of ${step.count}: ${step.steps.map(printDerivedStep).join('; ')}`;
  if (step.kind === 'spectra')
    return `$${step.out} = spectra(${step.filters.map(({ array }) => array).join(', ')}) by ${step.plan.radices.join(' · ')}`;
  const { out, operands, sizes, reduce } = step;
  const combined = reduce === undefined ? '' : `${reduce.combine} of ${reduce.loops}: `;
  return `${printOperand(out)} = ${combined}${step.function}(${operands.map(printOperand).join(', ')}) over [${sizes.join(', ')}]`;
}

function printOperand(operand: DerivedOperand): string {
  if ('first' in operand) return `${operand.first} + [${operand.strides.join(', ')}]`;
  if ('lookup' in operand) return `${printOperand(operand.table)}[${printOperand(operand.at)}]`;
  return `$${operand.array}[${operand.offset} + ${operand.strides.join(', ')}]`;
}

/** Buffers, weights, states and dispatches, a line each. */
export function printPlan(plan: Plan): string {
  const { buffers, weights, states, kernels, programs, requires } = plan;
  const lists = Object.entries(programs).flatMap(([name, dispatches]) => [
    `${name}: ${dispatches.length} dispatches`,
    ...dispatches.map((dispatch: Dispatch) => `  ${printDispatch(plan, dispatch)}`),
  ]);
  return `${[
    `${plan.name}: vocab ${plan.vocab}, chunk ${plan.chunk}, capacity ${plan.capacity ?? 'none'}`,
    `needs ${JSON.stringify(requires)}`,
    ...buffers.map(({ name, use, bytes }, i) => `buffer ${i} ${name} (${use}): ${bytes} bytes`),
    ...weights.map(
      (weight) =>
        `weight ${weight.name} from ${weight.tensors.join(' | ')} [${weight.shape.join(', ')}] ${weight.encoding} at ${weight.buffer}:${weight.targetByteOffset}`,
    ),
    ...plan.derived.flatMap(printDerived),
    ...states.map(({ name, kind, axes, buffer, byteOffset }) => {
      const shape = axes.map((axis) => `${axis.name} ${axis.size}`).join(', ');
      return `state ${name} (${kind}) [${shape}] at ${buffer}:${byteOffset}`;
    }),
    ...kernels.map(({ name, title, workgroup }) => `kernel ${name} (${workgroup.join(' × ')}): ${title}`),
    ...lists,
  ].join('\n')}\n`;
}

function printDispatch(plan: Plan, dispatch: Dispatch): string {
  const kernel = plan.kernels[dispatch.kernel];
  const bound = dispatch.bindings.map(
    ({ buffer, byteOffset }, i) => `${kernel?.bindings[i]?.name}=${buffer}:${byteOffset}`,
  );
  const layer = dispatch.layer === null ? '' : `${dispatch.layer} `;
  return `${layer}${dispatch.label} ${kernel?.name} <${dispatch.grid.map(printGrid).join(', ')}> ${bound.join(' ')}`;
}

function printGrid(size: GridSize): string {
  return typeof size === 'number' ? String(size) : `${size.times} × tokens / ${size.tile}`;
}

export function printKernels(plan: Plan): string {
  return plan.kernels.map((kernel) => `// ---- ${kernel.name}.wgsl\n${kernel.wgsl}`).join('\n');
}
