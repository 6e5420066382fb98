// /proc, as the kernel writes it, and this very process as the kernel sees it.
import { expect, it } from 'vitest';
import { parseStat, readMemory, readStat } from './proc.js';

it('reads a stat line whose name holds spaces and brackets', () => {
  const line = '4242 (a) b (c) S 17 4242 4242 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 1 0 1000 0 0';
  expect(parseStat(line)).toEqual({ pid: 4242, parentPid: 17, cpuSeconds: 3 });
  expect(() => parseStat('nonsense')).toThrow(/no line/);
});

it('this process has a parent, time and memory', () => {
  expect(readStat(process.pid)).toMatchObject({ pid: process.pid, parentPid: process.ppid });
  const { rssBytes, sharedBytes } = readMemory(process.pid);
  expect(rssBytes).toBeGreaterThan(1_000_000);
  expect(sharedBytes).toBeGreaterThanOrEqual(0);
});
