// The policy for what no peer of ours can have written, one case at a time: what it counts, and how it goes on.
import { afterAll, describe, expect, test } from 'vitest';
import { openByteRingConsumer, openByteRingProducer } from './byte-ring.js';
import { openPacketRingConsumer, openPacketRingProducer } from './packet-ring.js';
import { openEnds, resetRing } from './testing/ends.js';

const capacityBytes = 64;
const ends = openEnds(6);
afterAll(() => ends[Symbol.dispose]());
const { words, place } = ends.guest.options;
const cursor = 2 ** 32 - 20;

function openBytes() {
  resetRing(ends, cursor);
  return {
    producer: openByteRingProducer(ends.guest.region, ends.guest.options),
    consumer: openByteRingConsumer(ends.host.region, ends.host.options),
  };
}

function openPackets() {
  resetRing(ends, cursor);
  return {
    producer: openPacketRingProducer(ends.guest.region, ends.guest.options),
    consumer: openPacketRingConsumer(ends.host.region, ends.host.options),
  };
}

const some = (length: number) => new Uint8Array(length).fill(7);
const moved = (byteCount: number) => (cursor + byteCount) >>> 0;

describe('a consumer', () => {
  test.each([capacityBytes + 1, 2 ** 31, -1])(
    'goes on at a write cursor %i bytes ahead, counted once',
    (ahead) => {
      const { consumer } = openBytes();
      words.writeCursor.store(moved(ahead));
      for (let times = 0; times < 3; times++) expect(consumer.read(some(8))).toBe(0);
      expect(consumer.counters).toMatchObject({ violations: 1, passedBytes: 0 });
      expect(words.readCursor.load()).toBe(moved(ahead));
      words.writeCursor.store(moved(ahead + 3));
      expect(consumer.read(some(8))).toBe(3);
    },
  );

  test('reads a ring that is exactly full', () => {
    const { consumer } = openBytes();
    words.writeCursor.store(moved(capacityBytes));
    expect(consumer.readableBytes()).toBe(capacityBytes);
    expect(consumer.counters.violations).toBe(0);
  });

  test('counts a write cursor between two granules once, and goes on at the granule', () => {
    const { consumer } = openPackets();
    words.writeCursor.store(moved(6));
    for (let times = 0; times < 3; times++) expect(consumer.read(some(8))).toBe('empty');
    expect(consumer.counters.violations).toBe(1);
    expect(words.readCursor.load()).toBe(moved(4));
  });

  test.each([9, 12, capacityBytes, 2 ** 31, 2 ** 32 - 1])(
    'passes over everything for a length of %i in 8',
    (length) => {
      const { producer, consumer } = openPackets();
      producer.write(some(8));
      const header = ends.guest.region.bytes(
        place.offset + capacityBytes - 20,
        place.offset + capacityBytes - 16,
      );
      new DataView(header.buffer, header.byteOffset).setUint32(0, length, true);
      expect(consumer.read(some(capacityBytes))).toBe('empty');
      expect(consumer.counters).toMatchObject({ violations: 1, skipped: 0 });
      expect(words.readCursor.load()).toBe(moved(12));
      producer.write(some(5));
      expect(consumer.read(some(8))).toBe(5);
    },
  );

  test.each([5, -1, 2 ** 31])(
    'starts a new generation whose start is %i bytes ahead of 4 at its newest byte',
    (ahead) => {
      const { producer, consumer } = openBytes();
      producer.write(some(4));
      words.startCursor.store(moved(ahead));
      words.generation.store(77);
      expect(consumer.read(some(8))).toBe(0);
      expect(consumer.counters).toMatchObject({ violations: 0, generations: 1, passedBytes: 4 });
      producer.write(some(3));
      expect(consumer.read(some(8))).toBe(3);
    },
  );

  test('repairs its cursor when it finds nothing to read', () => {
    const { producer, consumer } = openBytes();
    producer.write(some(4));
    consumer.read(some(4));
    words.readCursor.store(12345);
    expect(consumer.read(some(4))).toBe(0);
    expect(words.readCursor.load()).toBe(moved(4));
    expect(consumer.counters.repairs).toBe(1);
  });
});

describe('a producer', () => {
  test.each([capacityBytes + 1, 2 ** 31, 10 - capacityBytes - 1])(
    'that wrote 10 bytes believes no read cursor %i bytes ahead, and is full at worst',
    (ahead) => {
      const { producer, consumer } = openBytes();
      producer.write(some(10));
      words.readCursor.store(moved(ahead));
      expect(producer.freeBytes()).toBe(capacityBytes - 10);
      expect(producer.write(some(capacityBytes))).toBe(capacityBytes - 10);
      for (let times = 0; times < 3; times++) expect(producer.write(some(1))).toBe('full');
      expect(producer.counters).toMatchObject({ violations: 1, full: 3 });
      expect(consumer.read(some(5))).toBe(5);
      expect(producer.freeBytes()).toBe(5);
    },
  );

  test('takes a read cursor exactly a ring behind and exactly at its own, and none in front of it', () => {
    const { producer } = openBytes();
    producer.write(some(10));
    words.readCursor.store(moved(10 - capacityBytes));
    expect(producer.freeBytes()).toBe(0);
    words.readCursor.store(moved(9));
    expect(producer.freeBytes()).toBe(capacityBytes - 1);
    words.readCursor.store(moved(11));
    expect(producer.freeBytes()).toBe(capacityBytes - 1);
    words.readCursor.store(moved(10));
    expect(producer.freeBytes()).toBe(capacityBytes);
    expect(producer.counters.violations).toBe(1);
  });

  test('is full, and nothing worse, when it opens to an impossible read cursor', () => {
    resetRing(ends, cursor);
    words.readCursor.store(moved(1));
    const producer = openByteRingProducer(ends.guest.region, ends.guest.options);
    expect(producer.write(some(1))).toBe('full');
    expect(producer.counters.violations).toBe(1);
    openByteRingConsumer(ends.host.region, ends.host.options);
    expect(producer.write(some(1))).toBe(1);
  });

  test('repairs its cursor when it finds no room', () => {
    const { producer } = openBytes();
    producer.write(some(capacityBytes));
    words.writeCursor.store(12345);
    expect(producer.write(some(1))).toBe('full');
    expect(words.writeCursor.load()).toBe(moved(capacityBytes));
    expect(producer.counters.repairs).toBe(1);
  });

  test('opens at the next granule behind a cursor between two', () => {
    resetRing(ends, cursor);
    words.writeCursor.store(moved(5));
    words.readCursor.store(moved(8));
    const producer = openPacketRingProducer(ends.guest.region, ends.guest.options);
    expect(words.writeCursor.load()).toBe(moved(8));
    expect(producer.write(some(capacityBytes - 4))).toBe('written');
  });
});
