// The software adapter: SwiftShader, a Vulkan driver that runs on the CPU, taken from an npm package. Needs no GPU and no root.
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { noSoftwareAdapter, packageMissing } from './errors.ts';

const PACKAGE = '@sparticuz/chromium';

/** The folder that holds the Vulkan loader, SwiftShader and its driver description. */
export interface SoftwareDriver {
  readonly folder: string;
  readonly loader: string;
  readonly description: string;
}

/** Unpacks the driver into the cache unless it is there. Throws a UsageError where there is none for this machine. */
export async function unpackSoftwareDriver(): Promise<SoftwareDriver> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw noSoftwareAdapter();
  const folder = await unpackArchive('swiftshader.tar.br');
  return {
    folder,
    loader: join(folder, 'libvulkan.so.1'),
    description: join(folder, 'vk_swiftshader_icd.json'),
  };
}

/**
 * Unpacks one archive of the package into a folder of its own in the cache and returns that folder. Several processes may do
 * so at once: each unpacks beside and renames, and the first one wins.
 */
export async function unpackArchive(archive: string): Promise<string> {
  const source = join(packageFolder(), 'bin', archive);
  const { size } = await stat(source).catch((cause: unknown) => {
    throw packageMissing(PACKAGE, 'it carries the software adapter', cause);
  });
  const cache = await cacheFolder();
  const folder = join(cache, `${archive.replace(/\.tar\.br$/, '')}-${size}`);
  if (await exists(folder)) return folder;
  const partial = await mkdtemp(join(cache, 'unpacking-'));
  await extract(source, partial);
  await chmod(partial, 0o755);
  await rename(partial, folder).catch(async (cause: unknown) => {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(folder))) throw cause;
  });
  return folder;
}

/** Where the package's `bin` folder is found, through Node's own resolution. */
export function packageFolder(): string {
  try {
    // The entry point is build/esm/index.js.
    return join(dirname(fileURLToPath(import.meta.resolve(PACKAGE))), '..', '..');
  } catch (cause) {
    throw packageMissing(PACKAGE, 'it carries the software adapter', cause);
  }
}

/** A folder for files that can be made again: the user's cache, or the temporary folder where that cannot be written. */
export async function cacheFolder(): Promise<string> {
  const candidates = [
    join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hyb'),
    join(tmpdir(), `hyb-${process.getuid?.() ?? 'cache'}`),
  ];
  let failure: unknown;
  for (const folder of candidates) {
    try {
      await mkdir(folder, { recursive: true });
      await rm(await mkdtemp(join(folder, 'probe-')), { recursive: true });
      return folder;
    } catch (cause) {
      failure = cause;
    }
  }
  throw failure;
}

/**
 * Makes Dawn, which must not have been started for this adapter yet, find SwiftShader and nothing else. Where the system has no
 * Vulkan loader, the package's own is loaded first: `dlopen` of a library that is no addon throws, and leaves it loaded, and a
 * later `dlopen("libvulkan.so.1")` by anybody in this process gets that one.
 */
export async function useSoftwareDriver(): Promise<void> {
  const driver = await unpackSoftwareDriver();
  if (!loadLibrary('libvulkan.so.1')) loadLibrary(driver.loader);
  process.env['VK_ICD_FILENAMES'] = driver.description;
  // The newer name of the same variable would win over it.
  delete process.env['VK_DRIVER_FILES'];
}

/** Loads a shared library for the whole life of the process; false where it is not there. */
export function loadLibrary(file: string): boolean {
  const now = 0x2;
  const keep = 0x1000;
  try {
    process.dlopen({ exports: {} }, file, now | keep);
  } catch (cause) {
    return cause instanceof Error && cause.message.includes('did not self-register');
  }
  return true;
}

async function extract(source: string, folder: string): Promise<void> {
  const tar = await import('tar-fs');
  await pipeline(createReadStream(source), createBrotliDecompress(), tar.extract(folder));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
