// What a process has open, to see that it keeps nothing.
import { readdirSync, readlinkSync } from 'node:fs';

/** Without those that others are watched by: a connection that rests has none for a while. */
export function descriptorCount(pid: number): number {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).filter((fd) => !isWatch(`${directory}/${fd}`)).length;
}

function isWatch(link: string): boolean {
  try {
    return readlinkSync(link) === 'anon_inode:[eventpoll]';
  } catch {
    return true; // closed while it was looked at
  }
}
