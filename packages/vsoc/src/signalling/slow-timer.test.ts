// The slow timer: heals what no edge came for, and nothing else.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type SlowTimerSubject, slowTimerMs, startSlowTimer } from './slow-timer.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function subject(): SlowTimerSubject & {
  edgeCount: number;
  suspect: boolean;
  releases: boolean;
  heals: number;
} {
  return {
    edgeCount: 0,
    suspect: true,
    releases: true,
    heals: 0,
    edges() {
      return this.edgeCount;
    },
    isSuspect() {
      return this.suspect;
    },
    heal() {
      this.heals++;
      this.suspect = false;
      return this.releases;
    },
  };
}

test('a quiet region is left alone', () => {
  const quiet = subject();
  quiet.suspect = false;
  using _timer = startSlowTimer(quiet, () => {});
  vi.advanceTimersByTime(10 * slowTimerMs);
  expect(quiet.heals).toBe(0);
});

test('what no edge came for is healed within about a second, and told', () => {
  const stuck = subject();
  const onHeal = vi.fn();
  using _timer = startSlowTimer(stuck, onHeal);
  vi.advanceTimersByTime(slowTimerMs);
  expect(stuck.heals).toBe(0);
  vi.advanceTimersByTime(100);
  expect([stuck.heals, onHeal.mock.calls.length]).toEqual([1, 1]);
});

test('an edge that is on its way keeps it from healing', () => {
  const busy = subject();
  using _timer = startSlowTimer(busy, () => {});
  vi.advanceTimersByTime(slowTimerMs);
  busy.edgeCount++;
  vi.advanceTimersByTime(slowTimerMs / 2);
  expect(busy.heals).toBe(0);
});

test('a heal that released nobody is not told', () => {
  const stale = subject();
  stale.releases = false;
  const onHeal = vi.fn();
  using _timer = startSlowTimer(stale, onHeal);
  vi.advanceTimersByTime(slowTimerMs + 100);
  expect([stale.heals, onHeal.mock.calls.length]).toEqual([1, 0]);
});

test('once disposed it heals nothing, not even what was suspect already', () => {
  const stuck = subject();
  const timer = startSlowTimer(stuck, () => {});
  vi.advanceTimersByTime(slowTimerMs);
  timer[Symbol.dispose]();
  vi.advanceTimersByTime(10 * slowTimerMs);
  expect(stuck.heals).toBe(0);
});
