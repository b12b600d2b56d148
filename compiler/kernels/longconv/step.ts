// One token of a long convolution. Short filters are summed up anew. With a long one every position adds a tile of earlier positions to
// the sums of those to come, of a size that halves and doubles as a counter's lowest set bit does: over a sequence, each pair of positions is met
// once, and a token costs O(log² L) on average with fast tiles (Oncescu et al. 2024, arXiv:2410.12982).
import { elementCount } from '../../ir/graph.ts';
import { internal } from '../../ir/internal.ts';
import { isCausalConv } from '../../ir/ops/longconv.ts';
import { element, positionText } from '../elements.ts';
import { KERNEL_NAMES } from '../fft/lines.ts';
import type { ConvForm } from '../fft/problem.ts';
import { type TileText, writeTile } from '../fft/tile.ts';
import type { KernelDraft } from '../kernel-draft.ts';
import { type Place, plainIndex, withAxes } from '../place.ts';
import { readElement, type Storage, writeElement } from '../storage.ts';
import type { Templated } from '../template.ts';
import { counted, names, powerOfTwoAbove, sharedFloats } from '../text.ts';
import { Code } from '../wgsl.ts';
import {
  channelPlace,
  chosenForm,
  filtersOf,
  finishTail,
  HISTORY_PART,
  HistoryRows,
  inputOf,
  longConvOf,
  type LongConvNode,
  memoryOf,
  mostLags,
  PENDING_PART,
  ROW_AXIS,
  rowsOf,
} from './roles.ts';
import type { FilterSpec } from './spec.ts';
import { STEP } from './tuning.ts';

interface Step {
  readonly draft: KernelDraft;
  readonly node: LongConvNode;
  readonly filters: readonly FilterSpec[];
  readonly history: HistoryRows | undefined;
  readonly pending: PendingRows | undefined;
  readonly channels: number;
  readonly lanes: number;
  /** The form of large tiles, and what it needs once it is printed. */
  readonly tile: { readonly form: ConvForm | undefined; text?: TileText };
  /** Names of the workgroup's memory, the channel, the invocation among those of the channel, the position, and the tile's size. */
  readonly at: Readonly<Record<(typeof NAMES)[number], string>>;
}

/** The sums of positions to come, one row for each: a ring where the filter is shorter than the sequence. */
export class PendingRows {
  readonly #storage: Storage;
  readonly #node: LongConvNode;
  readonly rows: number;
  readonly isRing: boolean;
  /** How many positions from a position on have a row. */
  readonly from: (position: string) => string;

  constructor(draft: KernelDraft, node: LongConvNode) {
    const state =
      memoryOf(draft.context.layout, node, PENDING_PART) ?? internal('a longconv without pending sums');
    this.#storage = draft.state(node.id, PENDING_PART);
    this.#node = node;
    this.rows = rowsOf(state);
    this.isRing = memoryOf(draft.context.layout, node, HISTORY_PART)?.reach !== null;

    this.from = (position) =>
      this.isRing ? `${this.rows}u` : `(${this.rows}u - min(${position}, ${this.rows}u))`;
  }

