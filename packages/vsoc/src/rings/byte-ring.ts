// A ring as a stream of bytes: writes and reads of any length, cut to what there is room for. What lies in between is
// copied once, out of and into arrays that the caller owns.
import { type Attach, type ConsumerCounters, openConsumer } from './consumer.js';
import { openProducer, type ProducerCounters } from './producer.js';
import { type ByteRingOptions, checkCount, copyIn, copyOut, openRing, type RingRegion } from './ring.js';
import type { SleepOptions, SleepOutcome } from './sleep.js';

export interface ByteRingProducer {
  readonly capacityBytes: number;
  /** Writes the first bytes of `from`, as many as there is room for, and returns their number. */
  write(from: Uint8Array): number | 'full';
  freeBytes(): number;
  /** Sleeps until `byteCount` bytes can be written. One sleeper at a time. */
  untilWritable(options?: SleepOptions): Promise<SleepOutcome>;
  readonly counters: Readonly<ProducerCounters>;
}

export interface ByteRingConsumer {
  readonly capacityBytes: number;
  /** The producer's present generation: another one than before means that its stream began anew. */
  readonly generation: number;
  /** Copies the oldest bytes out, as many as `into` holds, and returns their number: 0 when there are none. */
  read(into: Uint8Array): number;
  readableBytes(): number;
  /** Passes over all but the newest bytes; returns how many it passed over. */
  discardTo(newestBytes: number): number;
  /** Sleeps until `byteCount` bytes can be read. One sleeper at a time. */
  untilReadable(options?: SleepOptions): Promise<SleepOutcome>;
  readonly counters: Readonly<ConsumerCounters>;
}

/** One producer at a time: it begins a new generation behind what the former one wrote. */
export function openByteRingProducer(region: RingRegion, options: ByteRingOptions): ByteRingProducer {
  const ring = openRing(region, options);
  const producer = openProducer(ring);
  const { capacityBytes, granuleBytes } = ring;
  return {
    capacityBytes,
    counters: producer.counters,
    write(from) {
      checkCount(ring, 'write', from.length, Number.POSITIVE_INFINITY);
      const byteCount = Math.min(from.length, producer.room(Math.min(from.length, capacityBytes)));
      if (byteCount === 0 && from.length > 0) {
        producer.counters.full++;
        return 'full';
      }
      copyIn(ring, producer.cursor, byteCount === from.length ? from : from.subarray(0, byteCount));
      producer.publish(byteCount);
      return byteCount;
    },
    freeBytes: () => producer.room(capacityBytes),
    untilWritable: ({ byteCount = granuleBytes, ...wait } = {}) => producer.untilRoom(byteCount, wait),
  };
}

/** One consumer at a time; `attach` says what it does with what was written before it came. */
export function openByteRingConsumer(
  region: RingRegion,
  options: ByteRingOptions & { readonly attach?: Attach },
): ByteRingConsumer {
  const ring = openRing(region, options);
  const consumer = openConsumer(ring, options.attach ?? 'newest');
  const { capacityBytes, granuleBytes } = ring;
  return {
    capacityBytes,
    counters: consumer.counters,
    get generation() {
      return consumer.generation;
    },
    read(into) {
      checkCount(ring, 'read', into.length, Number.POSITIVE_INFINITY);
      const byteCount = Math.min(into.length, consumer.readable(Math.min(into.length, capacityBytes)));
      if (byteCount === 0) return 0;
      copyOut(ring, consumer.cursor, into, byteCount);
      consumer.release(byteCount);
      return byteCount;
    },
    readableBytes: () => consumer.readable(capacityBytes),
    discardTo: (newestBytes) => consumer.discardTo(newestBytes),
    untilReadable: ({ byteCount = granuleBytes, ...wait } = {}) => consumer.untilReadable(byteCount, wait),
  };
}
