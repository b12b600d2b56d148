// A kernel while it is printed: collects its bindings as values are read and written, and answers the element printer.
import { CONTROL } from '../../runtime/plan.ts';
import { valueName } from '../fuse/facts.ts';
import type { Group, Grouping } from '../fuse/group.ts';
import { type AnyNode, elementCount, type NodeId } from '../ir/graph.ts';
import { keptStorage } from './block-kernel.ts';
import { type BodyLayout, memoryWith, roundUp, type WeightPlace } from './body-layout.ts';
import { type Elements, nodeIn } from './elements.ts';
import { ENCODINGS, FEATURE_NAMES, readerFor } from './encodings.ts';
import type { ConvForm } from './fft/problem.ts';
import { spectraOfTile } from './longconv/fourier.ts';
import type { FourierMemory } from './longconv/spec.ts';
import { rowMajor } from './place.ts';
import { preambleStorage } from './preamble.ts';
import { type Slot, slotKey } from './slots.ts';
import type { Storage } from './storage.ts';
import type { Target } from './template.ts';
import { isWgslWord } from './words.ts';
import type { Binding } from './wgsl.ts';

/** How prefill goes through recurrences: in chunks of tokens where it can, token by token, or whichever is less work by counting. */
export type RecurrencePrefill = 'auto' | 'chunked' | 'looped';

/** Everything a group's kernel is made from. */
export interface KernelContext {
  readonly grouping: Grouping;
  readonly layout: BodyLayout;
  readonly target: Target;
  /** Most tokens of a run. */
  readonly chunk: number;
  /** `auto` unless given. */
  readonly recurrences?: RecurrencePrefill | undefined;
}

export interface SlotBinding extends Binding {
  readonly slot: Slot;
}

/** Values in one group's memory start at multiples of this many elements, so that each can be bound by itself (256 bytes). */
const ALIGNMENT = 64;

/** Element offset of each value a group stores, and the whole size. */
export function groupStorage(
  context: Pick<KernelContext, 'grouping' | 'chunk'>,
  group: Group,
): { offsets: ReadonlyMap<NodeId, number>; elements: number } {
  const { body, phase } = context.grouping;
  const tokens = phase === 'many' ? context.chunk : 1;
  const offsets = new Map<NodeId, number>();
  let elements = 0;
  for (const output of group.segments.flatMap((segment) => segment.outputs)) {
    offsets.set(output, elements);
    elements += roundUp(elementCount(nodeIn(body, output).type.axes) * tokens, ALIGNMENT);
  }
  return { offsets, elements };
}

/** The bindings of a kernel in the making, and the printer's view of memory. */
export class KernelDraft implements Elements {
  readonly bound = new Map<NodeId, string>();
  readonly functions = new Set<string>();
  /** WebGPU features that what was read needs. */
  readonly features = new Set<string>();
  /** How many of the group's preamble values are printed. */
  preambleDone = 0;
  /** How many of the block's stages are printed. */
  stagesDone = 0;
  readonly context: KernelContext;
  readonly group: Group;
  source?: NonNullable<Elements['source']>;
  /** Names that a template's own must avoid: those of the bindings, known from an earlier printing of the same kernel. */
  readonly reserved: readonly string[];
  /** Every memory is bound for writing, even where it is only read. */
  readonly writesStates: boolean;
  readonly #bindings = new Map<string, SlotBinding>();
  readonly #names = new Set<string>();

  constructor(context: KernelContext, group: Group, reserved: readonly string[], writesStates = false) {
    this.writesStates = writesStates;
    this.context = context;
    this.group = group;
    this.reserved = [
      ...reserved,
      'main',
      'turn',
      'workgroup_id',
      'local_invocation_index',
      'global_invocation_id',
    ];
  }

  get body(): Grouping['body'] {
    return this.context.grouping.body;
  }

  get phase(): Grouping['phase'] {
    return this.context.grouping.phase;
  }

