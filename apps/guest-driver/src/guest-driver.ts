// The guest driver as a process: bus, driver, tokens and nodes put together, in the order of a boot.
import { DisposableStack, watch } from '@vsoc/native';
import { type Driver, type DriverOptions, openDriver } from '@vsoc/vsoc/driver';
import { type Doorbell, ring } from '@vsoc/vsoc/wire';
import type { GuestBus } from './bus.js';
import { openNodes } from './nodes.js';
import { openTokenTable } from './tokens.js';
import { startZeroingWorker } from './zeroing.js';

export interface GuestDriverOptions extends DriverOptions {
  /** How this guest reaches its window. */
  readonly connectBus: () => Promise<GuestBus>;
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
  const worker = startZeroingWorker();
  stack.defer(() => void worker[Symbol.asyncDispose]());
  const bus = stack.use(await options.connectBus());
  const zeroing = worker.over(bus.mapping.buffer);

  // Armed before the driver's first scan: an edge in between is not lost.
  bus.vectors.forEach((vector, index) => {
    stack.use(watch(vector.fd, 'edge', () => driver.interrupt(index)));
  });
  const driver = stack.use(
    openDriver(
      bus.layout,
      bus.mapping.buffer,
      {
        ringHost: (index) => ring(bus.hostDoorbells[index] as Doorbell),
        fill: zeroing.now,
        fillLater: zeroing.later,
      },
      options,
    ),
  );
  // Before anybody can come: what is open from here on belongs to who came.
  await worker.started;
  const tokens = stack.use(openTokenTable((description) => void driver.close(description)));
  stack.use(openNodes({ deviceDirectory: options.deviceDirectory, bus, driver, tokens }));
  driver.markRunning();

  const owned = stack.move();
  return {
    driver,
    lost: bus.lost,
    async [Symbol.asyncDispose]() {
      // First, while what it writes to is there. Areas that it does not get to are the next boot's, as all others.
      await worker[Symbol.asyncDispose]();
      owned[Symbol.dispose]();
    },
  };
}
