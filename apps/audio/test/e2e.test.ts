// Two real processes, with the server and the guest driver between them: WAV in, the same samples out, both ways, and
// what is left of that when one of the two is killed, stopped, or comes late.
import { sharedByTests } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { readWav, writeWav } from '../src/wav.js';
import { noise, type Program, startRun } from './run.js';

const run = sharedByTests(startRun);

const mono = { sampleRateHz: 8000, channels: 1 };

/** The numbers of the first line that fits. */
async function numbersIn(program: Program, pattern: RegExp): Promise<number[]> {
  await expect.poll(() => program.lines.some((line) => pattern.test(line))).toBe(true);
  const line = program.lines.find((candidate) => pattern.test(candidate)) ?? '';
  return [...(line.match(pattern) ?? [])].slice(1).map(Number);
}

const hasEnded = async (program: Program) => expect(await program.ended).toMatchObject({ code: 0 });

test.each([
  // More than the ring holds, at a rate that leaves a reader 1.5 s before it is full.
  ['guest', 'host', { sampleRateHz: 11_025, channels: 2 }, 20_011],
  ['host', 'guest', mono, 4_003],
] as const)(
  'what the %s plays is what the %s records, sample for sample',
  async (player, recorder, format, frames) => {
    const sound = noise(format, frames);
    const [source, copy] = [run.file(`${player}.wav`), run.file(`${recorder}.wav`)];
    await writeWav(source, sound);
    const hearing = await run.start(recorder, '--record', copy);
    const playing = await run.start(player, '--play', source);
    await Promise.all([hasEnded(playing), hasEnded(hearing)]);
    expect(playing.lines).toContain(`played ${frames} frames, dropped 0`);
    expect(await readWav(copy)).toEqual(sound);
  },
);

test('a host that is killed is followed by one that goes on at the newest period, and says how much is missing', async () => {
  const sound = noise(mono, 160_000);
  const [source, copy] = [run.file('long.wav'), run.file('rest.wav')];
  await writeWav(source, sound);
  const first = await run.start('host', '--listen');
  const guest = await run.start('guest', '--play', source);
  await numbersIn(first, /^stream (\d+)/);
  first.kill('SIGKILL');
  await first.ended;
  const second = await run.start('host', '--record', copy, '--seconds', '0.5');
  const [gap, position = 0] = await numbersIn(second, /^gap of (\d+) frames before frame (\d+)$/);
  expect(gap).toBe(position);
  expect(gap).toBeGreaterThan(0);
  await hasEnded(second);
  await guest.stop();
  const { samples } = await readWav(copy);
  expect(samples.length).toBeGreaterThanOrEqual(4000);
  expect(samples).toEqual(sound.samples.subarray(position, position + samples.length));
});

test('a guest that is killed is followed by a new stream, which is heard from its first sample on', async () => {
  const [first, second] = [noise(mono, 400_000), noise(mono, 2400)];
  const [long, short, copy] = [run.file('killed.wav'), run.file('next.wav'), run.file('both.wav')];
  await writeWav(long, first);
  await writeWav(short, second);
  const host = await run.start('host', '--record', copy);
  const killed = await run.start('guest', '--play', long);
  const [generation = 0] = await numbersIn(
    host,
    /^stream (\d+): 8000 Hz, channels 1, periods of 160 frames$/,
  );
  killed.kill('SIGKILL');
  await killed.ended;
  await hasEnded(await run.start('guest', '--play', short));
  await hasEnded(host);
  expect(host.lines).toContain(`stream ${generation + 1} ended at frame 2400`);
  expect(host.lines.filter((line) => line.startsWith('gap'))).toEqual([]);
  const { samples } = await readWav(copy);
  const heardOfFirst = samples.length - second.samples.length;
  expect(heardOfFirst).toBeGreaterThan(0);
  expect(samples.subarray(0, heardOfFirst)).toEqual(first.samples.subarray(0, heardOfFirst));
  expect(samples.subarray(heardOfFirst)).toEqual(second.samples);
});

test('when the host is stopped the guest keeps its pace, drops and counts, and each frame is heard or in a gap', async () => {
  // 85 ms of this fill the ring.
  const frames = 24_000;
  const [source, copy] = [run.file('wide.wav'), run.file('gaps.wav')];
  await writeWav(source, noise({ sampleRateHz: 48_000, channels: 8 }, frames));
  const host = await run.start('host', '--record', copy);
  host.kill('SIGSTOP');
  const guest = await run.start('guest', '--play', source);
  await hasEnded(guest);
  const [written = 0, dropped = 0] = await numbersIn(guest, /^played (\d+) frames, dropped (\d+)$/);
  expect(written + dropped).toBe(frames);
  expect(dropped).toBeGreaterThan(frames / 2);
  host.kill('SIGCONT');
  await hasEnded(host);
  const [end] = await numbersIn(host, /^stream \d+ ended at frame (\d+)$/);
  const [recorded = 0] = await numbersIn(host, /^recorded (\d+) frames$/);
  const gaps = host.lines.flatMap((line) => line.match(/^gap of (\d+)/)?.[1] ?? []).map(Number);
  expect(end).toBe(frames);
  expect(recorded + gaps.reduce((sum, gap) => sum + gap, 0)).toBe(frames);
});
