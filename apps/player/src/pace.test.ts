/** Pacing by the clock: bounds from below only, since nobody promises a test its processor. */
import { expect, test } from 'vitest';
import { paced } from './pace.js';

test('moments are as far apart as asked, and may vary', async () => {
  const { signal } = new AbortController();
  const begin = performance.now();
  const atMs: number[] = [];
  for await (const count of paced((n) => (n === 1 ? 60 : 20), signal)) {
    atMs.push(performance.now() - begin);
    if (count === 3) break;
  }
  // Timers may come up to a millisecond early.
  for (const [count, dueMs] of [0, 20, 80, 100].entries()) expect(atMs[count]).toBeGreaterThan(dueMs - 2);
});

test('moments that were missed are passed over, not caught up with', async () => {
  const { signal } = new AbortController();
  let begin = 0;
  let last = 0;
  for await (const count of paced(() => 20, signal)) {
    if (count === 0) begin = performance.now();
    if (count === 0) while (performance.now() < begin + 100);
    last = performance.now();
    if (count === 4) break;
  }
  // One moment right after the delay, then three at their distance.
  expect(last - begin).toBeGreaterThan(100 + 3 * 20 - 3);
});

test('one that is always late leaves the event loop its turn: an abort from there ends it', async () => {
  const ending = new AbortController();
  setTimeout(() => ending.abort(), 30);
  let count = 0;
  const run = async () => {
    for await (const _ of paced(() => 1, ending.signal)) {
      count++;
      for (const until = performance.now() + 2; performance.now() < until; );
      if (count === 1000) throw new Error('the abort never came');
    }
  };
  await run().catch((error: Error) => expect(error.name).toBe('AbortError'));
  expect(ending.signal.aborted).toBe(true);
});

test('an abort ends a wait at once', async () => {
  const ending = new AbortController();
  const run = async () => {
    for await (const _ of paced(() => 3_600_000, ending.signal)) setTimeout(() => ending.abort(), 5);
  };
  await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
