// Real processes: how a program begins and ends, and that whatever is killed, nothing stays.
// All descendants of a supervisor hold its stderr: its 'close' event means that the last of them is gone.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, openProcessGroup } from '@vsoc/process/launcher';
import { afterEach, describe, expect, it } from 'vitest';

const worker = fixture('worker.mjs');
const made: string[] = [];

afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe('a launched program', () => {
  it('says when it is ready, and ends with code 0 when it is told to', async () => {
    await using run = openProcessGroup(temporary());
    const child = run.launch({ name: 'worker', program: worker, onLine: () => {} });
    expect(await child.ready).toEqual({ pid: child.pid, lifelineVariable: null });
    expect(await child.stop()).toMatchObject({ code: 0, signal: null, text: 'exited with code 0' });
  });

  it('that fails before it is ready tells the reason to who waits', async () => {
    await using run = openProcessGroup(temporary());
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const child = run.launch({ name: 'sum', program: worker, args: ['fail'], onLine });
    await expect(child.ready).rejects.toThrow(
      'sum exited with code 1 before it was ready: the answer is 41, expected 42',
    );
    expect(lines).toHaveLength(1);
  });

  it('with an uncaught error logs one line and exits with code 1', async () => {
    await using run = openProcessGroup(temporary());
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const child = run.launch({ name: 'worker', program: worker, args: ['throw-later'], onLine });
    expect(await child.ended).toMatchObject({
      text: 'exited with code 1',
      lastError: 'uncaught: unexpected',
    });
    expect(lines).toHaveLength(1);
  });

  it('that is killed says so', async () => {
    await using run = openProcessGroup(temporary());
    const child = run.launch({ name: 'worker', program: worker, onLine: () => {} });
    await child.ready;
    child.kill('SIGKILL');
    expect((await child.ended).text).toBe('killed by SIGKILL');
  });

  it('leaves a Ctrl-C of the terminal to its launcher', async () => {
    await using run = openProcessGroup(temporary());
    const child = run.launch({ name: 'worker', program: worker, onLine: () => {} });
    await child.ready;
    child.kill('SIGINT');
    child.kill('SIGHUP');
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 0 });
  });

  it('passes neither lifeline nor presence pipe to a grandchild', async () => {
    await using run = openProcessGroup(temporary());
    let seen: object = {};
    const onReport = (report: object) => {
      seen = report;
    };
    const child = run.launch({ name: 'worker', program: worker, args: ['grandchild'], onReport });
    await child.ready;
    const mine = [3, 4, 5].map((fd) => readlinkSync(`/proc/${child.pid}/fd/${fd}`));
    expect(mine[1]).toBe(mine[2]);
    const { fds } = seen as { fds: string[] };
    expect(fds.filter((target) => mine.includes(target))).toEqual([]);
  });

  it('hears what its launcher tells, in order, until it shall end', async () => {
    await using run = openProcessGroup(temporary());
    const heard: object[] = [];
    let hearThird = () => {};
    const third = new Promise<void>((resolve) => {
      hearThird = resolve;
    });
    const onReport = (report: object) => {
      if (heard.push(report) === 3) hearThird();
    };
    const child = run.launch({
      name: 'worker',
      program: worker,
      args: ['repeat'],
      onLine: () => {},
      onReport,
    });
    child.tell({ early: 'before it is ready' });
    await child.ready;
    child.tell({ count: 1 });
    child.tell({ count: 2 });
    await third;
    expect(heard).toEqual([
      { told: { early: 'before it is ready' } },
      { told: { count: 1 } },
      { told: { count: 2 } },
    ]);
    expect(await child.stop()).toMatchObject({ code: 0, signal: null });
    child.tell({ late: 'to nobody' });
  });

  it('that is killed before it heard everything ends as any other does', async () => {
    await using run = openProcessGroup(temporary());
    const child = run.launch({ name: 'worker', program: worker, args: ['repeat'], onLine: () => {} });
    await child.ready;
    child.kill('SIGSTOP');
    child.tell({ unread: true });
    child.kill('SIGKILL');
    expect(await child.ended).toMatchObject({ signal: 'SIGKILL', text: 'killed by SIGKILL' });
  });

  it('that cannot be started says why', async () => {
    const child = launch({ name: 'none', program: '/does/not/exist.js', onLine: () => {} });
    await expect(child.ready).rejects.toThrow('none exited with code 1 before it was ready');
  });

  it('that does not end by itself is made to after 3 s', async () => {
    await using run = openProcessGroup(temporary());
    const child = run.launch({ name: 'worker', program: worker, args: ['stubborn'], onLine: () => {} });
    await child.ready;
    expect(await child.stop()).toMatchObject({ code: 1, signal: null });
  });
});

