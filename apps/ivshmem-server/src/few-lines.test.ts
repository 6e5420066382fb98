/** Log lines of one kind: complete while they are few, counted when they are many. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFewLines } from './few-lines.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('ten lines of a second are said, the rest is one line together; the next second begins anew', () => {
  const lines: string[] = [];
  using few = openFewLines((count) => lines.push(`${count} more`));
  for (let count = 1; count <= 25; count++) few.say(() => lines.push(`line ${count}`));
  expect(lines).toHaveLength(10);
  expect(lines.at(-1)).toBe('line 10');
  vi.advanceTimersByTime(1000);
  expect(lines.at(-1)).toBe('15 more');
  few.say(() => lines.push('a new one'));
  expect(lines.at(-1)).toBe('a new one');
  vi.advanceTimersByTime(1000);
  expect(lines).toHaveLength(12);
});

test('what was not said yet is said at the end', () => {
  const lines: string[] = [];
  const few = openFewLines((count) => lines.push(`${count} more`));
  for (let count = 1; count <= 11; count++) few.say(() => lines.push('one'));
  few[Symbol.dispose]();
  expect(lines.at(-1)).toBe('1 more');
});
