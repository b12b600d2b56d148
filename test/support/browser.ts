// A real headless Chromium with WebGPU on the software driver, from npm alone, and a small server for its pages.
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { chromium, type Browser } from 'playwright-core';
import { extract } from 'tar-fs';
import { cacheFolder, packageFolder } from '../../cli/software-adapter.ts';

const LIBRARIES = ['swiftshader.tar.br', 'al2023.tar.br'];

/** Starts the browser. On a bare machine its own libraries come from the package too. */
export async function openBrowser(): Promise<Browser> {
  const folder = await unpackBrowser();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--disable-dev-shm-usage',
      '--disable-gpu-watchdog',
    ],
    env: { ...process.env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') },
  });
}

/** The folder with `chromium`, the software driver beside it and its libraries. */
async function unpackBrowser(): Promise<string> {
  const bin = join(packageFolder(), 'bin');
  const { size } = await stat(join(bin, 'chromium.br'));
  const cache = await cacheFolder();
  const folder = join(cache, `chromium-${size}`);
  if (await exists(folder)) return folder;
  const partial = await mkdtemp(join(cache, 'unpacking-'));
  const program = join(partial, 'chromium');
  await pipeline(
    createReadStream(join(bin, 'chromium.br')),
    createBrotliDecompress(),
    createWriteStream(program),
  );
  await chmod(program, 0o755);
  for (const archive of LIBRARIES)
    await pipeline(
      createReadStream(join(bin, archive)),
      createBrotliDecompress(),
      extract(target(partial, archive)),
    );
  await chmod(partial, 0o755);
  await rename(partial, folder).catch(async (cause: unknown) => {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(folder))) throw cause;
  });
  return folder;
}

/** The driver must lie beside the program, or the browser finds no adapter. */
function target(folder: string, archive: string): string {
  return archive.startsWith('swiftshader') ? folder : join(folder, 'al2023');
}

export interface ServedFolder {
  readonly address: string;
  readonly close: () => Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** Serves folders on http://127.0.0.1; a path is looked for in the first folder, then in the next. */
export async function serveFolders(folders: readonly string[]): Promise<ServedFolder> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
    const file = path.endsWith('/') ? `${path}index.html` : path;
    void findFile(folders, file).then((found) => {
      if (found === undefined) response.writeHead(404).end();
      else {
        response.writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream' });
        createReadStream(found).pipe(response);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: addressOf(server), close: () => closeServer(server) };
}

async function findFile(folders: readonly string[], path: string): Promise<string | undefined> {
  for (const folder of folders) if (await exists(join(folder, path))) return join(folder, path);
  return undefined;
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}/`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
