// Deadlines on the monotonic clock: never early, however the timers round.
import { afterEach, expect, test, vi } from 'vitest';
import { atDeadline } from './deadline.js';

afterEach(() => {
  vi.useRealTimers();
});

const nowNs = () => process.hrtime.bigint();

test.each([0n, 300_000n, 1_000_000n, 7_654_321n])(
  'is not early for a deadline %i ns ahead',
  async (aheadNs) => {
    const deadlineNs = nowNs() + aheadNs;
    const calledNs = await new Promise<bigint>((resolve) => atDeadline(deadlineNs, () => resolve(nowNs())));
    expect(calledNs).toBeGreaterThanOrEqual(deadlineNs);
  },
);

test('calls back for a deadline long past, but never from within', async () => {
  let called = false;
  const passed = new Promise<void>((resolve) => {
    atDeadline(-5n, () => {
      called = true;
      resolve();
    });
  });
  expect(called).toBe(false);
  await passed;
});

test('a disposed deadline stays silent', () => {
  vi.useFakeTimers();
  const callback = vi.fn();
  const deadline = atDeadline(nowNs() + 5_000_000n, callback);
  deadline[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(callback).not.toHaveBeenCalled();
});

test('a deadline further away than a timer can count is not early', () => {
  vi.useFakeTimers();
  const callback = vi.fn();
  const day = 86_400_000;
  // The largest that the header's fields can say: 2⁶⁴ − 1 seconds.
  using _never = atDeadline((2n ** 64n - 1n) * 1_000_000_000n, callback);
  using _hundredDays = atDeadline(nowNs() + 100n * 86_400n * 1_000_000_000n, callback);
  vi.advanceTimersByTime(99 * day);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2 * day);
  expect(callback).toHaveBeenCalledTimes(1);
});
