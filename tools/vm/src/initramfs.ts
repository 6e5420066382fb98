// The guest's root file system, all in memory: init, busybox, the kernel modules, and this machine's own Node with its
// shared libraries.
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { file, folders, link, writeArchive } from './cpio.js';

/** Where the guest sees the checkout. */
export const checkoutMount = '/vsoc';

const applets = [
  'sh',
  'mount',
  'insmod',
  'mkdir',
  'cat',
  'ls',
  'echo',
  'sleep',
  'poweroff',
  'ip',
  'dmesg',
  'ln',
  'kill',
  'mkfifo',
];

export interface RootOptions {
  /** Shell script. */
  readonly init: string;
  readonly busybox: string;
  /** In the order in which they are to be loaded. */
  readonly modules: readonly string[];
}

/** The same for all runs with this kernel and this Node. */
export function writeRoot({ init, busybox, modules }: RootOptions): Uint8Array {
  const node = realpathSync(process.execPath);
  const libraries = sharedLibraries(node);
  const paths = new Set(libraries.flatMap((path) => parents(path)));
  return writeArchive([
    file('init', Buffer.from(init), 0o755),
    ...folders('bin', 'dev', 'proc', 'sys', 'tmp', 'run', 'modules', checkoutMount.slice(1), ...paths),
    file('bin/busybox', readFileSync(busybox), 0o755),
    ...applets.map((name) => link(`bin/${name}`, 'busybox')),
    file('bin/node', readFileSync(node), 0o755),
    ...libraries.map((path) => file(path.slice(1), readFileSync(path), 0o755)),
    ...modules.map((path, index) => file(`modules/${moduleFile(path, index)}`, readFileSync(path))),
  ]);
}

/** Module files are numbered, so that their alphabetical order is the order of loading. */
function moduleFile(path: string, index: number): string {
  return `${String(index).padStart(2, '0')}-${basename(path)}`;
}

function sharedLibraries(program: string): string[] {
  const listing = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...listing.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path as string);
}

/** 'lib/x86_64-linux-gnu' and all above it, outermost first. */
function parents(path: string): string[] {
  const parent = dirname(path);
  return parent === '/' ? [] : [...parents(parent), parent.slice(1)];
}
