// Ends that come and go: what a consumer that attaches or meets a new producer reads, and what a new producer finds.
import { afterAll, describe, expect, test } from 'vitest';
import { openByteRingConsumer, openByteRingProducer } from './byte-ring.js';
import type { Attach } from './consumer.js';
import { openEnds, resetRing } from './testing/ends.js';

const ends = openEnds(6);
afterAll(() => ends[Symbol.dispose]());
const { words } = ends.guest.options;

const openProducer = () => openByteRingProducer(ends.guest.region, ends.guest.options);
const openConsumer = (attach?: Attach) =>
  openByteRingConsumer(ends.host.region, { ...ends.host.options, ...(attach && { attach }) });

function take(consumer: ReturnType<typeof openConsumer>): string {
  const into = new Uint8Array(64);
  return Buffer.from(into.subarray(0, consumer.read(into))).toString();
}

describe.each([0, 2 ** 32 - 5])('with cursors from %i', (cursor) => {
  test('a consumer that attaches passes over what was written before it came', () => {
    resetRing(ends, cursor);
    const producer = openProducer();
    producer.write(Buffer.from('before'));
    const consumer = openConsumer();
    producer.write(Buffer.from('after'));
    expect(take(consumer)).toBe('after');
    expect(consumer.counters).toMatchObject({ passedBytes: 6, violations: 0, generations: 0 });
  });

  test('it gives the ring back to a producer that found it full', async () => {
    resetRing(ends, cursor);
    const producer = openProducer();
    producer.write(new Uint8Array(64));
    const sleeping = producer.untilWritable({ byteCount: 64 });
    openConsumer();
    expect(await sleeping).toBe('ready');
  });

  test('a consumer that attaches to what is unread goes on where the former one ended', () => {
    resetRing(ends, cursor);
    const producer = openProducer();
    producer.write(Buffer.from('first'));
    const former = openConsumer('unread');
    expect(take(former)).toBe('first');
    producer.write(Buffer.from('second'));
    expect(take(openConsumer('unread'))).toBe('second');
  });

  test('a new producer is heard from its first byte, what its predecessor left is passed over', () => {
    resetRing(ends, cursor);
    const consumer = openConsumer();
    openProducer().write(Buffer.from('left behind'));
    openProducer().write(Buffer.from('the new one'));
    expect(take(consumer)).toBe('the new one');
    expect(consumer.generation).toBe(2);
    expect(consumer.counters).toMatchObject({ generations: 1, passedBytes: 11, violations: 0 });
  });

  test('a consumer of what is unread hears both', () => {
    resetRing(ends, cursor);
    const consumer = openConsumer('unread');
    openProducer().write(Buffer.from('left behind, '));
    openProducer().write(Buffer.from('the new one'));
    expect(take(consumer)).toBe('left behind, the new one');
  });

  test('a new producer wakes who slept when its predecessor died', async () => {
    resetRing(ends, cursor);
    openProducer();
    const consumer = openConsumer();
    const sleeping = consumer.untilReadable();
    words.writeCursor.store((cursor + 4) >>> 0); // it died between cursor and signal
    openProducer();
    await new Promise(setImmediate);
    expect(consumer.readableBytes()).toBe(0); // passed over, as a part of the former generation
    openProducer().write(Buffer.from('x'));
    expect(await sleeping).toBe('ready');
  });
});

test('generations are never 0, not even after the last number', () => {
  resetRing(ends, 0);
  words.generation.store(2 ** 32 - 1);
  openProducer();
  expect(words.generation.load()).toBe(1);
});
