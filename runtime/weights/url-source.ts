// A file at an address, read by Range requests, or once as a whole where the server ignores ranges.
import { aborted, fileNotFound, HybError, readFailed, reasonOf } from '../errors.ts';
import { memorySource } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';

/** Enough for most headers, so that opening a file takes one request. */
const FIRST_BYTES = 1 << 20;
const ATTEMPTS = 3;

/** Opens `url`. Throws `file_not_found`, `read_failed` or `aborted`. */
export async function urlSource(url: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  const response = await request(url, `bytes=0-${FIRST_BYTES - 1}`, signal);
  const total = totalBytes(response);
  if (response.status === 206 && total === null)
    return wholeFile(await request(url, null, signal), url, signal);
  if (response.status !== 206 || total === null) return wholeFile(response, url, signal);
  const first = await body(response, url, signal);
  if (first.length !== Math.min(FIRST_BYTES, total))
    throw readFailed(url, 'the first bytes did not come whole');
  return {
    name: url,
    bytes: total,
    resident: false,
    read: (offset, length) =>
      offset + length <= first.length
        ? Promise.resolve(first.subarray(offset, offset + length))
        : readRange(url, offset, length, total, signal),
    close: () => Promise.resolve(),
  };
}

async function wholeFile(
  response: Response,
  url: string,
  signal: AbortSignal | undefined,
): Promise<ByteSource> {
  return memorySource(url, await body(response, url, signal));
}

async function readRange(
  url: string,
  offset: number,
  length: number,
  total: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0);
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await request(url, `bytes=${offset}-${offset + length - 1}`, signal);
      if (response.status !== 206 || totalBytes(response) !== total)
        throw readFailed(url, 'the file changed, or the server stopped answering Range requests');
      const bytes = await body(response, url, signal);
      if (bytes.length !== length) throw readFailed(url, `${bytes.length} bytes came instead of ${length}`);
      return bytes;
    } catch (cause) {
      if (!mayPass(cause) || attempt === ATTEMPTS) throw cause;
    }
  }
}

/** Whether trying again could help: a broken connection or a busy server, not a missing file or an abort. */
function mayPass(cause: unknown): boolean {
  return cause instanceof HybError && cause.code === 'read_failed';
}

async function request(
  url: string,
  range: string | null,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const response = await guarded(url, signal, () =>
    fetch(url, {
      ...(range === null ? {} : { headers: { Range: range } }),
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  if (response.ok) return response;
  await response.body?.cancel().catch(() => undefined);
  // An empty file has no satisfiable range.
  if (response.status === 416 && range !== null) return request(url, null, signal);
  if (response.status === 404 || response.status === 410) throw fileNotFound(url);
  throw readFailed(url, `the server answered ${response.status} ${response.statusText}`.trim());
}

async function body(response: Response, url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  return new Uint8Array(await guarded(url, signal, () => response.arrayBuffer()));
}

/** Turns what fetch throws into our errors. */
async function guarded<T>(url: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (signal?.aborted) throw aborted(signal);
    throw readFailed(url, reasonOf(cause), cause);
  }
}

/** The file's size from `Content-Range: bytes 0-7/1234`, or null where the server does not tell. */
function totalBytes(response: Response): number | null {
  const total = /\/(\d+)\s*$/.exec(response.headers.get('content-range') ?? '')?.[1];
  return total === undefined ? null : Number(total);
}
