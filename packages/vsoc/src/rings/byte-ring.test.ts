// The byte ring against the simplest ring there is, a queue in an array, and at its edges: full to the last byte,
// exactly at its end, and where the cursors pass 2³².
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openByteRingConsumer, openByteRingProducer } from './byte-ring.js';
import { openEnds, resetRing } from './testing/ends.js';

const log2Size = 6;
const capacityBytes = 2 ** log2Size;
const ends = openEnds(log2Size);
afterAll(() => ends[Symbol.dispose]());

function openAt(cursor: number, granuleBytes = 1) {
  resetRing(ends, cursor);
  const producer = openByteRingProducer(ends.guest.region, { ...ends.guest.options, granuleBytes });
  const consumer = openByteRingConsumer(ends.host.region, { ...ends.host.options, granuleBytes });
  return { producer, consumer };
}

const numbered = (first: number, count: number) => Uint8Array.from({ length: count }, (_, i) => first + i);

function take(consumer: ReturnType<typeof openAt>['consumer'], count: number): number[] {
  const into = new Uint8Array(count);
  return [...into.subarray(0, consumer.read(into))];
}

/** Just below the ring's end, just below 2³¹ and 2³², and zero. */
const cursors = [0, capacityBytes - 1, 2 ** 31 - 3, 2 ** 32 - capacityBytes, 2 ** 32 - 5, 2 ** 32 - 1];

describe.each(cursors)('with cursors from %i', (cursor) => {
  test('every byte of the capacity can be used, and not one more', () => {
    const { producer, consumer } = openAt(cursor);
    expect(producer.freeBytes()).toBe(capacityBytes);
    expect(producer.write(numbered(0, capacityBytes + 9))).toBe(capacityBytes);
    expect(producer.write(numbered(0, 1))).toBe('full');
    expect(producer.freeBytes()).toBe(0);
    expect(consumer.readableBytes()).toBe(capacityBytes);
    expect(take(consumer, 2 * capacityBytes)).toEqual([...numbered(0, capacityBytes)]);
    expect(take(consumer, 1)).toEqual([]);
    expect(producer.freeBytes()).toBe(capacityBytes);
  });

  test.each([1, 7, capacityBytes - 1, capacityBytes])('chunks of %i come out as they went in', (size) => {
    const { producer, consumer } = openAt(cursor);
    for (let at = 0; at < 5 * capacityBytes; at += size) {
      expect(producer.write(numbered(at, size))).toBe(size);
      expect(take(consumer, size)).toEqual([...numbered(at, size)]);
    }
    expect(consumer.counters).toMatchObject({ violations: 0, repairs: 0 });
    expect(producer.counters).toMatchObject({ violations: 0, repairs: 0 });
  });
});

test('whatever is written, read and passed over in whatever order, it is a queue', () => {
  const size = fc.integer({ min: 0, max: 100 });
  const step = fc.oneof(
    fc.record({ op: fc.constantFrom('write' as const, 'read' as const), size }),
    fc.record({ op: fc.constant('discardTo' as const), size: fc.integer({ min: 0, max: capacityBytes }) }),
  );
  const start = fc.oneof(fc.constantFrom(...cursors), fc.nat(2 ** 32 - 1));
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 60 }), (cursor, steps) => {
      const { producer, consumer } = openAt(cursor);
      const queue: number[] = [];
      let next = 0;
      for (const { op, size } of steps) {
        if (op === 'write') {
          const free = capacityBytes - queue.length;
          const written = producer.write(numbered(next, size));
          expect(written).toBe(size > 0 && free === 0 ? 'full' : Math.min(size, free));
          if (written === 'full') continue;
          queue.push(...numbered(next, written));
          next += written;
        } else if (op === 'read') {
          expect(take(consumer, size)).toEqual(queue.splice(0, size));
        } else {
          const passed = Math.max(0, queue.length - size);
          expect(consumer.discardTo(size)).toBe(passed);
          queue.splice(0, passed);
        }
        expect(producer.freeBytes()).toBe(capacityBytes - queue.length);
        expect(consumer.readableBytes()).toBe(queue.length);
      }
    }),
    { numRuns: 150 },
  );
});

test('granules are never cut: what does not fit whole stays with the writer', () => {
  const { producer, consumer } = openAt(2 ** 32 - 8, 4);
  expect(producer.write(numbered(0, 60))).toBe(60);
  expect(producer.write(numbered(60, 8))).toBe(4);
  expect(take(consumer, 8)).toEqual([...numbered(0, 8)]);
  expect(producer.write(numbered(64, 12))).toBe(8);
  expect(() => producer.write(numbered(0, 3))).toThrow(/EINVAL: write: .*a multiple of 4, saw 3/);
  expect(() => consumer.read(new Uint8Array(5))).toThrow(/EINVAL: read: .*a multiple of 4, saw 5/);
});

test('bytes behind what was read are left alone', () => {
  const { producer, consumer } = openAt(capacityBytes - 2);
  producer.write(numbered(1, 4));
  const into = new Uint8Array(10).fill(0xee);
  expect(consumer.read(into)).toBe(4);
  expect([...into]).toEqual([1, 2, 3, 4, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee]);
});
