// How the workers of the storm reach one another: each listens at a socket of its place, whose connections come anew when
// a worker was killed and another one has taken its place.
import { join } from 'node:path';
import { DisposableStack, type OwnedFd, SystemError } from '@vsoc/native';
import type { SeededRandom } from '@vsoc/testkit';
import { connectSocket, listenAt, openSocket, type UnixSocket } from '@vsoc/vsoc/wire';

export interface StormPeersOptions {
  readonly guestDir: string;
  readonly place: number;
  readonly workers: number;
  /** The listener owns `fds`. */
  readonly onMessage: (message: Uint8Array, fds: readonly OwnedFd[]) => Promise<void>;
}

export interface StormPeers extends Disposable {
  /** A connection to another worker; undefined where its place is empty at the moment. */
  connect(random: SeededRandom): UnixSocket | undefined;
  /** Takes no more, and waits for what is being taken. Messages that nobody reads any more go with their sockets. */
  settle(): Promise<void>;
}

export function openStormPeers({ guestDir, place, workers, onMessage }: StormPeersOptions): StormPeers {
  const pathOf = (other: number) => join(guestDir, `storm-${other}`);
  const others = Array.from({ length: workers }, (_, other) => other).filter((other) => other !== place);
  const outgoing = new Map<number, UnixSocket>();
  const incoming = new Set<UnixSocket>();
  const taking = new Set<Promise<void>>();
  const listening = new DisposableStack();

  listening.use(
    listenAt(pathOf(place), { type: 'seqpacket', mode: 0o600 }, (connection) => {
      const socket = openSocket(connection, {
        onMessage(message, fds) {
          const taken = onMessage(message, fds).finally(() => taking.delete(taken));
          taking.add(taken);
        },
        onEnd: () => void incoming.delete(socket),
      });
      incoming.add(socket);
    }),
  );
  listening.defer(() => {
    for (const socket of [...incoming, ...outgoing.values()]) socket[Symbol.dispose]();
  });

  function connectTo(other: number): UnixSocket | undefined {
    try {
      return connectSocket(pathOf(other), 'seqpacket', {
        onMessage: (_message, fds) => {
          for (const fd of fds) fd[Symbol.dispose]();
        },
        onEnd: () => void outgoing.delete(other),
      });
    } catch (error) {
      if (error instanceof SystemError && ['ENOENT', 'ECONNREFUSED'].includes(error.code)) return undefined;
      throw error;
    }
  }

  return {
    connect(random) {
      const other = random.pick(others);
      const socket = outgoing.get(other) ?? connectTo(other);
      if (socket) outgoing.set(other, socket);
      return socket;
    },
    async settle() {
      listening[Symbol.dispose]();
      await Promise.all(taking);
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}
