// The one seat for a guest: QEMU, or guest-driver on the embedded bus, as client of QEMU's ivshmem protocol. A guest
// outlives its server: the seat of one that a former server let in is taken until the launcher says that it is gone.
import type { OwnedFd } from '@vsoc/native';
import {
  type Client,
  encodeIvshmem,
  guestPeerId,
  hostPeerId,
  ivshmemVersion,
  openSocket,
  refusalVersion,
  type UnixSocket,
  windowMarker,
} from '@vsoc/vsoc/wire';
import type { SeatState } from './hand-over.js';
import type { ServedWindow } from './window.js';

export interface GuestSeat extends Disposable {
  /** Takes ownership of a fresh connection: hands everything out, or refuses it while the seat is taken. */
  accept(connection: OwnedFd, who: Client): void;
  /** Frees the seat of a former server's guest. One that is connected here is told by its connection alone. */
  formerGuestIsGone(): void;
}

export interface GuestSeatEvents {
  onTaken(): void;
  onLeft(): void;
  onRefused(reason: string): void;
}

export function openGuestSeat(window: ServedWindow, state: SeatState, events: GuestSeatEvents): GuestSeat {
  let guest: UnixSocket | 'of a former server' | undefined =
    state === 'taken' ? 'of a former server' : undefined;

  function empty(): void {
    if (typeof guest === 'object') guest[Symbol.dispose]();
    guest = undefined;
  }

  function leave(reason?: string): void {
    empty();
    if (reason) events.onRefused(reason);
    events.onLeft();
  }

  function refuse(connection: OwnedFd): void {
    const socket = openSocket(connection, { onMessage: closeAll, onEnd: () => {} });
    socket.send(encodeIvshmem(refusalVersion));
    socket[Symbol.dispose]();
    const holder =
      typeof guest === 'string' ? 'the guest of a former server has the seat' : 'one is connected';
    events.onRefused(`${holder}: one guest at a time`);
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
    accept(connection, who) {
      if (guest !== undefined) return refuse(connection);
      const onMessage = (bytes: Uint8Array, fds: readonly OwnedFd[]) => {
        closeAll(bytes, fds);
        leave('the guest sent bytes; in this protocol only the server speaks');
      };
      const socket = openSocket(connection, { onMessage, onEnd: () => leave() }, who);
      guest = socket;
      events.onTaken();
      if (!handOut(socket)) leave('the guest does not read what it asked for');
    },
    formerGuestIsGone() {
      if (typeof guest === 'string') leave();
    },
    [Symbol.dispose]: empty,
  };
}

function closeAll(_bytes: Uint8Array, fds: readonly OwnedFd[]): void {
  for (const fd of fds) fd[Symbol.dispose]();
}
