// A listening UNIX socket in the event loop. Its file goes with it; one that a killed predecessor left is replaced.
import { rmSync, unlinkSync } from 'node:fs';
import {
  acceptUnix,
  connectUnix,
  duplicateFd,
  listenUnix,
  type OwnedFd,
  SystemError,
  watch,
} from '@vsoc/native';

export interface ListenOptions {
  readonly type: 'stream' | 'seqpacket';
  /** File mode of the socket. */
  readonly mode: number;
}

/** Each connection is given to `onConnection`, which then owns it. EADDRINUSE where somebody listens already. */
export function listenAt(
  path: string,
  options: ListenOptions,
  onConnection: (connection: OwnedFd) => void,
): Disposable {
  const listening = listenReplacing(path, options);
  const watching = serveConnections(listening, onConnection);
  return {
    [Symbol.dispose]() {
      watching[Symbol.dispose]();
      listening[Symbol.dispose]();
      // Whoever removed the directory meanwhile removed it too.
      rmSync(path, { force: true });
    },
  };
}

/**
 * The same on a listening socket that stays the caller's, its file too. A connection for which this process has no
 * descriptor left, in accepting it or in `onConnection`, is closed; the others and the process go on.
 */
export function serveConnections(
  listening: OwnedFd,
  onConnection: (connection: OwnedFd) => void,
): Disposable {
  // Given up for a moment to accept what could not be: a connection left waiting would call the watch for ever.
  let spare = duplicateFd(listening.fd);
  const watching = watch(listening.fd, 'readable', () => {
    let connection: OwnedFd | undefined;
    try {
      // One connection a turn: the watch is level-triggered, and others get their turn between two.
      connection = acceptUnix(listening.fd);
      if (connection) onConnection(connection);
    } catch (error) {
      if (!isOutOfDescriptors(error)) throw error;
      spare[Symbol.dispose]();
      connection ??= acceptUnix(listening.fd);
      connection?.[Symbol.dispose]();
      spare = duplicateFd(listening.fd);
    }
  });
  return {
    [Symbol.dispose]() {
      watching[Symbol.dispose]();
      spare[Symbol.dispose]();
    },
  };
}

/** This process, or the whole system, has as many descriptors as it may. */
export function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof SystemError && (error.code === 'EMFILE' || error.code === 'ENFILE');
}

function listenReplacing(path: string, { type, mode }: ListenOptions): OwnedFd {
  try {
    return listenUnix(path, type, mode);
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'EADDRINUSE' || isAlive(path, type)) throw error;
    unlinkSync(path);
    return listenUnix(path, type, mode);
  }
}

/** Somebody accepts connections there, or may: only a refused connection proves a socket without a listener. */
function isAlive(path: string, type: ListenOptions['type']): boolean {
  try {
    connectUnix(path, type)[Symbol.dispose]();
    return true;
  } catch (error) {
    return !(error instanceof SystemError && error.code === 'ECONNREFUSED');
  }
}
