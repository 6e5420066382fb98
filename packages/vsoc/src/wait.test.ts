// A wait of the event loop: however it ends, the word was looked at last.
import { beforeEach, expect, test } from 'vitest';
import { createWaiters, type Waiters } from './signalling/index.js';
import { waitOn } from './wait.js';

let words: Int32Array;
let waiters: Waiters;

beforeEach(() => {
  words = new Int32Array(new SharedArrayBuffer(16));
  waiters = createWaiters({ words });
});

const inMs = (ms: number) => process.hrtime.bigint() + BigInt(ms) * 1_000_000n;

test('times out while the word is the same, and leaves no waiter', async () => {
  expect(await waitOn(waiters, 4, 0, { deadlineNs: inMs(10) })).toBe('timed-out');
  expect(waiters.size).toBe(0);
});

test('a word that changed and of which nobody said so is changed, not timed out', async () => {
  const waiting = waitOn(waiters, 4, 0, { deadlineNs: inMs(20) });
  words[1] = 1;
  expect(await waiting).toBe('changed');
  expect(waiters.size).toBe(0);
});

test.each([-1, 0xffff_ffff])('waits while the word holds %i, which is stored as 32 ones', async (value) => {
  words[1] = value;
  expect(await waitOn(waiters, 4, value, { deadlineNs: inMs(5) })).toBe('timed-out');
  words[1] = 0;
  expect(await waitOn(waiters, 4, value, { deadlineNs: inMs(5) })).toBe('changed');
});
