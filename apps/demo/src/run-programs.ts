// One run for people, from the making of its run directory to the last process' end; the answer is the exit code.

import { createRunDirectory, type RunPaths, runPaths } from '@vsoc/process';
import { openProcessGroup } from '@vsoc/process/launcher';
import type { Screen } from './screen.js';
import { openStatus, readStats } from './status.js';
import { type Program, supervise } from './supervise.js';

export interface RunContext {
  readonly signal: AbortSignal;
  readonly screen: Screen;
}

export interface RunOptions extends RunContext {
  /** Puts into the run directory what the first program wants to find there. */
  readonly prepare: (paths: RunPaths) => void;
  /** By name, what each program said when it became ready. */
  readonly onReady: (ready: ReadonlyMap<string, object>) => void;
}

/** Until Ctrl-C or the end of a process, which should not end by itself, whatever its exit code. */
export async function runPrograms(programs: readonly Program[], options: RunOptions): Promise<number> {
  const { signal, screen } = options;
  const runDir = createRunDirectory(`demo-${process.pid}`);
  await using run = openProcessGroup(runDir);
  using _impatience = onRepeatedInterrupt(() => run.killAll());
  options.prepare(runPaths(runDir));
  screen.print(`run directory ${runDir}`);
  const status = openStatus();
  const supervision = supervise(run, programs, {
    signal,
    screen,
    onReport(_name, report) {
      const stats = readStats(report);
      if (stats !== undefined) screen.status(status(stats, performance.now()));
    },
  });
  const ready = await supervision.ready.catch(() => undefined);
  if (ready !== undefined) options.onReady(ready);
  const end = await supervision.end;
  screen.status('');
  if (end.kind === 'died') screen.print(`demo: ${end.text}; ending the others`);
  await run.close(); // here, while a repeated Ctrl-C is still listened to
  return end.kind === 'died' ? 1 : 0;
}

/** The first Ctrl-C asks, a second one does not. */
function onRepeatedInterrupt(act: () => void): Disposable {
  let interrupts = 0;
  const onInterrupt = () => {
    interrupts += 1;
    if (interrupts > 1) act();
  };
  process.on('SIGINT', onInterrupt);
  return { [Symbol.dispose]: () => void process.off('SIGINT', onInterrupt) };
}
