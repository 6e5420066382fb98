/**
 * The host half under a guest that writes what it likes into the frame record: from a mapping of its own, every field
 * with every number that could hurt. The host goes on, counts, and shows nothing but bytes inside the slots.
 */
import { seededRandom } from '@vsoc/testkit';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { VsocError } from '@vsoc/vsoc';
import { expect, test } from 'vitest';
import type { BufferSource, SourceBuffer } from '../src/host.js';
import { damageLimit } from '../src/layout.js';
import { size } from './fixtures/pixels.mjs';
import { type HostileGuest, openHostileGuest } from './hostile-guest.js';
import { openHost, startRun } from './run.js';

const numbers = [
  0,
  1,
  2,
  15,
  16,
  17,
  179,
  180,
  319,
  320,
  321,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 2,
  2 ** 32 - 1,
];
const whole = { x: 0, y: 0, width: size.widthPx, height: size.heightPx };

const run = sharedByTests(startRun);
const guest = sharedByTests(() => openHostileGuest(run));
const write: HostileGuest['write'] = (fields) => guest.write(fields);
guardLeaks();

test('a record that names no buffer is counted and released, and the next good one is shown', async () => {
  using host = await openHost(run);
  await using watching = guest.watch(host);
  await watching.dealtWith(write({}));
  const good = watching.frames.length;
  let unreadable = host.counters.unreadable;
  for (const name of ['entry', 'generation'] as const) {
    for (const number of numbers.filter((n) => n > 2)) {
      await watching.dealtWith(write({ [name]: number }));
      expect(host.counters.unreadable).toBe(++unreadable);
    }
  }
  expect(watching.frames.length).toBe(good);
  await watching.dealtWith(write({ entry: 2 }));
  expect(watching.frames.at(-1)?.serial).toBe(guest.lastSerial());
});

test('damage of any numbers is clipped to the picture, a count beyond the list is everything', async () => {
  using host = await openHost(run);
  await using watching = guest.watch(host);
  const random = seededRandom('hostile damage');
  for (let i = 0; i < 150; i++) {
    const count = random.below(damageLimit + 1);
    const rect = () => ({
      x: random.pick(numbers),
      y: random.pick(numbers),
      width: random.pick(numbers),
      height: random.pick(numbers),
    });
    const damage = Array.from({ length: count }, rect);
    const awaited = write(random.below(4) === 0 ? { damage, damageCount: random.pick(numbers) } : { damage });
    await watching.dealtWith(awaited);
    const frame = watching.frames.at(-1);
    expect(frame?.serial).toBe(awaited);
    expect(frame?.rgba.byteLength).toBe(size.strideBytes * size.heightPx);
    for (const { x, y, width, height } of frame?.damage ?? []) {
      expect(width > 0 && height > 0 && x + width <= size.widthPx && y + height <= size.heightPx).toBe(true);
    }
  }
  for (const damageCount of [17, 2 ** 31, 2 ** 32 - 1]) {
    await watching.dealtWith(write({ damageCount }));
    expect(watching.frames.at(-1)?.damage).toEqual([whole]);
  }
  await watching.dealtWith(write({ damageCount: 0 }));
  expect(watching.frames.at(-1)?.damage).toEqual([]);
});

test('serials may jump and wrap: what does not follow is a whole picture', async () => {
  using host = await openHost(run);
  await using watching = guest.watch(host);
  const damage = [{ x: 1, y: 1, width: 1, height: 1 }];
  for (const [next, isWhole] of [
    [7, true],
    [8, false],
    [8, true],
    [2 ** 32 - 1, true],
    [0, false],
    [1, false],
    [0, true],
  ] as const) {
    write({ serial: next, damage });
    await expect
      .poll(() => watching.frames.at(-1), { interval: 1 })
      .toMatchObject({ serial: next, damage: isWhole ? [whole] : damage });
    watching.frames.length = 0;
  }
});

test('an age that no frame can have is cut off', async () => {
  using host = await openHost(run);
  await using watching = guest.watch(host);
  for (const ageUs of numbers) {
    const nowNs = process.hrtime.bigint();
    await watching.dealtWith(write({ ageUs }));
    const drawnAtNs = watching.frames.at(-1)?.drawnAtNs ?? 0n;
    expect(drawnAtNs).toBeGreaterThanOrEqual(nowNs - 10_000_000_000n);
    expect(drawnAtNs).toBeLessThanOrEqual(process.hrtime.bigint());
  }
});

