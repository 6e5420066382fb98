// The one seat for a guest: QEMU, or guest-driver on the embedded bus, as client of QEMU's ivshmem protocol.
import type { OwnedFd } from '@vsoc/native';
import {
  encodeIvshmem,
  guestPeerId,
  hostPeerId,
  ivshmemVersion,
  openSocket,
  refusalVersion,
  type UnixSocket,
  windowMarker,
} from '@vsoc/vsoc/wire';
import type { ServedWindow } from './window.js';

export interface GuestSeat extends Disposable {
  /** Takes ownership of a fresh connection: hands everything out, or refuses it while the seat is taken. */
  accept(connection: OwnedFd): void;
  readonly isTaken: boolean;
}

export interface GuestSeatEvents {
  onTaken(): void;
  onLeft(): void;
  onRefused(reason: string): void;
}

export function openGuestSeat(window: ServedWindow, events: GuestSeatEvents): GuestSeat {
  let guest: UnixSocket | undefined;

  function leave(reason?: string): void {
    guest?.[Symbol.dispose]();
    guest = undefined;
    if (reason) events.onRefused(reason);
    events.onLeft();
  }

  function refuse(connection: OwnedFd): void {
    const socket = openSocket(connection, { onMessage: closeAll, onEnd: () => {} });
    socket.send(encodeIvshmem(refusalVersion));
    socket[Symbol.dispose]();
    events.onRefused('a guest is connected already: one at a time');
  }

  /** False when the guest does not take what it is sent. */
  function handOut(socket: UnixSocket): boolean {
    const send = (value: bigint, fd?: OwnedFd) =>
      socket.send(encodeIvshmem(value), fd === undefined ? [] : [fd.fd]);
    // The window comes third, before any eventfd: sent last it crashes QEMU 7.2 under software emulation.
    const opening = send(ivshmemVersion) && send(guestPeerId) && send(windowMarker, window.fd);
    const host = window.doorbells.every(({ guestToHost }) => send(hostPeerId, guestToHost));
    const self = window.doorbells.every(({ hostToGuest }) => send(guestPeerId, hostToGuest));
    return opening && host && self;
  }

  return {
    get isTaken() {
      return guest !== undefined;
    },
    accept(connection) {
      if (guest) return refuse(connection);
      const socket = openSocket(connection, {
        onMessage(_bytes, fds) {
          closeAll(_bytes, fds);
          leave('the guest sent bytes; in this protocol only the server speaks');
        },
        onEnd: () => leave(),
      });
      guest = socket;
      events.onTaken();
      if (!handOut(socket)) leave('the guest does not read what it asked for');
    },
    [Symbol.dispose]() {
      guest?.[Symbol.dispose]();
      guest = undefined;
    },
  };
}

function closeAll(_bytes: Uint8Array, fds: readonly OwnedFd[]): void {
  for (const fd of fds) fd[Symbol.dispose]();
}