  get bindings(): readonly SlotBinding[] {
    return [...this.#bindings.values()];
  }

  storage(id: NodeId): Storage | undefined {
    const local = preambleStorage(this, id) ?? keptStorage(this, id);
    if (local !== undefined) return local;
    const node = nodeIn(this.body, id);
    const { layout } = this.context;
    if (node.op === 'weight' || node.op === 'parameter') return this.#fixed(node, layout.weights.get(id));
    if (layout.derived.has(id)) return this.#fixed(node, layout.derived.get(id));
    if (node.op === 'input') return this.#input(node, { kind: 'input', name: String(node.attrs['name']) });
    if (node.op === 'features') return this.#input(node, { kind: 'features' });
    const storing = this.context.grouping.stored.get(id);
    return storing === undefined || storing >= this.group.index ? undefined : this.#stored(node, storing);
  }

  /** Where this group writes one of its values. */
  output(id: NodeId): Storage {
    return this.#stored(nodeIn(this.body, id), this.group.index, true);
  }

  state(id: NodeId, part: string, writing = true): Storage {
    const write = writing || this.writesStates;
    const { first, parts, elements } = memoryWith(this.context.layout, id, part);
    const own = parts.find(({ state }) => state.part === part);
    if (own === undefined) throw new Error(`internal: node ${id} has no memory called ${part}`);
    const hint = `${valueName(this.body, id)}_${parts.length === 1 ? part : 'states'}`;
    const name = this.#bind({ kind: 'state', node: id, part: first }, hint, elements, write);
    return {
      binding: name,
      writable: write,
      reader: ENCODINGS.f32,
      dtype: 'f32',
      strides: rowMajor(own.state.axes),
      tokenStride: 0,
      offset: own.offset,
    };
  }

  control(word: Exclude<keyof typeof CONTROL, 'words'>): string {
    this.#declare({ kind: 'control' }, 'control', `array<u32, ${CONTROL.words}>`, CONTROL.words * 4, false);
    return `control[${CONTROL[word]}]`;
  }

  tokenId(token: string): string {
    const { chunk } = this.context;
    this.#declare({ kind: 'tokens' }, 'tokens', `array<u32, ${chunk}>`, 4 * chunk, false);
    return `tokens[${token}]`;
  }

  helper(text: string): void {
    this.functions.add(text);
  }

  /** Scratch memory of this group, f32. */
  scratch(elements: number): string {
    return this.#bind({ kind: 'scratch', group: this.group.index }, 'partials', elements, true);
  }

  /** The same in quads, for kernels that leave quads to the next. */
  scratchQuads(quads: number): string {
    const slot: Slot = { kind: 'scratch', group: this.group.index };
    return this.#declare(slot, 'prepared', `array<vec4<f32>, ${quads}>`, 16 * quads, true);
  }

  /** What a Fourier form of a long convolution reads besides x, and its scratch memory. */
  fourier(node: NodeId, form: ConvForm): FourierMemory {
    const pairs = (slot: Slot, hint: string, count: number, write = false): string =>
      this.#declare(slot, hint, `array<vec2<f32>, ${count}>`, 8 * count, write);
    // One binding for both, as there are few: the first tile's spectra lie behind the turns.
    const turns = form.turns.reduce((sum, { count }) => sum + count, 0);
    const bound = (tile: number): string => {
      const count = spectraOfTile(form, tile) + (tile === 0 ? turns : 0);
      return pairs({ kind: 'spectra', node, tile, form }, 'spectra', count);
    };
    return {
      spectrum: (tile, index) => `${bound(tile)}[${tile === 0 ? `${turns}u + ` : ''}${index}]`,
      turn: (index) => `${bound(0)}[${index}]`,
      scratch:
        form.scratch === 0
          ? ''
          : pairs({ kind: 'scratch', group: this.group.index }, 'partials', form.scratch, true),
    };
  }

  /** A weight, a constant of the call, or what is derived from them. */
  #fixed(node: AnyNode, place: WeightPlace | undefined): Storage {
    if (place === undefined) throw new Error(`internal: weight ${node.name ?? node.id} has no place`);
    const common = {
      writable: false,
      dtype: node.type.dtype,
      tokenStride: 0,
      strides: place.strides,
      offset: place.offset,
    };
    if (place.block === undefined) {
      const binding = this.#bind({ kind: 'vectors' }, 'vectors', this.context.layout.vectorElements, false);
      return { ...common, binding, reader: ENCODINGS.f32 };
    }
    const block = this.context.layout.blocks[place.block];
    if (block === undefined) throw new Error('internal: no such block of weights');
    const reader = readerFor(block.encoding, this.context.target);
    if (reader.feature !== undefined) this.features.add(FEATURE_NAMES[reader.feature]);
    const name = this.#declare(
      { kind: 'matrix', block: place.block },
      block.weights.length === 1 ? `${node.name ?? 'matrix'}_weights` : 'weights',
      reader.storage(block.elements / 4),
      (block.elements / 4) * ENCODINGS[block.encoding].bytesPerQuad,
      false,
    );
    return { ...common, binding: name, reader };
  }

  #input(node: AnyNode, slot: Slot): Storage | undefined {
    if (this.source !== undefined) return undefined;
    const size = elementCount(node.type.axes);
    const many = this.phase === 'many' && node.type.temporal;
    const elements = roundUp(size * (many ? this.context.chunk : 1), ALIGNMENT);
    const name = this.#bind(slot, `${node.name ?? node.op}_in`, elements, false);
    return {
      binding: name,
      writable: false,
      reader: ENCODINGS.f32,
      dtype: node.type.dtype,
      strides: rowMajor(node.type.axes),
      tokenStride: many ? size : 0,
      offset: 0,
    };
  }

  #stored(node: AnyNode, storing: number, write = false): Storage {
    const group = this.context.grouping.groups[storing];
    if (group === undefined) throw new Error(`internal: no group ${storing}`);
    const { offsets, elements } = groupStorage(this.context, group);
    const size = elementCount(node.type.axes);
    const stem = group.segments.flatMap((segment) => segment.outputs).map((id) => valueName(this.body, id));
    const name = this.#bind({ kind: 'group', group: storing }, stem.slice(0, 3).join('_'), elements, write);
    return {
      binding: name,
      writable: write,
      reader: ENCODINGS.f32,
      dtype: node.type.dtype,
      strides: rowMajor(node.type.axes),
      tokenStride: this.phase === 'many' ? size : 0,
      offset: offsets.get(node.id) ?? 0,
    };
  }

  #bind(slot: Slot, hint: string, elements: number, write: boolean): string {
    const type = write ? `array<f32, ${elements}>` : `array<vec4<f32>, ${elements / 4}>`;
    return this.#declare(slot, hint, type, 4 * elements, write);
  }

  #declare(slot: Slot, hint: string, type: string, bytes: number, write: boolean): string {
    const key = slotKey(slot);
    const known = this.#bindings.get(key);
    if (known !== undefined) return known.name;
    const name = this.#freshName(hint);
    this.#bindings.set(key, { name, access: write ? 'read_write' : 'read', type, bytes, slot });
    return name;
  }

  #freshName(hint: string): string {
    const stem = hint.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'value';
    let name = isWgslWord(stem) ? `the_${stem}` : stem;
    for (let i = 2; this.#names.has(name); i++) name = `${stem}_${i}`;
    this.#names.add(name);
    return name;
  }
}
