// The kernel's way to write a list of CPUs, and where this process may run at all.
import { execFileSync, spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseCpuList, pin, placements } from './placement.js';

it('reads single CPUs and ranges', () => {
  expect(parseCpuList('0')).toEqual([0]);
  expect(parseCpuList('0-2,5')).toEqual([0, 1, 2, 5]);
  expect(() => parseCpuList('3-1')).toThrow(/no list/);
});

it('a pinned process runs where it was told to', () => {
  const [{ here = 0 } = {}] = placements();
  const child = spawn('sleep', ['5'], { stdio: 'ignore' });
  try {
    pin(child.pid as number, here);
    expect(execFileSync('taskset', ['-p', '-c', String(child.pid)], { encoding: 'utf8' })).toMatch(
      new RegExp(`: ${here}\\n$`),
    );
  } finally {
    child.kill('SIGKILL');
  }
});
