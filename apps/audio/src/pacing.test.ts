// When frames are due, for who is in time, late, and much too late.
import { expect, test } from 'vitest';
import { openPacing } from './pacing.js';

const ms = (milliseconds: number) => BigInt(milliseconds) * 1_000_000n;
const open = () => openPacing({ sampleRateHz: 8000, startNs: ms(1000), mostLateNs: ms(100) });

test('the first frame is due at once, each other one by its place', () => {
  const pacing = open();
  expect(pacing.dueNs(ms(1000))).toBe(ms(1000));
  pacing.pass(160);
  expect(pacing.dueNs(ms(1001))).toBe(ms(1020));
  pacing.pass(80);
  expect(pacing.dueNs(ms(1001))).toBe(ms(1030));
});

test('who is late catches up: what is due does not move', () => {
  const pacing = open();
  pacing.pass(160);
  expect(pacing.dueNs(ms(1120))).toBe(ms(1020));
  pacing.pass(160);
  expect(pacing.dueNs(ms(1120))).toBe(ms(1040));
  expect(pacing.slips).toBe(0);
});

test('who is later than can be caught up begins the count anew', () => {
  const pacing = open();
  pacing.pass(160);
  expect(pacing.dueNs(ms(1121))).toBe(ms(1121));
  expect(pacing.slips).toBe(1);
  pacing.pass(160);
  expect(pacing.dueNs(ms(1121))).toBe(ms(1141));
});

test('a rate that does not divide a second does not drift: after a day the last frame is due to the nanosecond', () => {
  const pacing = openPacing({ sampleRateHz: 44_100, startNs: 0n, mostLateNs: 0n });
  for (let hour = 0; hour < 24; hour++) pacing.pass(44_100 * 3600);
  expect(pacing.dueNs(0n)).toBe(24n * 3600n * 1_000_000_000n);
  pacing.pass(1);
  expect(pacing.dueNs(0n)).toBe(24n * 3600n * 1_000_000_000n + 22_675n);
});
