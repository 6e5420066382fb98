// What most tests with real processes begin with: a window of some regions, the server that owns it, the guest driver
// that serves it to guest processes. Whoever fails to start takes the others along.

import { writeFileSync } from 'node:fs';
import type { Child } from '@vsoc/process/launcher';
import {
  layoutToJson,
  type PlanOptions,
  planWindow,
  type RegionDefinition,
  type WindowLayout,
} from '@vsoc/vsoc/layout';
import { startProcesses, type TestProcesses, type TestProcessesOptions, wholeFileMs } from './processes.js';

export interface ServedProcesses extends TestProcesses {
  readonly layout: WindowLayout;
  readonly server: Child;
}

export interface GuestProcesses extends ServedProcesses {
  /** The first one. */
  readonly driver: Child;
  /** For one that was ended. */
  startDriver(): Promise<Child>;
}

export interface ServedOptions extends TestProcessesOptions, PlanOptions {
  /** All of them, `system` first. */
  readonly regions: readonly RegionDefinition[];
}

export interface GuestOptions extends ServedOptions {
  readonly driverArgs?: readonly string[];
}

/** The server alone. Its watchdog is that of a whole file, here as below. */
export async function startServer(options: ServedOptions): Promise<ServedProcesses> {
  const { regions, watchdogMs = wholeFileMs } = options;
  const processes = startProcesses({ ...options, watchdogMs });
  return orNone(processes, async () => {
    const layout = planWindow(regions, options);
    writeFileSync(processes.paths.layoutFile, layoutToJson(layout), { mode: 0o600 });
    const program = 'apps/ivshmem-server/dist/bin/server.js';
    return { ...processes, layout, server: await processes.start({ name: 'ivshmem-server', program }) };
  });
}

export async function startGuestProcesses(options: GuestOptions): Promise<GuestProcesses> {
  const { driverArgs: args = [] } = options;
  const served = await startServer(options);
  const program = 'apps/guest-driver/dist/bin/guest-driver.js';
  const startDriver = () => served.start({ name: 'guest-driver', program, args });
  return orNone(served, async () => ({ ...served, startDriver, driver: await startDriver() }));
}

/** For what a test starts besides: ends all when that fails. */
export async function orNone<T>(owner: AsyncDisposable, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    await owner[Symbol.asyncDispose]();
    throw error;
  }
}
