// Writes a bundle to a folder.
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundleFile } from '../compiler/emit/index.ts';
import { cannotWriteFile } from './errors.ts';
import { isFile } from './files.ts';
import { packageRoot } from './library.ts';

/** Writes all files; kernels that an earlier bundle left in the same folder are removed. */
export function writeBundle(folder: string, files: readonly BundleFile[]): void {
  try {
    if (isFile(join(folder, 'manifest.json')))
      rmSync(join(folder, 'kernels'), { recursive: true, force: true });
    for (const { path, text } of files) {
      const target = join(folder, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  } catch (cause) {
    throw cannotWriteFile(folder, cause);
  }
}

/** Puts beside a standalone bundle what its page imports: the built runtime, and the tokenizer library as one file. */
export function copyRuntime(folder: string): void {
  const runtime = join(packageRoot(), 'dist', 'runtime');
  if (!existsSync(runtime)) throw new Error('internal: dist/runtime is missing; `npm run build` makes it');
  const tokenizers = join(
    dirname(fileURLToPath(import.meta.resolve('@huggingface/tokenizers'))),
    'tokenizers.min.mjs',
  );
  try {
    cpSync(runtime, join(folder, 'runtime'), { recursive: true });
    copyFileSync(tokenizers, join(folder, 'tokenizers.js'));
  } catch (cause) {
    throw cannotWriteFile(folder, cause);
  }
}
