// The ivshmem server: owns the window, listens for host clients and for one guest, and passes on to the host clients
// what region 0 says of the guest's lives.
import { DisposableStack, type OwnedFd, watch } from '@vsoc/native';
import { RegionMemory } from '@vsoc/vsoc';
import { system, type WindowLayout } from '@vsoc/vsoc/layout';
import { receive, signalTable } from '@vsoc/vsoc/signalling';
import { listenAt, type OnConnection, openTurns, serveConnections, type Turns } from '@vsoc/vsoc/wire';
import { openAtomicsPartner } from './atomics-partner.js';
import { openGuestSeat } from './guest-seat.js';
import type { HandedOver } from './hand-over.js';
import { serveHostClients } from './host-clients.js';
import { createWindow, openWindow, type ServedWindow } from './window.js';

export interface ServerOptions {
  readonly layout: WindowLayout;
  /** Socket of host clients. */
  readonly hostSocket: string;
  /** Socket of QEMU's ivshmem-doorbell, or of guest-driver's embedded bus. */
  readonly guestSocket: string;
  /** Window and sockets that the launcher keeps; without it the server makes its own. Taken ownership of. */
  readonly handedOver?: HandedOver | undefined;
}

export interface ServerEvents {
  onGuest(event: 'connected' | 'gone'): void;
  onEpoch(epoch: number): void;
  onRefused(who: 'host client' | 'guest', reason: string): void;
  /** `count` entries of region 0's table that no sender of ours writes: ignored. */
  onForeignEntries(count: number): void;
}

export interface Server extends Disposable {
  /** The launcher says that the guest of a former server has ended: the seat is free. */
  formerGuestIsGone(): void;
}

export function openServer(options: ServerOptions, events: ServerEvents): Server {
  const { layout, handedOver } = options;
  using stack = new DisposableStack();
  stack.use(handedOver);
  const window = stack.use(openWindow(layout, handedOver?.window ?? createWindow(layout)));
  const hostClients = stack.use(
    serveHostClients(window, { onRefused: (reason) => events.onRefused('host client', reason) }),
  );
  const seat = stack.use(
    openGuestSeat(window, handedOver?.guestSeat ?? 'free', {
      onTaken: () => events.onGuest('connected'),
      onLeft() {
        events.onGuest('gone');
        hostClients.announceGuest(0);
      },
      onRefused: (reason) => events.onRefused('guest', reason),
    }),
  );
  stack.use(
    watchSystem(window, {
      onEpoch(epoch) {
        events.onEpoch(epoch);
        hostClients.announceGuest(epoch);
      },
      onForeignEntries: events.onForeignEntries,
    }),
  );
  // Host processes may have died half-way through a post while no server was there to ring on their behalf.
  if (handedOver) for (const region of window.layout.regions) window.ringBoth(region);
  const turns = openTurns();
  stack.use(listen(options.guestSocket, handedOver?.guestSocket, turns, seat.accept));
  stack.use(listen(options.hostSocket, handedOver?.hostSocket, turns, hostClients.accept));
  const owned = stack.move();
  return {
    formerGuestIsGone: () => seat.formerGuestIsGone(),
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

function listen(
  path: string,
  handedOver: OwnedFd | undefined,
  turns: Turns,
  onConnection: OnConnection,
): Disposable {
  if (handedOver) return serveConnections(handedOver, onConnection, turns);
  return listenAt(path, { type: 'stream', mode: 0o600, turns }, onConnection);
}

/** Watches region 0 as a host client does: tells of each new epoch, takes part in the guest's test of atomicity. */
function watchSystem(
  window: ServedWindow,
  { onEpoch, onForeignEntries }: Pick<ServerEvents, 'onEpoch' | 'onForeignEntries'>,
): Disposable {
  const [region] = window.layout.regions;
  const [doorbells] = window.doorbells;
  if (!region || !doorbells || region.name !== system.name) {
    throw new Error(`region 0 must be ${system.name}, found ${region?.name ?? 'no region'}`);
  }
  const stack = new DisposableStack();
  const memory = stack.use(
    new RegionMemory(region.name, window.buffer, region.beginOffset, region.endOffset),
  );
  const table = signalTable(memory, region.guestToHost, memory.sizeBytes);
  const words = system.data.over(memory, region.dataOffset);
  const { guestEpoch } = words;
  const atomics = stack.use(openAtomicsPartner(memory, words));
  let known = guestEpoch.load();
  const takeEdge = () => {
    // Which word was hinted at does not matter: the words themselves tell.
    const { foreign } = receive(table, () => {});
    if (foreign > 0) onForeignEntries(foreign);
    atomics.look();
    // SYNC POINT guest-epoch (acquire side). Pairs with the guest driver's boot.
    const epoch = guestEpoch.load();
    if (epoch === known) return;
    known = epoch;
    onEpoch(epoch);
  };
  stack.use(watch(doorbells.guestToHost.fd, 'edge', takeEdge));
  atomics.look();
  return stack;
}
