// For tests: one end of a ring in a process of its own. Argument: PeerTask as JSON; descriptors: 3 the window, 4 and 5 the
// doorbells to host and to guest. Both ends derive the stream from one seed, so the consumer knows every byte that must
// come. Says PeerReport as one line when it is done; a stream that differs ends it with an error.
import { mapWindow, OwnedFd } from '@vsoc/native';
import { openByteRingConsumer, openByteRingProducer } from '../byte-ring.js';
import { openPacketRingConsumer, openPacketRingProducer } from '../packet-ring.js';
import type { RingRegion } from '../ring.js';
import { type End, openEnd, planRingRegion } from './ends.js';
import { randomOf } from './random.js';

export interface PeerTask {
  readonly role: 'produce' | 'consume';
  readonly kind: 'bytes' | 'packets';
  readonly log2Size: number;
  readonly seed: number;
  /** Bytes of a stream, or packets. */
  readonly count: number;
  /** Of a chunk or a packet. */
  readonly longestBytes: number;
  /** Before each operation this process turns idly up to so long, at random. */
  readonly longestPauseUs: number;
}

export interface PeerReport {
  readonly byteCount: number;
  readonly checksum: number;
  /** Wake-ups sent to the other end. */
  readonly signals: number;
  /** Wake-ups that only a timer made up for. */
  readonly heals: number;
  readonly violations: number;
}

const task = JSON.parse(process.argv[2] ?? '') as PeerTask;
const parts = planRingRegion(task.log2Size);
using windowFd = OwnedFd.own(3, 'window');
using mapping = mapWindow(windowFd.fd, parts.windowBytes);
using end: End = openEnd(task.role === 'produce' ? 'guest' : 'host', parts, {
  window: mapping.buffer,
  doorbells: { guestToHost: OwnedFd.own(4, 'to host'), hostToGuest: OwnedFd.own(5, 'to guest') },
});
let signals = 0;
const region: RingRegion = {
  bytes: (beginOffset, endOffset) => end.region.bytes(beginOffset, endOffset),
  waitWhile: (word, value, options) => end.region.waitWhile(word, value, options),
  signalPeer(word) {
    signals++;
    end.region.signalPeer(word);
  },
};
const content = randomOf(task.seed);
const sizes = randomOf(task.role === 'produce' ? task.seed + 1 : task.seed + 2);
let byteCount = 0;
let checksum = 0;

/** Both sides add up what they handed over, each in its own chunks. */
function account(bytes: Uint8Array): void {
  for (const byte of bytes) checksum = (Math.imul(checksum, 31) + byte) >>> 0;
  byteCount += bytes.length;
}

function pause(): void {
  if (task.longestPauseUs === 0) return;
  const untilNs = process.hrtime.bigint() + BigInt(sizes(task.longestPauseUs * 1000));
  while (process.hrtime.bigint() < untilNs);
}

function fresh(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = content(256);
  return bytes;
}

function check(bytes: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) {
    const expected = content(256);
    if (bytes[index] === expected) continue;
    throw new Error(`byte ${byteCount + index}: expected ${expected}, saw ${bytes[index]}`);
  }
}

async function produceBytes() {
  const producer = openByteRingProducer(region, end.options);
  while (byteCount < task.count) {
    let left = fresh(Math.min(1 + sizes(task.longestBytes), task.count - byteCount));
    while (left.length > 0) {
      pause();
      const written = producer.write(left);
      if (written === 'full') {
        await producer.untilWritable({ byteCount: 1 + sizes(Math.min(left.length, producer.capacityBytes)) });
        continue;
      }
      account(left.subarray(0, written));
      left = left.subarray(written);
    }
  }
  return producer.counters;
}

async function consumeBytes() {
  const consumer = openByteRingConsumer(region, { ...end.options, attach: 'unread' });
  const into = new Uint8Array(task.longestBytes);
  while (byteCount < task.count) {
    pause();
    const room = into.subarray(0, 1 + sizes(task.longestBytes));
    const read = consumer.read(room);
    if (read === 0) await consumer.untilReadable();
    check(room.subarray(0, read));
    account(room.subarray(0, read));
  }
  return consumer.counters;
}

async function producePackets() {
  const producer = openPacketRingProducer(region, end.options);
  for (let packet = 0; packet < task.count; packet++) {
    const bytes = fresh(content(task.longestBytes + 1));
    pause();
    while (producer.write(bytes) === 'full') await producer.untilWritable({ byteCount: bytes.length });
    account(bytes);
  }
  return producer.counters;
}

async function consumePackets() {
  const consumer = openPacketRingConsumer(region, { ...end.options, attach: 'unread' });
  const into = new Uint8Array(task.longestBytes);
  for (let packet = 0; packet < task.count; ) {
    pause();
    const length = consumer.read(into);
    if (length === 'empty') await consumer.untilReadable();
    if (typeof length !== 'number') continue;
    const expected = content(task.longestBytes + 1);
    if (length !== expected) throw new Error(`packet ${packet}: expected ${expected} bytes, saw ${length}`);
    check(into.subarray(0, length));
    account(into.subarray(0, length));
    packet++;
  }
  return consumer.counters;
}

const work = {
  produce: { bytes: produceBytes, packets: producePackets },
  consume: { bytes: consumeBytes, packets: consumePackets },
}[task.role][task.kind];
const { heals, violations } = await work();
const report: PeerReport = {
  byteCount,
  checksum,
  signals,
  heals: heals + end.region.counters.heals,
  violations,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
