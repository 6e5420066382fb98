// /proc, as the kernel writes it, and this very process as the kernel sees it.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseParentPid, readCpuMs, readMemory, spentMs } from './proc.js';

it('reads a stat line whose name holds spaces and brackets', () => {
  const line = '4242 (a) b (c) S 17 4242 4242 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 1 0 1000 0 0';
  expect(parseParentPid(line)).toBe(17);
  expect(() => parseParentPid('nonsense')).toThrow(/no line/);
});

it('this process has a parent, memory, and spends time', () => {
  expect(parseParentPid(readFileSync('/proc/self/stat', 'utf8'))).toBe(process.ppid);
  const { rssBytes, sharedBytes } = readMemory(process.pid);
  expect(rssBytes).toBeGreaterThan(1_000_000);
  expect(sharedBytes).toBeGreaterThanOrEqual(0);
  const before = readCpuMs(process.pid);
  for (const untilMs = performance.now() + 20; performance.now() < untilMs; );
  expect(spentMs(before, readCpuMs(process.pid))).toBeGreaterThan(0);
});

it('time is counted by thread: new ones in full, ended ones not at all', () => {
  const before = new Map([
    ['1', 10],
    ['2', 500],
  ]);
  const after = new Map([
    ['1', 13],
    ['3', 4],
  ]);
  expect(spentMs(before, after)).toBe(7);
});
