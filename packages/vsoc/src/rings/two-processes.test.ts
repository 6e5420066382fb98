// Real processes at both ends of a ring, asleep in their event loops, woken by real doorbells: what goes in comes out,
// nobody sleeps while there is something to do, and the death of a producer costs only its own stream.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createEventfd, createSealedMemfd, DisposableStack, duplicateFd, mapWindow } from '@vsoc/native';
import { describe, expect, test } from 'vitest';
import { openPacketRingConsumer } from './packet-ring.js';
import { openEnd, planRingRegion } from './testing/ends.js';
import type { PeerReport, PeerTask } from './testing/peer.js';
import { randomOf } from './testing/random.js';

const program = fileURLToPath(new URL('../../dist/rings/testing/peer.js', import.meta.url));
const longestBytes = 100;
const seed = Number(process.env.VSOC_SEED ?? Math.floor(Math.random() * 2 ** 31));
process.stderr.write(`rings between processes: VSOC_SEED=${seed}\n`);

/** A window with a ring whose cursors stand at `cursor`, and processes that are killed with it. */
function openWindow(log2Size: number, cursor: number) {
  const stack = new DisposableStack();
  const parts = planRingRegion(log2Size);
  const windowFd = stack.use(createSealedMemfd('ring-test', parts.windowBytes));
  const guestToHost = stack.use(createEventfd());
  const hostToGuest = stack.use(createEventfd());
  const window = stack.use(mapWindow(windowFd.fd, parts.windowBytes)).buffer;
  const doorbells = { guestToHost: duplicateFd(guestToHost.fd), hostToGuest: duplicateFd(hostToGuest.fd) };
  const host = stack.use(openEnd('host', parts, { window, doorbells }));
  host.options.words.writeCursor.store(cursor);
  host.options.words.readCursor.store(cursor);
  return {
    host,
    start(task: Omit<PeerTask, 'log2Size' | 'seed'>, of = seed): ChildProcess {
      const argument = JSON.stringify({ ...task, log2Size, seed: of });
      const stdio = ['ignore', 'pipe', 'inherit', windowFd.fd, guestToHost.fd, hostToGuest.fd] as const;
      const child = spawn(process.execPath, [program, argument], { stdio: [...stdio] });
      stack.defer(() => void child.kill('SIGKILL'));
      return child;
    },
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  };
}

async function reportOf(child: ChildProcess): Promise<PeerReport> {
  const [said, [code]] = await Promise.all([
    text(child.stdout as NonNullable<typeof child.stdout>),
    once(child, 'exit'),
  ]);
  expect(code).toBe(0);
  return JSON.parse(said);
}

describe.each([
  { kind: 'bytes', log2Size: 12, count: 1_050_000, longestBytes: 3000, longestPauseUs: 0 },
  { kind: 'bytes', log2Size: 16, count: 1_050_000, longestBytes: 70_000, longestPauseUs: 0 },
  { kind: 'packets', log2Size: 12, count: 14_500, longestBytes: 150, longestPauseUs: 0 },
] as const)('$count $kind through 2^$log2Size bytes', (shape) => {
  test('come out as they went in, while the cursors pass 2³²', async () => {
    using window = openWindow(shape.log2Size, 2 ** 32 - 500_000);
    const consumer = window.start({ ...shape, role: 'consume' });
    const producer = window.start({ ...shape, role: 'produce' });
    const [taken, given] = await Promise.all([reportOf(consumer), reportOf(producer)]);
    expect(taken).toMatchObject({
      checksum: given.checksum,
      byteCount: given.byteCount,
      violations: 0,
      heals: 0,
    });
    expect(given).toMatchObject({ violations: 0, heals: 0 });
    expect(taken.byteCount).toBeGreaterThan(1_000_000);
  });
});

// Two packets fill the ring: both ends go to sleep all the time, at every possible moment of the other end's work.
test('no wake-up is lost when both ends sleep and wake at random', async () => {
  using window = openWindow(4, 2 ** 32 - 16_000);
  const shape = { kind: 'packets', count: 8_000, longestBytes: 4, longestPauseUs: 40 } as const;
  const consumer = window.start({ ...shape, role: 'consume' });
  const producer = window.start({ ...shape, role: 'produce' });
  const [taken, given] = await Promise.all([reportOf(consumer), reportOf(producer)]);
  expect(taken).toMatchObject({ checksum: given.checksum, heals: 0 });
  expect(given.heals).toBe(0);
  process.stderr.write(`wake-ups: ${given.signals} of the consumer, ${taken.signals} of the producer\n`);
  expect(given.signals).toBeGreaterThan(100);
  expect(taken.signals).toBeGreaterThan(100);
});

test('a killed producer leaves whole packets, and its successor is heard from its first byte on', async () => {
  using window = openWindow(10, 0);
  const consumer = openPacketRingConsumer(window.host.region, window.host.options);
  const endless = { role: 'produce', kind: 'packets', count: 2 ** 30, longestPauseUs: 0 } as const;
  const into = new Uint8Array(longestBytes);
  async function nextPacket(): Promise<Uint8Array> {
    for (;;) {
      const length = consumer.read(into);
      if (typeof length === 'number') return into.slice(0, length);
      await consumer.untilReadable();
    }
  }

  for (const life of [1, 2, 3]) {
    const producer = window.start({ ...endless, longestBytes }, seed + life);
    let packet = await nextPacket();
    while (consumer.generation !== life) packet = await nextPacket();
    const content = randomOf(seed + life);
    for (let packets = 0; packets < 200; packets++) {
      const expected = Uint8Array.from({ length: content(longestBytes + 1) }, () => content(256));
      if (Buffer.compare(packet, expected) !== 0) throw new Error(`life ${life}, packet ${packets} differs`);
      packet = await nextPacket();
    }
    producer.kill('SIGKILL');
    await once(producer, 'exit');
  }
  expect(consumer.counters).toMatchObject({ generations: 3, violations: 0, skipped: 0 });
});