describe('a program run by hand', () => {
  it('ends at Ctrl-C with code 0 and leaves its run directory alone', async () => {
    const runDir = temporary();
    const child = spawn(process.execPath, [worker, '--run-dir', runDir, 'wait'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await once(child.stderr, 'data'); // the log's "ready"
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readdirSync(runDir)).toEqual([`worker-${child.pid}`]);
  });
});

describe('the run directory goes with the last process of a run', () => {
  const three = ['wait', 'wait', 'wait'];

  it('when the launcher ends all', async () => {
    const runDir = temporary();
    const { supervisor } = await supervise(runDir, three);
    supervisor.kill('SIGTERM');
    expect(await once(supervisor, 'close')).toEqual([0, null]);
    expect(existsSync(runDir)).toBe(false);
  });

  it('when the terminal is gone', async () => {
    const runDir = temporary();
    const { supervisor } = await supervise(runDir, three);
    supervisor.kill('SIGHUP');
    expect(await once(supervisor, 'close')).toEqual([null, 'SIGHUP']);
    expect(existsSync(runDir)).toBe(false);
  });

  it('when the launcher is killed', async () => {
    const runDir = temporary();
    const { supervisor } = await supervise(runDir, three);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'close');
    expect(existsSync(runDir)).toBe(false);
  });

  for (const victim of [0, 1, 2]) {
    it(`when the launcher and child ${victim} are killed at the same time`, async () => {
      const runDir = temporary();
      const { supervisor, pids } = await supervise(runDir, three);
      supervisor.kill('SIGKILL');
      process.kill(pids[victim] as number, 'SIGKILL');
      await once(supervisor, 'close');
      expect(existsSync(runDir)).toBe(false);
    });
  }

  it('when the launcher is killed while one child does not end by itself', async () => {
    const runDir = temporary();
    const { supervisor } = await supervise(runDir, ['wait', 'stubborn', 'wait']);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'close');
    expect(existsSync(runDir)).toBe(false);
  });

  it('when the launcher is killed and then the one child that was slow to end', async () => {
    const runDir = temporary();
    const { supervisor, pids } = await supervise(runDir, ['wait', 'stubborn', 'wait']);
    supervisor.kill('SIGKILL');
    await goneFromProc(pids[0] as number, 200);
    process.kill(pids[1] as number, 'SIGKILL');
    await once(supervisor, 'close');
    expect(existsSync(runDir)).toBe(false);
  });

  it('when a child was killed before the launcher', async () => {
    const runDir = temporary();
    const { supervisor, pids } = await supervise(runDir, three);
    process.kill(pids[1] as number, 'SIGKILL');
    supervisor.kill('SIGKILL');
    await once(supervisor, 'close');
    expect(existsSync(runDir)).toBe(false);
  });
});

async function supervise(
  runDir: string,
  behaviours: string[],
): Promise<{ supervisor: ChildProcess; pids: number[] }> {
  const supervisor = spawn(process.execPath, [fixture('supervisor.mjs'), runDir, ...behaviours], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  supervisor.stderr.resume();
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
  return { supervisor, pids: JSON.parse(line.toString()) as number[] };
}

/** A bounded look: the process may also rightly stay, waiting for others to end. */
async function goneFromProc(pid: number, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (existsSync(`/proc/${pid}`) && performance.now() < deadline) {
    await new Promise((done) => setTimeout(done, 10));
  }
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'vsoc-test-'));
  made.push(path);
  return path;
}
