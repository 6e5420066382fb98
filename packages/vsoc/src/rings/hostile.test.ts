// A peer that writes anything anywhere, between any two steps of the honest end or at the very same time. The honest
// ends do not throw, touch nothing outside the ring, hand out no more than asked for, and once the hostile writer stops
// they understand each other again.
import { Worker } from 'node:worker_threads';
import { atomicWords } from '@vsoc/struct';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openEnds, resetRing } from './testing/ends.js';
import { openBytePair, openPacketPair, type Pair } from './testing/pairs.js';
import { ringWords } from './words.js';

const log2Size = 6;
const capacityBytes = 2 ** log2Size;
const ends = openEnds(log2Size);
afterAll(() => ends[Symbol.dispose]());
const { layout } = ends.guest.region;
const { place } = ends.guest.options;
const paths = atomicWords(ringWords('guest')).map(
  ({ path }) => path as keyof typeof ends.guest.options.words,
);

/** Both ends recheck at once: nothing that was scribbled may make one of them sleep on. */
const recheckMs = 1;

/** What a hostile writer would try: near what is there, far from it, at every border. */
const evil = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), value: fc.nat(2 ** 32 - 1) }),
  fc.record({ kind: fc.constant('add' as const), value: fc.integer({ min: -200, max: 200 }) }),
  fc.record({
    kind: fc.constant('set' as const),
    value: fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, capacityBytes, capacityBytes + 1),
  }),
);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ op: fc.constant('write' as const), size: fc.nat(80) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('read' as const), size: fc.nat(80) }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('word' as const), word: fc.constantFrom(...paths), evil }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('byte' as const),
      at: fc.nat(capacityBytes - 1),
      value: fc.nat(255),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constantFrom('newProducer' as const, 'newConsumer' as const) }),
  },
);
const attach = fc.constantFrom('newest' as const, 'unread' as const);
const run = fc.tuple(attach, fc.nat(2 ** 32 - 1), fc.array(step, { maxLength: 40 }));

function scribble(
  word: (typeof paths)[number],
  { kind, value }: { kind: 'set' | 'add'; value: number },
): void {
  const place = ends.guest.options.words[word];
  if (kind === 'set') place.store(value);
  else place.store((place.load() + value) >>> 0);
}

/** Every byte of the window that no end of this ring may write: all but its words, its bytes and the tables. */
function guards(): Buffer {
  const all = Buffer.from(new Uint8Array(ends.window).slice());
  const begin = layout.beginOffset;
  all.fill(0, begin, begin + layout.dataOffset); // signal tables
  const first = ends.guest.options.words.generation.offset;
  all.fill(0, begin + first, begin + first + ringWords('guest').size);
  all.fill(0, begin + place.offset, begin + place.offset + place.sizeBytes);
  return all;
}

const turn = () => new Promise(setImmediate);
const bytesOf = (first: number, length: number) => Uint8Array.from({ length }, (_, i) => first + i);

/** Fills and empties the ring until both ends have looked at each other's words again, as they do when they run on. */
function settle(pair: Pair): void {
  for (let lap = 0; lap < 4; lap++) {
    for (let i = 0; i < capacityBytes && pair.write(bytesOf(0, 8)); i++);
    for (let i = 0; i < capacityBytes / 4; i++) pair.read(capacityBytes);
  }
}

function expectUnderstanding(pair: Pair): void {
  for (let i = 0; i < 40; i++) {
    const packet = bytesOf(i, 1 + (i % 16));
    const isWritten = pair.write(packet);
    const seen = pair.read(capacityBytes);
    if (isWritten && seen && Buffer.compare(packet, seen) === 0) continue;
    throw new Error(`packet ${i} of ${packet}: written ${isWritten}, read ${seen}`);
  }
}

