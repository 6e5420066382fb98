// A part of a window as an ArrayBuffer that can be detached, which the window's SharedArrayBuffer cannot: after dispose a
// kept array has length 0 instead of showing what the next tenant of the bytes writes. It is no mapping of its own, so it
// costs no system call and no page fault. It cannot go to Workers.
import { addon } from './addon.js';
import { track } from './resources.js';

export interface AreaPlace {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** The window must outlive every array made from the view, disposed or not. */
const windows = new WeakMap<ArrayBuffer, SharedArrayBuffer>();

export class AreaView implements Disposable {
  readonly #untrack: () => void;
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  /** Use viewArea. */
  constructor(window: SharedArrayBuffer, { offsetBytes, lengthBytes }: AreaPlace) {
    const buffer = addon.viewArea(new Uint8Array(window, offsetBytes, lengthBytes));
    windows.set(buffer, window);
    this.#bytes = new Uint8Array(buffer);
    const endOffset = offsetBytes + lengthBytes;
    this.#untrack = track('area view', `0x${offsetBytes.toString(16)} to 0x${endOffset.toString(16)}`);
  }

  get closed(): boolean {
    return this.#bytes === undefined;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes === undefined) throw new Error('area view: expected it open, it is closed');
    return this.#bytes;
  }

  /** Throws EINVAL where the buffer was transferred: whoever has it now goes on seeing the bytes. */
  [Symbol.dispose](): void {
    if (this.#bytes === undefined) return;
    const { buffer } = this.#bytes;
    this.#bytes = undefined;
    this.#untrack();
    addon.detachArea(buffer);
  }
}

/** Throws RangeError for an area that does not lie inside the window, or is empty. */
export function viewArea(window: SharedArrayBuffer, { offsetBytes, lengthBytes }: AreaPlace): AreaView {
  const whole = Number.isInteger(offsetBytes) && Number.isInteger(lengthBytes);
  if (!whole || offsetBytes < 0 || lengthBytes < 1 || offsetBytes + lengthBytes > window.byteLength) {
    const seen = `${lengthBytes} bytes at ${offsetBytes}`;
    throw new RangeError(`expected an area inside the window's ${window.byteLength} bytes, seen ${seen}`);
  }
  return new AreaView(window, { offsetBytes, lengthBytes });
}
