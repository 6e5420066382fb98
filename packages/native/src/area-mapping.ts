// A mapping as an external ArrayBuffer, which can be detached: after dispose a kept array has length 0
// instead of showing what the next tenant of the pages writes. It cannot go to Workers.
import { addon } from './addon.js';
import { checkFd, checkMultiple } from './check.js';
import { track } from './resources.js';

const pageBytes = 0x1000;

export interface AreaPlace {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Enter all pages at once: a third of what their faults cost, for who will touch them all. */
  readonly populate?: boolean;
}

export class AreaMapping implements Disposable {
  readonly #untrack: () => void;
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  /** Use mapArea. */
  constructor(fd: number, { offsetBytes, lengthBytes, populate = false }: AreaPlace) {
    this.#bytes = new Uint8Array(addon.mapArea(fd, offsetBytes, lengthBytes, populate ? 1 : 0));
    this.#untrack = track(
      'area mapping',
      `fd ${fd}, 0x${offsetBytes.toString(16)} to 0x${(offsetBytes + lengthBytes).toString(16)}`,
    );
  }

  get closed(): boolean {
    return this.#bytes === undefined;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes === undefined) throw new Error('area mapping: expected it open, it is closed');
    return this.#bytes;
  }

  [Symbol.dispose](): void {
    if (this.#bytes === undefined) return;
    const { buffer } = this.#bytes;
    this.#bytes = undefined;
    this.#untrack();
    addon.unmapArea(buffer);
  }
}

/** Maps whole pages of the file, read and write. */
export function mapArea(fd: number, place: AreaPlace): AreaMapping {
  checkFd(fd);
  checkMultiple('offset of the area', place.offsetBytes, pageBytes, 0);
  checkMultiple('length of the area', place.lengthBytes, pageBytes, pageBytes);
  return new AreaMapping(fd, place);
}
