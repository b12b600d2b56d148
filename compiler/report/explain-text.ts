// An explanation as text for a terminal, at most 100 columns wide.
import { derivedText } from './derived-text.ts';
import type { DeviceMemory, Explanation, FusionSummary, SiteCost, Work } from './explanation.ts';
import { bytesText, countText, numberOf, rateText, shareText, timeText, wholeText } from './numbers.ts';
import { keepingText } from './keeping-text.ts';
import { isDecoded, mainTitle, mainWork, siteName } from './site-text.ts';
import { PLAIN, type Paint, textTable, wrapped } from './text-table.ts';

const WIDTH = 100;

/** Ends in a newline. `paint` puts colour in. */
export function explanationText(explanation: Explanation, paint: Paint = PLAIN): string {
  return [
    summaryText(explanation, paint),
    programTable(explanation, paint),
    letterTable(explanation, paint),
    siteTable(explanation, paint),
    ...(explanation.encoder === null ? [stateTable(explanation, paint)] : []),
    memoryTable(explanation, paint),
    predictionTable(explanation, paint),
    ...recurrenceList(explanation, paint),
    ...convolutionList(explanation, paint),
    fusionList(explanation, paint),
  ].join('\n');
}

function summaryText(explanation: Explanation, paint: Paint): string {
  const { name, parameters, width, vocab, layers, weights, kernels, capacity, encoder, takes, gives } =
    explanation;
  const stored = weights.encodings
    .map(({ encoding, bytes }) => `${bytesText(bytes)} ${encoding}`)
    .join(' + ');
  const room = capacity === null ? 'any length' : `at most ${wholeText(capacity)} positions`;
  return [
    `${paint.heading(name)}: ${countText(parameters)} parameters (${wholeText(parameters)})\n`,
    wrapped(
      [
        numberOf(layers, 'layer'),
        `width ${width}`,
        takes === null ? `vocabulary ${wholeText(vocab)}` : `takes ${takes}`,
        ...(gives.length === 0 ? [] : [`gives ${gives.join(' and ')}`]),
        `weights ${stored}`,
        numberOf(kernels.length, 'kernel'),
        room,
      ],
      ',',
      '  ',
      WIDTH,
    ),
    ...derivedText(explanation.derived).map((text) => `  ${text}\n`),
    ...(encoder === null ? [] : [wrapped([`encoder, no decode: ${encoder}`], '', '  ', WIDTH)]),
  ].join('');
}

function programTable({ decode, prefill, chunk, device, encoder }: Explanation, paint: Paint): string {
  return section(
    'Dispatches',
    `predicted on ${device.name}`,
    [
      ['', 'fused', 'unfused', 'barriers', 'FLOP', 'traffic', 'predicted'],
      ...(encoder === null ? [programRow('decode, one token', decode)] : []),
      programRow(
        encoder === null
          ? `prefill, ${wholeText(chunk)} tokens`
          : `whole sequence, ${wholeText(chunk)} positions`,
        prefill,
      ),
    ],
    paint,
  );
}

function programRow(name: string, work: Work): readonly string[] {
  return [
    name,
    wholeText(work.dispatches),
    unfusedText(work.unfused),
    wholeText(work.barriers),
    countText(work.flops),
    bytesText(work.bytes),
    timeText(work.microseconds),
  ];
}

function letterTable(explanation: Explanation, paint: Paint): string {
  const { letters: all, context, encoder } = explanation;
  const at = encoder === null ? ` at ${wholeText(context)} positions` : ', FLOP of one position';
  return section(
    'By letter',
    `${mainTitle(explanation)}${at}; dispatches are of one site`,
    [
      ['', 'sites', 'parameters', 'weights', 'FLOP', 'state', 'fused', 'unfused', 'predicted', 'share'],
      ...all
        .filter((cost) => isDecoded({ ...cost, decode: mainWork(explanation, cost) }))
        .map((letter) => [
          letter.label,
          wholeText(letter.sites),
          countText(letter.parameters),
          bytesText(letter.weightBytes),
          countText(letter.flops),
          bytesText(letter.stateBytes),
          wholeText(letter.perSite.fused),
          unfusedText(letter.perSite.unfused),
          timeText(mainWork(explanation, letter).microseconds),
          shareText(
            mainWork(explanation, letter).microseconds / mainWork(explanation, explanation).microseconds,
          ),
        ]),
    ],
    paint,
  );
}

function siteTable(explanation: Explanation, paint: Paint): string {
  const { sites: all, parameters, weights, flops } = explanation;
  const total = {
    parameters,
    weightBytes: weights.bytes,
    flops,
    stateBytes: explanation.state.bytes,
  };
  return section(
    'By layer',
    mainTitle(explanation),
    [
      ['', 'parameters', 'weights', 'FLOP', 'state', 'traffic', 'fused', 'unfused', 'predicted'],
      ...all.filter(isDecoded).map((site) => siteRow(siteName(site), site, mainWork(explanation, site))),
      siteRow('all', total, mainWork(explanation, explanation)),
    ],
    paint,
  );
}

function siteRow(
  name: string,
  cost: Omit<SiteCost, 'layer' | 'label' | 'decode' | 'prefill'>,
  work: Work,
): readonly string[] {
  return [
    name,
    countText(cost.parameters),
    bytesText(cost.weightBytes),
    countText(cost.flops),
    bytesText(cost.stateBytes),
    bytesText(work.bytes),
    wholeText(work.dispatches),
    unfusedText(work.unfused),
    timeText(work.microseconds),
  ];
}

