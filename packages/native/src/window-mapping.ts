// A mapping as a true SharedArrayBuffer, which Workers can share and whose Atomics are exact across
// processes. V8 offers no way to wrap foreign memory as one, but a shared WebAssembly.Memory IS page-aligned
// shared memory: the file's pages are mapped over it. Each one reserves about 10 GiB of virtual space.
import { addon } from './addon.js';
import { checkFd, checkMultiple } from './check.js';
import { track } from './resources.js';

// The part of the WebAssembly API that is used: the types of Node alone do not declare it.
declare const WebAssembly: {
  Memory: new (limits: {
    initial: number;
    maximum: number;
    shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
};

/** WebAssembly's page: the unit of a window's size. */
const granularityBytes = 0x1_0000;
const pageBytes = 0x1000;

export class WindowMapping implements Disposable {
  readonly sizeBytes: number;
  readonly #untrack: () => void;
  // Held beyond dispose too: V8 unmaps the range when the memory is collected, whatever lies there then.
  readonly #memory: { readonly buffer: SharedArrayBuffer };
  #closed = false;

  /** Use mapWindow. */
  constructor(fd: number, sizeBytes: number, offsetBytes: number) {
    const pages = sizeBytes / granularityBytes;
    this.sizeBytes = sizeBytes;
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    addon.mapOver(new Uint8Array(this.#memory.buffer), fd, offsetBytes);
    this.#untrack = track('window mapping', `fd ${fd}, 0x${sizeBytes.toString(16)} bytes`);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get buffer(): SharedArrayBuffer {
    if (this.#closed) throw new Error('window mapping: expected it open, it is closed');
    return this.#memory.buffer;
  }

  /**
   * A SharedArrayBuffer cannot be detached: anonymous zero pages take the window's place, for views in this
   * thread and in Workers alike. Stale accesses land there and reach nobody.
   */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#untrack();
    addon.mapAnonymousOver(new Uint8Array(this.#memory.buffer));
  }
}

/** Maps `sizeBytes` (a multiple of 64 KiB) of the file, read and write. Check a received file with assertSealed first. */
export function mapWindow(fd: number, sizeBytes: number, offsetBytes = 0): WindowMapping {
  checkFd(fd);
  checkMultiple('size of the window', sizeBytes, granularityBytes, granularityBytes);
  checkMultiple('offset of the window', offsetBytes, pageBytes, 0);
  return new WindowMapping(fd, sizeBytes, offsetBytes);
}
