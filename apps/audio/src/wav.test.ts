// Files in and out, and what is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWaveFromFloat32Channels, SampleFormat } from '@echogarden/wave-codec';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tone } from './tone.js';
import { readWav, writeWav } from './wav.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsoc-wav-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const extremes = Int16Array.of(0, 1, -1, 32_767, -32_768, 12_345);

test.each([1, 2, 3])('%i channels come back as they were written', async (channels) => {
  const file = join(folder, `${channels}.wav`);
  const sound = { sampleRateHz: 44_100, channels, samples: extremes };
  await writeWav(file, sound);
  expect(await readWav(file)).toEqual(sound);
});

test('a part of a longer array is written as that part', async () => {
  const file = join(folder, 'part.wav');
  await writeWav(file, { sampleRateHz: 8000, channels: 1, samples: extremes.subarray(2, 5) });
  expect((await readWav(file)).samples).toEqual(extremes.slice(2, 5));
});

test('floats become 16-bit samples', async () => {
  const file = join(folder, 'float.wav');
  const channels = [Float32Array.of(0, 0.5, -1), Float32Array.of(0.25, -0.5, 0)];
  writeFileSync(file, encodeWaveFromFloat32Channels(channels, 8000, 32, SampleFormat.Float));
  const { samples, ...format } = await readWav(file);
  expect(format).toEqual({ sampleRateHz: 8000, channels: 2 });
  const expected = [0, 8192, 16_384, -16_384, -32_768, 0];
  expect([...samples].every((sample, i) => Math.abs(sample - (expected[i] ?? 0)) <= 1)).toBe(true);
});

test('a file that is no WAV is refused with its name', async () => {
  const file = join(folder, 'text.wav');
  writeFileSync(file, 'no sound in here, whatever the name says, but long enough to have had a header');
  await expect(readWav(file)).rejects.toThrow(file);
});

test('a tone has its length, its pitch and a peak that is no clipping', () => {
  const { sampleRateHz, channels, samples } = tone(480, 0.5);
  expect({ sampleRateHz, channels, length: samples.length }).toEqual({
    sampleRateHz: 48_000,
    channels: 1,
    length: 24_000,
  });
  expect(samples.subarray(100, 200)).toEqual(samples.subarray(0, 100));
  expect(Math.max(...samples)).toBe(0x2000);
});
