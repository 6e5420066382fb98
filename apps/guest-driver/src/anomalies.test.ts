/** Counters in the log: what has grown, once a second at most. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reportAnomalies } from './anomalies.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('what has grown is said, once a second and at the end; a quiet driver says nothing', () => {
  const counters = { scribbledOwners: 0, foreignEntries: 0, heals: 0 };
  const lines: object[] = [];
  const reporting = reportAnomalies(counters, (grown) => lines.push(grown));
  vi.advanceTimersByTime(5000);
  expect(lines).toEqual([]);
  counters.foreignEntries = 1000;
  vi.advanceTimersByTime(999);
  counters.heals = 1;
  vi.advanceTimersByTime(3000);
  expect(lines).toEqual([{ foreignEntries: 1000, heals: 1 }]);
  counters.foreignEntries += 2;
  counters.scribbledOwners = 7;
  reporting[Symbol.dispose]();
  expect(lines.slice(1)).toEqual([{ foreignEntries: 2, scribbledOwners: 7 }]);
  expect(vi.getTimerCount()).toBe(0);
});
