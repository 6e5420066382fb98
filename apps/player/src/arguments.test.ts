/** What the command line takes, and what it says of the rest. */
import { expect, test } from 'vitest';
import { parseFps, parseSize } from './arguments.js';

test('a size is two numbers of pixels', () => {
  expect(parseSize('--size', '1280x720')).toEqual({ widthPx: 1280, heightPx: 720 });
  expect(parseSize('--size', '1x16384')).toEqual({ widthPx: 1, heightPx: 16_384 });
});

test.each([
  '',
  '1280',
  '1280x',
  '0x720',
  '1280x0',
  '16385x1',
  '1e3x720',
  '-1x5',
  ' 1x1',
  '1x1x1',
  '1280X720',
])('the size %j is refused with what was expected', (text) => {
  expect(() => parseSize('--size', text)).toThrow(
    `--size takes WIDTHxHEIGHT, each 1 to 16384, like 1280x720; it was given ${text}`,
  );
});

test('frames a second may be a fraction', () => {
  expect(parseFps('--fps', '60')).toBe(60);
  expect(parseFps('--fps', '23.976')).toBe(23.976);
});

test.each(['', '0', '-5', '241', 'fast', 'NaN', 'Infinity'])('%j frames a second are refused', (text) => {
  expect(() => parseFps('--fps', text)).toThrow(
    `--fps takes frames a second, 1 to 240; it was given ${text}`,
  );
});