function stateTable({ state: cost, context: longest }: Explanation, paint: Paint): string {
  const kinds = cost.kinds.map(({ kind }) => kind);
  const table = section(
    'State of one sequence, by length',
    kinds.length === 0
      ? 'there is none'
      : `${bytesText(cost.allocated)} allocated, with room for a prefill run`,
    [
      ['positions', ...kinds, 'all', 'FLOP/token'],
      ...cost.growth.map(({ context, bytes, byKind, flops }) => [
        wholeText(context),
        ...kinds.map((kind) => bytesText(byKind[kind])),
        bytesText(bytes),
        countText(flops),
      ]),
    ],
    paint,
  );
  return kinds.length === 0 ? table : `${table}${wrapped(keepingText(cost, longest), ';', '  ', WIDTH)}`;
}

function memoryTable({ memory, chunk, context, width, encoder }: Explanation, paint: Paint): string {
  const parts = Object.entries(memory);
  const rows = [
    ['', ...parts.map(([part]) => part), 'all'],
    ['bytes', ...[...parts.map(([, bytes]) => bytes), allOf(memory)].map(bytesText)],
  ];
  const remarks = [
    encoder === null
      ? `activations are of a run of ${numberOf(chunk, 'token')}, and a longer prompt takes no more`
      : `activations are of a sequence of ${numberOf(chunk, 'position')}`,
    `one value as wide as the stream at ${wholeText(context)} positions is ${bytesText(4 * context * width)}`,
  ];
  return `${section('Memory', 'on the device, for one sequence', rows, paint)}${wrapped(remarks, ';', '  ', WIDTH)}`;
}

function allOf(memory: DeviceMemory): number {
  return Object.values(memory).reduce((sum: number, bytes: number) => sum + bytes, 0);
}

function predictionTable({ predictions: all, chunk, encoder }: Explanation, paint: Paint): string {
  const decoded = <T>(cells: readonly T[]): readonly T[] => (encoder === null ? cells : []);
  return section(
    'Predicted times',
    'a bound; nominal figures are peaks that kernels reach in part',
    [
      [
        '',
        'memory',
        'arithmetic',
        'gap',
        'basis',
        ...decoded(['one token', 'tokens/s']),
        `${wholeText(chunk)} ${encoder === null ? 'tokens' : 'positions'}`,
      ],
      ...all.map(({ device, decodeMicroseconds, prefillMicroseconds }) => [
        device.id,
        rateText(device.bandwidth, 'B/s'),
        rateText(device.flops, 'FLOP/s'),
        timeText(device.gap),
        device.basis,
        ...decoded([timeText(decodeMicroseconds), wholeText(1e6 / decodeMicroseconds)]),
        timeText(prefillMicroseconds),
      ]),
    ],
    paint,
  );
}

/** Nothing where there is no recurrence. */
function recurrenceList({ recurrences }: Explanation, paint: Paint): readonly string[] {
  if (recurrences.length === 0) return [];
  const text = recurrences.map(({ body, sites, class: name, reason, form, prefill }) => {
    const lines = [name === null ? reason : `class ${name}: ${reason}`, ...form, `prefill ${prefill}`];
    const wrappedLines = lines.map((line, i) => wrapped([line], '', i === 0 ? '    ' : '      ', WIDTH));
    return `  ${body} (${numberOf(sites, 'site')})\n${wrappedLines.join('')}`;
  });
  return [`${paint.heading('Recurrences')}\n${text.join('')}`];
}

/** Nothing where there is no long convolution. */
function convolutionList({ convolutions }: Explanation, paint: Paint): readonly string[] {
  if (convolutions.length === 0) return [];
  const text = convolutions.map((each) => {
    const { body, sites, name, channels, filters, back, ahead, prefill, decode } = each;
    const reach = [`${wholeText(back)} back`, ...(ahead > 0 ? [`${wholeText(ahead)} ahead`] : [])].join(', ');
    const size = `${name}: ${numberOf(channels, 'channel')}, ${numberOf(filters, 'filter')}, ${reach}`;
    const lines = [size, `prefill ${prefill}`, `decode ${decode}`];
    const wrappedLines = lines.map((line, i) => wrapped([line], '', i === 0 ? '    ' : '      ', WIDTH));
    return `  ${body} (${numberOf(sites, 'site')})\n${wrappedLines.join('')}`;
  });
  return [`${paint.heading('Long convolutions')}\n${text.join('')}`];
}

function fusionList({ fusions: all }: Explanation, paint: Paint): string {
  const bodies = [...new Set(all.map(({ body }) => body))];
  const text = bodies.map((body) => {
    const own = all.filter((summary) => summary.body === body);
    const head = `  ${body} (${numberOf(own[0]?.sites ?? 0, 'site')})\n`;
    return head + own.map((summary) => fusionText(summary, paint)).join('');
  });
  return `${paint.heading('Fusion')}${text.length === 0 ? ': none' : ''}\n${text.join('')}`;
}

function fusionText({ fired, rule, details }: FusionSummary, paint: Paint): string {
  const mark = fired ? paint.good('fused') : paint.faint('declined');
  const pieces = details.map(({ text, count }) => (count === 1 ? text : `${text} (${count}×)`));
  return `    ${mark}: ${rule}\n${wrapped(pieces, ';', '      ', WIDTH)}`;
}

function unfusedText(count: number | null): string {
  return count === null ? '?' : wholeText(count);
}

function section(title: string, remark: string, rows: readonly (readonly string[])[], paint: Paint): string {
  const after = remark === '' ? '' : paint.faint(` — ${remark}`);
  return `${paint.heading(title)}${after}\n${textTable(rows, paint)}`;
}
