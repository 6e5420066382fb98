// What the kernel says of running processes, read from /proc: who descends from whom, memory, processor time.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** USER_HZ: utime and stime count in hundredths of a second on every Linux that Node runs on. */
const ticksPerSecond = 100;

export interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  /** Processor time so far, user and system, of all its threads. */
  readonly cpuSeconds: number;
}

/** One line of /proc/PID/stat. The name in brackets may itself hold spaces and brackets: counted from the last one. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [parentPid, userTicks, systemTicks] = [fields[1], fields[11], fields[12]].map(Number);
  const stat = {
    pid: Number.parseInt(line, 10),
    parentPid: parentPid ?? Number.NaN,
    cpuSeconds: ((userTicks ?? Number.NaN) + (systemTicks ?? Number.NaN)) / ticksPerSecond,
  };
  if (Object.values(stat).some(Number.isNaN)) throw new RangeError(`no line of /proc/PID/stat: '${line}'`);
  return stat;
}

export function readStat(pid: number): ProcessStat {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
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
    .flatMap((pid) => ifAlive(() => readStat(Number(pid))));
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
