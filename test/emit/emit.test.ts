// The bundle's files: their names, that the same plan gives the same bytes, and that the façade is valid TypeScript.
import { runInNewContext } from 'node:vm';
import { ts } from 'ts-morph';
import { describe, expect, test } from 'vitest';
import { emitBundle } from '../../compiler/emit/index.ts';
import { tinyPlan } from './tiny-plan.ts';

const options = { plan: tinyPlan, source: 'tiny.hyb', standalone: false };

describe('the bundle', () => {
  test('has one file for the plan, each kernel, and the façade in three forms', async () => {
    const files = await emitBundle({ ...options, report: '<p>report</p>' });
    expect(files.map((file) => file.path)).toEqual([
      'manifest.json',
      'kernels/embed.wgsl',
      'model.ts',
      'model.js',
      'model.d.ts',
      'report.html',
    ]);
  });

  test('is the same bytes every time', async () => {
    expect(await emitBundle(options)).toEqual(await emitBundle(options));
  });

  test('keeps the plan but for the text of its kernels', async () => {
    const [manifest] = await emitBundle(options);
    const kernels = tinyPlan.kernels.map((kernel) => ({ ...kernel, wgsl: '' }));
    expect(JSON.parse(manifest?.text ?? '')).toEqual({ ...tinyPlan, kernels });
  });

  test('the façade names weights and states', async () => {
    const text = await fileText('model.ts', false);
    expect(text).toContain("export type WeightName = 'embed.weight' | 'layers.0.SSM.in_proj';");
    expect(text).toContain("export type StateName = 'layers.0.SSM.h';");
    expect(text).toContain("from 'hyb/runtime';");
  });

  test('a standalone bundle imports the runtime beside it and has a page', async () => {
    const text = await fileText('model.js', true);
    expect(text).toContain("import { load as loadBundle } from './runtime/index.js';");
    expect(text).not.toContain('import type');
    expect(await fileText('index.html', true)).toContain('<title>tiny</title>');
  });

  test('declarations name what the façade exports', async () => {
    const text = await fileText('model.d.ts', false);
    const names = [...text.matchAll(/export declare (?:const|function) (\w+)/g)].map((match) => match[1]);
    expect(names).toEqual(['name', 'vocab', 'capacity', 'manifest', 'load', 'generate']);
  });

  test('the page holds a script without syntax errors', async () => {
    const page = await fileText('index.html', true);
    const script = /<script type="module">([^]*)<\/script>/.exec(page)?.[1] ?? '';
    const { diagnostics } = ts.transpileModule(script, { fileName: 'page.js', reportDiagnostics: true });
    expect(diagnostics).toEqual([]);
    expect(script).toContain('\\d+');
  });

  test('without a tokenizer the page takes token ids, and says so of text', async () => {
    const page = await fileText('index.html', true);
    const source = /function idsOf\(text\) \{[^]*?\n {6}\}/.exec(page)?.[0] ?? '';
    const ids: unknown = runInNewContext(`${source}; JSON.stringify([idsOf(''), idsOf(' 1, 22 3')])`);
    expect(ids).toBe('[[],[1,22,3]]');
    expect(() => runInNewContext(`${source}; idsOf('ACGT')`)).toThrow(/give token ids with commas between/);
  });
});

async function fileText(path: string, standalone: boolean): Promise<string> {
  const files = await emitBundle({ ...options, standalone });
  return files.find((file) => file.path === path)?.text ?? '';
}
