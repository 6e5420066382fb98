// One region open in a guest process: typed data, signals out, waits in. Guest processes never sleep on window words:
// a wait is a COND_WAIT of the guest driver, whose answer is the wake-up.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DisposableStack, type OwnedFd } from '@vsoc/native';
import type { AtomicWord, View } from '@vsoc/struct';
import { VsocError } from '../errors.js';
import { ioctlNumber, type RegionDefinition, type RegionLayout } from '../layout/index.js';
import { RegionMemory } from '../region-memory.js';
import { post, signalTable } from '../signalling/index.js';
import type { WaitOptions, WaitOutcome } from '../wait.js';
import { type Doorbell, ring } from '../wire/doorbell.js';
import type { Channel } from './channel.js';
import { condWaitArgument } from './cond-wait.js';
import type { Description } from './description.js';
import { openOwnSide } from './own-side.js';
import { receiveSignals } from './receiver.js';
import type { SharedGuestRegion } from './worker-region.js';

export interface GuestRegion<D extends RegionDefinition = RegionDefinition> extends Disposable {
  readonly layout: RegionLayout;
  readonly data: View<D['data']>;
  /** The open file description, for claims and for the ioctls that have no method here. */
  readonly description: Description;
  /** Region bytes [beginOffset, endOffset) for one access now: the host can change them at any time. */
  bytes(beginOffset: number, endOffset: number): Uint8Array;
  /** Wakes who waits on `word`, on the host's side and on this one. */
  signal(word: AtomicWord): void;
  /** The host's side alone: for words that nobody on this side waits on. */
  signalPeer(word: AtomicWord): void;
  /** Sleeps in the event loop while `word` holds `value`. */
  waitWhile(word: AtomicWord, value: number, options?: WaitOptions): Promise<WaitOutcome>;
  /**
   * Takes the receiver's part over from the driver until this region closes; yields the posted offsets of each edge.
   * Ends with the reason of its signal, thrown.
   */
  receiveSignals(options: { signal: AbortSignal }): AsyncIterable<ReadonlySet<number>>;
  /** For attachGuestRegion in a Worker of this process. */
  share(): SharedGuestRegion;
  readonly counters: Readonly<GuestCounters>;
}

export interface GuestCounters {
  /** Posts that found the table full: rung all the same, nothing lost. */
  fullTables: number;
  /** Table entries that no sender of ours can have written, met by receiveSignals; the driver counts its own. */
  foreignEntries: number;
}

export interface GuestRegionParts {
  readonly layout: RegionLayout;
  /** The mapped window, the channel and its socket's path; they stay the device's. */
  readonly window: SharedArrayBuffer;
  readonly channel: Channel;
  readonly controlSocket: string;
  readonly description: Description;
  readonly doorbell: Doorbell;
  /** The descriptor behind the doorbell. */
  readonly doorbellFd: OwnedFd;
  /** Called when the region is disposed. */
  readonly onClose?: () => void;
}

/** Takes ownership of description and doorbell descriptor. */
export function openGuestRegion<D extends RegionDefinition>(
  definition: D,
  {
    layout,
    window,
    channel,
    controlSocket,
    description,
    doorbell,
    doorbellFd,
    onClose = () => {},
  }: GuestRegionParts,
): GuestRegion<D> {
  using stack = new DisposableStack();
  stack.use(description);
  stack.use(doorbellFd);
  const memory = stack.use(new RegionMemory(layout.name, window, layout.beginOffset, layout.endOffset));
  const outgoing = signalTable(memory, layout.guestToHost, memory.sizeBytes);
  const incoming = signalTable(memory, layout.hostToGuest, memory.sizeBytes);
  const ownSide = stack.use(openOwnSide(channel, description.token));
  const data = definition.data.over(memory, layout.dataOffset) as View<D['data']>;
  const counters = { fullTables: 0, foreignEntries: 0 };

  function signalPeer(word: AtomicWord): void {
    const { hint, mustRing } = post(outgoing, word.offset);
    if (hint === 'full') counters.fullTables++;
    if (mustRing) ring(doorbell);
  }

  const owned = stack.move();
  owned.defer(onClose);
  return {
    layout,
    data,
    description,
    bytes: (beginOffset, endOffset) => memory.bytes(beginOffset, endOffset),
    signalPeer,
    signal(word) {
      signalPeer(word);
      ownSide.wake(word.offset);
    },
    async waitWhile(word, value, options = {}) {
      const { deadlineNs, signal } = options;
      signal?.throwIfAborted();
      // The driver would say so too, a round trip later.
      if (word.load() !== value >>> 0) {
        // As in wait.ts: a host that never rests must not keep the rest of the process from running.
        await nextTurn();
        return 'changed';
      }
      try {
        await description.ioctl({
          request: ioctlNumber.condWait,
          op: 'VSOC_COND_WAIT',
          bytes: condWaitArgument(word.offset, value, deadlineNs),
          ...(signal ? { signal } : {}),
        });
        return 'changed';
      } catch (error) {
        if (error instanceof VsocError && error.code === 'ETIMEDOUT') return 'timed-out';
        if (owned.disposed) throw new VsocError('EBADF', 'wait', `region ${layout.name} was closed`);
        throw error;
      }
    },
    receiveSignals: ({ signal }) => receiveSignals(description, incoming, { signal, counters }),
    share: () => ({
      window,
      layout,
      controlSocket,
      tokenFd: description.token.fd,
      doorbell,
    }),
    counters,
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
