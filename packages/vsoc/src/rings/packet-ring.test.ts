// The packet ring against a queue of packets, at its edges, and with packets that somebody cannot take.
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openPacketRingConsumer, openPacketRingProducer } from './packet-ring.js';
import { openEnds, resetRing } from './testing/ends.js';

const log2Size = 6;
const capacityBytes = 2 ** log2Size;
const longestBytes = capacityBytes - 4;
const ends = openEnds(log2Size);
afterAll(() => ends[Symbol.dispose]());

function openAt(cursor: number) {
  resetRing(ends, cursor);
  return {
    producer: openPacketRingProducer(ends.guest.region, ends.guest.options),
    consumer: openPacketRingConsumer(ends.host.region, ends.host.options),
  };
}

const packet = (first: number, length: number) => Uint8Array.from({ length }, (_, i) => first + i);

/** The next packet as numbers, or why there is none. */
function take(consumer: ReturnType<typeof openAt>['consumer'], roomBytes = longestBytes) {
  const into = new Uint8Array(roomBytes);
  const outcome = consumer.read(into);
  return typeof outcome === 'number' ? [...into.subarray(0, outcome)] : outcome;
}

const cursors = [0, capacityBytes - 4, 2 ** 31 - 4, 2 ** 32 - capacityBytes, 2 ** 32 - 8, 2 ** 32 - 4];

describe.each(cursors)('with cursors from %i', (cursor) => {
  test('the longest packet fits and fills the ring', () => {
    const { producer, consumer } = openAt(cursor);
    expect(producer.longestBytes).toBe(longestBytes);
    expect(producer.write(packet(1, longestBytes))).toBe('written');
    expect(producer.write(packet(0, 0))).toBe('full');
    expect(take(consumer)).toEqual([...packet(1, longestBytes)]);
    expect(take(consumer)).toBe('empty');
    expect(producer.write(packet(0, 0))).toBe('written');
    expect(take(consumer)).toEqual([]);
  });

  test('a packet that is too long for the reader is counted and blocks nothing', () => {
    const { producer, consumer } = openAt(cursor);
    for (const length of [9, 2, 8]) producer.write(packet(length, length));
    expect(take(consumer, 8)).toBe('skipped');
    expect(take(consumer, 8)).toEqual([2, 3]);
    expect(take(consumer, 8)).toEqual([...packet(8, 8)]);
    expect(consumer.counters).toMatchObject({ skipped: 1, violations: 0 });
  });
});

test('a packet longer than the ring is refused, with both numbers', () => {
  const { producer } = openAt(0);
  expect(() => producer.write(packet(0, longestBytes + 1))).toThrow(
    'EMSGSIZE: write: expected a packet of at most 60 bytes, saw 61',
  );
  expect(() => producer.untilWritable({ byteCount: 61 })).toThrow(/EMSGSIZE: untilWritable/);
});

test('whatever is written and read in whatever order, it is a queue of packets', () => {
  const length = fc.integer({ min: 0, max: longestBytes });
  const step = fc.record({ op: fc.constantFrom('write' as const, 'read' as const), length });
  const start = fc.oneof(
    fc.constantFrom(...cursors),
    fc.nat(2 ** 30 - 1).map((n) => 4 * n),
  );
  fc.assert(
    fc.property(start, fc.array(step, { maxLength: 60 }), (cursor, steps) => {
      const { producer, consumer } = openAt(cursor);
      const queue: number[][] = [];
      const usedBytes = () => queue.reduce((sum, one) => sum + 4 + 4 * Math.ceil(one.length / 4), 0);
      for (const [first, { op, length }] of steps.entries()) {
        if (op === 'write') {
          const fits = usedBytes() + 4 + 4 * Math.ceil(length / 4) <= capacityBytes;
          expect(producer.write(packet(first, length))).toBe(fits ? 'written' : 'full');
          if (fits) queue.push([...packet(first, length)]);
        } else {
          const next = queue.shift() ?? 'empty';
          expect(take(consumer, length)).toEqual(next.length > length && next !== 'empty' ? 'skipped' : next);
        }
      }
      expect(consumer.counters.violations + producer.counters.violations).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('packets come as arrays of their own until the signal aborts', async () => {
  const { producer, consumer } = openAt(2 ** 32 - 8);
  const abort = new AbortController();
  const seen: number[][] = [];
  const reading = (async () => {
    for await (const one of consumer.packets({ signal: abort.signal, longestBytes: 4 })) {
      seen.push([...one]);
      if (seen.length < 3) producer.write(packet(seen.length, 5)); // one that is skipped
      if (seen.length < 3) producer.write(packet(seen.length, 3));
      else abort.abort(new Error('enough'));
    }
  })();
  producer.write(packet(9, 1));
  await expect(reading).rejects.toThrow('enough');
  expect(seen).toEqual([[9], [1, 2, 3], [2, 3, 4]]);
  expect(consumer.counters.skipped).toBe(2);
});
