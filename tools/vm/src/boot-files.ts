// What QEMU boots, made from the packages and cached: the uncompressed kernel and the root archive. They are the same
// for every run.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initScript } from './init.js';
import { writeRoot } from './initramfs.js';
import { extractKernel } from './kernel.js';
import { orderModules, wantedModules } from './modules.js';
import type { GuestFiles } from './packages.js';

export interface BootFiles {
  /** Uncompressed. */
  readonly kernel: string;
  readonly initramfs: string;
}

export async function prepareBootFiles(files: GuestFiles, cache: string): Promise<BootFiles> {
  mkdirSync(cache, { recursive: true });
  const kernel = join(cache, `vmlinux-${files.kernelVersion}`);
  if (!existsSync(kernel)) writeWhole(kernel, await extractKernel(readFileSync(files.kernel)));
  return { kernel, initramfs: prepareRoot(files, cache) };
}

function prepareRoot({ kernelVersion, modulesFolder, busybox }: GuestFiles, cache: string): string {
  const madeOf = [process.version, process.execPath, kernelVersion, wantedModules.join(), initScript];
  const key = createHash('sha256').update(madeOf.join('\n')).digest('hex').slice(0, 16);
  const root = join(cache, `root-${key}.cpio`);
  if (existsSync(root)) return root;
  const former = readdirSync(cache).filter((name) => /^root-.*\.cpio$/.test(name));
  const modules = orderModules(modulesFolder, wantedModules);
  writeWhole(root, writeRoot({ init: initScript, busybox, modules }));
  // About 100 MB each; a running QEMU has read its own at start.
  for (const name of former) rmSync(join(cache, name), { force: true });
  return root;
}

function writeWhole(path: string, content: Uint8Array): void {
  const building = `${path}.${process.pid}`;
  writeFileSync(building, content);
  renameSync(building, path);
}
