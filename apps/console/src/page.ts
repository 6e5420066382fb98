/**
 * The built page, read once at start: only what was found then can be asked for, so no path leads anywhere
 * else. It is small.
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PageFile {
  readonly bytes: Uint8Array;
  readonly type: string;
}

/** Path below the page's address, '' for the page itself → file. */
export type Page = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

export async function loadPage(folder: URL): Promise<Page> {
  const root = fileURLToPath(folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new Error(`the page is not built: ${root} cannot be read`, { cause: error });
  });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const page = new Map<string, PageFile>();
  for (const file of files) {
    const type = types[extname(file)];
    if (type === undefined) continue; // source maps and the like stay here
    const path = relative(root, file).split(sep).join('/');
    page.set(path === 'index.html' ? '' : path, { bytes: await readFile(file), type });
  }
  if (!page.has('')) throw new Error(`the page is not built: ${root} holds no index.html`);
  return page;
}
