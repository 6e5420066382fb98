// What a case works with: a server, a guest, and processes that hold halves. One rig serves many cases one after the
// other; what a case leaves open or broken is put right before the next one.

import { type RegionDefinition, system, type WindowLayout } from '@vsoc/vsoc/layout';
import { startServer } from '../guest-processes.js';
import { wholeFileMs } from '../processes.js';
import { type Hal, listenerOf, type Side, tellerOf } from './hal.js';
import { type HalfProcess, type OpenHalf, openHalf } from './half-process.js';
import { embeddedGuest, type GuestMachine, type GuestParts, localHalves } from './machine.js';

export interface Rig extends AsyncDisposable {
  /** For a rig of the same kind. */
  readonly options: RigOptions;
  readonly layout: WindowLayout;
  /** Where halves of either side find their run; a guest in a machine of its own has its own. */
  readonly runDirs: Readonly<Record<Side, string>>;
  readonly serverSocket: string;
  readonly guest: GuestMachine;
  /** A watchdog: a half for which something that should take no time takes as long hangs. */
  readonly patienceMs: number;
  /** A half of `hal` in a process of its own; `runDirs`: of another window's run. */
  open(hal: Hal, side: Side, runDirs?: Rig['runDirs']): Promise<OpenHalf>;
  /** Teller and listener. */
  openBoth(hal: Hal): Promise<{ teller: OpenHalf; listener: OpenHalf }>;
  /**
   * A rig like this one, to be booted and ended by who asked for it. With other regions it has none of the guest's
   * programs but the driver: they would refuse them.
   */
  another(regions?: readonly RegionDefinition[]): Promise<Rig>;
  /** Closes what is open, replaces what is gone. */
  tidy(): Promise<void>;
  /** Ends everything; rejects when something is left. Repeated calls are harmless. */
  end(): Promise<void>;
}

export interface RigOptions {
  readonly regions: readonly RegionDefinition[];
  readonly guestPrograms?: readonly string[];
  /** Where half processes find the HALs: JavaScript. */
  readonly moduleUrl: string;
  /** Which kind of guest; the embedded one when left out. */
  readonly openGuest?: (parts: GuestParts) => GuestMachine;
  /** 60 s, whatever the machine is doing, unless it is known that a half will hang. */
  readonly patienceMs?: number;
  /** Everything is killed when the rig is not at its end by then; that of a whole file when left out. */
  readonly watchdogMs?: number;
  /** For a guest of which there cannot be two: makes do with the one there is. */
  readonly another?: (rig: Rig, regions: readonly RegionDefinition[] | undefined) => Promise<Rig>;
}

export async function openRig(options: RigOptions): Promise<Rig> {
  const { moduleUrl, openGuest = embeddedGuest, patienceMs = 60_000, watchdogMs = wholeFileMs } = options;
  const processes = await startServer({ regions: [system, ...options.regions], watchdogMs });
  const { layout } = processes;
  const guest = openGuest({ processes, programs: options.guestPrograms ?? [], moduleUrl });
  const runDirs = { guest: guest.runDir, host: processes.runDir };
  const starters = { guest, host: localHalves('host', processes, moduleUrl) };
  const idle: Record<Side, HalfProcess[]> = { guest: [], host: [] };
  const opened = new Set<OpenHalf>();
  let ending: Promise<void> | undefined;

  async function end(): Promise<void> {
    ending ??= Promise.resolve(processes[Symbol.asyncDispose]());
    await ending;
  }

  async function open(hal: Hal, side: Side, where: Rig['runDirs'] = runDirs): Promise<OpenHalf> {
    const process = idle[side].pop() ?? (await starters[side].startHalf());
    const half = openHalf(process, () => {
      opened.delete(half);
      idle[side].push(process);
    });
    opened.add(half);
    await process.ask({ verb: 'open', hal: hal.name, runDir: where[side] }).done;
    return half;
  }

  const rig: Rig = {
    options,
    layout,
    patienceMs,
    runDirs,
    serverSocket: processes.paths.serverSocket,
    guest,
    open,
    async openBoth(hal) {
      const teller = open(hal, tellerOf(hal));
      const listener = open(hal, listenerOf(hal));
      // When one is refused, the other one is not left half open.
      await Promise.allSettled([teller, listener]);
      return { teller: await teller, listener: await listener };
    },
    async tidy() {
      await Promise.all([...opened].map((half) => closeOrKill(half, patienceMs)));
      opened.clear();
      if (guest.isUp) return;
      await guest.crash();
      await guest.boot();
    },
    another(regions) {
      if (options.another) return options.another(rig, regions);
      return openRig(regions ? { ...options, regions, guestPrograms: [] } : options);
    },
    end,
    [Symbol.asyncDispose]: end,
  };
  return rig;
}

/** That none is open in its process any more is as good as closed; one that does not answer hangs. */
async function closeOrKill({ process, close }: OpenHalf, patienceMs: number): Promise<void> {
  if (process.isGone) return;
  const isClosed = close().then(
    () => true,
    () => true,
  );
  if (!(await Promise.race([isClosed, timeout(patienceMs)]))) await process.kill();
}

function timeout(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref());
}