  #at(channel: string, position: string): Place {
    const row = this.isRing ? `(${position}) % ${this.rows}u` : position;
    return withAxes(channelPlace(this.#node, channel), [[ROW_AXIS, plainIndex(row)]]);
  }

  read(channel: string, position: string): string {
    return readElement(this.#storage, this.#at(channel, position));
  }

  write(channel: string, position: string, value: string): string {
    return writeElement(this.#storage, this.#at(channel, position), value);
  }
}

export function stepKernel(draft: KernelDraft): Templated {
  const node = longConvOf(draft);
  const code = new Code().reserve([...draft.reserved, ...KERNEL_NAMES]);
  const step = beginStep(draft, node, names(code, NAMES));
  const { channels, lanes, at, pending } = step;
  const width = STEP.workgroup / lanes;
  code.line(`let ${at.channel} = workgroup_id.x * ${width}u + local_invocation_index % ${width}u;`);
  code.line(`let ${at.lane} = local_invocation_index / ${width}u;`);
  code.line(`let ${at.now} = ${positionText(draft, { axes: new Map(), token: '0u' })};`);
  if (pending === undefined) finishRow(code, step);
  else {
    const since = code.let('since', `${at.now} - ${draft.control('settled')}`);
    code.line(`let ${at.tile} = ${since} & (~${since} + 1u);`);
    code.block('if (workgroup_id.y == 0u)', (inner) => finishRow(inner, step), '} else {');
    code.block('', (inner) => push(inner, step)).line('}');
  }
  const { tile } = step;
  return {
    body: {
      workgroup: [STEP.workgroup, 1, 1],
      shared: [sharedFloats(at.parts, STEP.workgroup), ...(tile.text?.shared ?? [])],
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers: 1,
      functions: [...draft.functions, ...(tile.text?.functions ?? [])],
      code,
    },
    grid: [Math.ceil(channels / width), pending === undefined ? 1 : 1 + pushers(step), 1],
  };
}

const NAMES = ['parts', 'channel', 'lane', 'now', 'tile'] as const;

function beginStep(draft: KernelDraft, node: LongConvNode, at: Step['at']): Step {
  const { layout } = draft.context;
  const channels = elementCount(node.type.axes);
  return {
    draft,
    node,
    filters: filtersOf(draft, node),
    history: isCausalConv(node.attrs) ? new HistoryRows(draft, node, true) : undefined,
    pending: memoryOf(layout, node, PENDING_PART) === undefined ? undefined : new PendingRows(draft, node),
    channels,
    tile: { form: chosenForm(layout, node).tile },
    lanes: STEP.workgroup / Math.min(STEP.channels, powerOfTwoAbove(channels)),
    at,
  };
}

/** Workgroups for each block of channels that push: no more than the largest tile has use for. */
function pushers({ pending, lanes }: Step): number {
  return Math.max(1, Math.min(STEP.pushers, Math.ceil((pending?.rows ?? 0) / 2 / (lanes * STEP.rows))));
}

/** The current position: what waits for it, the tile's share of it, and x itself. */
function finishRow(code: Code, step: Step): void {
  const { draft, node, filters, history, pending, channels, lanes, at } = step;
  const width = STEP.workgroup / lanes;
  const sum = code.fresh('sum');
  code.line(`var ${sum} = 0.0;`);
  if (history !== undefined)
    code.block(`if (${at.channel} < ${channels}u)`, (inner) => {
      const lags = mostLags(draft.body, node);
      const most = pending === undefined ? at.now : at.tile;
      const limit = inner.let('limit', `min(${most}, ${lags}u)`);
      const back = inner.fresh('back');
      inner.block(
        `for (var ${back} = ${at.lane} + 1u; ${back} <= ${limit}; ${back} += ${lanes}u)`,
        (each) => {
          const place = channelPlace(node, at.channel);
          const x = each.let('x', history.read(place, `${at.now} - ${back}`));
          for (const filter of filters) addTap(each, filter, at.channel, back, x, sum);
        },
      );
    });
  code.line(`${at.parts}[local_invocation_index] = ${sum};`);
  code.line('workgroupBarrier();');
  code.block(`if (${at.lane} == 0u && ${at.channel} < ${channels}u)`, (inner) => {
    const all = counted(lanes, (lane) => `${at.parts}[local_invocation_index + ${lane * width}u]`);
    inner.line(`${sum} = ${all.join(' + ')};`);
    draft.bound.clear();
    const x = inner.let('x', element(draft, inner, inputOf(node), channelPlace(node, at.channel)));
    draft.bound.clear();
    for (const filter of filters)
      if (filter.first === 0) inner.line(`${sum} += ${filter.tap(inner, at.channel, '0u')} * ${x};`);
    if (pending !== undefined) {
      inner.line(`${sum} += ${pending.read(at.channel, at.now)};`);
      // The row is the next one's that comes round.
      if (pending.isRing) inner.line(pending.write(at.channel, at.now, '0.0'));
    }
    if (history !== undefined) inner.line(history.write(channelPlace(node, at.channel), at.now, x));
    finishTail(draft, node, inner, { channel: at.channel, token: '0u', value: sum, x });
  });
}

/** Adds tap(lag − first) · x where the filter has that tap. */
function addTap(code: Code, filter: FilterSpec, channel: string, lag: string, x: string, sum: string): void {
  if (filter.ahead) return;
  const index = code.let('index', filter.first === 0 ? lag : `${lag} - ${filter.first}u`);
  code.block(`if (${index} < ${filter.size}u)`, (inner) =>
    inner.line(`${sum} += ${filter.tap(inner, channel, index)} * ${x};`),
  );
}

/** Large tiles by transforms, where they are worth it; the others product by product. */
function push(code: Code, step: Step): void {
  const { at, tile, pending, lanes, node, draft, history } = step;
  const { form } = tile;
  const products = (inner: Code): void =>
    void inner.block(`if (${at.channel} < ${step.channels}u)`, (own) => pushRows(own, step));
  if (form === undefined || pending === undefined || history === undefined) return products(code);
  const pairs = Math.max(1, STEP.workgroup / lanes / 2);
  code.block(`if (${at.tile} < ${form.block}u)`, products, '} else {');
  code
    .block('', (inner) => {
      const rows = inner.let('rows', `min(${at.tile}, ${pending.from(at.now)})`);
      const now = positionText(draft, { axes: new Map(), token: '0u' });
      const { spectrum, turn } = draft.fourier(node.id, form);
      tile.text = writeTile(inner, form, {
        readX: (_code, channel, position) => history.read(channelPlace(node, channel), position),
        add: (own, row, channel, value) => {
          const target = own.let('target_row', `${now} + ${row}`);
          own.line(pending.write(channel, target, `${pending.read(channel, target)} + ${value}`));
        },
        now,
        tile: at.tile,
        firstRow: '1u',
        rows,
        worker: '(workgroup_id.y - 1u)',
        workers: pushers(step),
        firstPair: `workgroup_id.x * ${pairs}u`,
        pairs,
        spectrum,
        turn,
        reserved: draft.reserved,
      });
    })
    .line('}');
}

/** The tile's other rows: the positions before the current one, as many as the tile is wide, for as many positions to come. */
function pushRows(code: Code, step: Step): void {
  const { node, filters, history, pending, lanes, at, draft } = step;
  if (history === undefined || pending === undefined) return;
  const { rows: block } = STEP;
  const lags = mostLags(draft.body, node);
  const rows = code.let('rows', `min(${at.tile}, ${pending.from(at.now)})`);
  const first = code.let('first', `((workgroup_id.y - 1u) * ${lanes}u + ${at.lane}) * ${block}u`);
  const row = code.fresh('row');
  const stride = pushers(step) * lanes * block;
  code.block(`for (var ${row} = ${first}; ${row} < ${rows}; ${row} += ${stride}u)`, (each) => {
    const sums = counted(block, (i) => each.fresh(`sum_${i}`));
    for (const sum of sums) each.line(`var ${sum} = 0.0;`);
    const back = each.fresh('back');
    const limit = each.let('limit', `min(${at.tile}, ${lags}u - min(${row}, ${lags}u))`);
    each.block(`for (var ${back} = 1u; ${back} <= ${limit}; ${back} += ${block}u)`, (inner) => {
      const values = counted(block, (i) => {
        const name = inner.fresh(`x_${i}`);
        inner.line(`var ${name} = 0.0;`);
        inner.block(`if (${back} + ${i}u <= ${limit})`, (then) => {
          const place = channelPlace(node, at.channel);
          then.line(`${name} = ${history.read(place, `${at.now} - ${back} - ${i}u`)};`);
        });
        return name;
      });
      for (const filter of filters)
        inner.block('', (own) => addBlock(own, filter, at.channel, `${row} + ${back}`, values, sums));
    });
    sums.forEach((sum, i) => {
      // The tile's first row is the current position, which the others' workgroup adds up by itself.
      const inside = `${row} + ${i}u < ${rows}${i === 0 ? ` && ${row} > 0u` : ''}`;
      each.block(`if (${inside})`, (then) => {
        const target = then.let('target_row', `${at.now} + ${row} + ${i}u`);
        then.line(pending.write(at.channel, target, `${pending.read(at.channel, target)} + ${sum}`));
      });
    });
  });
}

/** sums[r] += Σ_i tap(lag + r + i) · values[i]. */
function addBlock(
  code: Code,
  filter: FilterSpec,
  channel: string,
  lag: string,
  values: readonly string[],
  sums: readonly string[],
): void {
  const base = code.let('base', filter.first === 0 ? lag : `${lag} - ${filter.first}u`);
  const taps = counted(values.length + sums.length - 1, (k) => {
    const name = code.fresh(`tap_${k}`);
    code.line(`var ${name} = 0.0;`);
    const index = code.let('index', k === 0 ? base : `${base} + ${k}u`);
    code.block(`if (${index} < ${filter.size}u)`, (then) =>
      then.line(`${name} = ${filter.tap(then, channel, index)};`),
    );
    return name;
  });
  sums.forEach((sum, row) => {
    const terms = values.map((value, i) => `${taps[row + i]!} * ${value}`);
    code.line(`${sum} += ${terms.join(' + ')};`);
  });
}
