// One half against a peer that writes what it likes, with a mapping of its own: every word and field with every number
// that could hurt. The half goes on, counts, hands out nothing but checked periods, and understands the next stream.
import { seededRandom } from '@vsoc/testkit';
import { freshForEachTest, guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import type { Period } from '../src/consumer.js';
import { problemOf } from '../src/format.js';
import { openPlayback } from '../src/guest.js';
import { openSpeaker } from '../src/host.js';
import { audioOut } from '../src/layout.js';
import { numbers, scribble, writeBeforeEachLook, writeField } from './hostile-guest.js';
import { firstWrongFrame, noise, startRun } from './run.js';

const run = sharedByTests(startRun);
guardLeaks();
const host = freshForEachTest(() => run.openHost());
const guest = freshForEachTest(() => run.openGuest());
const region = freshForEachTest(() => guest.open(audioOut));
const speaker = freshForEachTest(() => openSpeaker(host));

const mono = { sampleRateHz: 8000, channels: 1, periodFrames: 80 };
/** What the speaker gives out from here on, collected in the background. */
function hear(): { periods: Period[]; [Symbol.asyncDispose](): Promise<void> } {
  const ending = new AbortController();
  const periods: Period[] = [];
  const hearing = (async () => {
    for await (const period of speaker.periods({ signal: ending.signal })) periods.push(period);
  })().catch((error: unknown) => {
    if (!ending.signal.aborted) throw error;
  });
  return {
    periods,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await hearing;
    },
  };
}

const nextTurns = () => new Promise((done) => setTimeout(done, 2));

/**
 * The proof that nothing is broken for long: a stream of an honest guest is heard, whole and right. One that begins in a
 * ring that is full, or looks so, before the host had its turn may lose its first periods.
 */
async function expectNextStreamIsHeard(): Promise<void> {
  await using hearing = hear();
  const isHeard = async () => {
    using playback = await openPlayback(guest, mono);
    const sound = noise(mono, 80 * 3 + 11);
    await nextTurns();
    for (let at = 0; at < sound.samples.length; at += 80) playback.write(sound.samples.subarray(at, at + 80));
    playback.close();
    const ofThis = () => hearing.periods.filter(({ generation }) => generation === playback.generation);
    await expect.poll(() => ofThis().at(-1)?.isLast).toBe(true);
    expect(firstWrongFrame(sound, ofThis())).toBeUndefined();
    return ofThis().map(({ samples }) => samples.length);
  };
  await expect.poll(isHeard).toEqual([80, 80, 80, 11]);
}

/** Whatever was said in the window, what comes out is possible. */
function expectPossible(periods: readonly Period[]): void {
  for (const { format, samples, positionFrames, gapFrames, isLast } of periods) {
    expect(problemOf(format)).toBeUndefined();
    expect([positionFrames, gapFrames].every((frames) => Number.isSafeInteger(frames) && frames >= 0)).toBe(
      true,
    );
    const frames = samples.length / format.channels;
    expect(Number.isInteger(frames) && frames <= format.periodFrames).toBe(true);
    expect(isLast || frames === format.periodFrames).toBe(true);
  }
}

test.each([
  ['sampleRateHz', [0, 3999, 192_001, 2 ** 31, 2 ** 32 - 1]],
  ['channels', [0, 9, 2 ** 31, 2 ** 32 - 1]],
  ['periodFrames', [0, 16_385, 2 ** 31, 2 ** 32 - 1]],
] as const)(
  'a stream whose %s cannot be is counted once and not heard, the next one is',
  async (field, values) => {
    for (const value of values) {
      const { violations } = speaker.counters;
      using playback = await openPlayback(guest, mono);
      playback.write(noise(mono, 80).samples);
      writeField(region, field, value);
      await using hearing = hear();
      await expect.poll(() => speaker.counters.violations).toBe(violations + 1);
      region.signalPeer(region.data.ring.dataWanted);
      await nextTurns();
      expect(speaker.counters.violations).toBe(violations + 1);
      expect(hearing.periods).toEqual([]);
    }
    await expectNextStreamIsHeard();
  },
);

test('a stream whose numbers change while it is open is counted and not heard any more, the next one is', async () => {
  using playback = await openPlayback(guest, mono);
  playback.write(noise(mono, 80).samples);
  const { generation } = playback;
  await using hearing = hear();
  await expect.poll(() => hearing.periods.length).toBe(1);
  writeField(region, 'channels', 2);
  region.data.ring.writeCursor.add(160);
  await expect.poll(() => speaker.counters.violations).toBe(1);
  expect(hearing.periods.length).toBe(1);
  // The producer meets it too: what it has to say from here on is another stream.
  const next = noise(mono, 80);
  await expect.poll(() => playback.write(next.samples)).toBe('written');
  expect(playback.generation).toBe(generation + 1);
  expect(playback.counters.violations).toBe(1);
  await expect.poll(() => hearing.periods.length).toBe(2);
  expect(hearing.periods[1]).toMatchObject({ generation: generation + 1, positionFrames: 0 });
  expect(firstWrongFrame(next, hearing.periods.slice(1))).toBeUndefined();
});

test('a record that is never finished, or of another generation, is waited for, without a spin', async () => {
  for (const spoil of [
    () => region.data.sequence.store((region.data.sequence.load() | 1) >>> 0),
    () => writeField(region, 'generation', 4_000_000_000),
  ]) {
    using playback = await openPlayback(guest, mono);
    playback.write(noise(mono, 80).samples);
    spoil();
    await using hearing = hear();
    await nextTurns();
    const usedBefore = process.cpuUsage();
    await new Promise((done) => setTimeout(done, 200));
    const { user, system } = process.cpuUsage(usedBefore);
    expect(user + system).toBeLessThan(150_000);
    expect(hearing.periods).toEqual([]);
  }
  await expectNextStreamIsHeard();
});

test('a guest that never rests leaves the event loop its turns, and its successor is heard', async () => {
  using _playback = await openPlayback(guest, mono);
  {
    using _restless = writeBeforeEachLook(region, 2 * mono.periodFrames);
    await using hearing = hear();
    // Each of these takes a turn of the loop; the periods come in others.
    for (let turns = 0; turns < 50 || hearing.periods.length <= 50; turns++) await nextTurns();
  }
  await expectNextStreamIsHeard();
});

test('whatever is written where, what comes out is possible, and the next stream is heard', async () => {
  const random = seededRandom('hostile guest');
  for (let round = 0; round < 12; round++) {
    using playback = await openPlayback(guest, mono);
    {
      await using hearing = hear();
      for (let step = 0; step < 40; step++) {
        if (random.below(3) === 0) playback.write(noise(mono, 80).samples);
        else scribble(region, random);
        if (random.below(4) === 0) await nextTurns();
      }
      await nextTurns();
      expectPossible(hearing.periods);
    }
    await expectNextStreamIsHeard();
  }
});

test('a host that scribbles over its cursor cannot stop the guest, which drops, counts, and is heard again', async () => {
  using playback = await openPlayback(guest, mono);
  const silence = new Int16Array(80);
  for (const value of numbers) {
    region.data.ring.readCursor.store((region.data.ring.writeCursor.load() + 1 + value) >>> 0);
    for (let period = 0; period < 500; period++) playback.write(silence);
  }
  const { writtenFrames, droppedFrames, violations } = playback.counters;
  expect(writtenFrames + droppedFrames).toBe(numbers.length * 500 * 80);
  expect(droppedFrames).toBeGreaterThan(0);
  expect(violations).toBeGreaterThan(0);
  await expectNextStreamIsHeard();
});
