// A bare host client of one region, speaking the server's protocol itself: it hears every ring of both doorbells and
// maps the window, so that cases see what a half really does, and can do to it what nobody should.

import { assertSealed, DisposableStack, mapWindow, signalEventfd, watch } from '@vsoc/native';
import { connectSocket, hostAnswer, hostHello, StreamBuffer } from '@vsoc/vsoc/wire';
import type { Side } from './hal.js';

export interface Doorbells extends Disposable {
  /** How often the doorbell toward `side` has been heard ringing. */
  rings(toward: Side): number;
  /** Rings both, as a peer may at any time. */
  ringBoth(): void;
  readonly window: SharedArrayBuffer;
}

export async function openDoorbells(serverSocket: string, region: string): Promise<Doorbells> {
  using stack = new DisposableStack();
  const buffer = stack.use(new StreamBuffer({ bytes: 4096, fds: 3 }));
  await new Promise<void>((resolve, reject) => {
    let named = false;
    const socket = connectSocket(serverSocket, 'stream', {
      onMessage(bytes, fds) {
        buffer.push(bytes, fds);
        if (!named && buffer.take(hostHello.size)) {
          named = true;
          socket.send(new Uint8Array([region.length, 0, ...new TextEncoder().encode(region)]));
        }
        if (named && buffer.take(hostAnswer.size)) resolve();
      },
      onEnd: (error) => reject(error ?? new Error(`the server has closed the connection for ${region}`)),
    });
    stack.use(socket);
  });
  const [toHost, toGuest, windowFd] = [0, 1, 2].map(() => buffer.takeFd());
  if (!toHost || !toGuest || !windowFd) throw new Error(`the server gave no descriptors for ${region}`);
  for (const fd of [toHost, toGuest, windowFd]) stack.use(fd);
  const rings = { host: 0, guest: 0 };
  stack.use(watch(toHost.fd, 'edge', () => rings.host++));
  stack.use(watch(toGuest.fd, 'edge', () => rings.guest++));
  const window = stack.use(mapWindow(windowFd.fd, assertSealed(windowFd.fd)));
  const owned = stack.move();
  return {
    rings: (toward) => rings[toward],
    ringBoth() {
      signalEventfd(toHost.fd);
      signalEventfd(toGuest.fd);
    },
    window: window.buffer,
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
