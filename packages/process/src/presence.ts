// Who is still there? Launcher and children share one pipe that nobody writes to. A process that ends closes
// its write end first and then looks at the read end: end-of-file there means that it is the last one, and it
// removes the run directory. The kernel keeps the count, so no SIGKILL can falsify it.

import { closeSync, constants, openSync, readSync, rmSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { identifyFd, watch } from '@vsoc/native';

export const presenceVariable = 'VSOC_PRESENCE_FDS';

export interface Presence {
  /** Closes this process's write end: from now on it does not count. */
  leave(): void;
  /** Waits until nobody else is there any more, at most `timeoutMs`. */
  alone(timeoutMs: number): Promise<void>;
  /** For the very end of a process, synchronous. */
  removeRunDirectoryIfLast(): void;
}

/** Undefined when no launcher passed the pipe: whoever runs a program by hand cleans up by hand. */
export function joinPresence(argv: readonly string[]): Presence | undefined {
  const fds = takeFds();
  if (fds === undefined) return undefined;
  const [readFd, writeFd] = fds;
  const runDir = runDirOf(argv);
  const identity = runDir === undefined ? undefined : statSync(runDir, { throwIfNoEntry: false });
  let left = false;

  function leave(): void {
    if (!left) closeSync(writeFd);
    left = true;
  }
  return {
    leave,
    alone: (timeoutMs) => endOfPipe(readFd, timeoutMs),
    removeRunDirectoryIfLast() {
      leave();
      if (runDir === undefined || identity === undefined || writersRemain(readFd)) return;
      removeDirectory(runDir, identity);
    },
  };
}

/** A directory that is no longer the one this run began with belongs to somebody else and is left alone. */
export function removeDirectory(path: string, identity: Stats): void {
  const now = statSync(path, { throwIfNoEntry: false });
  if (now === undefined || now.dev !== identity.dev || now.ino !== identity.ino) return;
  // Several may believe to be the last (all closed, then all looked): retries, since they race for the entries.
  rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 10 });
}

function takeFds(): [number, number] | undefined {
  const text = process.env[presenceVariable];
  if (text === undefined) return undefined;
  delete process.env[presenceVariable];
  const [readFd, writeFd] = text.split(',').map(Number);
  if (!isPipe(readFd) || !isPipe(writeFd)) {
    throw new Error(`${presenceVariable}=${text}: expected the read end and the write end of a pipe`);
  }
  return [readFd, writeFd];
}

function isPipe(fd: number | undefined): fd is number {
  return fd !== undefined && Number.isInteger(fd) && identifyFd(fd).kind === 'pipe';
}

/** The inherited description is shared by all, so its O_NONBLOCK is nobody's to change: a new one is opened. */
function reopenNonBlocking(readFd: number): number {
  return openSync(`/proc/self/fd/${readFd}`, constants.O_RDONLY | constants.O_NONBLOCK);
}

function writersRemain(readFd: number): boolean {
  const fd = reopenNonBlocking(readFd);
  try {
    return readSync(fd, Buffer.alloc(1)) !== 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return true;
    throw error;
  } finally {
    closeSync(fd);
  }
}

function endOfPipe(readFd: number, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const hangUp = watch(readFd, 'hang-up', done);
    const timer = setTimeout(done, timeoutMs);
    function done(): void {
      hangUp[Symbol.dispose]();
      clearTimeout(timer);
      resolve();
    }
  });
}

function runDirOf(argv: readonly string[]): string | undefined {
  const option = '--run-dir';
  const index = argv.indexOf(option);
  const value =
    index >= 0
      ? argv[index + 1]
      : argv.find((word) => word.startsWith(`${option}=`))?.slice(option.length + 1);
  return value === undefined ? undefined : resolve(value);
}
