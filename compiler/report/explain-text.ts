// An explanation as text for a terminal.
import type { Explanation } from './explain.ts';
import { bytesText, countText, timeText } from './numbers.ts';

/** Ends in a newline. */
export function explanationText(explanation: Explanation): string {
  return [
    summary(explanation),
    layerTable(explanation),
    contextTable(explanation),
    dispatchTable(explanation),
    fusionList(explanation),
    predictionTable(explanation),
  ].join('\n');
}

function summary({ name, vocab, width, dtype, total, kernels }: Explanation): string {
  return [
    `${name}: ${countText(total.parameters)} parameters, width ${width}, vocabulary ${vocab}`,
    `weights ${bytesText(total.weightBytes)} in ${dtype}, ${kernels} kernels`,
    '',
  ].join('\n');
}

function layerTable({ layers, total, context }: Explanation): string {
  const row = (name: string, cost: Explanation['total']): readonly string[] => [
    name,
    countText(cost.parameters),
    bytesText(cost.weightBytes),
    countText(cost.flops),
    bytesText(cost.stateBytes),
  ];
  return titled(`By layer, at a length of ${context}`, [
    ['', 'parameters', 'weights', 'FLOP/token', 'state'],
    ...layers.map((cost) => row(cost.layer === null ? cost.label : `${cost.layer} ${cost.label}`, cost)),
    row('all', total),
  ]);
}

function contextTable({ contexts }: Explanation): string {
  return titled('By length', [
    ['positions', 'FLOP/token', 'state'],
    ...contexts.map(({ context, flops, stateBytes }) => [
      String(context),
      countText(flops),
      bytesText(stateBytes),
    ]),
  ]);
}

function dispatchTable({ dispatches }: Explanation): string {
  return titled('Dispatches', [
    ['', 'fused', 'unfused'],
    ...dispatches.map(({ program, fused, unfused }) => [program, String(fused), String(unfused)]),
  ]);
}

function fusionList({ fusions }: Explanation): string {
  const lines = fusions.map(
    ({ body, calls, fired, rule, detail }) =>
      `  ${fired ? 'fused   ' : 'declined'} ${body} (${calls}×): ${rule} — ${detail}\n`,
  );
  return `Fusions\n${lines.join('')}`;
}

function predictionTable({ predictions }: Explanation): string {
  return titled('Predicted, from bytes, operations and dispatches', [
    ['device', 'one token', 'tokens/s', 'a prefill run'],
    ...predictions.map(({ device, decodeSeconds, prefillSeconds }) => [
      device,
      timeText(decodeSeconds),
      countText(Math.round(1 / decodeSeconds)),
      timeText(prefillSeconds),
    ]),
  ]);
}

function titled(title: string, rows: readonly (readonly string[])[]): string {
  const columns = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row) => {
    const cells = columns.map((width, column) =>
      column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  });
  return `${title}\n${lines.join('\n')}\n`;
}
