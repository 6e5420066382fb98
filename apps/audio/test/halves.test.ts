// Both halves in this process, over the real window: what a reader hears that is slow, late, or does not read at all,
// and what the halves refuse.
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { openCapture, openPlayback } from '../src/guest.js';
import { openMicrophone, openSpeaker } from '../src/host.js';
import { endOf, firstWrongFrame, noise, startRun, take } from './run.js';

const run = sharedByTests(startRun);
guardLeaks();

/** 8 periods of it fill the ring. */
const wide = { sampleRateHz: 48_000, channels: 8, periodFrames: 512 };
const mono = { sampleRateHz: 8000, channels: 1, periodFrames: 80 };
/** Each test's own timeout is the watchdog. */
const { signal } = new AbortController();
const none = { gapFrames: 0, isLast: false };

/** Writes periods of the sound without a look at the clock; returns how each fared. */
function writer(
  producer: { write(samples: Int16Array): 'written' | 'dropped' },
  samples: Int16Array,
  periodSamples: number,
) {
  let at = 0;
  return (count: number) =>
    Array.from({ length: count }, () => {
      at += periodSamples;
      return producer.write(samples.subarray(at - periodSamples, at));
    });
}

test('a ring that is full drops the new, counts, and the reader goes on behind the gap', async () => {
  using host = await run.openHost();
  using guest = await run.openGuest();
  using speaker = await openSpeaker(host);
  using playback = await openPlayback(guest, wide);
  const sound = noise(wide, 512 * 20);
  const write = writer(playback, sound.samples, 512 * 8);
  const periods = speaker.periods({ signal });

  expect(write(2)).toEqual(['written', 'written']);
  const first = await take(periods, () => true);
  expect(write(10)).toEqual([...Array(7).fill('written'), ...Array(3).fill('dropped')]);
  expect(playback.counters).toMatchObject({ writtenFrames: 512 * 9, droppedFrames: 512 * 3 });

  // What it has not heard by now is older than what was dropped.
  const rest = speaker.periods({ signal });
  const next = take(rest, () => true);
  await expect.poll(() => write(1)[0]).toBe('written');
  const second = await next;
  expect(first).toMatchObject([{ positionFrames: 0, ...none }]);
  const [heard] = second;
  expect(heard?.gapFrames).toBe((heard?.positionFrames ?? 0) - 512);
  expect(heard?.positionFrames).toBeGreaterThanOrEqual(512 * 12);
  expect(firstWrongFrame(sound, [...first, ...second])).toBeUndefined();
});

test('each frame of a stream is heard once, or missing in a gap, whatever the reader does meanwhile', async () => {
  using host = await run.openHost();
  using guest = await run.openGuest();
  using speaker = await openSpeaker(host);
  using playback = await openPlayback(guest, wide);
  const frames = 512 * 60;
  const sound = noise(wide, frames);
  const write = writer(playback, sound.samples, 512 * 8);
  const writing = (async () => {
    // Bursts of 1 to 12 periods into a ring of 8.
    for (let left = 60, burst = 1; left > 0; left -= Math.min(burst, left), burst = 1 + ((burst * 5) % 12)) {
      write(Math.min(burst, left));
      await new Promise((done) => setTimeout(done, 3));
    }
    playback.close();
  })();
  const periods = await take(speaker.periods({ signal }), ({ isLast }) => isLast);
  await writing;
  expect(firstWrongFrame(sound, periods)).toBeUndefined();
  let end = 0;
  for (const period of periods) {
    expect(period.positionFrames).toBe(end + period.gapFrames);
    end = endOf(period);
  }
  expect(end).toBe(frames);
  const lostFrames = periods.reduce((sum, { gapFrames }) => sum + gapFrames, 0);
  expect(lostFrames).toBeGreaterThanOrEqual(playback.counters.droppedFrames);
  expect(speaker.counters).toEqual({ streams: 1, lostFrames, violations: 0 });
});

test('a reader that comes late hears nothing of what was written before, and knows how much that was', async () => {
  using host = await run.openHost();
  using guest = await run.openGuest();
  using playback = await openPlayback(guest, mono);
  const sound = noise(mono, 80 * 6);
  const write = writer(playback, sound.samples, 80);
  write(4);
  using speaker = await openSpeaker(host);
  write(2);
  const periods = await take(speaker.periods({ signal }), (_, count) => count === 2);
  expect(periods).toMatchObject([
    { positionFrames: 320, gapFrames: 320 },
    { positionFrames: 400, gapFrames: 0 },
  ]);
  expect(firstWrongFrame(sound, periods)).toBeUndefined();
});

