/** The log of refusals: complete while they are few, counted when they are many. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRefusals } from './refusals.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('ten refusals of a second have a line each, the rest one line together; the next second begins anew', () => {
  const lines: string[] = [];
  using refusals = openRefusals((line) => lines.push(line));
  for (let count = 1; count <= 25; count++) refusals.add('guest', `reason ${count}`);
  expect(lines).toHaveLength(10);
  expect(lines.at(-1)).toBe('refused a guest: reason 10');
  vi.advanceTimersByTime(1000);
  expect(lines.at(-1)).toBe('refused 15 more');
  refusals.add('guest', 'a new one');
  expect(lines.at(-1)).toBe('refused a guest: a new one');
  vi.advanceTimersByTime(1000);
  expect(lines).toHaveLength(12);
});

test('what was not said yet is said at the end', () => {
  const lines: string[] = [];
  const refusals = openRefusals((line) => lines.push(line));
  for (let count = 1; count <= 11; count++) refusals.add('host client', 'none');
  refusals[Symbol.dispose]();
  expect(lines.at(-1)).toBe('refused 1 more');
});
