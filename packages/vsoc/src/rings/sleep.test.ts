// Sleeping on a ring: who is woken, when and how often, and by what else a sleep ends.
import { Worker } from 'node:worker_threads';
import type { AtomicWord } from '@vsoc/struct';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openByteRingConsumer, openByteRingProducer } from './byte-ring.js';
import type { RingRegion } from './ring.js';
import { openEnds, resetRing } from './testing/ends.js';
import type { RingWords } from './words.js';

const capacityBytes = 64;
const ends = openEnds(6);
afterAll(() => ends[Symbol.dispose]());
const { words, place } = ends.guest.options;

function open(recheckMs = Number.POSITIVE_INFINITY) {
  resetRing(ends, 0);
  const signals = { byProducer: 0, byConsumer: 0 };
  const counting = (region: RingRegion, by: keyof typeof signals): RingRegion => ({
    bytes: (beginOffset, endOffset) => region.bytes(beginOffset, endOffset),
    waitWhile: (word, value, options) => region.waitWhile(word, value, options),
    signalPeer(word) {
      signals[by]++;
      region.signalPeer(word);
    },
  });
  const options = { place, recheckMs };
  const guest = counting(ends.guest.region, 'byProducer');
  const host = counting(ends.host.region, 'byConsumer');
  return {
    signals,
    producer: openByteRingProducer(guest, { ...options, words: ends.guest.options.words }),
    consumer: openByteRingConsumer(host, { ...options, words: ends.host.options.words }),
  };
}

const some = (length: number) => new Uint8Array(length).fill(7);
const inMs = (ms: number) => process.hrtime.bigint() + BigInt(ms) * 1_000_000n;
const turn = () => new Promise(setImmediate);

/** Lets the loop turn for a while and tells whether the promise is still open then. */
async function staysOpen(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  void promise.finally(() => {
    open = false;
  });
  for (let turns = 0; turns < 50; turns++) await turn();
  return open;
}

test('who is awake is sent no signal', async () => {
  const { producer, consumer, signals } = open();
  for (let round = 0; round < 100; round++) {
    producer.write(some(10));
    await consumer.untilReadable();
    consumer.read(some(10));
    await producer.untilWritable();
  }
  expect(signals).toEqual({ byProducer: 0, byConsumer: 0 });
});

test('a sleeping consumer is woken once, by the write that brings as much as it waits for', async () => {
  const { producer, consumer, signals } = open();
  const sleeping = consumer.untilReadable({ byteCount: 12 });
  producer.write(some(8));
  expect(await staysOpen(sleeping)).toBe(true);
  expect(signals.byProducer).toBe(0);
  producer.write(some(4));
  producer.write(some(4));
  expect(await sleeping).toBe('ready');
  expect(signals.byProducer).toBe(1);
});

test('a sleeping producer is woken once, by the read that makes as much room as it waits for', async () => {
  const { producer, consumer, signals } = open();
  producer.write(some(capacityBytes));
  const sleeping = producer.untilWritable({ byteCount: 12 });
  consumer.read(some(8));
  expect(await staysOpen(sleeping)).toBe(true);
  expect(signals.byConsumer).toBe(0);
  consumer.read(some(4));
  consumer.read(some(4));
  expect(await sleeping).toBe('ready');
  expect(signals.byConsumer).toBe(1);
});

type Before = { store?: (() => void) | undefined };

/** The same words, but `before.store`, once it is set, happens once, just before `name` is stored. */
function hook(of: RingWords, name: keyof RingWords, before: Before): RingWords {
  const word = of[name];
  const store = (value: number) => {
    const happens = before.store;
    before.store = undefined;
    happens?.();
    word.store(value);
  };
  const hooked = { offset: word.offset, load: () => word.load(), store } as AtomicWord;
  const { generation, startCursor, dataWanted, spaceWanted, writeCursor, readCursor } = of;
  const all = { generation, startCursor, dataWanted, spaceWanted, writeCursor, readCursor };
  return { ...all, [name]: hooked };
}

