// Where the processes of a round run. A wake-up on the same core is a switch, one on another core is an interrupt
// to a core that sleeps, up to ten times as long in a virtual machine: left to the scheduler, two rounds of one
// program differ by more than two programs do. So both sides are placed alike, once this way and once that way.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Placement {
  readonly name: 'one-core' | 'two-cores' | 'anywhere';
  /** CPU of the process that measures, and of those that answer it; -1 leaves it to the scheduler. */
  readonly here: number;
  readonly there: number;
}

export const anywhere: Placement = { name: 'anywhere', here: -1, there: -1 };

/** CPU numbers in a list as the kernel writes it: `0-2,5`. */
export function parseCpuList(list: string): readonly number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    if (!(first >= 0 && last >= first)) throw new RangeError(`'${list}' is no list of CPUs`);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

/** Those that this machine allows: without a second CPU only the first. */
export function placements(): readonly Placement[] {
  const [, list = '0'] =
    /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const [first = 0, second] = parseCpuList(list);
  const oneCore: Placement = { name: 'one-core', here: first, there: first };
  if (second === undefined) return [oneCore];
  return [oneCore, { name: 'two-cores', here: first, there: second }];
}

/** Moves a process's main thread, where its JavaScript runs; the collector's threads stay free. */
export function pin(pid: number, cpu: number): void {
  if (cpu < 0) return;
  execFileSync('taskset', ['-p', '-c', String(cpu), String(pid)], { stdio: ['ignore', 'ignore', 'inherit'] });
}
