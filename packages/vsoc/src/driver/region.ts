// One region as the guest driver sees it: its words, both tables, and who waits on it.
import type { RegionLayout, WindowLayout } from '../layout/index.js';
import {
  createWaiters,
  isRaised,
  receive,
  type SignalTable,
  type SlowTimerSubject,
  signalTable,
  type Waiters,
} from '../signalling/index.js';
import type { Description } from './description.js';

/** A WAIT_FOR_INCOMING_INTERRUPT that sleeps. */
export interface InterruptWaiter {
  readonly description: Description;
  wake(): void;
}

export interface DriverRegion {
  readonly layout: RegionLayout;
  readonly sizeBytes: number;
  readonly memory: { readonly words: Int32Array; readonly view: DataView };
  readonly guestToHost: SignalTable;
  readonly hostToGuest: SignalTable;
  /** COND_WAITs that sleep. */
  readonly waiters: Waiters;
  readonly interruptWaiters: Set<InterruptWaiter>;
  /** Descriptions that took the receiver's part over; while there is none the driver receives. */
  readonly receivers: Set<Description>;
  /** Edges seen: lets the slow timer tell a lost edge from one that is on its way. */
  edges: number;
}

export function openDriverRegions(layout: WindowLayout, window: SharedArrayBuffer): readonly DriverRegion[] {
  return layout.regions.map((region) => {
    const sizeBytes = region.endOffset - region.beginOffset;
    const memory = {
      words: new Int32Array(window, region.beginOffset, sizeBytes / 4),
      view: new DataView(window, region.beginOffset, sizeBytes),
    };
    return {
      layout: region,
      sizeBytes,
      memory,
      guestToHost: signalTable(memory, region.guestToHost, sizeBytes),
      hostToGuest: signalTable(memory, region.hostToGuest, sizeBytes),
      waiters: createWaiters(memory),
      interruptWaiters: new Set(),
      receivers: new Set(),
      edges: 0,
    };
  });
}

/**
 * Steps 4 and 5 and the wakes. Where a description has taken the receiver's part, word and table are its own and it is
 * woken; the sleepers are tested all the same, since a poster that died before its hint leaves the receiver nothing to
 * wake them by. Returns the number of foreign entries met.
 */
export function takeEdge(region: DriverRegion): number {
  region.edges++;
  for (const { wake } of region.interruptWaiters) wake();
  if (region.receivers.size > 0) {
    region.waiters.test();
    return 0;
  }
  const hinted = new Set<number>();
  const { foreign } = receive(region.hostToGuest, (offset) => hinted.add(offset));
  region.waiters.test(hinted);
  return foreign;
}

/** The creator of a description is gone: its receiver's part goes back unless another process waits on it just now. */
export function giveBackPart(description: Description): void {
  const { receivers, interruptWaiters } = description.region;
  // The sleeps of the one that is gone have ended with its channel.
  if (![...interruptWaiters].some((waiter) => waiter.description === description))
    receivers.delete(description);
}

/**
 * What the slow timer looks at; it heals by `take`. Where a description receives, word and table are its business, and
 * its own sleep on a raised word is looked at. Whether it does that business nobody knows: it may be stopped in the
 * midst of it, the word raised, so that nobody rings. Those who sleep on words of the region are looked at all the same.
 */
export function slowTimerSubject(region: DriverRegion, take: () => void): SlowTimerSubject {
  const isReceiver = () => region.receivers.size === 0;
  const isMissed = () => isRaised(region.hostToGuest) && (isReceiver() || region.interruptWaiters.size > 0);
  return {
    edges: () => region.edges,
    isSuspect: () => isMissed() || region.waiters.due() > 0,
    heal() {
      if (!isMissed()) return region.waiters.test() > 0;
      const released = region.waiters.due() + region.interruptWaiters.size;
      take();
      return released > 0;
    },
  };
}
