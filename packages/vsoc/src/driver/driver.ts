// The guest driver without its sockets: descriptions, ioctls, edges, releases. In place of the kernel module's body;
// apps/guest-driver brings the bus (window, doorbells) and the device nodes.
import { VsocError } from '../errors.js';
import type { WindowLayout } from '../layout/index.js';
import { createPermissionRecord, type Permission } from '../permissions/index.js';
import { post, raise, type SlowTimerMode, startSlowTimer } from '../signalling/index.js';
import { bootGuest } from './boot.js';
import type { Description } from './description.js';
import { type IoctlCall, ioctl } from './ioctl.js';
import { type DriverRegion, giveBackPart, openDriverRegions, slowTimerSubject, takeEdge } from './region.js';
import type { Pending } from './wait.js';

/** What the driver needs of the world around it. */
export interface DriverPorts {
  /** Rings the host's doorbell of a region. */
  ringHost(regionIndex: number): void;
  /** Zeroes `lengthBytes` of the window from `windowOffset` on, now. For boot alone. */
  fill(windowOffset: number, lengthBytes: number): void;
  /** The same elsewhere, so that no interrupt waits behind it. */
  fillLater(windowOffset: number, lengthBytes: number): Promise<void>;
}

export interface DriverOptions {
  /** 'on' when left out. */
  readonly slowTimer?: SlowTimerMode;
}

/** Things that should not happen, counted; all 0 in a quiet system. */
export interface DriverCounters {
  /** Owner words that no longer held their owned value at release. */
  scribbledOwners: number;
  /** Table entries that no sender of ours can have written. */
  foreignEntries: number;
  /** Waiters that only the slow timer released. */
  heals: number;
}

export interface Driver extends Disposable {
  readonly epoch: number;
  readonly layout: WindowLayout;
  readonly counters: Readonly<DriverCounters>;
  open(regionIndex: number, creatorPid: number): Description;
  /** Says in region 0 that the nodes are open; until then, and after dispose, it says otherwise. */
  markRunning(): void;
  /** Carries out one ioctl; throws VsocError where it fails at once. */
  ioctl(call: IoctlCall): Pending | undefined;
  /** The last close: ends its sleeps, zeroes its area, frees the owner word; both sides of the region look again. */
  close(description: Description): Promise<void>;
  /**
   * A process ended, though others may hold on to what it opened: it may have died half-way through a signal, and it
   * receives no more. Another process that waits for interrupts on what it opened does, and so does one that asks again.
   */
  processEnded(pid: number): void;
  /** A doorbell edge for a region. */
  interrupt(regionIndex: number): void;
  readonly livePermissions: ReadonlySet<Permission>;
}

/** Boots the guest (see bootGuest) and answers for its regions from then on. */
export function openDriver(
  layout: WindowLayout,
  window: SharedArrayBuffer,
  ports: DriverPorts,
  options: DriverOptions = {},
): Driver {
  const regions = openDriverRegions(layout, window);
  const counters: DriverCounters = { scribbledOwners: 0, foreignEntries: 0, heals: 0 };
  const record = createPermissionRecord((manager) => regionAt(manager.index).memory.words);

  function regionAt(index: number): DriverRegion {
    const region = regions[index];
    if (!region) throw new VsocError('ENOENT', 'open', `region ${index} of ${regions.length} does not exist`);
    return region;
  }

  const zeroData = ({ layout: { beginOffset, dataOffset }, sizeBytes }: DriverRegion) =>
    ports.fill(beginOffset + dataOffset, sizeBytes - dataOffset);
  const life = bootGuest(regions, zeroData, (index) => ports.ringHost(index));
  counters.foreignEntries += life.foreignEntries;

  async function release(permission: Permission): Promise<void> {
    const { managed, manager, beginOffset, endOffset, ownerOffset } = permission;
    await ports.fillLater(managed.beginOffset + beginOffset, endOffset - beginOffset);
    // The guest ended meanwhile: nothing behind the ports is there any more.
    if (isDisposed) return;
    if (!record.release(permission)) counters.scribbledOwners++;
    const { waiters, guestToHost } = regionAt(manager.index);
    waiters.test(new Set([ownerOffset]));
    if (post(guestToHost, ownerOffset).mustRing) ports.ringHost(manager.index);
  }

  const open = new Set<Description>();
  let isDisposed = false;

  /** A process that had it open may have died between any two of its steps: both sides of the region look. */
  function lookAgain(region: DriverRegion): void {
    raise(region.guestToHost);
    ports.ringHost(region.layout.index);
    if (region.receivers.size === 0) take(region);
    else region.waiters.test();
  }

  function take(region: DriverRegion): void {
    counters.foreignEntries += takeEdge(region);
  }

  const timedRegions = options.slowTimer === 'off' ? [] : regions;
  const slowTimers = timedRegions.map((region) =>
    startSlowTimer(
      slowTimerSubject(region, () => take(region)),
      () => {
        counters.heals++;
      },
    ),
  );

  const context = {
    record,
    ringHost: (index: number) => ports.ringHost(index),
    takeEdge: take,
  };

  return {
    epoch: life.epoch,
    layout,
    counters,
    livePermissions: record.live,
    open(regionIndex, creatorPid) {
      const region = regionAt(regionIndex);
      const description: Description = {
        region,
        creatorPid,
        permission: undefined,
        position: 0,
        sleeping: new Set(),
      };
      open.add(description);
      return description;
    },
    markRunning: () => life.markRunning(),
    ioctl: (call) => ioctl(context, call),
    async close(description) {
      const { permission } = description;
      open.delete(description);
      for (const pending of description.sleeping) pending.interrupt();
      description.region.receivers.delete(description);
      lookAgain(description.region);
      description.permission = undefined;
      if (permission) await release(permission);
    },
    processEnded(pid) {
      const left = new Set<DriverRegion>();
      for (const description of open) {
        if (description.creatorPid !== pid) continue;
        left.add(description.region);
        giveBackPart(description);
      }
      // Each once: however many descriptions a process leaves, nobody waits long behind its end.
      for (const region of left) lookAgain(region);
    },
    interrupt: (index) => take(regionAt(index)),
    [Symbol.dispose]() {
      isDisposed = true;
      for (const timer of slowTimers) timer[Symbol.dispose]();
      life[Symbol.dispose]();
    },
  };
}
