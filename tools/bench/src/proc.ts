// What the kernel says of running processes, read from /proc: who descends from whom, memory, processor time.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Number of the parent in a line of /proc/PID/stat. The name in brackets may itself hold spaces and brackets. */
export function parseParentPid(line: string): number {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const parentPid = Number(fields[1]);
  if (!Number.isInteger(parentPid)) throw new RangeError(`no line of /proc/PID/stat: '${line}'`);
  return parentPid;
}

/** Processor time so far in ms, by thread: the scheduler's count in ns, which the ticks of `stat` only round. */
export function readCpuMs(pid: number): ReadonlyMap<string, number> {
  const tasks = `/proc/${pid}/task`;
  const entries = readdirSync(tasks).flatMap((task) =>
    ifAlive(
      () => [task, Number.parseInt(readFileSync(`${tasks}/${task}/schedstat`, 'utf8'), 10) / 1e6] as const,
    ),
  );
  return new Map(entries);
}

/** Spent between two readings. A thread that ended in between takes its last bit along unseen. */
export function spentMs(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  return [...after].reduce((sum, [task, ms]) => sum + ms - (before.get(task) ?? 0), 0);
}

/** Bytes of RAM that the process has mapped, and how many of them are shared memory such as the window. */
export function readMemory(pid: number): { readonly rssBytes: number; readonly sharedBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { rssBytes: kib('VmRSS'), sharedBytes: kib('RssShmem') };
}

export interface Program {
  readonly pid: number;
  /** The script's file name without its ending. */
  readonly name: string;
}

/** Node processes below `ancestorPid` that run one of the project's programs. */
export function programsBelow(ancestorPid: number): readonly Program[] {
  const stats = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .flatMap((pid) =>
      ifAlive(() => ({ pid, parentPid: parseParentPid(readFileSync(`/proc/${pid}/stat`, 'utf8')) })),
    );
  const below = new Set([ancestorPid]);
  // A child is listed after its parent in no particular order: passes until nothing is added.
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const { pid, parentPid } of stats) if (below.has(parentPid)) below.add(pid);
  }
  below.delete(ancestorPid);
  return [...below].flatMap((pid) => ifAlive(() => programOf(pid)));
}

function programOf(pid: number): Program | undefined {
  const script = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    .split('\0')
    .find((word) => word.endsWith('.js'));
  return script?.includes('/dist/bin/') ? { pid, name: basename(script, '.js') } : undefined;
}

/** Nothing for a process that ended while it was looked at. */
function ifAlive<T>(look: () => T | undefined): readonly T[] {
  try {
    const seen = look();
    return seen === undefined ? [] : [seen];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}
