// The name of a UNIX socket belongs to one listener. What a killed one left is replaced, and of several successors that
// start in the same moment exactly one gets the name: each looks, unlinks and listens under the lock of the directory.
import { constants, openSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { connectUnix, listenUnix, OwnedFd, type SocketType, SystemError, tryLock } from '@vsoc/native';

/** EADDRINUSE where somebody listens already. */
export function listenReplacing(path: string, { type, mode }: { type: SocketType; mode: number }): OwnedFd {
  using _lock = lockDirectory(dirname(path));
  try {
    return listenUnix(path, type, mode);
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'EADDRINUSE' || isAlive(path, type)) throw error;
    unlinkSync(path);
    return listenUnix(path, type, mode);
  }
}

/** Somebody accepts connections there, or may: only a refused connection proves a socket without a listener. */
function isAlive(path: string, type: SocketType): boolean {
  try {
    connectUnix(path, type)[Symbol.dispose]();
    return true;
  } catch (error) {
    return !(error instanceof SystemError && error.code === 'ECONNREFUSED');
  }
}

/** Others hold it for a few system calls: whoever does not give it back shall not hang this process. */
const lockTimeoutMs = 2000;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** The lock lasts as long as the descriptor. */
function lockDirectory(path: string): OwnedFd {
  const directory = OwnedFd.own(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY), path);
  for (let waitedMs = 0; !tryLock(directory.fd); waitedMs++) {
    if (waitedMs === lockTimeoutMs) {
      directory[Symbol.dispose]();
      throw new Error(`${path}: another process has held its lock for ${lockTimeoutMs / 1000} s`);
    }
    Atomics.wait(pause, 0, 0, 1);
  }
  return directory;
}
