// What both ends of a ring share: where it lies, how large it is, and copying in and out of it, round the end and
// between private arrays and the ring alone. Cursors count bytes for ever, modulo 2³²; a power of two as capacity
// makes their low bits the place in the ring across that wrap, too.
import type { AtomicWord } from '@vsoc/struct';
import { VsocError } from '../errors.js';
import type { TailPlace } from '../layout/index.js';
import { isPowerOfTwo } from '../layout/offsets.js';
import type { WaitOptions, WaitOutcome } from '../wait.js';
import type { RingWords } from './words.js';

/** What a ring needs of its region; the regions of both sides satisfy it. */
export interface RingRegion {
  bytes(beginOffset: number, endOffset: number): Uint8Array;
  signalPeer(word: AtomicWord): void;
  waitWhile(word: AtomicWord, value: number, options?: WaitOptions): Promise<WaitOutcome>;
}

export interface RingOptions {
  readonly words: RingWords;
  /** The ring's bytes, `tailOf(definition, region.layout)`: a power of two from 16 B to 1 GiB. */
  readonly place: TailPlace;
  /**
   * A sleeper looks for itself so often, in case that somebody wrote to the words of the sleep; Infinity: never.
   * What only this look found is counted in `heals`.
   */
  readonly recheckMs?: number;
}

export interface ByteRingOptions extends RingOptions {
  /** Bytes that belong together, a power of two: reads, writes and cursors are multiples of it. 1 when left out. */
  readonly granuleBytes?: number;
}

export interface Ring {
  readonly region: RingRegion;
  readonly words: RingWords;
  readonly beginOffset: number;
  readonly capacityBytes: number;
  readonly granuleBytes: number;
  readonly recheckMs: number;
}

const leastCapacityBytes = 16;
const mostCapacityBytes = 2 ** 30;
const defaultRecheckMs = 1000;

export function openRing(region: RingRegion, options: ByteRingOptions): Ring {
  const { words, place, granuleBytes = 1, recheckMs = defaultRecheckMs } = options;
  const { offset, sizeBytes } = place;
  if (!isPowerOfTwo(sizeBytes) || sizeBytes < leastCapacityBytes || sizeBytes > mostCapacityBytes) {
    const expected = `a power of two from ${leastCapacityBytes} to ${mostCapacityBytes} bytes`;
    throw new VsocError('EINVAL', 'openRing', `capacity: expected ${expected}, saw ${sizeBytes}`);
  }
  if (!isPowerOfTwo(granuleBytes) || granuleBytes > sizeBytes) {
    const expected = `a power of two of at most ${sizeBytes} bytes`;
    throw new VsocError('EINVAL', 'openRing', `granule: expected ${expected}, saw ${granuleBytes}`);
  }
  if (!(recheckMs > 0)) {
    throw new VsocError('EINVAL', 'openRing', `recheckMs: expected more than 0, saw ${recheckMs}`);
  }
  region.bytes(offset, offset + sizeBytes); // refuses a place outside the region
  return { region, words, beginOffset: offset, capacityBytes: sizeBytes, granuleBytes, recheckMs };
}

/** How many bytes `to` is ahead of `from`. */
export function distance(from: number, to: number): number {
  return (to - from) >>> 0;
}

export function advanced(cursor: number, byteCount: number): number {
  return (cursor + byteCount) >>> 0;
}

/** A cursor that the peer gave is possible when it lies on a granule and the ring holds what is between the two. */
export function isSpan(
  { capacityBytes, granuleBytes }: Ring,
  readCursor: number,
  writeCursor: number,
): boolean {
  const span = distance(readCursor, writeCursor);
  return span <= capacityBytes && (span & (granuleBytes - 1)) === 0;
}

/** Refuses a number of bytes that are no whole granules, or more than `mostBytes`. */
export function checkCount(ring: Ring, op: string, byteCount: number, mostBytes = ring.capacityBytes): void {
  const { granuleBytes } = ring;
  const isCount = Number.isInteger(byteCount) && byteCount >= 0 && byteCount <= mostBytes;
  if (isCount && (byteCount & (granuleBytes - 1)) === 0) return;
  const expected = `at most ${mostBytes} bytes, a multiple of ${granuleBytes}`;
  throw new VsocError('EINVAL', op, `expected ${expected}, saw ${byteCount}`);
}

export function copyIn(ring: Ring, cursor: number, from: Uint8Array): void {
  const { region, beginOffset, capacityBytes } = ring;
  const at = beginOffset + (cursor & (capacityBytes - 1));
  const before = beginOffset + capacityBytes - at;
  if (from.length <= before) {
    copy(region.bytes(at, at + from.length), from);
    return;
  }
  copy(region.bytes(at, at + before), from.subarray(0, before));
  copy(region.bytes(beginOffset, beginOffset + from.length - before), from.subarray(before));
}

/** Copies `byteCount` bytes to the beginning of `into`. */
export function copyOut(ring: Ring, cursor: number, into: Uint8Array, byteCount: number): void {
  const { region, beginOffset, capacityBytes } = ring;
  const at = beginOffset + (cursor & (capacityBytes - 1));
  const before = beginOffset + capacityBytes - at;
  if (byteCount <= before) {
    copy(into, region.bytes(at, at + byteCount));
    return;
  }
  copy(into, region.bytes(at, at + before));
  copy(into.subarray(before), region.bytes(beginOffset, beginOffset + byteCount - before));
}

/** From here on a native copy is worth the call (measured: at 4 KiB it takes half the time, at 64 KiB a quarter). */
const nativeCopyBytes = 1024;

/**
 * Copies all of `from` to the beginning of `into`. V8 moves shared memory word by word, never by memcpy; filling a
 * buffer with an array of the same length is the one plain, synchronous memcpy that Node has for it.
 */
function copy(into: Uint8Array, from: Uint8Array): void {
  if (from.length < nativeCopyBytes) into.set(from);
  else Buffer.prototype.fill.call(into, from, 0, from.length);
}