test('a reader that is closed is followed by one that goes on at the newest, drops included', async () => {
  using host = await run.openHost();
  using guest = await run.openGuest();
  using playback = await openPlayback(guest, wide);
  const sound = noise(wide, 512 * 14);
  const write = writer(playback, sound.samples, 512 * 8);
  {
    using _speaker = await openSpeaker(host);
    expect(write(10)).toEqual([...Array(8).fill('written'), 'dropped', 'dropped']);
  }
  using speaker = await openSpeaker(host);
  expect(write(1)).toEqual(['written']);
  const periods = await take(speaker.periods({ signal }), () => true);
  expect(periods).toMatchObject([{ positionFrames: 512 * 10, gapFrames: 512 * 10 }]);
  expect(firstWrongFrame(sound, periods)).toBeUndefined();
});

test('a new stream is heard from its first sample, in its own format, and the end of it is said', async () => {
  using host = await run.openHost();
  using guest = await run.openGuest();
  using speaker = await openSpeaker(host);
  using first = await openPlayback(guest, mono);
  first.write(noise(mono, 80).samples);
  const [before] = await take(speaker.periods({ signal }), () => true);
  const generation = before?.generation ?? 0;
  using second = await openPlayback(guest, wide);
  expect(second.generation).toBe(generation + 1);
  const sound = noise(wide, 712);
  second.write(sound.samples.subarray(0, 512 * 8));
  second.write(sound.samples.subarray(512 * 8));
  // The one before is over: its end is not the end of the new one.
  first.close();
  second.close();
  const periods = await take(speaker.periods({ signal }), ({ isLast }) => isLast);
  expect(periods).toMatchObject([
    { generation: generation + 1, format: wide, positionFrames: 0, gapFrames: 0, isLast: false },
    { generation: generation + 1, format: wide, positionFrames: 512, gapFrames: 0, isLast: true },
  ]);
  expect(firstWrongFrame(sound, periods)).toBeUndefined();
  expect(speaker.counters).toEqual({ streams: 2, lostFrames: 0, violations: 0 });
});

test('the microphone is heard by the guest as playback is by the host', async () => {
  using host = await run.openHost();
  using guest = await run.openGuest();
  using capture = await openCapture(guest);
  using microphone = await openMicrophone(host, mono);
  const sound = noise(mono, 80 * 3 + 7);
  const write = writer(microphone, sound.samples, 80);
  write(4);
  microphone.close();
  const periods = await take(capture.periods({ signal }), ({ isLast }) => isLast);
  expect(periods.map(({ samples }) => samples.length)).toEqual([80, 80, 80, 7]);
  expect(firstWrongFrame(sound, periods)).toBeUndefined();
});

test('what was heard is a copy: the ring may be written over', async () => {
  using host = await run.openHost();
  using guest = await run.openGuest();
  using speaker = await openSpeaker(host);
  using playback = await openPlayback(guest, wide);
  const sound = noise(wide, 512 * 9);
  const write = writer(playback, sound.samples, 512 * 8);
  write(1);
  const kept = await take(speaker.periods({ signal }), () => true);
  write(8);
  expect(firstWrongFrame(sound, kept)).toBeUndefined();
});

test('a wait is ended by its signal, with the reason', async () => {
  using host = await run.openHost();
  using guest = await run.openGuest();
  using speaker = await openSpeaker(host);
  const reason = new Error('enough');
  const controller = new AbortController();
  const hearing = take(speaker.periods({ signal: controller.signal }), () => true);
  controller.abort(reason);
  await expect(hearing).rejects.toBe(reason);
  using playback = await openPlayback(guest, mono);
  playback.write(noise(mono, 80).samples);
  await expect(playback.untilDue({ signal: controller.signal })).rejects.toThrow();
});

test('a period is not due before its time', async () => {
  using guest = await run.openGuest();
  const startNs = process.hrtime.bigint();
  using playback = await openPlayback(guest, mono);
  for (let period = 0; period < 11; period++) {
    await playback.untilDue({ signal });
    playback.write(new Int16Array(80));
  }
  // The eleventh is due ten periods of 10 ms after the first; timers are exact to a millisecond.
  expect(Number(process.hrtime.bigint() - startNs) / 1e6).toBeGreaterThan(98);
});

test('a stream that was closed takes nothing more, and closing it twice is closing it once', async () => {
  using guest = await run.openGuest();
  using playback = await openPlayback(guest, mono);
  playback.close();
  playback.close();
  expect(() => playback.write(new Int16Array(80))).toThrow('EBADF: write: the stream was closed');
});

test('formats and periods that cannot be are refused, and nothing stays open', async () => {
  using guest = await run.openGuest();
  await expect(openPlayback(guest, { ...mono, channels: 9 })).rejects.toMatchObject({
    code: 'EINVAL',
    message: 'EINVAL: openStream: expected a number of channels from 1 to 8, saw 9',
  });
  using playback = await openPlayback(guest, { ...mono, channels: 2 });
  for (const length of [0, 1, 162]) {
    expect(() => playback.write(new Int16Array(length))).toThrow(
      `EINVAL: write: expected 1 to 80 frames of 2 samples, saw ${length} samples`,
    );
  }
});
