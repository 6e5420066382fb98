// Records and rings in shared memory, read as from a hostile peer.
export {
  type ByteRingConsumer,
  type ByteRingProducer,
  openByteRingConsumer,
  openByteRingProducer,
} from './byte-ring.js';
export type { Attach, ConsumerCounters } from './consumer.js';
export {
  openPacketRingConsumer,
  openPacketRingProducer,
  type PacketRingConsumer,
  type PacketRingProducer,
} from './packet-ring.js';
export type { ProducerCounters } from './producer.js';
export type { ByteRingOptions, RingOptions, RingRegion } from './ring.js';
export { readRecord, writeRecord } from './seqlock.js';
export type { SleepOptions, SleepOutcome } from './sleep.js';
export { type RingSide, type RingWords, ringWords } from './words.js';
