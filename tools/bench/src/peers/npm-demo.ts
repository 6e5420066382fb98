// `npm run demo` in a given folder, held by a lifeline: npm hands neither descriptors nor every signal on, so this
// process starts it in a process group of its own, and ends that whole group when it is told to or its launcher dies.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { runMain } from '@vsoc/process';

const endTimeoutMs = 2_500;

/** Signals every process of the group; false when none is left. */
function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function endGroup(groupId: number): Promise<void> {
  const untilMs = performance.now() + endTimeoutMs;
  signalGroup(groupId, 'SIGTERM');
  while (signalGroup(groupId, 0)) {
    if (performance.now() > untilMs) signalGroup(groupId, 'SIGKILL');
    await sleep(20);
  }
}

runMain('bench-npm-demo', async ({ signal, report, ready }) => {
  const [folder = '.', ...demoArguments] = process.argv.slice(2);
  const startNs = String(process.hrtime.bigint());
  const npm = spawn('npm', ['run', 'demo', '--', ...demoArguments], {
    cwd: folder,
    detached: true, // a group of its own
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ready();
  const tail: string[] = [];
  for (const stream of [npm.stdout, npm.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      tail.splice(0, Math.max(0, tail.length - 20));
      tail.push(line);
      const [url] = /http:\/\/127\.0\.0\.1:\S+/.exec(line) ?? [];
      if (url !== undefined) report({ url, startNs });
    });
  }
  const ended = once(npm, 'exit');
  try {
    await Promise.race([ended, signal.aborted || once(signal, 'abort')]);
    if (!signal.aborted) throw new Error(`npm run demo ended by itself:\n${tail.join('\n')}`);
  } finally {
    if (npm.pid !== undefined) await endGroup(npm.pid);
  }
});
