// The line that people watch: rates from counters, nonsense of another process ignored.

import { expect, it } from 'vitest';
import { openStatus, readStats } from './status.js';

it('the rate is the difference of two reports over the time between them', () => {
  const status = openStatus();
  expect(status({ lastSerial: 10, framesPushed: 10, viewers: 0 }, 1000)).toBe('frame 10 · – fps · 0 viewers');
  expect(status({ lastSerial: 40, framesPushed: 40, viewers: 1 }, 2000)).toBe(
    'frame 40 · 30.0 fps · 1 viewer',
  );
  expect(status({ lastSerial: 55, framesPushed: 55, viewers: 2 }, 2500)).toBe(
    'frame 55 · 30.0 fps · 2 viewers',
  );
});

it('a report is taken only in the expected shape', () => {
  const stats = { lastSerial: null, framesPushed: 0, viewers: 0, more: 1 };
  expect(readStats({ stats })).toEqual({ lastSerial: 0, framesPushed: 0, viewers: 0 });
  for (const report of [{}, { stats: null }, { stats: 3 }, { stats: { viewers: '2', framesPushed: 1 } }]) {
    expect(readStats(report)).toBeUndefined();
  }
});
