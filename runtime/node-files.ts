// Files of Node: the only place that touches the file system, loaded only where a path is given.
import { open, readFile, stat } from 'node:fs/promises';
import { fileNotFound, readFailed, reasonOf } from './errors.ts';
import type { ByteSource } from './weights/byte-source.ts';

/** Opens a path or a file: address. Throws `file_not_found` or `read_failed`. */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle = await open(local(path)).catch((cause: unknown) => Promise.reject(failure(path, cause)));
  const bytes = (await handle.stat()).size;
  return {
    name: path,
    bytes,
    resident: false,
    read: async (offset, length) => {
      const piece = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(piece, done, length - done, offset + done);
        if (bytesRead === 0) throw readFailed(path, 'it ended early');
        done += bytesRead;
      }
      return piece;
    },
    close: () => handle.close(),
  };
}

/** Whether `path` is a folder, a file, or nothing. */
export async function kindOfPath(path: string): Promise<'folder' | 'file' | 'nothing'> {
  const found = await stat(local(path)).catch(() => null);
  return found === null ? 'nothing' : found.isDirectory() ? 'folder' : 'file';
}

/** A text file. */
export async function fileText(path: string): Promise<string> {
  return readFile(local(path), 'utf8').catch((cause: unknown) => Promise.reject(failure(path, cause)));
}

function local(path: string): string | URL {
  return path.startsWith('file:') ? new URL(path) : path;
}

function failure(path: string, cause: unknown): Error {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return missing ? fileNotFound(path, cause) : readFailed(path, reasonOf(cause), cause);
}
