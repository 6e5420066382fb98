// A descriptor's readiness in the event loop of this thread, without reading it.
import { addon } from './addon.js';
import { checkFd, checkOneOf } from './check.js';
import { track } from './resources.js';

// The numbers are the addon's.
const modes = { readable: 0, 'hang-up': 1, edge: 2 } as const;
export type WatchMode = keyof typeof modes;

export interface Watch extends Disposable {
  readonly closed: boolean;
  /** Lets the watch keep the process alive again, as it does from the start. */
  ref(): void;
  unref(): void;
}

/**
 * Calls back from the event loop, never from within watch():
 * - 'readable': while there is something to read, or the end; read it all or dispose, else it comes again.
 * - 'hang-up': once, when the other side is gone (POLLHUP, POLLERR), unread data or not. For a pipe's read end:
 *   the last copy of the write end was closed.
 * - 'edge': once per signal or several signals together; nobody has to read. Something that was there before
 *   counts as the first edge.
 * The descriptor stays the caller's; closing it silences the watch, which still wants its dispose. An
 * exception of the callback is an uncaught one. The callback may dispose its own watch.
 */
export function watch(fd: number, on: WatchMode, callback: () => void): Watch {
  checkFd(fd);
  const mode = checkOneOf('what to watch for', on, modes);
  if (typeof callback !== 'function')
    throw new TypeError(`callback: expected a function, seen ${typeof callback}`);
  return new OpenWatch(addon.openWatch(fd, mode, callback), `${on} of fd ${fd}`);
}

class OpenWatch implements Watch {
  readonly #id: number;
  readonly #what: string;
  readonly #untrack: () => void;
  #closed = false;

  constructor(id: number, what: string) {
    this.#id = id;
    this.#what = what;
    this.#untrack = track('watch', what);
  }

  get closed(): boolean {
    return this.#closed;
  }

  ref(): void {
    addon.refWatch(this.#open());
  }

  unref(): void {
    addon.unrefWatch(this.#open());
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#untrack();
    addon.closeWatch(this.#id);
  }

  #open(): number {
    if (this.#closed) throw new Error(`watch for ${this.#what}: expected it open, it is closed`);
    return this.#id;
  }
}
