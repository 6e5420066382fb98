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

export interface DriverRegion {
  readonly layout: RegionLayout;
  readonly sizeBytes: number;
  readonly memory: { readonly words: Int32Array; readonly view: DataView };
  readonly guestToHost: SignalTable;
  readonly hostToGuest: SignalTable;
  /** COND_WAITs that sleep. */
  readonly waiters: Waiters;
  /** WAIT_FOR_INCOMING_INTERRUPTs that sleep. */
  readonly interruptWaiters: Set<() => void>;
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
  for (const wake of region.interruptWaiters) wake();
  if (region.receivers.size > 0) {
    region.waiters.test();
    return 0;
  }
  const hinted = new Set<number>();
  const { foreign } = receive(region.hostToGuest, (offset) => hinted.add(offset));
  region.waiters.test(hinted);
  return foreign;
}

/**
 * What the slow timer looks at; it heals by `take`. Where a description receives, word and table are its business, and
 * only its own sleep on a raised word is looked at.
 */
export function slowTimerSubject(region: DriverRegion, take: () => void): SlowTimerSubject {
  const isReceiver = () => region.receivers.size === 0;
  const overdue = () => {
    if (isReceiver()) return region.waiters.due();
    return isRaised(region.hostToGuest) ? region.interruptWaiters.size : 0;
  };
  return {
    edges: () => region.edges,
    isSuspect: () => overdue() > 0 || (isReceiver() && isRaised(region.hostToGuest)),
    heal() {
      const released = overdue();
      take();
      return released > 0;
    },
  };
}
