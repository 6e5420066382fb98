// What a new guest does before anybody may open a node: a reboot must not let it inherit a former guest's buffers,
// hints or epoch.
import { guestState, system } from '../layout/index.js';
import { insert, raise } from '../signalling/index.js';
import { type DriverRegion, takeEdge } from './region.js';

/** One life of the guest; disposing it says in region 0 that it ended in good order. */
export interface GuestLife extends Disposable {
  readonly epoch: number;
  /** Table entries of the life before that no sender of ours can have written. */
  readonly foreignEntries: number;
  /** Says in region 0 that the device nodes are open. */
  markRunning(): void;
}

const heartbeatMs = 1000;

/** Zeroes manager and managed regions' data, empties the tables, raises the epoch and signals it. */
export function bootGuest(
  regions: readonly DriverRegion[],
  zero: (region: DriverRegion) => void,
  ringHost: (regionIndex: number) => void,
): GuestLife {
  const first = regions[0];
  if (!first || first.layout.name !== system.name) {
    throw new Error(`region 0 must be ${system.name}, found ${first?.layout.name ?? 'no region'}`);
  }
  const words = system.data.over(first.memory, first.layout.dataOffset);
  words.guestState.store(guestState.starting);
  let foreignEntries = 0;
  const managers = new Set(regions.map((region) => region.layout.managedBy));
  for (const region of regions) {
    const { index, managedBy } = region.layout;
    if (managedBy !== 0 || (index !== 0 && managers.has(index))) zero(region);
    foreignEntries += takeEdge(region);
  }
  // Epoch 0 means that there is no guest, so the count steps over it.
  const epoch = (words.guestEpoch.load() + 1) >>> 0 || 1;
  // SYNC POINT guest-epoch (release side). Pairs with readers of the epoch in the host and in the server.
  words.guestEpoch.store(epoch);
  insert(first.guestToHost, words.guestEpoch.offset);
  for (const region of regions) {
    // A predecessor may have died between interrupt word and doorbell: the host side looks, whatever the word was.
    raise(region.guestToHost);
    ringHost(region.layout.index);
  }
  const pulse = setInterval(() => words.heartbeat.add(1), heartbeatMs);
  pulse.unref();
  return {
    epoch,
    foreignEntries,
    markRunning: () => words.guestState.store(guestState.running),
    [Symbol.dispose]() {
      clearInterval(pulse);
      words.guestState.store(guestState.down);
    },
  };
}
