// One region open in a guest process: typed data, signals out, waits in. Guest processes never sleep on window words:
// a wait is a COND_WAIT of the guest driver, whose answer is the wake-up.
import { DisposableStack, type OwnedFd, signalEventfd } from '@vsoc/native';
import type { AtomicWord, View } from '@vsoc/struct';
import { VsocError } from '../errors.js';
import {
  ioctlNumber,
  type RegionDefinition,
  type RegionLayout,
  vsocCondWait,
  waitType,
} from '../layout/index.js';
import type { RegionMemory } from '../region-memory.js';
import { post, signalTable } from '../signalling/index.js';
import type { WaitOptions, WaitOutcome } from '../wait.js';
import { encode } from '../wire/encode.js';
import type { Channel } from './channel.js';
import type { Description } from './description.js';

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
  readonly counters: Readonly<{ fullTables: number }>;
}

export interface GuestRegionParts<D extends RegionDefinition> {
  readonly definition: D;
  readonly layout: RegionLayout;
  readonly memory: RegionMemory;
  readonly description: Description;
  readonly doorbell: OwnedFd;
  readonly channel: Channel;
}

/** Takes ownership of memory, description and doorbell. */
export function openGuestRegion<D extends RegionDefinition>(parts: GuestRegionParts<D>): GuestRegion<D> {
  const { definition, layout, memory, description, doorbell, channel } = parts;
  const stack = new DisposableStack();
  stack.use(description);
  stack.use(doorbell);
  stack.use(memory);
  const outgoing = signalTable(memory, layout.guestToHost, memory.sizeBytes);
  const counters = { fullTables: 0 };

  function signalPeer(word: AtomicWord): void {
    const { hint, mustRing } = post(outgoing, word.offset);
    if (hint === 'full') counters.fullTables++;
    if (mustRing) signalEventfd(doorbell.fd);
  }

  return {
    layout,
    data: definition.data.over(memory, layout.dataOffset) as View<D['data']>,
    description,
    bytes: (beginOffset, endOffset) => memory.bytes(beginOffset, endOffset),
    signalPeer,
    signal(word) {
      signalPeer(word);
      const op = 'VSOC_COND_WAKE';
      const tokens = [description.token.fd];
      // Nothing waits for the answer; a driver that is gone shows on the channel itself.
      channel.callNow({ request: ioctlNumber.condWake, op, tokens, argument: word.offset }, () => {});
    },
    async waitWhile(word, value, options = {}) {
      const { deadlineNs, signal } = options;
      const argument = {
        offset: word.offset,
        value,
        wakeTimeSec: (deadlineNs ?? 0n) / 1_000_000_000n,
        wakeTimeNsec: Number((deadlineNs ?? 0n) % 1_000_000_000n),
        waitType: deadlineNs === undefined ? waitType.ifEqual : waitType.ifEqualTimeout,
        wakes: 0,
        reserved1: 0,
      };
      try {
        await description.ioctl({
          request: ioctlNumber.condWait,
          op: 'VSOC_COND_WAIT',
          bytes: encode(vsocCondWait, argument),
          ...(signal ? { signal } : {}),
        });
        return 'changed';
      } catch (error) {
        if (error instanceof VsocError && error.code === 'ETIMEDOUT') return 'timed-out';
        throw error;
      }
    },
    counters,
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  };
}
