// For tests: both ends of a ring in one hand, a ring of bytes and one of packets under the same names.
import { openByteRingConsumer, openByteRingProducer } from '../byte-ring.js';
import type { Attach } from '../consumer.js';
import { openPacketRingConsumer, openPacketRingProducer } from '../packet-ring.js';
import type { Ends } from './ends.js';

export interface Pair {
  /** True when it went in. */
  write(packet: Uint8Array): boolean;
  /** What came out, if anything. */
  read(roomBytes: number): Uint8Array | undefined;
  untilReadable(deadlineNs: bigint): Promise<unknown>;
  untilWritable(deadlineNs: bigint): Promise<unknown>;
  newProducer(): void;
  newConsumer(): void;
}

/** Reads into an array that is longer than what is asked for, and looks whether it stays as it is behind that. */
function guarded(roomBytes: number, read: (into: Uint8Array) => number | 'empty' | 'skipped') {
  const whole = new Uint8Array(roomBytes + 8).fill(0xee);
  const outcome = read(whole.subarray(0, roomBytes));
  const count = typeof outcome === 'number' ? outcome : 0;
  // Plain checks: an expect for each of so many reads takes longer than everything else here.
  if (count > roomBytes) throw new Error(`${count} bytes for ${roomBytes}`);
  if (whole.subarray(count).some((byte) => byte !== 0xee)) throw new Error(`bytes behind the ${count} read`);
  return typeof outcome === 'number' ? whole.slice(0, count) : undefined;
}

export interface PairOptions {
  readonly attach: Attach;
  readonly recheckMs: number;
}

type OpenPair = (ends: Ends, options: PairOptions) => Pair;

export const openBytePair: OpenPair = (ends, { attach, recheckMs }) => {
  const openProducer = () => openByteRingProducer(ends.guest.region, { ...ends.guest.options, recheckMs });
  const openConsumer = () =>
    openByteRingConsumer(ends.host.region, { ...ends.host.options, recheckMs, attach });
  let [producer, consumer] = [openProducer(), openConsumer()];
  return {
    write: (packet) => producer.write(packet) !== 'full',
    read: (roomBytes) => guarded(roomBytes, (into) => consumer.read(into)),
    untilReadable: (deadlineNs) => consumer.untilReadable({ deadlineNs }),
    untilWritable: (deadlineNs) => producer.untilWritable({ deadlineNs, byteCount: 16 }),
    newProducer() {
      producer = openProducer();
    },
    newConsumer() {
      consumer = openConsumer();
    },
  };
};

export const openPacketPair: OpenPair = (ends, { attach, recheckMs }) => {
  const openProducer = () => openPacketRingProducer(ends.guest.region, { ...ends.guest.options, recheckMs });
  const openConsumer = () =>
    openPacketRingConsumer(ends.host.region, { ...ends.host.options, recheckMs, attach });
  let [producer, consumer] = [openProducer(), openConsumer()];
  return {
    write: (packet) => producer.write(packet.subarray(0, producer.longestBytes)) === 'written',
    read: (roomBytes) => guarded(roomBytes, (into) => consumer.read(into)),
    untilReadable: (deadlineNs) => consumer.untilReadable({ deadlineNs }),
    untilWritable: (deadlineNs) => producer.untilWritable({ deadlineNs, byteCount: 12 }),
    newProducer() {
      producer = openProducer();
    },
    newConsumer() {
      consumer = openConsumer();
    },
  };
};
