// Which of two counts is the later one, across the wrap too.
import { expect, test } from 'vitest';
import { hasReached } from './beat.js';

test.each([
  [5, 5, true],
  [6, 5, true],
  [4, 5, false],
  [0, 0xffff_ffff, true],
  [0xffff_ffff, 0, false],
  [0x7fff_ffff, 0, true],
  [0x8000_0000, 0, false],
])('count %i has reached beat %i: %s', (count, beat, expected) => {
  expect(hasReached(count, beat)).toBe(expected);
});
