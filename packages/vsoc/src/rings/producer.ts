/**
 * The producing end, below bytes and packets. Its write cursor is its own and stays in private memory. What it reads of
 * the consumer is the read cursor, and that is believed only where the ring can hold what lies between the two: an
 * impossible one is counted and the last possible one goes on counting, so that the ring is full at worst, until the
 * consumer gives a possible one. When space is short the own cursor is looked up in the window and repaired.
 */
import type { WaitOptions } from '../wait.js';
import { advanced, distance, isSpan, type Ring } from './ring.js';
import { openSleep, type SleepOutcome, wake } from './sleep.js';

export interface ProducerCounters {
  /** Writes that found no room. */
  full: number;
  /** Read cursors that no consumer of ours can have written; one that stays counts once. */
  violations: number;
  /** Times that somebody else had written to the write cursor. */
  repairs: number;
  /** Sleeps that ended without being woken although there was room. */
  heals: number;
}

export interface Producer {
  readonly counters: ProducerCounters;
  readonly cursor: number;
  /** Free bytes; looks at the consumer's cursor only when it knows of fewer than `byteCount`. */
  room(byteCount: number): number;
  /** Makes the next `byteCount` bytes, copied in before, readable. */
  publish(byteCount: number): void;
  untilRoom(byteCount: number, options: WaitOptions): Promise<SleepOutcome>;
}

export function openProducer(ring: Ring): Producer {
  const { capacityBytes, granuleBytes } = ring;
  const { generation, startCursor, dataWanted, spaceWanted, writeCursor, readCursor } = ring.words;
  const counters: ProducerCounters = { full: 0, violations: 0, repairs: 0, heals: 0 };
  // Where a former producer left off: what it published can still be read.
  let write = (advanced(writeCursor.load(), granuleBytes - 1) & -granuleBytes) >>> 0;
  // Full, until the consumer's cursor was seen to be possible.
  let read = (write - capacityBytes) >>> 0;
  let impossible: number | undefined;

  function begin(): void {
    startCursor.store(write);
    // SYNC POINT ring-generation (release side). Pairs with consumer.ts look.
    generation.store(advanced(generation.load(), 1) || 1);
    writeCursor.store(write);
    wake(ring, dataWanted, Number.POSITIVE_INFINITY);
  }

  function look(): void {
    // SYNC POINT ring-consumed (acquire side). Pairs with consumer.ts publish.
    const seen = readCursor.load();
    if (isSpan(ring, seen, write)) {
      read = seen;
      impossible = undefined;
    } else if (seen !== impossible) {
      impossible = seen;
      counters.violations++;
    }
  }

  function repair(): void {
    if (writeCursor.load() === write) return;
    counters.repairs++;
    writeCursor.store(write);
    wake(ring, dataWanted, Number.POSITIVE_INFINITY);
  }

  function room(byteCount: number): number {
    if (capacityBytes - distance(read, write) < byteCount) {
      look();
      if (capacityBytes - distance(read, write) < byteCount) repair();
    }
    return capacityBytes - distance(read, write);
  }

  begin();
  return {
    counters,
    get cursor() {
      return write;
    },
    room,
    publish(byteCount) {
      write = advanced(write, byteCount);
      // SYNC POINT ring-published (release side). Pairs with consumer.ts look.
      writeCursor.store(write);
      wake(ring, dataWanted, distance(read, write));
    },
    untilRoom: openSleep(ring, {
      word: spaceWanted,
      isReady: (byteCount) => room(byteCount) >= byteCount,
      onHeal: () => counters.heals++,
    }),
  };
}
