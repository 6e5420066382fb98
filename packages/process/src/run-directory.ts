// The run directory: one place with mode 0700 where the processes of one run meet. Its name is kept short
// because every socket path in it has to fit into sockaddr_un, and every path in it is spelled here once.

import { mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** sockaddr_un.sun_path holds 108 bytes, the last one being the NUL. */
export const maxSocketPathBytes = 107;

/** Region names have at most 15 bytes, so this is the longest path that guest-driver listens on. */
const longestDeviceName = 'x'.repeat(15);

export interface RunPaths {
  readonly runDir: string;
  /** What the server plans the window from. */
  readonly layoutFile: string;
  /** Host clients connect here (stream, 0600). */
  readonly serverSocket: string;
  /** QEMU's ivshmem protocol: guest-driver or a real VMM connects here. */
  readonly qemuSocket: string;
  /** Everything that only the guest side uses. */
  readonly guestDir: string;
  readonly deviceDir: string;
  readonly controlSocket: string;
  device(regionName: string): string;
}

export function runPaths(runDir: string): RunPaths {
  const root = resolve(runDir);
  const guestDir = join(root, 'guest');
  const deviceDir = join(guestDir, 'dev');
  return {
    runDir: root,
    layoutFile: join(root, 'layout.json'),
    serverSocket: join(root, 'server.sock'),
    qemuSocket: join(root, 'qemu.sock'),
    guestDir,
    deviceDir,
    controlSocket: join(deviceDir, 'control'),
    device: (regionName) => join(deviceDir, regionName),
  };
}

/** Returns the path, so that it can stand where the path is used. */
export function checkSocketPath(path: string): string {
  const lengthBytes = Buffer.byteLength(path);
  if (lengthBytes > maxSocketPathBytes) {
    throw new Error(
      `socket path is ${lengthBytes} bytes long, at most ${maxSocketPathBytes} are possible: ${path}`,
    );
  }
  return path;
}

/** Refuses a run directory in which some socket would get too long a path, before anything is started. */
export function checkRunDirectory(runDir: string): string {
  checkSocketPath(runPaths(runDir).device(longestDeviceName));
  return runDir;
}

/**
 * Makes the run directory of a new run: `$XDG_RUNTIME_DIR/vsoc/<instance>`, or a fresh directory under
 * the system's temporary one. An existing directory is refused: it belongs to another run.
 */
export function createRunDirectory(instance: string, env: NodeJS.ProcessEnv = process.env): string {
  const runtimeDir = env.XDG_RUNTIME_DIR;
  if (runtimeDir === undefined || !isDirectory(runtimeDir)) {
    return checkRunDirectory(mkdtempSync(join(tmpdir(), 'vsoc-')));
  }
  const runDir = checkRunDirectory(join(runtimeDir, 'vsoc', instance));
  mkdirSync(join(runtimeDir, 'vsoc'), { recursive: true, mode: 0o700 });
  try {
    mkdirSync(runDir, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(
      `${runDir} exists: another run uses it, or one was killed with all its processes at once`,
    );
  }
  return runDir;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
