// The commands by which a HAL's README starts it by hand, run as they stand there. Of the page's `sh` blocks the first one
// runs the HAL alone; the second one plans a window in $RUN_DIR, and each line of the third one is a program.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ReadmeProgram {
  /** What `close` of a child process says. */
  readonly closed: Promise<readonly unknown[]>;
  printed(): string;
  kill(): void;
}

export interface ReadmePrograms extends AsyncDisposable {
  readonly runDir: string;
  /** In the page's order. */
  readonly programs: readonly ReadmeProgram[];
}

/** Resolves once each program, before the next one starts, has said that it is ready or has ended. */
export async function startReadmePrograms(projectFolder: URL): Promise<ReadmePrograms> {
  const page = readFileSync(new URL('README.md', projectFolder), 'utf8');
  const [, plan = '', lines = ''] = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block);
  const runDir = mkdtempSync(join(tmpdir(), 'vsoc-readme-'));
  // What they print is read: no colours, and no warning of contradictory wishes for them.
  const env = { ...process.env, RUN_DIR: runDir, FORCE_COLOR: '0', NO_COLOR: undefined };
  const options = { cwd: fileURLToPath(projectFolder), env };
  const programs: ReadmeProgram[] = [];

  async function end(): Promise<void> {
    for (const { closed, kill } of programs.toReversed()) {
      kill();
      await closed;
    }
    rmSync(runDir, { recursive: true, force: true });
  }

  /** Resolves when it says that it is ready, or has ended. */
  async function start(command: string): Promise<void> {
    const child = spawn('sh', ['-c', `exec ${command}`], options);
    const closed = once(child, 'close');
    let printed = '';
    const ready = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text: Buffer) => {
          printed += text;
          if (/\bready\b/.test(printed)) resolve();
        });
      }
    });
    programs.push({ closed, printed: () => printed, kill: () => child.kill('SIGTERM') });
    await Promise.race([ready, closed]);
  }

  try {
    const { status, stderr } = spawnSync('sh', ['-c', plan.replace(/^export .*$/m, '')], options);
    if (status !== 0) throw new Error(`no window is planned by the page's commands: ${stderr}`);
    for (const command of lines.trim().split('\n')) await start(command);
  } catch (error) {
    await end();
    throw error;
  }
  return { runDir, programs, [Symbol.asyncDispose]: end };
}
