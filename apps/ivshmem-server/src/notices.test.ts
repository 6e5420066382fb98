/** Notices to one client: the first at once, of a flood the latest, and none is lost to a full socket. */
import { hostNotice } from '@vsoc/vsoc/wire';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Notices, openNotices } from './notices.js';

let sent: number[];
let isFull: boolean;
let notices: Notices;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  isFull = false;
  notices = openNotices((notice) => {
    if (!isFull) sent.push(hostNotice.read(new DataView(notice.buffer), 0).epoch);
    return !isFull;
  });
});
afterEach(() => {
  notices[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function tellMany(from: number, to: number): void {
  for (let epoch = from; epoch <= to; epoch++) notices.tell(epoch);
}

test('one by one they are sent at once', () => {
  notices.tell(1);
  vi.advanceTimersByTime(10);
  notices.tell(0);
  expect(sent).toEqual([1, 0]);
});

test('of a flood the first is sent at once, and every 5 ms the latest', () => {
  tellMany(1, 1000);
  expect(sent).toEqual([1]);
  vi.advanceTimersByTime(5);
  tellMany(1001, 2000);
  vi.advanceTimersByTime(5);
  expect(sent).toEqual([1, 1000, 2000]);
  vi.advanceTimersByTime(5);
  expect([sent.length, vi.getTimerCount()]).toEqual([3, 0]);
});

test('a full socket hears the latest once it takes something', () => {
  isFull = true;
  tellMany(1, 10);
  vi.advanceTimersByTime(10_000);
  notices.tell(11);
  isFull = false;
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([11]);
});
