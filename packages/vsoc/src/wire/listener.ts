// A listening UNIX socket in the event loop.
import { acceptUnix, listenUnix, type OwnedFd, watch } from '@vsoc/native';

/** Listens at `path` with file mode `mode`; each connection is given to `onConnection`, which then owns it. */
export function listenAt(
  path: string,
  options: { type: 'stream' | 'seqpacket'; mode: number },
  onConnection: (connection: OwnedFd) => void,
): Disposable {
  const listening = listenUnix(path, options.type, options.mode);
  const watching = watch(listening.fd, 'readable', () => {
    // One connection a turn: the watch is level-triggered, and others get their turn between two.
    const connection = acceptUnix(listening.fd);
    if (connection) onConnection(connection);
  });
  return {
    [Symbol.dispose]() {
      watching[Symbol.dispose]();
      listening[Symbol.dispose]();
    },
  };
}
