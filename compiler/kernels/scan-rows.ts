// A recurrence over a run, position by position: one invocation for each row of the state, which stays in registers where it is short.
import { isColumnState, type ScanShape, scanShape } from '../fuse/scan-shape.ts';
import { type Axis, elementCount } from '../ir/graph.ts';
import { element, type Elements } from './elements.ts';
import { ENCODINGS } from './encodings.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { type Place, plainIndex, rowMajor, splitIndex, withAxes } from './place.ts';
import { anchorOf, rowKernel, storeOutputs } from './pointwise-kernel.ts';
import { ROW_STATES } from './recurrence-work.ts';
import { bindResults } from './scan-results.ts';
import { readElement, type Storage, writeElement } from './storage.ts';
import type { Templated } from './template.ts';
import type { Code } from './wgsl.ts';

/** Right for any body whose rows go by themselves. */
export function sequentialScanKernel(draft: KernelDraft): Templated {
  const [segment] = draft.group.segments;
  if (segment === undefined) throw new Error('internal: a scan without rows');
  const anchor = anchorOf(draft);
  const print = (code: Code, place: Place): void => {
    const kept = keptStates(draft, code, scanShape(anchor));
    const elements = kept.length === 0 ? draft : withStates(draft, kept);
    kept.forEach((state) => move(code, place, state, state.memory, state.own));
    code.block(`for (var token = 0u; token < ${draft.control('count')}; token++)`, (inner) => {
      draft.bound.clear();
      const at = { ...place, token: 'token' };
      const result = element(elements, inner, anchor.id, at);
      if (scanShape(anchor).results.length === 1) bindResults(draft, anchor, [result]);
      storeOutputs(draft, inner, segment, at);
      draft.bound.clear();
    });
    kept.forEach((state) => move(code, place, state, state.own, state.memory));
  };
  return rowKernel(draft, [{ rows: segment.rows, print }], false);
}

interface KeptState {
  readonly name: string;
  /** Its axes within a row. */
  readonly axes: readonly Axis[];
  readonly memory: Storage;
  /** The invocation's own array. */
  readonly own: Storage;
}

/** The states of a row, if all of them are few enough together. */
function keptStates(draft: KernelDraft, code: Code, shape: ScanShape): readonly KeptState[] {
  const { id } = anchorOf(draft);
  const axesOf = (state: ScanShape['states'][number]): readonly Axis[] =>
    isColumnState(shape, state) ? shape.column : [];
  const total = shape.states.reduce((sum, state) => sum + elementCount(axesOf(state)), 0);
  if (total > ROW_STATES) return [];
  return shape.states.map((state) => {
    const axes = axesOf(state);
    const binding = code.fresh(`own_${state.name}`);
    code.line(`var ${binding}: array<f32, ${elementCount(axes)}>;`);
    const own: Storage = {
      binding,
      writable: true,
      reader: ENCODINGS.f32,
      dtype: 'f32',
      strides: rowMajor(axes),
      tokenStride: 0,
      offset: 0,
    };
    return { name: state.name, axes, memory: draft.state(id, state.name), own };
  });
}

/** The draft, but for the states that are at hand. */
function withStates(draft: KernelDraft, kept: readonly KeptState[]): Elements {
  return {
    body: draft.body,
    phase: draft.phase,
    bound: draft.bound,
    storage: (id) => draft.storage(id),
    state: (id, part, write) =>
      (id === anchorOf(draft).id ? kept.find(({ name }) => name === part)?.own : undefined) ??
      draft.state(id, part, write),
    control: (word) => draft.control(word),
    tokenId: (token) => draft.tokenId(token),
    helper: (text) => draft.helper(text),
  };
}

function move(code: Code, place: Place, { axes }: KeptState, from: Storage, to: Storage): void {
  code.loop(code.fresh('element'), elementCount(axes), (inner, index) => {
    const at = withAxes(place, splitIndex(plainIndex(index), axes));
    inner.line(writeElement(to, at, readElement(from, at)));
  });
}
