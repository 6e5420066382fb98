/** What gralloc's tests with real processes start: server, guest driver, allocator. The test itself is a guest process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DisposableStack } from '@vsoc/native';
import { startProcesses } from '@vsoc/testkit';
import { sharedByTests } from '@vsoc/testkit/hooks';
import { type GuestDevice, openGuest } from '@vsoc/vsoc/guest';
import { connectHost } from '@vsoc/vsoc/host';
import { findRegion, layoutToJson, planWindow, type RegionLayout, system } from '@vsoc/vsoc/layout';
import { afterEach, expect } from 'vitest';
import { pixelFormat } from '../src/formats.js';
import { type AllocationRequest, type Gralloc, type GraphicsBuffer, openGralloc } from '../src/guest.js';
import { type GrallocHost, openGrallocHost } from '../src/host.js';
import { grallocManager, grallocMemory } from '../src/layout.js';
import { allocatorSocketOf } from '../src/sockets.js';
import { usage } from '../src/usage.js';

/** Room for as many buffers of a page as the table has entries, and for a few larger ones. */
export const memoryBytes = 2 * 1024 * 1024;

export type TestGuest = Awaited<ReturnType<typeof startGuest>>;

export async function startGuest({ allocatorArgs = [] }: { allocatorArgs?: readonly string[] } = {}) {
  const processes = startProcesses({ watchdogMs: 60_000 });
  const { paths, runDir } = processes;
  const start = (name: string, program: string, args: readonly string[] = []) =>
    processes.start({ name, program: `apps/${program}`, args });
  const startAllocator = () => start('gralloc', 'gralloc/dist/bin/allocator.js', allocatorArgs);
  try {
    const regions = [system, grallocManager, grallocMemory];
    const layout = planWindow(regions, { tailBytes: { gralloc_memory: memoryBytes } });
    writeFileSync(paths.layoutFile, layoutToJson(layout), { mode: 0o600 });
    await start('ivshmem-server', 'ivshmem-server/dist/bin/server.js');
    const driver = await start('guest-driver', 'guest-driver/dist/bin/guest-driver.js');
    const allocator = await startAllocator();
    return {
      processes,
      paths,
      driver,
      allocator,
      startAllocator,
      /** A place for a file that goes with the run. */
      file: (name: string) => join(runDir, name),
      [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
    };
  } catch (error) {
    await processes[Symbol.asyncDispose]();
    throw error;
  }
}

export interface TestClient extends Disposable {
  readonly device: GuestDevice;
  readonly gralloc: Gralloc;
}

/** This process as a guest client. */
export async function openClient({ paths }: TestGuest): Promise<TestClient> {
  using stack = new DisposableStack();
  const device = stack.use(await openGuest({ deviceDirectory: paths.deviceDir }));
  const gralloc = stack.use(await openGralloc(device, { allocatorSocket: allocatorSocketOf(paths) }));
  const owned = stack.move();
  return { device, gralloc, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/** The table, as any guest process can read and write it. */
export async function openManager({ device }: Pick<TestClient, 'device'>) {
  const manager = await device.open(grallocManager);
  return {
    entry: (index: number) => manager.data.entries.at(index),
    live: () => [...manager.data.entries].filter(({ owner }) => owner.load() !== 0).length,
    description: manager.description,
    [Symbol.dispose]: () => manager[Symbol.dispose](),
  };
}

/**
 * What a test lets go of is free some time later: guest-driver hears of it, and zeroes it. The next test of this file
 * begins when all of it is, so that nothing is charged to it, and it gets the lowest entry.
 */
export function freedAfterEachTest(guest: TestGuest): void {
  const manager = sharedByTests(async () => {
    // Without an allocator: its connections are counted.
    using stack = new DisposableStack();
    const device = stack.use(await openGuest({ deviceDirectory: guest.paths.deviceDir }));
    const { live } = stack.use(await openManager({ device }));
    const owned = stack.move();
    return { live, [Symbol.dispose]: () => owned[Symbol.dispose]() };
  });
  afterEach(() => expect.poll(manager.live).toBe(0));
}

export interface TestHost extends Disposable {
  readonly buffers: GrallocHost;
  readonly memoryLayout: RegionLayout;
}

/** This process as a host process, with a mapping of its own. */
export async function openHost({ paths }: TestGuest): Promise<TestHost> {
  using stack = new DisposableStack();
  const host = stack.use(await connectHost({ serverSocket: paths.serverSocket }));
  const buffers = stack.use(await openGrallocHost(host));
  const memoryLayout = findRegion(host.layout, grallocMemory.name);
  const owned = stack.move();
  return { buffers, memoryLayout, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

export const picture = {
  widthPx: 64,
  heightPx: 16,
  format: pixelFormat.rgba8888,
  usage: usage.cpuRead | usage.cpuWrite | usage.hostRead,
};

/** Allocates, and takes a refusal for a failure of the test. */
export async function allocated(
  gralloc: Gralloc,
  request: AllocationRequest = picture,
): Promise<GraphicsBuffer> {
  const outcome = await gralloc.allocate(request);
  if ('refused' in outcome) throw new Error(`refused: ${JSON.stringify(outcome)}`);
  return outcome;
}
