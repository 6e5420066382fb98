// Kernel and busybox from Debian's packages, downloaded and unpacked into a cache, never installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface GuestFiles {
  /** bzImage. */
  readonly kernel: string;
  readonly kernelVersion: string;
  /** …/lib/modules/VERSION */
  readonly modulesFolder: string;
  readonly busybox: string;
}

/** Depends on the current kernel package; its dependency names it. */
const kernelMetaPackage = 'linux-image-amd64';

export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vsoc-hals', 'vm');
}

/** Downloads what is not in the cache yet. Throws with apt's own words when it cannot. */
export function fetchGuestFiles(cache: string): GuestFiles {
  const kernelPackage = currentKernelPackage();
  const kernelRoot = unpacked(cache, kernelPackage);
  const kernelVersion = kernelPackage.replace('linux-image-', '');
  return {
    kernel: join(kernelRoot, 'boot', `vmlinuz-${kernelVersion}`),
    kernelVersion,
    modulesFolder: join(kernelRoot, 'lib', 'modules', kernelVersion),
    busybox: join(unpacked(cache, 'busybox-static'), 'bin', 'busybox'),
  };
}

function currentKernelPackage(): string {
  const depends = run('apt-cache', ['depends', kernelMetaPackage], '.');
  const [, name] = depends.match(/Depends: (linux-image-[\w.+-]+)/) ?? [];
  if (name) return name;
  throw new Error(`apt-cache knows no dependency of ${kernelMetaPackage}: run apt-get update first`);
}

/** The folder that a package was unpacked into; built beside it and renamed, so that it is whole or not there. */
function unpacked(cache: string, name: string): string {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const building = `${folder}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  try {
    run('apt-get', ['download', name], building);
    const [archive] = readdirSync(building).filter((entry) => entry.endsWith('.deb'));
    if (!archive) throw new Error(`apt-get download ${name} left no package behind`);
    run('dpkg', ['-x', archive, '.'], building);
    rmSync(join(building, archive));
    renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return folder;
}

function run(command: string, args: readonly string[], folder: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr.trim()}`);
}
