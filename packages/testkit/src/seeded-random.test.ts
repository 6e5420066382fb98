// The same seed gives the same run, on any machine.

import { expect, it } from 'vitest';
import { seededRandom } from './seeded-random.js';

it('a seed determines all values', () => {
  const first = seededRandom('test', 42);
  const second = seededRandom('test', 42);
  const values = Array.from({ length: 100 }, () => first.next());
  expect(Array.from({ length: 100 }, () => second.next())).toEqual(values);
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(values[0]).toBeCloseTo(0.6011037519201636, 12);
});

it('integers cover their range and stay in it', () => {
  const random = seededRandom('test', 7);
  const seen = new Set(Array.from({ length: 500 }, () => random.below(8)));
  expect([...seen].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it('an empty list cannot be picked from', () => {
  expect(() => seededRandom('test', 7).pick([])).toThrow('expected at least one element');
});
