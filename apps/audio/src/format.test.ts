// Which numbers a stream may have.
import { expect, test } from 'vitest';
import { problemOf } from './format.js';

test.each([
  [4000, 1, 1],
  [8000, 1, 16_384],
  [44_100, 2, 441],
  [48_000, 2, 8192],
  [192_000, 8, 2048],
])('%i Hz, %i channels, %i frames a period can be', (sampleRateHz, channels, periodFrames) => {
  expect(problemOf({ sampleRateHz, channels, periodFrames })).toBeUndefined();
});

test.each([
  [3999, 1, 160, 'expected a sample rate in Hz from 4000 to 192000, saw 3999'],
  [2 ** 32 - 1, 1, 160, 'expected a sample rate in Hz from 4000 to 192000, saw 4294967295'],
  [8000.5, 1, 160, 'expected a sample rate in Hz from 4000 to 192000, saw 8000.5'],
  [8000, 0, 160, 'expected a number of channels from 1 to 8, saw 0'],
  [8000, 9, 160, 'expected a number of channels from 1 to 8, saw 9'],
  [8000, 2 ** 31, 160, 'expected a number of channels from 1 to 8, saw 2147483648'],
  [8000, 1, 0, 'expected a period in frames from 1 to 16384, saw 0'],
  [8000, 2, 8193, 'expected a period in frames from 1 to 8192, saw 8193'],
  [8000, 1, Number.NaN, 'expected a period in frames from 1 to 16384, saw NaN'],
])('%d Hz, %d channels, %d frames a period cannot be', (sampleRateHz, channels, periodFrames, problem) => {
  expect(problemOf({ sampleRateHz, channels, periodFrames })).toBe(problem);
});
