// Reassembles fixed-size pieces from a stream socket, keeping the descriptors that came with them in order.
import type { OwnedFd } from '@vsoc/native';
import { VsocError } from '../errors.js';

/**
 * Bytes and descriptors received and not yet taken; refuses a peer that sends more than its protocol ever needs. The limit
 * of bytes is one of what was left: a receive may bring many whole messages at once, and who takes them leaves less than one.
 */
export class StreamBuffer implements Disposable {
  #bytes: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  readonly #fds: OwnedFd[] = [];
  readonly #limitBytes: number;
  readonly #limitFds: number;

  constructor(limits: { bytes: number; fds: number }) {
    this.#limitBytes = limits.bytes;
    this.#limitFds = limits.fds;
  }

  /** Throws EPROTO where the limits are reached already; the descriptors are owned from here on in any case. */
  push(bytes: Uint8Array, fds: readonly OwnedFd[]): void {
    this.#fds.push(...fds);
    const left = this.#bytes.byteLength;
    const total = left + bytes.byteLength;
    if (left >= this.#limitBytes || this.#fds.length > this.#limitFds) {
      const seen = `${total} bytes and ${this.#fds.length} descriptors`;
      const limit = `${this.#limitBytes} bytes and ${this.#limitFds} descriptors`;
      throw new VsocError(
        'EPROTO',
        'receive',
        `peer sent ${seen} that nobody asked for; the limit is ${limit}`,
      );
    }
    const joined = new Uint8Array(total);
    joined.set(this.#bytes);
    joined.set(bytes, left);
    this.#bytes = joined;
  }

  get byteCount(): number {
    return this.#bytes.byteLength;
  }

  /** The next `byteCount` bytes, or undefined until they are there. */
  take(byteCount: number): DataView | undefined {
    if (this.#bytes.byteLength < byteCount) return undefined;
    const taken = this.#bytes.slice(0, byteCount);
    this.#bytes = this.#bytes.slice(byteCount);
    return new DataView(taken.buffer);
  }

  /** The bytes without taking them, or undefined until they are there. */
  look(byteCount: number): DataView | undefined {
    if (this.#bytes.byteLength < byteCount) return undefined;
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset, byteCount);
  }

  /** The oldest descriptor; the caller owns it. */
  takeFd(): OwnedFd | undefined {
    return this.#fds.shift();
  }

  [Symbol.dispose](): void {
    for (const fd of this.#fds.splice(0)) fd[Symbol.dispose]();
  }
}
