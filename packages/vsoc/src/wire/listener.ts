// A listening UNIX socket in the event loop. Its file goes with it; one that a killed predecessor left is replaced.
import { unlinkSync } from 'node:fs';
import { acceptUnix, connectUnix, listenUnix, type OwnedFd, SystemError, watch } from '@vsoc/native';

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
      unlinkSync(path);
    },
  };
}

/** The same on a listening socket that stays the caller's, its file too. */
export function serveConnections(
  listening: OwnedFd,
  onConnection: (connection: OwnedFd) => void,
): Disposable {
  return watch(listening.fd, 'readable', () => {
    // One connection a turn: the watch is level-triggered, and others get their turn between two.
    const connection = acceptUnix(listening.fd);
    if (connection) onConnection(connection);
  });
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
