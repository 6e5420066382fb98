// The harness with real programs: what it must see is made to happen.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assertNothingLeft, findProcesses, snapshot, startProcesses } from '@vsoc/testkit';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => void vi.useRealTimers());

const program = fileURLToPath(new URL('fixtures/idle.mjs', import.meta.url));

it('programs and run directory are gone at the end of the scope', async () => {
  const before = snapshot();
  let runDir: string;
  {
    await using processes = startProcesses();
    runDir = processes.runDir;
    const first = await processes.start({ name: 'first', program });
    const second = await processes.start({ name: 'second', program });
    const pids = findProcesses(runDir).map(({ pid }) => pid);
    expect(pids.toSorted()).toEqual([first.pid, second.pid].toSorted());
  }
  expect(findProcesses(runDir)).toEqual([]);
  expect(existsSync(runDir)).toBe(false);
  await assertNothingLeft(before);
});

it('a program that a test killed on purpose is no failure', async () => {
  await using processes = startProcesses();
  const child = await processes.start({ name: 'victim', program });
  child.kill('SIGKILL');
  await child.ended;
});

it('a process left behind is named', async () => {
  const processes = startProcesses({ strayTimeoutMs: 100 });
  await processes.start({ name: 'careless', program, args: ['--stay'] });
  const stays = findProcesses(processes.runDir).find(({ commandLine }) => commandLine.includes('setTimeout'));
  await expect(processes[Symbol.asyncDispose]()).rejects.toThrow(`process ${stays?.pid}: `);
  process.kill(stays?.pid as number, 'SIGKILL');
});

it('the watchdog ends what does not end, and the scope says so', async () => {
  // Its time begins before the program starts, and a start takes as long as it takes.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const processes = startProcesses({ watchdogMs: 700 });
  const child = await processes.start({ name: 'slow', program, args: ['--hang'] });
  vi.advanceTimersByTime(700);
  vi.useRealTimers();
  expect((await child.ended).text).toBe('killed by SIGKILL');
  await expect(processes[Symbol.asyncDispose]()).rejects.toThrow('the watchdog killed all after 700 ms');
});

it('a program that had to be forced to end is named', async () => {
  const processes = startProcesses();
  await processes.start({ name: 'stubborn', program, args: ['--hang'] });
  await expect(processes[Symbol.asyncDispose]()).rejects.toThrow('stubborn, told to end, exited with code 1');
});
