// A real server of bare regions for the tests of this folder, and who plays the guest driver toward it.
import { mapWindow, signalEventfd } from '@vsoc/native';
import { startServer, type TestProcesses } from '@vsoc/testkit';
import { RegionMemory } from '@vsoc/vsoc';
import {
  defineRegion,
  findRegion,
  type RegionDefinition,
  system,
  type WindowLayout,
} from '@vsoc/vsoc/layout';
import { openRawRegion } from './raw-client.js';

/** A region without data, for the sake of its name and place. */
export function bareRegion(name: string): RegionDefinition {
  return defineRegion({ name, version: { current: 1, minCompatible: 1 }, doc: 'Nothing but its tables.' });
}

export interface ServedWindow extends AsyncDisposable {
  readonly layout: WindowLayout;
  readonly processes: TestProcesses;
  readonly hostSocket: string;
  readonly guestSocket: string;
  readonly serverPid: number;
}

export async function serveWindow(
  definitions: readonly RegionDefinition[] = [system, bareRegion('first'), bareRegion('second')],
): Promise<ServedWindow> {
  const processes = await startServer({ regions: definitions });
  const { paths, layout, server } = processes;
  return {
    layout,
    processes,
    hostSocket: paths.serverSocket,
    guestSocket: paths.qemuSocket,
    serverPid: server.pid as number,
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

/** Plays the guest driver's part in telling of a new life. */
export interface EpochBell extends Disposable {
  /** Writes the next epoch into region 0 and rings; returns it. */
  ring(): number;
}

export function openEpochBell({ hostSocket, layout }: ServedWindow): EpochBell {
  const client = openRawRegion(hostSocket, system.name);
  const [guestToHost, , window] = client.fds.map(({ fd }) => fd);
  const mapping = mapWindow(window as number, layout.sizeBytes);
  const { beginOffset, endOffset, dataOffset } = findRegion(layout, system.name);
  const memory = new RegionMemory(system.name, mapping.buffer, beginOffset, endOffset);
  const { guestEpoch } = system.data.over(memory, dataOffset);
  return {
    ring() {
      const epoch = guestEpoch.add(1) + 1;
      signalEventfd(guestToHost as number);
      return epoch;
    },
    [Symbol.dispose]() {
      mapping[Symbol.dispose]();
      client[Symbol.dispose]();
    },
  };
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets the event loop turn until something holds; the test's own timeout is the watchdog. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}
