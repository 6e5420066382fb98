// The ivshmem server: owns the window, listens for host clients and for one guest, and passes on to the host clients
// what region 0 says of the guest's lives.
import { DisposableStack, watch } from '@vsoc/native';
import { RegionMemory } from '@vsoc/vsoc';
import { system, type WindowLayout } from '@vsoc/vsoc/layout';
import { receive, signalTable } from '@vsoc/vsoc/signalling';
import { listenAt } from '@vsoc/vsoc/wire';
import { openGuestSeat } from './guest-seat.js';
import { serveHostClients } from './host-clients.js';
import { createWindow, type ServedWindow } from './window.js';

export interface ServerOptions {
  readonly layout: WindowLayout;
  /** Socket of host clients. */
  readonly hostSocket: string;
  /** Socket of QEMU's ivshmem-doorbell, or of guest-driver's embedded bus. */
  readonly guestSocket: string;
}

export interface ServerEvents {
  onGuest(event: 'connected' | 'gone'): void;
  onEpoch(epoch: number): void;
  onRefused(who: 'host client' | 'guest', reason: string): void;
}

export function openServer(options: ServerOptions, events: ServerEvents): Disposable {
  using stack = new DisposableStack();
  const window = stack.use(createWindow(options.layout));
  const hostClients = stack.use(
    serveHostClients(window, { onRefused: (reason) => events.onRefused('host client', reason) }),
  );
  const seat = stack.use(
    openGuestSeat(window, {
      onTaken: () => events.onGuest('connected'),
      onLeft() {
        events.onGuest('gone');
        hostClients.announceGuest(0);
      },
      onRefused: (reason) => events.onRefused('guest', reason),
    }),
  );
  stack.use(
    watchEpoch(window, (epoch) => {
      events.onEpoch(epoch);
      hostClients.announceGuest(epoch);
    }),
  );
  stack.use(listenAt(options.guestSocket, { type: 'stream', mode: 0o600 }, (fd) => seat.accept(fd)));
  stack.use(listenAt(options.hostSocket, { type: 'stream', mode: 0o600 }, (fd) => hostClients.accept(fd)));
  return stack.move();
}

/** Watches region 0 as a host client does; tells of each new epoch. */
function watchEpoch(window: ServedWindow, onEpoch: (epoch: number) => void): Disposable {
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
  const { guestEpoch } = system.data.over(memory, region.dataOffset);
  let known = guestEpoch.load();
  const takeEdge = () => {
    // Which word was hinted at does not matter: the epoch itself tells.
    receive(table, () => {});
    // SYNC POINT guest-epoch (acquire side). Pairs with the guest driver's boot.
    const epoch = guestEpoch.load();
    if (epoch === known) return;
    known = epoch;
    onEpoch(epoch);
  };
  stack.use(watch(doorbells.guestToHost.fd, 'edge', takeEdge));
  return stack;
}
