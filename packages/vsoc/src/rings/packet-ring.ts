/**
 * A ring as a stream of packets: a length (u32, little-endian), so many bytes, and up to three more so that the next
 * length is 4-aligned and never lies across the ring's end. A packet is published whole or not at all. The consumer
 * takes a length once and believes it only as far as what is published reaches; one that cannot be is counted, and
 * reading goes on behind the newest packet. One that is only too long for the reader is counted and passed over.
 */
import { VsocError } from '../errors.js';
import type { WaitOptions } from '../wait.js';
import { type Attach, type ConsumerCounters, openConsumer } from './consumer.js';
import { openProducer, type ProducerCounters } from './producer.js';
import { advanced, copyIn, copyOut, openRing, type RingOptions, type RingRegion } from './ring.js';
import type { SleepOptions, SleepOutcome } from './sleep.js';

const lengthBytes = 4;
const granuleBytes = 4;
/** So many packets in a row, and the event loop gets a turn: a peer that never stops shall not have it all. */
const packetsPerTurn = 256;

export interface PacketRingProducer {
  /** Longer ones are refused with EMSGSIZE. */
  readonly longestBytes: number;
  write(packet: Uint8Array): 'written' | 'full';
  /** Sleeps until a packet of `byteCount` bytes can be written. One sleeper at a time. */
  untilWritable(options?: SleepOptions): Promise<SleepOutcome>;
  readonly counters: Readonly<ProducerCounters>;
}

export interface PacketRingConsumer {
  readonly longestBytes: number;
  /** The producer's present generation: another one than before means that its stream began anew. */
  readonly generation: number;
  /** Copies the oldest packet to the beginning of `into` and returns its length; `skipped`: `into` is too short. */
  read(into: Uint8Array): number | 'empty' | 'skipped';
  /** Sleeps until there is a packet. One sleeper at a time. */
  untilReadable(options?: WaitOptions): Promise<SleepOutcome>;
  /** All packets of at most `longestBytes`, each in an array of its own, until the signal aborts: it throws its reason. */
  packets(options: {
    readonly signal: AbortSignal;
    readonly longestBytes: number;
  }): AsyncIterable<Uint8Array>;
  readonly counters: Readonly<ConsumerCounters & { skipped: number }>;
}

/** One producer at a time: it begins a new generation behind what the former one wrote. */
export function openPacketRingProducer(region: RingRegion, options: RingOptions): PacketRingProducer {
  const ring = openRing(region, { ...options, granuleBytes });
  const producer = openProducer(ring);
  const longestBytes = ring.capacityBytes - lengthBytes;
  const header = new Uint8Array(lengthBytes);
  const headerView = new DataView(header.buffer);

  function checkedSize(op: string, byteCount: number): number {
    if (byteCount <= longestBytes) return recordBytes(byteCount);
    throw new VsocError(
      'EMSGSIZE',
      op,
      `expected a packet of at most ${longestBytes} bytes, saw ${byteCount}`,
    );
  }

  return {
    longestBytes,
    counters: producer.counters,
    write(packet) {
      const sizeBytes = checkedSize('write', packet.length);
      if (producer.room(sizeBytes) < sizeBytes) {
        producer.counters.full++;
        return 'full';
      }
      headerView.setUint32(0, packet.length, true);
      copyIn(ring, producer.cursor, header);
      copyIn(ring, advanced(producer.cursor, lengthBytes), packet);
      producer.publish(sizeBytes);
      return 'written';
    },
    untilWritable: ({ byteCount = 0, ...wait } = {}) =>
      producer.untilRoom(checkedSize('untilWritable', byteCount), wait),
  };
}

/** One consumer at a time; `attach` says what it does with what was written before it came. */
export function openPacketRingConsumer(
  region: RingRegion,
  options: RingOptions & { readonly attach?: Attach },
): PacketRingConsumer {
  const ring = openRing(region, { ...options, granuleBytes });
  const consumer = openConsumer(ring, options.attach ?? 'newest');
  const counters = Object.assign(consumer.counters, { skipped: 0 });
  const header = new Uint8Array(lengthBytes);
  const headerView = new DataView(header.buffer);

  function read(into: Uint8Array): number | 'empty' | 'skipped' {
    const readyBytes = consumer.readable(granuleBytes);
    if (readyBytes === 0) return 'empty';
    copyOut(ring, consumer.cursor, header, lengthBytes);
    const byteCount = headerView.getUint32(0, true);
    if (byteCount > readyBytes - lengthBytes) {
      consumer.resynchronise();
      return 'empty';
    }
    const fits = byteCount <= into.length;
    if (fits) copyOut(ring, advanced(consumer.cursor, lengthBytes), into, byteCount);
    else counters.skipped++;
    consumer.release(recordBytes(byteCount));
    return fits ? byteCount : 'skipped';
  }

  const untilReadable = (wait: WaitOptions = {}) => consumer.untilReadable(granuleBytes, wait);

  async function* packets({ signal, longestBytes }: { signal: AbortSignal; longestBytes: number }) {
    const buffer = new Uint8Array(longestBytes);
    for (let turn = 1; ; turn++) {
      signal.throwIfAborted();
      if (turn % packetsPerTurn === 0) await new Promise(setImmediate);
      const outcome = read(buffer);
      if (outcome === 'empty') await untilReadable({ signal });
      else if (outcome !== 'skipped') yield buffer.slice(0, outcome);
    }
  }

  return {
    longestBytes: ring.capacityBytes - lengthBytes,
    counters,
    get generation() {
      return consumer.generation;
    },
    read,
    untilReadable,
    packets,
  };
}

/** What a packet takes in the ring. */
function recordBytes(byteCount: number): number {
  return lengthBytes + ((byteCount + granuleBytes - 1) & -granuleBytes);
}
