// A descriptor with exactly one owner. The number is only lent out through `fd`, and refused once closed:
// the kernel gives a closed number to the next open, so a stale use would reach a stranger's file.
import { addon } from './addon.js';
import { checkFd } from './check.js';
import { track } from './resources.js';

export class OwnedFd implements Disposable {
  readonly #what: string;
  readonly #close: (fd: number) => void;
  readonly #untrack: () => void;
  #fd: number;

  private constructor(fd: number, what: string, close: (fd: number) => void) {
    this.#fd = fd;
    this.#what = what;
    this.#close = close;
    this.#untrack = track('descriptor', what);
  }

  /**
   * Takes over a number that the caller owned. `what` names it in errors and leak reports. `close` is how it goes, where
   * a plain close could be kept waiting by whoever it came from.
   */
  static own(fd: number, what: string, close: (fd: number) => void = addon.close): OwnedFd {
    checkFd(fd);
    return new OwnedFd(fd, what, close);
  }

  get fd(): number {
    if (this.closed) throw new Error(`${this.#what}: expected an open descriptor, it is closed`);
    return this.#fd;
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  /** The caller owns the number from now on; this object counts as closed. */
  release(): number {
    const fd = this.fd;
    this.#forget();
    return fd;
  }

  [Symbol.dispose](): void {
    if (this.closed) return;
    const fd = this.#fd;
    this.#forget();
    this.#close(fd);
  }

  #forget(): void {
    this.#fd = -1;
    this.#untrack();
  }
}
