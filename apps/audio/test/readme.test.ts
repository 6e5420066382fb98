// The page that says how to start it by hand is right.
import { join } from 'node:path';
import { startReadmePrograms } from '@vsoc/testkit';
import { expect, test } from 'vitest';
import { tone } from '../src/tone.js';
import { readWav } from '../src/wav.js';

test('the commands of the README start it by hand', async () => {
  await using readme = await startReadmePrograms(new URL('../', import.meta.url));
  const [, , host, guest] = readme.programs;
  expect(await guest?.closed).toEqual([0, null]);
  expect(await host?.closed).toEqual([0, null]);
  expect(guest?.printed()).toContain('played 48000 frames, dropped 0\n');
  expect(host?.printed()).toContain('stream 1: 48000 Hz, channels 1, periods of 960 frames\n');
  expect(host?.printed()).toContain('stream 1 ended at frame 48000\n');
  expect(await readWav(join(readme.runDir, 'heard.wav'))).toEqual(tone(440, 1));
});
