// A host region inside a Worker: the same words and signals, and waits that block the thread on a futex. The region
// stays open in the event loop that shared it; that loop takes the edges and wakes the sleepers.
import { futexWait, futexWake, signalEventfd } from '@vsoc/native';
import type { AtomicWord, View } from '@vsoc/struct';
import type { RegionDefinition, RegionLayout } from '../layout/index.js';
import { RegionMemory } from '../region-memory.js';
import { post, signalTable, sleepOnBoard } from '../signalling/index.js';
import { type BlockingWaitOptions, type BlockingWaitOutcome, defaultSliceMs, nextSliceNs } from '../wait.js';

/** What a Worker needs of a region: goes through postMessage or workerData. Descriptors are the process's. */
export interface SharedHostRegion {
  readonly window: SharedArrayBuffer;
  readonly layout: RegionLayout;
  readonly hostToGuestDoorbellFd: number;
  readonly guestToHostDoorbellFd: number;
  readonly sleepers: Int32Array;
}

export interface HostWorkerRegion<D extends RegionDefinition = RegionDefinition> extends Disposable {
  readonly layout: RegionLayout;
  readonly data: View<D['data']>;
  bytes(beginOffset: number, endOffset: number): Uint8Array;
  signal(word: AtomicWord): void;
  signalPeer(word: AtomicWord): void;
  /**
   * Blocks the thread while `word` holds `value`. Past 64 workers of one process, those counted that were terminated in
   * their sleep, a signal whose hint another process took wakes no sooner than after a slice.
   */
  blockWhile(word: AtomicWord, value: number, options?: BlockingWaitOptions): BlockingWaitOutcome;
}

/** The region must stay open in the sharing thread for as long as this is used. */
export function attachHostRegion<D extends RegionDefinition>(
  definition: D,
  shared: SharedHostRegion,
): HostWorkerRegion<D> {
  const { layout, window, hostToGuestDoorbellFd, guestToHostDoorbellFd, sleepers } = shared;
  const memory = new RegionMemory(layout.name, window, layout.beginOffset, layout.endOffset);
  const outgoing = signalTable(memory, layout.hostToGuest, memory.sizeBytes);

  function signalPeer(word: AtomicWord): void {
    if (post(outgoing, word.offset).mustRing) signalEventfd(hostToGuestDoorbellFd);
  }

  return {
    layout,
    data: definition.data.over(memory, layout.dataOffset) as View<D['data']>,
    bytes: (beginOffset, endOffset) => memory.bytes(beginOffset, endOffset),
    signalPeer,
    signal(word) {
      signalPeer(word);
      futexWake(memory.words, word.offset >>> 2);
      signalEventfd(guestToHostDoorbellFd);
    },
    blockWhile(word, value, options = {}) {
      const held = value >>> 0;
      const { sliceMs = defaultSliceMs } = options;
      return sleepOnBoard(sleepers, {
        offset: word.offset,
        hasChanged: () => word.load() !== held,
        sleep(isOnBoard) {
          const longestMs = isOnBoard ? sliceMs : Math.min(sliceMs, defaultSliceMs);
          const slice = nextSliceNs({ ...options, sliceMs: longestMs });
          if (slice === 'stopped' || slice === 'timed-out') return slice;
          futexWait(memory.words, word.offset >>> 2, held, slice);
          return undefined;
        },
      });
    },
    [Symbol.dispose]: () => memory[Symbol.dispose](),
  };
}
