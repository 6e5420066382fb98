// What the kernel says about this process: the independent witness against leaks.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export function countFds(): number {
  return readdirSync('/proc/self/fd').length;
}

export function isMapped(name: string): boolean {
  return readFileSync('/proc/self/maps', 'utf8').includes(name);
}

export function isCloseOnExec(fd: number): boolean {
  const flags = /flags:\t(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
  return (Number.parseInt(flags, 8) & 0o2_000_000) !== 0;
}

export function linkOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}

/** Lets the event loop turn until something holds; the test's own timeout is the watchdog. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
