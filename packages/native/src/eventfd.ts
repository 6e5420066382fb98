// An eventfd: a counter in the kernel that can be passed to other processes and watched in an event loop.
import { addon } from './addon.js';
import { checkFd } from './check.js';
import { OwnedFd } from './owned-fd.js';

export function createEventfd(): OwnedFd {
  return OwnedFd.own(addon.createEventfd(), 'eventfd');
}

/**
 * Adds 1: an edge for everybody who watches. A counter at its ceiling is emptied first, since whoever put it there may
 * want the watchers deaf; a description that somebody made a blocking one becomes non-blocking again then.
 */
export function signalEventfd(fd: number): void {
  checkFd(fd);
  addon.signalEventfd(fd);
}

/** Takes the counter and leaves 0; 0n when nothing was there. Blocks only if somebody made the eventfd a blocking one. */
export function readEventfd(fd: number): bigint {
  checkFd(fd);
  return addon.readEventfd(fd);
}
