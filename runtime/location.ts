// Where a text points: a path of Node or an address, and how to get from a file to its neighbour.

/** A path or an address that can be opened. */
export interface Location {
  readonly kind: 'path' | 'url';
  readonly text: string;
}

/** Addresses have a scheme of at least two letters (one letter is a Windows drive); other texts are paths in Node. */
export function locate(target: string | URL): Location {
  const text = String(target);
  if (text.startsWith('file:')) return { kind: 'path', text };
  if (/^[a-z][a-z0-9+.-]+:/i.test(text)) return { kind: 'url', text };
  return runsInNode() ? { kind: 'path', text } : { kind: 'url', text: new URL(text, pageAddress()).href };
}

/** `name` in the folder that `location` is. */
export function inside(location: Location, name: string): Location {
  const separator = /[/\\]$/.test(location.text) ? '' : '/';
  return { kind: location.kind, text: `${location.text}${separator}${name}` };
}

/** `name` beside the file that `location` is. An address keeps its query, which may carry a signature. */
export function beside(location: Location, name: string): Location {
  if (location.kind === 'url') {
    const url = new URL(location.text);
    const next = new URL(name.split('/').map(encodeURIComponent).join('/'), url);
    next.search = url.search;
    return { kind: 'url', text: next.href };
  }
  const cut = Math.max(location.text.lastIndexOf('/'), location.text.lastIndexOf('\\'));
  return { kind: 'path', text: location.text.slice(0, cut + 1) + name };
}

/** The last part of an address or path, without query. */
export function fileName(location: Location): string {
  const path = location.kind === 'url' ? new URL(location.text).pathname : location.text;
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function runsInNode(): boolean {
  return typeof process !== 'undefined' && typeof process.versions?.node === 'string';
}

function pageAddress(): string {
  return typeof document === 'undefined' ? globalThis.location.href : document.baseURI;
}
