// One region open in a host process: typed data, signals out, waits in.
import { DisposableStack, futexWake, signalEventfd, watch } from '@vsoc/native';
import type { AtomicWord, View } from '@vsoc/struct';
import { VsocError } from '../errors.js';
import type { RegionDefinition, RegionLayout } from '../layout/index.js';
import { RegionMemory } from '../region-memory.js';
import {
  createSleepers,
  createWaiters,
  type EdgeReceiver,
  isRaised,
  post,
  type SlowTimerMode,
  type SlowTimerSubject,
  signalTable,
  startSlowTimer,
  takeEdge,
} from '../signalling/index.js';
import { type WaitOptions, type WaitOutcome, waitOn } from '../wait.js';
import type { RegionGrant } from './connection.js';
import type { SharedHostRegion } from './worker-region.js';

export interface HostRegion<D extends RegionDefinition = RegionDefinition> extends Disposable {
  readonly layout: RegionLayout;
  readonly data: View<D['data']>;
  /** Region bytes [beginOffset, endOffset) for one access now: the guest can change them at any time. */
  bytes(beginOffset: number, endOffset: number): Uint8Array;
  /** Wakes who waits on `word`, on the guest's side and on this one. */
  signal(word: AtomicWord): void;
  /** The guest's side alone: for words that nobody on this side waits on. */
  signalPeer(word: AtomicWord): void;
  /** Sleeps in the event loop while `word` holds `value`. */
  waitWhile(word: AtomicWord, value: number, options?: WaitOptions): Promise<WaitOutcome>;
  /** For attachHostRegion in a Worker of this process. */
  share(): SharedHostRegion;
  readonly counters: Readonly<SignalCounters>;
}

export interface SignalCounters {
  /** Posts that found the table full: rung all the same, nothing lost. */
  fullTables: number;
  /** Table entries that no sender of ours can have written. */
  foreignEntries: number;
  /** Waiters that only the slow timer released. */
  heals: number;
}

export interface HostRegionParts {
  readonly layout: RegionLayout;
  /** The mapped window; stays the device's. */
  readonly window: SharedArrayBuffer;
  readonly grant: RegionGrant;
  /** 'on' when left out. */
  readonly slowTimer?: SlowTimerMode;
  /** Called when the region is disposed. */
  readonly onClose?: () => void;
}

/** Takes ownership of the grant. */
export function openHostRegion<D extends RegionDefinition>(
  definition: D,
  { layout, window, grant, slowTimer = 'on', onClose = () => {} }: HostRegionParts,
): HostRegion<D> {
  using stack = new DisposableStack();
  stack.use(grant);
  const memory = stack.use(new RegionMemory(layout.name, window, layout.beginOffset, layout.endOffset));
  const outgoing = signalTable(memory, layout.hostToGuest, memory.sizeBytes);
  const incoming = signalTable(memory, layout.guestToHost, memory.sizeBytes);
  const data = definition.data.over(memory, layout.dataOffset) as View<D['data']>;
  const waiters = createWaiters(memory);
  const counters: SignalCounters = { fullTables: 0, foreignEntries: 0, heals: 0 };
  const sleepers = createSleepers();
  let edges = 0;

  const receiver: EdgeReceiver = {
    incoming,
    waiters,
    sleepers,
    wake: (offset) => void futexWake(memory.words, offset >>> 2),
  };
  function onEdge(): void {
    edges++;
    counters.foreignEntries += takeEdge(receiver).foreign;
  }

  stack.use(watch(grant.guestToHostDoorbell.fd, 'edge', onEdge));
  if (slowTimer === 'on') {
    const subject: SlowTimerSubject = {
      edges: () => edges,
      isSuspect: () => isRaised(incoming) || waiters.due() > 0,
      heal() {
        const due = waiters.due();
        onEdge();
        return due > 0;
      },
    };
    stack.use(startSlowTimer(subject, () => counters.heals++));
  }
  stack.defer(() => {
    const closed = new VsocError('EBADF', 'wait', `region ${layout.name} was closed`);
    for (const waiter of waiters.removeAll()) waiter.onClosed(closed);
  });

  function signalPeer(word: AtomicWord): void {
    const { hint, mustRing } = post(outgoing, word.offset);
    if (hint === 'full') counters.fullTables++;
    if (mustRing) signalEventfd(grant.hostToGuestDoorbell.fd);
  }

  const owned = stack.move();
  owned.defer(onClose);
  return {
    layout,
    data,
    bytes: (beginOffset, endOffset) => memory.bytes(beginOffset, endOffset),
    signalPeer,
    signal(word) {
      signalPeer(word);
      futexWake(memory.words, word.offset >>> 2);
      waiters.test(new Set([word.offset]));
      // Other host processes' loops: they empty the table and test their waiters on any edge.
      signalEventfd(grant.guestToHostDoorbell.fd);
    },
    waitWhile: (word, value, options) => waitOn(waiters, word.offset, value, options),
    share: () => ({
      window,
      layout,
      hostToGuestDoorbellFd: grant.hostToGuestDoorbell.fd,
      guestToHostDoorbellFd: grant.guestToHostDoorbell.fd,
      sleepers,
    }),
    counters,
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
