// Kernel and busybox from Debian's packages, downloaded and unpacked into a cache, never installed. What is in the
// cache is used without asking anybody: delete the folder to get a newer kernel.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './tool.js';

export interface GuestFiles {
  /** bzImage. */
  readonly kernel: string;
  readonly kernelVersion: string;
  /** …/lib/modules/VERSION */
  readonly modulesFolder: string;
  readonly busybox: string;
}

export interface FetchOptions {
  readonly signal?: AbortSignal;
  /** Told before each download. */
  readonly onDownload?: (packageName: string) => void;
}

/** Depends on the current kernel package; its dependency names it. */
const kernelMetaPackage = 'linux-image-amd64';
const kernelName = /^linux-image-(\d[\w.+~-]*)$/;
const busyboxPackage = 'busybox-static';

export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vsoc-hals', 'vm');
}

/** Downloads what is not in the cache yet. Rejects with apt's own words when it cannot. */
export async function fetchGuestFiles(cache: string, options: FetchOptions = {}): Promise<GuestFiles> {
  const kernelPackage = cachedKernelPackage(cache) ?? (await currentKernelPackage(options.signal));
  const kernelRoot = await unpacked(cache, kernelPackage, options);
  const kernelVersion = kernelPackage.replace(kernelName, '$1');
  return {
    kernel: join(kernelRoot, 'boot', `vmlinuz-${kernelVersion}`),
    kernelVersion,
    modulesFolder: join(kernelRoot, 'lib', 'modules', kernelVersion),
    busybox: join(await unpacked(cache, busyboxPackage, options), 'bin', 'busybox'),
  };
}

/** Whether a machine can be started without a download. */
export function isFetched(cache: string): boolean {
  return cachedKernelPackage(cache) !== undefined && existsSync(join(cache, busyboxPackage));
}

function cachedKernelPackage(cache: string): string | undefined {
  const names = existsSync(cache) ? readdirSync(cache) : [];
  const kernels = names.filter((name) => kernelName.test(name));
  return kernels.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

/** The package that Debian's kernel is in now. */
export async function currentKernelPackage(signal?: AbortSignal): Promise<string> {
  const depends = await runTool('apt-cache', ['depends', kernelMetaPackage], signal ? { signal } : {});
  const [, name] = depends.toString().match(/Depends: (linux-image-\d[\w.+~-]+)/) ?? [];
  if (name) return name;
  throw new Error(`apt-cache knows no dependency of ${kernelMetaPackage}: run apt-get update first`);
}

/** The folder that a package was unpacked into; built beside it and renamed, so that it is whole or not there. */
async function unpacked(cache: string, name: string, options: FetchOptions): Promise<string> {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const building = join(cache, `building-${name}.${process.pid}`);
  const tool = { folder: building, ...(options.signal ? { signal: options.signal } : {}) };
  mkdirSync(building, { recursive: true });
  try {
    options.onDownload?.(name);
    await runTool('apt-get', ['download', name], tool);
    const [archive] = readdirSync(building).filter((entry) => entry.endsWith('.deb'));
    if (!archive) throw new Error(`apt-get download ${name} left no package behind`);
    await runTool('dpkg-deb', ['--extract', archive, '.'], tool);
    rmSync(join(building, archive));
    moveInto(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return folder;
}

/** Another process may have been faster: then its folder is the same and stays. */
function moveInto(from: string, folder: string): void {
  try {
    renameSync(from, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}
