// The embedded guest's bus: a client of the ivshmem server over QEMU's own protocol, just as a VMM would be. Window and
// doorbells are the guest's own descriptors once it has them, so that a server that ends does not end the guest.
import { assertSealed, DisposableStack, mapWindow, type OwnedFd } from '@vsoc/native';
import { VsocError } from '@vsoc/vsoc';
import { maxRegions, pageBytes, parseWindow } from '@vsoc/vsoc/layout';
import {
  connectSocket,
  guestPeerId,
  hostPeerId,
  ivshmemMessageBytes,
  ivshmemVersion,
  refusalVersion,
  StreamBuffer,
  windowMarker,
} from '@vsoc/vsoc/wire';
import type { GuestBus } from './bus.js';

/** The server hands everything out at once; a silent one is not waited for. */
const setupDeadlineMs = 5000;

/**
 * Rejects with what the server sent instead. `onServerGone`: the server ended; signals and waits go on, only host
 * processes cannot come in until there is one again.
 */
export async function connectEmbeddedBus(
  qemuSocket: string,
  onServerGone: () => void = () => {},
): Promise<GuestBus> {
  using stack = new DisposableStack();
  const inbox = stack.use(openInbox(qemuSocket, onServerGone));
  const version = await inbox.next();
  if (version === refusalVersion) {
    throw new VsocError(
      'EBUSY',
      'bus',
      'the ivshmem server refuses: another guest is connected, or was just now',
    );
  }
  expect('protocol version', ivshmemVersion, version);
  expect("the guest's id", guestPeerId, await inbox.next());
  expect('the marker of the window', windowMarker, await inbox.next());
  const window = stack.use(inbox.takeFd());
  const windowBytes = assertSealed(window.fd);
  const mapping = stack.use(mapWindow(window.fd, windowBytes));
  // The driver looks at versions as little as the kernel's did: they are the halves' business.
  const firstPage = new Uint8Array(mapping.buffer, 0, pageBytes).slice();
  const layout = parseWindow(firstPage, windowBytes, { versions: 'as-is' });

  async function takeDoorbells(peer: bigint): Promise<OwnedFd[]> {
    const doorbells: OwnedFd[] = [];
    for (let vector = 0; vector < layout.regions.length; vector++) {
      expect(`doorbell ${vector} of peer ${peer}`, peer, await inbox.next());
      doorbells.push(stack.use(inbox.takeFd()));
    }
    return doorbells;
  }
  const hostDoorbells = await takeDoorbells(hostPeerId);
  const vectors = await takeDoorbells(guestPeerId);
  inbox.setupDone();

  const owned = stack.move();
  return {
    kind: 'embedded',
    window,
    windowOffsetBytes: 0,
    mapping,
    layout,
    hostDoorbells: hostDoorbells.map(({ fd }) => ({ kind: 'eventfd', fd })),
    vectors,
    lost: inbox.lost,
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

interface Inbox extends Disposable {
  /** The next 8-byte number. */
  next(): Promise<bigint>;
  /** The descriptor that came with it. */
  takeFd(): OwnedFd;
  /** From here on the deadline does not count any more, and the server may go. */
  setupDone(): void;
  readonly lost: AbortSignal;
}

function openInbox(path: string, onServerGone: () => void): Inbox {
  const stack = new DisposableStack();
  const losing = new AbortController();
  const buffer = stack.use(new StreamBuffer({ bytes: 4096, fds: 1 + 2 * maxRegions }));
  let wake = () => {};
  let isSetUp = false;
  const lose = (error: Error) => {
    losing.abort(error);
    wake();
  };
  stack.use(
    connectSocket(path, 'stream', {
      onMessage(bytes, fds) {
        try {
          buffer.push(bytes, fds);
          wake();
        } catch (error) {
          lose(error as Error);
        }
      },
      onEnd(error) {
        if (isSetUp) onServerGone();
        else lose(error ?? new VsocError('ENODEV', 'bus', 'the ivshmem server is gone'));
      },
    }),
  );
  const silent = new VsocError(
    'ETIMEDOUT',
    'bus',
    `the server handed nothing out within ${setupDeadlineMs} ms`,
  );
  const deadline = setTimeout(() => lose(silent), setupDeadlineMs);
  stack.defer(() => clearTimeout(deadline));

  return {
    lost: losing.signal,
    async next() {
      for (;;) {
        const message = buffer.take(ivshmemMessageBytes);
        if (message) return message.getBigInt64(0, true);
        losing.signal.throwIfAborted();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    takeFd() {
      const fd = buffer.takeFd();
      if (!fd) throw new VsocError('EPROTO', 'bus', 'the server sent a message without its descriptor');
      return fd;
    },
    setupDone() {
      isSetUp = true;
      clearTimeout(deadline);
    },
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  };
}

function expect(what: string, expected: bigint, seen: bigint): void {
  if (seen !== expected) {
    throw new VsocError('EPROTO', 'bus', `expected ${what} to be ${expected}, the server sent ${seen}`);
  }
}
