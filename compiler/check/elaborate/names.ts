// What follows the dot of `layer`, `site`, `model`, and of a letter that exposes values.
import type { Name, Reference } from '../../../grammar/ast.ts';
import type { ValueDtype } from '../../ir/graph.ts';
import * as errors from '../errors.ts';
import { bodyAxis } from './axes.ts';
import { fail, type Frame, type Occurrence } from './context.ts';
import { emit } from './emit.ts';
import { constant, failed, type Value } from './value.ts';

const members: Readonly<Record<string, readonly string[]>> = {
  layer: ['index', 'count'],
  site: ['index', 'count'],
  model: ['embedding', 'meta', 'context'],
};

export function isContextName(name: string): boolean {
  return Object.hasOwn(members, name);
}

/** `layer.index`, `model.embedding`, `LAST.memory`; undefined where the name before the dot is none of these. */
export function memberOfName(frame: Frame, of: Reference, member: Name): Value | undefined {
  const known = Object.hasOwn(members, of.name) ? members[of.name] : undefined;
  if (known === undefined) return frame.model ? exposedBy(frame, of, member) : undefined;
  if (!known.includes(member.text))
    return fail(frame, errors.unknownMember(member.span, of.name, member.text, known));
  const { body } = frame;
  switch (`${of.name}.${member.text}`) {
    case 'layer.count':
      return constant(body.layerCount);
    case 'site.count':
      return constant(body.siteCount);
    case 'layer.index':
      return perOccurrence(frame, ({ layer }) => layer ?? 0);
    case 'site.index':
      return perOccurrence(frame, ({ site }) => site);
    case 'model.meta':
      return constant(body.program.model.meta);
    case 'model.context':
      return roomForPositions(frame, member);
    default:
      return readStream(frame, of, member);
  }
}

/** How many positions a sequence has room for. */
function roomForPositions(frame: Frame, { span }: Name): Value {
  const { room } = frame.body.program.model.positions;
  return room === undefined ? fail(frame, errors.contextNotYetKnown(span)) : constant(room);
}

function perOccurrence(frame: Frame, number: (occurrence: Occurrence) => number): Value {
  return { kind: 'perCall', values: frame.body.occurrences.map(number) };
}

/** The embedding stream, as an input of the body. */
function readStream(frame: Frame, of: Reference, member: Name): Value {
  const width = frame.body.program.model.scope.axes.get('width');
  if (width === undefined) return failed;
  const axes = width.map(({ label, size }) => bodyAxis(frame.body, label, size));
  const name = `${of.name}.${member.text}`;
  frame.body.reads.set(name, { output: 'stream', span: member.span });
  return inputNode(frame, name, 'f32', axes, member);
}

function inputNode(
  frame: Frame,
  name: string,
  dtype: ValueDtype,
  axes: readonly { name: string; size: number }[],
  member: Name,
): Value {
  const type = {
    dtype,
    axes: axes.map((axis) => ({ name: axis.name, size: axis.size })),
    temporal: true,
  };
  return emit(frame, { op: 'input', inputs: [], attrs: { name, type }, name, span: member.span });
}

/** The value that the letter exposes at its nearest earlier occurrence, as an input of the body. */
function exposedBy(frame: Frame, of: Reference, member: Name): Value | undefined {
  const { model } = frame.body.program;
  const exposes = model.exposed(of.name);
  if (exposes.kind === 'unknown') return undefined;
  if (exposes.kind === 'failed') return failed;
  if (exposes.kind === 'cycle') return fail(frame, errors.exposedCycle(of.span, exposes.letters));
  const type = exposes.values.get(member.text);
  if (type === undefined) {
    return fail(frame, errors.notExposed(member.span, of.name, member.text, [...exposes.values.keys()]));
  }
  if (type.dtype === 'bool') return fail(frame, errors.truthMismatch(member.span, false));
  const name = `${of.name}.${member.text}`;
  const axes = type.axes.map(({ name: axis, size }, index) =>
    bodyAxis(frame.body, type.labels[index] ?? axis, size),
  );
  frame.body.reads.set(name, { letter: of.name, output: member.text, span: member.span });
  return inputNode(frame, name, type.dtype, axes, member);
}