test('a sequence that stays odd for ever is waited for without a turn of the loop; an abort ends the wait', async () => {
  using host = await openHost(run);
  {
    await using watching = guest.watch(host);
    const { sequence } = guest.region.data;
    sequence.store((sequence.load() | 1) >>> 0);
    for (let i = 0; i < 50; i++) {
      guest.region.signalPeer(sequence);
      await new Promise(setImmediate);
    }
    const good = watching.frames.length;
    await watching.dealtWith(write({}));
    expect(watching.frames.length).toBe(good + 1);
    sequence.store((sequence.load() | 1) >>> 0);
  }
  await using again = guest.watch(host);
  await again.dealtWith(write({}));
});

test('a guest that changes the sequence without a rest leaves the loop its turns', async () => {
  using host = await openHost(run);
  await using _watching = guest.watch(host);
  await using restless = await run.startGuest('restless');
  for (let turns = 0; turns < 50; turns++) await new Promise((done) => setTimeout(done, 1));
  // It hears nothing else.
  restless.kill('SIGKILL');
});

/** A source whose buffers behave as `change` says. */
const around = (change: (buffer: SourceBuffer) => SourceBuffer) => (slots: BufferSource) => ({
  resolve(reference: Parameters<BufferSource['resolve']>[0]) {
    const buffer = slots.resolve(reference);
    return buffer && change(buffer);
  },
});

test('a picture whose buffer went, or whose record changed, under the copy is not shown', async () => {
  let meanwhile = () => {};
  let isGone = false;
  using host = await openHost(
    run,
    around((buffer) => ({
      ...buffer,
      bytes() {
        meanwhile();
        return buffer.bytes();
      },
      isCurrent: () => !isGone,
    })),
  );
  await using watching = guest.watch(host);
  await watching.dealtWith(write({}));
  const { superseded } = host.counters;
  isGone = true;
  await watching.dealtWith(write({}));
  expect(host.counters.superseded).toBe(superseded + 1);
  isGone = false;

  let next = 0;
  meanwhile = () => {
    meanwhile = () => {};
    next = write({});
  };
  const passedOver = write({});
  await expect.poll(() => next > 0 && watching.frames.at(-1)?.serial === next).toBe(true);
  expect(host.counters.superseded).toBe(superseded + 2);
  expect(watching.frames.map((frame) => frame.serial)).not.toContain(passedOver);
});

test('a buffer that goes between its look-up and the copy costs its frame, not the host', async () => {
  let isGone = true;
  const going = around((buffer) => ({
    ...buffer,
    bytes() {
      if (isGone) throw new VsocError('ESTALE', 'map', 'the buffer is gone');
      return buffer.bytes();
    },
    isCurrent: () => !isGone,
  }));
  using host = await openHost(run, going);
  await using watching = guest.watch(host);
  await watching.dealtWith(write({}));
  expect(watching.frames).toEqual([]);
  expect(host.counters.superseded).toBeGreaterThan(0);
  isGone = false;
  const shown = write({});
  await watching.dealtWith(shown);
  expect(watching.frames.map(({ serial }) => serial)).toEqual([shown]);
});

test('when every record is replaced under its copy, each takes a turn of the loop', async () => {
  let left = 200;
  const replacing = around((buffer) => ({
    ...buffer,
    bytes() {
      if (left-- > 0) write({});
      return buffer.bytes();
    },
  }));
  using host = await openHost(run, replacing);
  let turns = 0;
  const count = () => {
    turns++;
    if (left > 0) setImmediate(count);
  };
  setImmediate(count);
  await using watching = guest.watch(host);
  write({});
  await expect.poll(() => watching.frames.at(-1)?.serial === guest.lastSerial() && left <= 0).toBe(true);
  expect(turns).toBeGreaterThanOrEqual(200);
});

test('words of the host that a guest scribbles over spoil nothing but its own waiting', async () => {
  using host = await openHost(run);
  await using watching = guest.watch(host);
  for (const number of numbers) {
    guest.region.data.released.store(number);
    guest.region.data.hostGeneration.store(number);
    await watching.dealtWith(write({}));
    expect(watching.frames.at(-1)?.serial).toBe(guest.lastSerial());
  }
});