describe('at the worst moment', () => {
  const guest = (before: Before, name: keyof RingWords) => ({
    ...ends.guest.options,
    words: hook(words, name, before),
  });
  const host = (before: Before, name: keyof RingWords) => ({
    ...ends.host.options,
    words: hook(ends.host.options.words, name, before),
  });

  test('data that come just before the consumer says that it sleeps are not slept through', async () => {
    const { producer } = open();
    const before: Before = { store: () => producer.write(some(1)) };
    const consumer = openByteRingConsumer(ends.host.region, host(before, 'dataWanted'));
    expect(await consumer.untilReadable({ deadlineNs: inMs(60_000) })).toBe('ready');
    expect(consumer.counters.heals).toBe(0);
  });

  test('room that comes just before the producer says that it sleeps is not slept through', async () => {
    const { consumer } = open();
    const before: Before = {};
    const producer = openByteRingProducer(ends.guest.region, guest(before, 'spaceWanted'));
    producer.write(some(capacityBytes));
    before.store = () => consumer.read(some(1));
    expect(await producer.untilWritable({ deadlineNs: inMs(60_000) })).toBe('ready');
    expect(producer.counters.heals).toBe(0);
  });

  test('a consumer that goes to sleep just before a cursor is published is woken', async () => {
    const { consumer } = open();
    const before: Before = {};
    const producer = openByteRingProducer(ends.guest.region, guest(before, 'writeCursor'));
    let sleeping: Promise<unknown> | undefined;
    before.store = () => {
      sleeping = consumer.untilReadable({ deadlineNs: inMs(60_000) });
    };
    producer.write(some(1));
    expect(await sleeping).toBe('ready');
    expect(consumer.counters.heals).toBe(0);
  });

  test('a producer that goes to sleep just before a cursor is published is woken', async () => {
    const { producer } = open();
    const before: Before = {};
    const consumer = openByteRingConsumer(ends.host.region, host(before, 'readCursor'));
    producer.write(some(capacityBytes));
    let sleeping: Promise<unknown> | undefined;
    before.store = () => {
      sleeping = producer.untilWritable({ deadlineNs: inMs(60_000) });
    };
    consumer.read(some(1));
    expect(await sleeping).toBe('ready');
    expect(producer.counters.heals).toBe(0);
  });
});

test('a sleep ends at its deadline, but what is there by then is ready', async () => {
  const { producer, consumer } = open();
  const startNs = process.hrtime.bigint();
  expect(await consumer.untilReadable({ deadlineNs: inMs(20) })).toBe('timed-out');
  expect(process.hrtime.bigint() - startNs).toBeGreaterThanOrEqual(20_000_000n);
  producer.write(some(1));
  expect(await consumer.untilReadable({ deadlineNs: 1n })).toBe('ready');
});

test('a sleep ends with the reason of its signal', async () => {
  const { consumer } = open();
  const abort = new AbortController();
  const sleeping = consumer.untilReadable({ signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
  await expect(consumer.untilReadable({ signal: abort.signal })).rejects.toThrow('enough');
});

test('a sleep ends with EBADF when its region closes, and so does every access behind it', async () => {
  const own = openEnds(6);
  const consumer = openByteRingConsumer(own.host.region, own.host.options);
  const sleeping = consumer.untilReadable();
  own[Symbol.dispose]();
  await expect(sleeping).rejects.toThrow(/EBADF/);
  expect(() => consumer.read(some(1))).toThrow(/EBADF/);
});

test('more than the ring holds cannot be waited for', async () => {
  const { producer, consumer } = open();
  await expect(consumer.untilReadable({ byteCount: 65 })).rejects.toThrow(/EINVAL: sleep: .*at most 64/);
  await expect(producer.untilWritable({ byteCount: 65 })).rejects.toThrow(/EINVAL: sleep: .*at most 64/);
});

test('a sleeper whose word was overwritten finds out by itself, and it is counted', async () => {
  const { producer, consumer } = open(10);
  const sleeping = consumer.untilReadable();
  const wanted = words.dataWanted.load();
  words.dataWanted.store(0);
  producer.write(some(1)); // nobody sleeps, says the word
  words.dataWanted.store(wanted);
  expect(await sleeping).toBe('ready');
  expect(consumer.counters.heals).toBe(1);
});

test('a signal that says nothing new is slept through', async () => {
  const { producer, consumer, signals } = open();
  const sleeping = consumer.untilReadable();
  ends.guest.region.signalPeer(words.dataWanted);
  expect(await staysOpen(sleeping)).toBe(true);
  // It sleeps as before: what is new wakes it.
  producer.write(some(1));
  expect(await sleeping).toBe('ready');
  expect(signals.byProducer).toBe(1);
  expect(consumer.counters.heals).toBe(0);
});

test('a peer that clears the word for ever does not keep the event loop from its other work', async () => {
  const { consumer } = open();
  const index = words.dataWanted.offset / 4;
  const clear = `const { workerData: { window, first } } = require('node:worker_threads');
    const words = new Int32Array(window);
    for (;;) Atomics.store(words, first, 0);`;
  const first = ends.guest.region.layout.beginOffset / 4 + index;
  const worker = new Worker(clear, { eval: true, workerData: { window: ends.window, first } });
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('enough')), 100);
  try {
    await expect(consumer.untilReadable({ signal: abort.signal })).rejects.toThrow('enough');
  } finally {
    await worker.terminate();
  }
});

test('a peer that floods the ring does not either', async () => {
  const { producer, consumer } = open();
  const onTimer = vi.fn();
  setTimeout(onTimer, 1);
  const into = some(capacityBytes);
  while (onTimer.mock.calls.length === 0) {
    producer.write(some(1));
    await consumer.untilReadable();
    consumer.read(into);
  }
});
