// The page that says how to start it by hand is right.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tone } from '../src/tone.js';
import { readWav } from '../src/wav.js';

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
    expect(await host?.closed).toEqual([0, null]);
    expect(guest?.printed()).toContain('played 48000 frames, dropped 0\n');
    expect(host?.printed()).toContain('stream 1: 48000 Hz, channels 1, periods of 960 frames\n');
    expect(host?.printed()).toContain('stream 1 ended at frame 48000\n');
    expect(await readWav(join(env.RUN_DIR, 'heard.wav'))).toEqual(tone(440, 1));
  } finally {
    for (const { child, closed } of running.reverse()) {
      child.kill('SIGTERM');
      await closed;
    }
    rmSync(env.RUN_DIR, { recursive: true });
  }
});