describe.each([
  ['bytes', openBytePair],
  ['packets', openPacketPair],
] as const)('a ring of %s', (_, open) => {
  test('survives scribbles between any two steps, and recovers', () => {
    fc.assert(
      fc.property(run, ([attach, cursor, steps]) => {
        resetRing(ends, cursor);
        const before = guards();
        const pair = open(ends, { recheckMs, attach });
        for (const one of steps) {
          if (one.op === 'write') pair.write(bytesOf(0, one.size));
          else if (one.op === 'read') pair.read(one.size);
          else if (one.op === 'word') scribble(one.word, one.evil);
          else if (one.op === 'byte')
            ends.host.region.bytes(place.offset + one.at, place.offset + one.at + 1)[0] = one.value;
          else pair[one.op]();
        }
        settle(pair);
        expectUnderstanding(pair);
        expect(guards().equals(before)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('never sleeps for good on words that somebody wrote to', async () => {
    const scribbles = fc.array(fc.tuple(fc.constantFrom(...paths), evil), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 30 - 1), fc.boolean(), scribbles, async (cursor, isFull, evils) => {
        resetRing(ends, 4 * cursor);
        const pair = open(ends, { recheckMs, attach: 'newest' });
        while (isFull && pair.write(bytesOf(0, 8)));
        const deadlineNs = process.hrtime.bigint() + 2_000_000_000n;
        const [ready, writable] = [pair.untilReadable(deadlineNs), pair.untilWritable(deadlineNs)];
        for (const [word, one] of evils) scribble(word, one);
        // One sleeps for data, the other for room, and whoever wakes up works until the other is awake, too.
        const end = { consumer: false, producer: false };
        async function consume() {
          expect(await ready).toBe('ready');
          end.consumer = true;
          for (; !end.producer; await turn()) pair.read(capacityBytes);
        }
        async function produce() {
          expect(await writable).toBe('ready');
          end.producer = true;
          for (; !end.consumer; await turn()) pair.write(bytesOf(0, 8));
        }
        await Promise.all([consume(), produce()]);
        settle(pair);
        expectUnderstanding(pair);
      }),
      { numRuns: 100 },
    );
  });

  test('survives a writer that scribbles at the same time, and recovers', async () => {
    resetRing(ends, 2 ** 32 - 1000);
    const before = guards();
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const worker = startScribbler(stop);
    await new Promise((resolve) => worker.once('message', resolve));
    const pair = open(ends, { recheckMs, attach: 'newest' });
    const untilNs = process.hrtime.bigint() + 300_000_000n;
    for (let i = 0; process.hrtime.bigint() < untilNs; i++) {
      pair.write(bytesOf(i, i % 70));
      pair.read(i % 67);
      if (i % 1000 === 0) pair.newProducer();
      if (i % 1500 === 0) pair.newConsumer();
    }
    Atomics.store(stop, 0, 1);
    await new Promise((resolve) => worker.once('exit', resolve));
    settle(pair);
    expectUnderstanding(pair);
    expect(guards().equals(before)).toBe(true);
  });
});

/** Writes near and far values to every word and byte of the ring, as fast as it can. */
function startScribbler(stop: Int32Array): Worker {
  const code = `const { parentPort, workerData } = require('node:worker_threads');
    const { window, stop, words, tail, cursors, capacityBytes } = workerData;
    const memory = new Int32Array(window);
    const bytes = new Uint8Array(window, tail, capacityBytes);
    const below = (end) => Math.floor(Math.random() * end);
    parentPort.postMessage('ready');
    while (Atomics.load(stop, 0) === 0) {
      const word = words[below(words.length)];
      const near = Atomics.load(memory, cursors[below(2)]) + below(200) - 100;
      Atomics.store(memory, word, below(2) ? near : below(2 ** 32));
      bytes[below(capacityBytes)] = below(256);
      for (let idle = below(2000); idle > 0; idle--);
    }`;
  const begin = layout.beginOffset;
  const { words } = ends.guest.options;
  const indexOf = (path: (typeof paths)[number]) => (begin + words[path].offset) / 4;
  const workerData = {
    window: ends.window,
    stop,
    words: paths.map(indexOf),
    cursors: [indexOf('writeCursor'), indexOf('readCursor')],
    tail: begin + place.offset,
    capacityBytes,
  };
  return new Worker(code, { eval: true, workerData });
}
