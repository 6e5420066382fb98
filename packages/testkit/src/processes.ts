// Real programs for a test: started from dist in a run directory of their own, watched by a watchdog, ended and
// awaited at the end of the scope, which also fails when a process or the run directory is still there.

import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunPaths, runPaths } from '@vsoc/process';
import { type Child, formatLogLine, type LaunchSpec, openProcessGroup } from '@vsoc/process/launcher';
import { waitUntilGone } from './find-processes.js';

export interface TestProcesses extends AsyncDisposable {
  readonly runDir: string;
  readonly paths: RunPaths;
  /** What all programs logged, readable, in the order of arrival. */
  readonly logLines: readonly string[];
  /** Resolves when the program is ready. `program` may be a path from the root of the repository. */
  start(spec: LaunchSpec): Promise<Child>;
}

export interface TestProcessesOptions {
  /** All are killed when the scope has not ended by then; 90 s when left out, which is less than a test has. */
  readonly watchdogMs?: number;
  /** For a test that leaves a process behind. */
  readonly strayTimeoutMs?: number;
}

/** This file is three folders below the root, as a source and as a built file. */
const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** For what all tests of a file share: each of them has its own watchdog. */
export const wholeFileMs = 600_000;

/** Watchdogs: the programs themselves end in their own time, what they started may be some moments behind them. */
const endTimeoutMs = 60_000;

export function startProcesses(options: TestProcessesOptions = {}): TestProcesses {
  const { watchdogMs = 90_000, strayTimeoutMs = endTimeoutMs } = options;
  const runDir = mkdtempSync(join(tmpdir(), 'vsoc-test-'));
  const group = openProcessGroup(runDir);
  const logLines: string[] = [];
  const running = new Set<Child>();
  let barked = false;
  const watchdog = setTimeout(() => {
    barked = true;
    group.killAll();
  }, watchdogMs);

  async function endAll(): Promise<void> {
    clearTimeout(watchdog);
    const asked = [...running];
    for (const child of asked.toReversed()) await end(child);
    await group.close();
    const strays = await waitUntilGone(runDir, strayTimeoutMs);
    const left = strays.map(({ pid, commandLine }) => `process ${pid}: ${commandLine}`);
    for (const child of asked) {
      const { code, text } = await child.ended;
      if (code !== 0) left.push(`${child.name}, told to end, ${text}`);
    }
    if (existsSync(runDir)) left.push(`directory ${runDir}`);
    if (barked) left.unshift(`the watchdog killed all after ${watchdogMs} ms`);
    if (left.length > 0) throw new Error(['not everything ended by itself', ...left, ...logLines].join('\n'));
  }
  return {
    runDir,
    paths: runPaths(runDir),
    logLines,
    async start(spec) {
      const child = group.launch({
        ...spec,
        program: join(spec.program.startsWith('/') ? '/' : repositoryRoot, spec.program),
        onLine(line) {
          logLines.push(formatLogLine(line));
          spec.onLine?.(line);
        },
      });
      running.add(child);
      void child.ended.then(() => running.delete(child));
      await child.ready;
      return child;
    },
    [Symbol.asyncDispose]: endAll,
  };
}

/** As `child.stop()`, which is not as patient. */
async function end(child: Child): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
  await child.ended;
  clearTimeout(timer);
}
