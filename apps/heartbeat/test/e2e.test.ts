// Two real processes, with the server and the guest driver between them: each beat is printed once by the host and
// heard by the guest. And the page that says how to start them is right.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { heartbeat } from '@vsoc/heartbeat/layout';
import { startProcesses } from '@vsoc/testkit';
import { layoutToJson, planWindow, system } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';

test('the guest beats, the host prints each beat, the guest knows that it was heard', async () => {
  await using processes = startProcesses();
  writeFileSync(processes.paths.layoutFile, layoutToJson(planWindow([system, heartbeat])));
  const start = (name: string, program: string, ...args: string[]) =>
    processes.start({ name, program: `apps/${program}.js`, args });
  await start('ivshmem-server', 'ivshmem-server/dist/bin/server');
  await start('guest-driver', 'guest-driver/dist/bin/guest-driver');
  await start('host', 'heartbeat/dist/bin/host');
  const guest = await start('guest', 'heartbeat/dist/bin/guest', '--beats', '5', '--interval-ms', '0');

  expect(await guest.ended).toMatchObject({ code: 0 });
  const printed = (pattern: RegExp) => processes.logLines.filter((line) => pattern.test(line));
  expect(printed(/^epoch/)).toEqual([1, 2, 3, 4, 5].map((beat) => `epoch 1 beat ${beat}`));
  expect(printed(/^beat/)).toEqual([1, 2, 3, 4, 5].map((beat) => `beat ${beat} heard`));
});

test('the commands of the README start it by hand', async () => {
  const project = fileURLToPath(new URL('..', import.meta.url));
  const readme = readFileSync(join(project, 'README.md'), 'utf8');
  const [, plan = '', programs = ''] = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block);
  const env = { ...process.env, RUN_DIR: mkdtempSync(join(tmpdir(), 'vsoc-readme-')) };
  const running: { child: ChildProcess; closed: Promise<unknown>; printed(): string }[] = [];

  /** Resolves once the program says that it is ready, or has ended. */
  async function start(command: string) {
    const child = spawn('sh', ['-c', `exec ${command}`], { cwd: project, env });
    const closed = once(child, 'close');
    let printed = '';
    const ready = new Promise((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text: Buffer) => {
          printed += text;
          if (/\bready\b/.test(printed)) resolve(undefined);
        });
      }
    });
    running.push({ child, closed, printed: () => printed });
    await Promise.race([ready, closed]);
  }

  try {
    spawnSync('sh', ['-c', plan.replace(/^export .*$/m, '')], { cwd: project, env });
    for (const command of programs.trim().split('\n')) await start(command);
    const [, , host, guest] = running;
    expect(await guest?.closed).toEqual([0, null]);
    expect(guest?.printed()).toContain('beat 3 heard\n');
    expect(host?.printed()).toContain('epoch 1 beat 3\n');
  } finally {
    for (const { child, closed } of running.reverse()) {
      child.kill('SIGTERM');
      await closed;
    }
    rmSync(env.RUN_DIR, { recursive: true });
  }
});
