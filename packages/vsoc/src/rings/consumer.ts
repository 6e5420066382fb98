/**
 * The consuming end, below bytes and packets. Its read cursor is its own and stays in private memory. The producer's
 * cursor is read once and believed only where the ring can hold what lies between the two: from an impossible one it is
 * counted and reading goes on behind it, with whatever comes next. A new generation's first byte follows its start
 * cursor, and an impossible one of those means: behind the write cursor. Nothing here loops on what the producer wrote.
 */
import type { WaitOptions } from '../wait.js';
import { advanced, checkCount, distance, isSpan, type Ring } from './ring.js';
import { openSleep, type SleepOutcome, wake } from './sleep.js';

/**
 * `newest`: what was written before this consumer came, or before the present producer came, is passed over.
 * `unread`: everything that no consumer has read yet is read.
 */
export type Attach = 'newest' | 'unread';

export interface ConsumerCounters {
  /** Cursors and lengths that no producer of ours can have written, each followed by a new start at its cursor. */
  violations: number;
  /** Producers that came while this end was open. */
  generations: number;
  /** Bytes passed over unread: on attaching, for a new generation, and by discardTo. */
  passedBytes: number;
  /** Times that somebody else had written to the read cursor. */
  repairs: number;
  /** Sleeps that ended without being woken although there were data. */
  heals: number;
}

export interface Consumer {
  readonly counters: ConsumerCounters;
  readonly cursor: number;
  /** The producer's present generation, as far as this end has met it. */
  readonly generation: number;
  /** Readable bytes; looks at the producer's words only when it knows of fewer than `byteCount`. */
  readable(byteCount: number): number;
  /** Gives the next `byteCount` bytes, copied out before, back to the producer. */
  release(byteCount: number): void;
  /** After a length that cannot be: counts it and goes on behind the newest byte. */
  resynchronise(): void;
  /** Passes over all but the newest bytes; returns how many it passed over. */
  discardTo(newestBytes: number): number;
  untilReadable(byteCount: number, options: WaitOptions): Promise<SleepOutcome>;
}

export function openConsumer(ring: Ring, attach: Attach): Consumer {
  const { capacityBytes, granuleBytes } = ring;
  const { startCursor, dataWanted, spaceWanted, writeCursor, readCursor } = ring.words;
  const counters: ConsumerCounters = { violations: 0, generations: 0, passedBytes: 0, repairs: 0, heals: 0 };
  let generation = ring.words.generation.load();
  let read = readCursor.load();
  let write = read;
  let impossible: number | undefined;

  function publish(): void {
    // SYNC POINT ring-consumed (release side). Pairs with producer.ts look.
    readCursor.store(read);
    wake(ring, spaceWanted, capacityBytes - distance(read, write));
  }

  function look(): void {
    // SYNC POINT ring-published (acquire side). Pairs with producer.ts publish.
    const seen = writeCursor.load();
    // SYNC POINT ring-generation (acquire side). Pairs with producer.ts begin. Behind the cursor: whoever sees bytes
    // of a generation sees the generation.
    const seenGeneration = ring.words.generation.load();
    if (seenGeneration !== generation) meet(seenGeneration, seen);
    if (isPossible(seen)) {
      write = seen;
      impossible = undefined;
      return;
    }
    if (seen !== impossible) counters.violations++;
    impossible = seen;
    follow(seen);
  }

  function isPossible(cursor: number): boolean {
    return isSpan(ring, read, cursor);
  }

  function meet(seenGeneration: number, seenWrite: number): void {
    generation = seenGeneration;
    counters.generations++;
    if (attach === 'unread') return;
    const start = startCursor.load();
    passOverTo(isSpan(ring, start, seenWrite) && isPossible(start) ? start : seenWrite);
  }

  function passOverTo(cursor: number): void {
    if (isPossible(cursor)) counters.passedBytes += distance(read, cursor);
    follow(cursor);
  }

  /** Goes on at a cursor that the producer gave, whatever lies before it. */
  function follow(cursor: number): void {
    const before = read;
    read = (cursor & -granuleBytes) >>> 0;
    write = read;
    if (read !== before) publish();
  }

  function repair(): void {
    if (readCursor.load() === read) return;
    counters.repairs++;
    publish();
  }

  function readable(byteCount: number): number {
    if (distance(read, write) < byteCount) {
      look();
      if (distance(read, write) < byteCount) repair();
    }
    return distance(read, write);
  }

  function release(byteCount: number): void {
    read = advanced(read, byteCount);
    publish();
  }

  function discardTo(newestBytes: number): number {
    checkCount(ring, 'discardTo', newestBytes);
    const surplusBytes = readable(capacityBytes) - newestBytes;
    if (surplusBytes <= 0) return 0;
    counters.passedBytes += surplusBytes;
    release(surplusBytes);
    return surplusBytes;
  }

  // Former ends may have left anything: no reason to complain of the present producer.
  const first = writeCursor.load();
  if (attach === 'newest' || read % granuleBytes !== 0 || !isPossible(first)) passOverTo(first);
  publish();
  return {
    counters,
    get cursor() {
      return read;
    },
    get generation() {
      return generation;
    },
    readable,
    release,
    resynchronise() {
      counters.violations++;
      follow(writeCursor.load());
    },
    discardTo,
    untilReadable: openSleep(ring, {
      word: dataWanted,
      isReady: (byteCount) => readable(byteCount) >= byteCount,
      onHeal: () => counters.heals++,
    }),
  };
}
