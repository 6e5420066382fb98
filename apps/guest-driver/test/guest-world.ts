// A real server and a real guest driver for the tests of this folder; the test's own process is one of the guest's.
import type { Child } from '@vsoc/process/launcher';
import { startGuestProcesses, type TestProcesses } from '@vsoc/testkit';
import { type GuestDevice, openGuest } from '@vsoc/vsoc/guest';
import { connectHost, type HostDevice } from '@vsoc/vsoc/host';
import { pageBytes, type WindowLayout } from '@vsoc/vsoc/layout';
import { areaPages, areas, regions } from '../src/testing/regions.js';

export interface GuestWorld extends AsyncDisposable {
  readonly processes: TestProcesses;
  readonly layout: WindowLayout;
  readonly server: Child;
  readonly driver: Child;
  readonly deviceDirectory: string;
  readonly serverSocket: string;
  startDriver(): Promise<Child>;
  /** See src/testing/guest-process.ts. */
  startGuest(words: readonly string[], fds?: readonly number[]): Promise<Child>;
  openGuest(): Promise<GuestDevice>;
  connectHost(): Promise<HostDevice>;
}

export interface GuestWorldOptions {
  /** Of `areas`; 16 pages when left out. */
  readonly areasBytes?: number;
}

export async function startWorld({
  areasBytes = areaPages * pageBytes,
}: GuestWorldOptions = {}): Promise<GuestWorld> {
  const processes = await startGuestProcesses({
    regions,
    tailBytes: { [areas.name]: areasBytes },
    // Nothing here may need it.
    driverArgs: ['--no-slow-timer'],
  });
  const { paths, layout, server, driver, startDriver } = processes;
  return {
    processes,
    layout,
    server,
    driver,
    deviceDirectory: paths.deviceDir,
    serverSocket: paths.serverSocket,
    startDriver,
    startGuest: (words, fds = []) =>
      processes.start({
        name: `guest ${words[0]}`,
        program: 'apps/guest-driver/dist/testing/guest-process.js',
        args: ['--', ...words],
        fds,
      }),
    openGuest: () => openGuest({ deviceDirectory: paths.deviceDir }),
    connectHost: () => connectHost({ serverSocket: paths.serverSocket, slowTimer: 'off' }),
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

export async function kill(child: Child): Promise<void> {
  child.kill('SIGKILL');
  await child.ended;
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets the event loop turn until something holds; the test's own timeout is the watchdog. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}
