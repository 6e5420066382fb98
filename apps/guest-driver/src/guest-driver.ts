// The guest driver as a process: bus, driver, tokens and nodes put together, in the order of a boot.
import { DisposableStack, mapWindow, type OwnedFd, signalEventfd, watch } from '@vsoc/native';
import { type Driver, openDriver } from '@vsoc/vsoc/driver';
import { pageBytes, parseWindow, type WindowLayout } from '@vsoc/vsoc/layout';
import { connectEmbeddedBus } from './embedded-bus.js';
import { openNodes } from './nodes.js';
import { openTokenTable } from './tokens.js';
import { openZeroing } from './zeroing.js';

export interface GuestDriverOptions {
  /** The ivshmem server's socket for guests. */
  readonly qemuSocket: string;
  /** Where the device nodes go. */
  readonly deviceDirectory: string;
}

export interface GuestDriver extends AsyncDisposable {
  readonly driver: Driver;
  /** Aborted when the bus is gone. */
  readonly lost: AbortSignal;
}

/** Boots: by the time this resolves the window is clean, the epoch raised and signalled, and the nodes are open. */
export async function bootGuestDriver(options: GuestDriverOptions): Promise<GuestDriver> {
  using stack = new DisposableStack();
  let layout: WindowLayout | undefined;
  const bus = stack.use(
    await connectEmbeddedBus(options.qemuSocket, (window, windowBytes) => {
      layout = readLayout(window, windowBytes);
      return layout.regions.length;
    }),
  );
  if (!layout) throw new Error('the bus came up without its window');
  const mapping = stack.use(mapWindow(bus.window.fd, bus.windowBytes));
  const zeroing = openZeroing(mapping.buffer);
  stack.defer(() => void zeroing[Symbol.asyncDispose]());

  // Armed before the driver's first scan: an edge in between is not lost.
  bus.vectors.forEach((vector, index) => {
    stack.use(watch(vector.fd, 'edge', () => driver.interrupt(index)));
  });
  const driver = stack.use(
    openDriver(layout, mapping.buffer, {
      ringHost: (index) => signalEventfd((bus.hostDoorbells[index] as OwnedFd).fd),
      fill: zeroing.now,
      fillLater: zeroing.later,
    }),
  );
  const tokens = stack.use(openTokenTable((description) => void driver.close(description)));
  stack.use(openNodes({ deviceDirectory: options.deviceDirectory, bus, driver, tokens }));

  const owned = stack.move();
  return {
    driver,
    lost: bus.lost,
    async [Symbol.asyncDispose]() {
      owned[Symbol.dispose]();
      await zeroing[Symbol.asyncDispose]();
    },
  };
}

/** From a private copy of the first page, through a mapping that ends here. */
function readLayout(window: OwnedFd, windowBytes: number): WindowLayout {
  using mapping = mapWindow(window.fd, windowBytes);
  return parseWindow(new Uint8Array(mapping.buffer, 0, pageBytes).slice(), windowBytes, {
    versions: 'as-is',
  });
}
