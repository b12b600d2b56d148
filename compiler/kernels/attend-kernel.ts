// The kernels of attention groups: what the templates need to know, read off the graph.
import type { Segment } from '../fuse/group.ts';
import { type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { attendInputs, reachBack } from '../ir/ops/attend-inputs.ts';
import { isOp, type NodeOf } from '../ir/ops/index.ts';
import { attendDecode, type AttendDecode } from './attend-decode.ts';
import { attendPrefill, type AttendPrefillSpec } from './attend-prefill.ts';
import { biasHook, weighFunction } from './attend-scores.ts';
import { type AttendShape, type CacheReader, slotOf } from './attend.ts';
import { stateOf } from './body-layout.ts';
import { element, nodeIn, positionText } from './elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { type Index, type Place, placeOf, plainIndex, quadIndex, splitIndex, withAxes } from './place.ts';
import { preambleNeeds, printPreamble, withPreamble } from './preamble.ts';
import { anchorOf, rowKernel, storeOutputs } from './pointwise-kernel.ts';
import { readElement, type Storage, writeElement } from './storage.ts';
import type { Templated } from './template.ts';
import type { Code } from './wgsl.ts';

/** The axis of a key or value memory that counts its slots, and the memory's name. */
export const SLOT_AXIS = 'slot';
export const MEMORY_PART = 'memory';

interface AttendRoles {
  readonly query: NodeId;
  readonly key: NodeId;
  readonly value: NodeId;
  readonly sink: NodeId | undefined;
  readonly groups: readonly Axis[];
  readonly per: readonly Axis[];
  readonly over: Axis;
  readonly values: readonly Axis[];
  readonly shape: AttendShape;
  /** Whether this node writes the memory, rather than reading what another layer remembers. */
  readonly owns: boolean;
}

function has(axes: readonly Axis[], name: string): boolean {
  return axes.some((axis) => axis.name === name);
}

/** The roles of the axes: those that query and key share are groups, the query's own are heads of a group, the value's own its elements. */
export function attendAxes(
  draft: Pick<KernelDraft, 'body'>,
  id: NodeId,
): Omit<AttendRoles, 'shape' | 'owns'> {
  const node = nodeIn(draft.body, id);
  if (!isOp(node, 'attend')) throw new Error(`internal: ${node.op} is no attend`);
  const { query, key, value, sink } = attendInputs(node.inputs, node.attrs);
  const axesOf = (input: NodeId): readonly Axis[] => nodeIn(draft.body, input).type.axes;
  const over = axesOf(query).find((axis) => axis.name === node.attrs.over);
  if (over === undefined) throw new Error('internal: attend over an axis that its query lacks');
  const own = axesOf(query).filter((axis) => axis.name !== over.name);
  return {
    query,
    key,
    value,
    sink,
    groups: own.filter((axis) => has(axesOf(key), axis.name) || has(axesOf(value), axis.name)),
    per: own.filter((axis) => !has(axesOf(key), axis.name) && !has(axesOf(value), axis.name)),
    over,
    values: axesOf(value).filter((axis) => !has(axesOf(query), axis.name)),
  };
}

function attendNode(draft: KernelDraft): NodeOf<'attend'> {
  const node = anchorOf(draft);
  if (!isOp(node, 'attend')) throw new Error(`internal: ${node.op} is no attend`);
  return node;
}

function rolesOf(draft: KernelDraft): AttendRoles {
  const node = attendNode(draft);
  const axes = attendAxes(draft, node.id);
  const memory = stateOf(draft.context.layout, axes.key, MEMORY_PART);
  const { window, pinned, softcap, chunk, perVisible, causal } = node.attrs;
  const shape: AttendShape = {
    groups: elementCount(axes.groups),
    per: elementCount(axes.per),
    key: axes.over.size,
    value: elementCount(axes.values),
    slots: memory.axes.find((axis) => axis.name === SLOT_AXIS)?.size ?? 0,
    kept: memory.pinned ?? 0,
    scale: node.attrs.scale,
    ...(window !== undefined && { window }),
    ...(pinned !== undefined && { pinned }),
    ...(softcap !== undefined && { softcap }),
    ...(chunk !== undefined && { chunk }),
    ...(perVisible !== undefined && { perVisible }),
    ...(causal === false && { ahead: true }),
  };
  const owns = nodeIn(draft.body, axes.key).op !== 'input' || nodeIn(draft.body, axes.value).op !== 'input';
  return { ...axes, shape, owns };
}

function groupPlace(
  roles: AttendRoles,
  group: string,
  entries: readonly (readonly [string, Index])[],
  token = '0u',
): Place {
  return withAxes(placeOf(plainIndex(group), roles.groups, token), entries);
}

function valueEntries(roles: AttendRoles, d: Index): readonly (readonly [string, Index])[] {
  return splitIndex(d, roles.values);
}

function cacheReader(roles: AttendRoles, keys: Storage, values: Storage): CacheReader {
  const key = (group: string, slot: string, d: Index): string =>
    readElement(
      keys,
      groupPlace(roles, group, [
        [SLOT_AXIS, plainIndex(slot)],
        [roles.over.name, d],
      ]),
    );
  const value = (group: string, slot: string, d: Index): string =>
    readElement(values, groupPlace(roles, group, [[SLOT_AXIS, plainIndex(slot)], ...valueEntries(roles, d)]));
  return {
    readKey: (_code, group, slot, d) => key(group, slot, plainIndex(d)),
    readValue: (_code, group, slot, d) => value(group, slot, plainIndex(d)),
    readKey4: (_code, group, slot, at) => quad((d) => key(group, slot, d), at),
    readValue4: (_code, group, slot, at) => quad((d) => value(group, slot, d), at),
  };
}

function quad(read: (d: Index) => string, at: string): string {
  return `vec4<f32>(${[0, 1, 2, 3].map((lane) => read(quadIndex(at, lane))).join(', ')})`;
}

function finishHook(draft: KernelDraft, roles: AttendRoles, segment: Segment) {
  return (code: Code, token: string, group: string, per: string, d: string, value: string): void => {
    draft.bound.clear();
    draft.bound.set(anchorOf(draft).id, value);
    const place = groupPlace(
      roles,
      group,
      [...splitIndex(plainIndex(per), roles.per), ...valueEntries(roles, plainIndex(d))],
      token,
    );
    storeOutputs(draft, code, segment, place);
    draft.bound.clear();
  };
}

/** What the attend does with its scores. */
function scoreHooks(draft: KernelDraft, roles: AttendRoles): Pick<AttendPrefillSpec, 'bias' | 'weigh'> {
  const node = attendNode(draft);
  const bias = biasHook(draft, node, (group, per, axis, index) =>
    groupPlace(roles, group, [...splitIndex(plainIndex(per), roles.per), [axis, plainIndex(index)]]),
  );
  const weigh = weighFunction(draft, node);
  return { ...(bias !== undefined && { bias }), ...(weigh !== undefined && { weigh }) };
}

/** The score of a head's sink, where the attend has one. */
function sinkHook(draft: KernelDraft, roles: AttendRoles) {
  const { sink } = roles;
  return sink === undefined
    ? undefined
    : (code: Code, token: string, group: string, per: string): string => {
        draft.bound.clear();
        const place = groupPlace(roles, group, splitIndex(plainIndex(per), roles.per), token);
        return element(draft, code, sink, place);
      };
}

function queryElement(
  draft: KernelDraft,
  code: Code,
  roles: AttendRoles,
  token: string,
  group: string,
  per: string,
  d: string,
): string {
  draft.bound.clear();
  const place = groupPlace(
    roles,
    group,
    [...splitIndex(plainIndex(per), roles.per), [roles.over.name, plainIndex(d)]],
    token,
  );
  return element(draft, code, roles.query, place);
}

/** Decode: one kernel, or two where the positions seen are many. */
export function attendDecodeKernels(draft: KernelDraft): AttendDecode {
  const roles = rolesOf(draft);
  const [segment] = draft.group.segments;
  if (segment === undefined) throw new Error('internal: an attend without rows');
  const keys = draft.state(roles.key, MEMORY_PART);
  const values = draft.state(roles.value, MEMORY_PART);
  const position = positionText(draft, { axes: new Map(), token: '0u' });
  const finish = finishHook(draft, roles, segment);
  const { shape } = roles;
  const sink = sinkHook(draft, roles);
  const made = (scratch: string) =>
    attendDecode(
      {
        ...shape,
        ...cacheReader(roles, keys, values),
        ...(roles.owns ? appendHooks(draft, roles, keys, values) : {}),
        ...scoreHooks(draft, roles),
        visible: Math.min(reachBack(attendNode(draft).attrs), shape.slots),
        position,
        query: (code, group, per, d) => queryElement(draft, code, roles, '0u', group, per, d),
        ...(sink !== undefined && {
          sink: (code: Code, group: string, per: string) => sink(code, '0u', group, per),
        }),
        finish: (code, group, per, d, value) => finish(code, '0u', group, per, d, value),
        writePartial: (code, index, value) => void code.line(`${scratch}[${index}] = ${value};`),
        readPartial: (_code, index) => `${scratch}[${index}]`,
        preamble: (code, workgroup) => printPreamble(draft, code, workgroup),
        sharedBytes: preambleNeeds(draft, 0).shared.reduce((sum, each) => sum + each.bytes, 4 * 256),
        reserved: draft.reserved,
      },
      draft.context.target,
    );
  const partials = made('partials').partials;
  const { split, ...rest } = partials === 0 ? made('partials') : made(draft.scratch(partials));
  return { split: withPreamble(draft, split), ...rest };
}

function appendHooks(draft: KernelDraft, roles: AttendRoles, keys: Storage, values: Storage) {
  return {
    newKey: (code: Code, group: string, d: string): string => {
      draft.bound.clear();
      return element(draft, code, roles.key, groupPlace(roles, group, [[roles.over.name, plainIndex(d)]]));
    },
    newValue: (code: Code, group: string, d: string): string => {
      draft.bound.clear();
      return element(draft, code, roles.value, groupPlace(roles, group, valueEntries(roles, plainIndex(d))));
    },
    store: {
      writeKey: (code: Code, group: string, slot: string, d: string, value: string): void => {
        const place = groupPlace(roles, group, [
          [SLOT_AXIS, plainIndex(slot)],
          [roles.over.name, plainIndex(d)],
        ]);
        code.line(writeElement(keys, place, value));
      },
      writeValue: (code: Code, group: string, slot: string, d: string, value: string): void => {
        const place = groupPlace(roles, group, [
          [SLOT_AXIS, plainIndex(slot)],
          ...valueEntries(roles, plainIndex(d)),
        ]);
        code.line(writeElement(values, place, value));
      },
    },
  };
}

/** Prefill: the run's keys and values are in memory already; see `appendKernel`. */
export function attendPrefillKernel(draft: KernelDraft): Templated {
  const roles = rolesOf(draft);
  const [segment] = draft.group.segments;
  if (segment === undefined) throw new Error('internal: an attend without rows');
  const keys = draft.state(roles.key, MEMORY_PART, false);
  const values = draft.state(roles.value, MEMORY_PART, false);
  const finish = finishHook(draft, roles, segment);
  const sink = sinkHook(draft, roles);
  return attendPrefill(
    {
      ...roles.shape,
      ...cacheReader(roles, keys, values),
      position: draft.control('position'),
      tokens: { maximum: draft.context.chunk, count: draft.control('count') },
      query: (code, token, group, per, d) => queryElement(draft, code, roles, token, group, per, d),
      ...(sink !== undefined && { sink }),
      ...scoreHooks(draft, roles),
      finish,
      reserved: draft.reserved,
    },
    draft.context.target,
  );
}

/** Prefill: writes the run's keys and values into their memory, each element by one invocation. */
export function appendKernel(draft: KernelDraft): Templated {
  const roles = rolesOf(draft);
  const work = (id: NodeId, axes: readonly Axis[]) => ({
    rows: axes,
    print: (code: Code, place: Place): void => {
      const memory = draft.state(id, MEMORY_PART);
      const value = code.let('value', element(draft, code, id, place));
      const slot = code.let('slot', slotOf(roles.shape, positionText(draft, place)));
      code.line(writeElement(memory, withAxes(place, [[SLOT_AXIS, plainIndex(slot)]]), value));
    },
  });
  const axesOf = (id: NodeId): readonly Axis[] => nodeIn(draft.body, id).type.axes;
  return rowKernel(draft, [work(roles.key, axesOf(roles.key)), work(roles.value, axesOf(roles.value))], true);
}
