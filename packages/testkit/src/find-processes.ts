// Who belongs to a run? Every program carries its run directory on the command line, so /proc can tell, and a
// test can prove that nobody is left, whoever had started it.

import { readdirSync, readFileSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly commandLine: string;
}

export function findProcesses(runDir: string): FoundProcess[] {
  return allProcesses().filter(({ pid, commandLine }) => pid !== process.pid && commandLine.includes(runDir));
}

export function childProcesses(parentPid: number = process.pid): FoundProcess[] {
  return allProcesses().filter((found) => found.parentPid === parentPid);
}

/** Resolves with those that are still there when the time is over: an empty list is success. */
export async function waitUntilGone(runDir: string, timeoutMs = 60_000): Promise<FoundProcess[]> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const found = findProcesses(runDir);
    if (found.length === 0 || performance.now() > deadlineMs) return found;
    await new Promise((done) => setTimeout(done, 10));
  }
}

function allProcesses(): FoundProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => readProcess(Number(entry)))
    .filter((found) => found !== undefined);
}

/** Undefined for one that has ended in the meantime; a zombie has ended too, its parent just has not looked. */
function readProcess(pid: number): FoundProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may itself hold spaces and parentheses.
    const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return { pid, parentPid: Number(parentPid), commandLine };
  } catch {
    return undefined;
  }
}
