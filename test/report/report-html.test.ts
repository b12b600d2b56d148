// The report: one page that stands alone, well formed, escaped, the same for the same model.
import { describe, expect, test } from 'vitest';
import type { Measured } from '../../compiler/report/html-measured.ts';
import { reportHtml } from '../../compiler/report/report-html.ts';
import type { Dispatch, Plan } from '../../runtime/plan.ts';
import { sambaGraph, tinySamba } from '../ir/samba-graph.ts';
import { exampleSource, explained, reportInput } from './planned.ts';

const source = exampleSource('samba-stories/samba.hyb');
const input = reportInput(source);
const page = reportHtml(input);

/** Elements that have no end tag in what the page uses. */
const VOID = new Set(['meta', 'input', 'br']);

/** Names of elements that are closed wrongly or not at all; text of scripts and styles is not read. */
function illNested(html: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const text = html.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '<$1></$1>').replace('<!doctype html>', '');
  for (const [, slash, name = '', rest = ''] of text.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|[^">])*)>/g,
  )) {
    if (slash === '/') {
      if (open.pop() !== name) wrong.push(name);
    } else if (!VOID.has(name) && !rest.endsWith('/')) open.push(name);
  }
  return [...wrong, ...open];
}

function values(html: string, attribute: string): readonly string[] {
  return [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'g'))].map((match) => match[1] ?? '');
}

function times(plan: Plan, list: readonly Dispatch[]): Measured['decode'] {
  return list.map(({ kernel, label, layer }, index) => {
    const { name, cost } = plan.kernels[kernel] ?? {};
    if (name === undefined || cost === undefined) throw new Error('no such kernel');
    return { kernel: name, label, layer, cost, microseconds: 10 + index };
  });
}

describe('the page', () => {
  test('is well formed', () => {
    expect(illNested(page)).toEqual([]);
    expect(page.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
    const stray = page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '').replace(/<(?:"[^"]*"|[^">])*>/g, '');
    expect(stray).not.toMatch(/[<>]|&(?!#\d+;)/);
  });

  test('asks nothing of the network', () => {
    expect(page).not.toMatch(/https?:|url\(|@import|<link|<img|<iframe/);
    expect(values(page, 'href').filter((address) => !address.startsWith('#'))).toEqual([]);
    expect(values(page, 'src')).toEqual([]);
    expect(page).toContain('default-src &#39;none&#39;'.replaceAll('&#39;', "'"));
  });

  test('leads only to places that are there, each once', () => {
    const ids = values(page, 'id');
    expect(new Set(ids).size).toBe(ids.length);
    expect(values(page, 'href').filter((address) => !ids.includes(address.slice(1)))).toEqual([]);
  });

  test('has every kernel once, with the lines that caused it', () => {
    for (const { name } of input.plan.kernels) expect(page.split(`id="kernel-${name}"`).length, name).toBe(2);
    const place = input.plan.kernels.flatMap(({ sources }) => sources)[0];
    expect(page).toContain(`${place?.file}:${place?.line}</a>`);
  });

  test('names every letter, rule and device', () => {
    for (const { label } of input.explanation.letters) expect(page).toContain(label);
    for (const { rule } of input.explanation.fusions) expect(page).toContain(rule);
    for (const { device } of input.explanation.predictions) expect(page).toContain(device.name);
  });

  test('is the same for the same model', () => {
    expect(reportHtml(reportInput(source))).toBe(page);
  });

  test('stays below two million bytes with many layers', () => {
    const deep = {
      ...source,
      text: source.text.replace('× 2', '× 12').replace('hidden: 512', 'hidden: 640'),
    };
    const html = reportHtml(reportInput(deep));
    expect(html.match(/aria-label="layer \d+: /g)?.length).toBe(48);
    expect(Buffer.byteLength(html)).toBeLessThan(2e6);
  });
});

describe('words from outside', () => {
  const evil = '<img src=x onerror="alert(1)">&amp;\'';

  test('are escaped wherever they stand', () => {
    const { planned, explanation } = explained({ ...sambaGraph(tinySamba), name: evil }, { chunk: 8 });
    const plan: Plan = {
      ...planned.plan,
      kernels: planned.plan.kernels.map((kernel) => ({
        ...kernel,
        title: evil,
        wgsl: `// ${evil}\n${kernel.wgsl}\n${evil}`,
        sources: [{ file: evil, line: 1, text: evil }],
      })),
    };
    const labelled = {
      ...explanation,
      letters: explanation.letters.map((letter) => ({ ...letter, label: evil })),
    };
    const html = reportHtml({
      explanation: labelled,
      plan,
      sources: [{ name: evil, text: evil }],
      measured: { adapter: evil, decode: times(plan, plan.programs.decode), prefill: [] },
    });
    expect(html).not.toContain('<img');
    expect(html).not.toContain('&amp;');
    expect(illNested(html)).toEqual([]);
  });
});

describe('measured times', () => {
  const { plan } = input;
  const { decode, prefill } = plan.programs;

  test('are absent where there was no run', () => {
    expect(page).not.toContain('id="measured"');
  });

  test('are shown by kernel and by layer', () => {
    const measured = { adapter: 'Some Adapter', decode: times(plan, decode), prefill: times(plan, prefill) };
    const html = reportHtml({ ...input, measured });
    expect(html).toContain('On Some Adapter, by timestamps');
    expect(html).toContain(`in ${decode.length} dispatches`);
    expect(illNested(html)).toEqual([]);
  });

  test('say so where the device has no timestamps', () => {
    const html = reportHtml({ ...input, measured: { adapter: 'Some Adapter', decode: [], prefill: [] } });
    expect(html).toContain('Some Adapter has no timestamps');
  });
});
