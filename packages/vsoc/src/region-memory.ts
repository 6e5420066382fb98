// A process's view of one region: bytes of the window between its bounds, refused once closed. Typed arrays are handed
// out for the moment of one access only.
import type { Memory } from '@vsoc/struct';
import { VsocError } from './errors.js';

export class RegionMemory implements Memory, Disposable {
  readonly sizeBytes: number;
  readonly #name: string;
  #words: Int32Array | undefined;
  #view: DataView | undefined;
  #bytes: Uint8Array | undefined;

  constructor(name: string, window: SharedArrayBuffer, beginOffset: number, endOffset: number) {
    this.#name = name;
    this.sizeBytes = endOffset - beginOffset;
    this.#words = new Int32Array(window, beginOffset, this.sizeBytes / 4);
    this.#view = new DataView(window, beginOffset, this.sizeBytes);
    this.#bytes = new Uint8Array(window, beginOffset, this.sizeBytes);
  }

  get words(): Int32Array {
    return this.#words ?? this.#refuse();
  }

  get view(): DataView {
    return this.#view ?? this.#refuse();
  }

  /** The region's bytes [beginOffset, endOffset), to be read or written now and not kept. */
  bytes(beginOffset: number, endOffset: number): Uint8Array {
    const bytes = this.#bytes ?? this.#refuse();
    // Put so that NaN is refused too.
    if (!(beginOffset >= 0 && beginOffset <= endOffset && endOffset <= this.sizeBytes)) {
      const range = `0x${beginOffset.toString(16)}–0x${endOffset.toString(16)}`;
      throw new VsocError(
        'ERANGE',
        'bytes',
        `${range} of ${this.#name}, which has 0x${this.sizeBytes.toString(16)}`,
      );
    }
    return bytes.subarray(beginOffset, endOffset);
  }

  #refuse(): never {
    throw new VsocError('EBADF', 'access', `region ${this.#name} is closed`);
  }

  [Symbol.dispose](): void {
    this.#words = undefined;
    this.#view = undefined;
    this.#bytes = undefined;
  }
}
