/**
 * What goes into the stream: whole pictures in private memory, each with the damage that led to it.
 * A frame is never changed once pushed: encoders read it later, on other threads.
 */
import { type Rect, wholeOf } from './rects.js';

export interface VideoFrame {
  /** Counts frames, u32 with wrap. A gap, or a step back, makes the damage meaningless: the whole is sent. */
  readonly serial: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  /** Immutable private copy, never shared memory; the last row may end at its last pixel. */
  readonly rgba: Uint8Array;
  /** What differs from the frame with serial − 1. Empty: nothing. */
  readonly damage: readonly Rect[];
  /** CLOCK_MONOTONIC of this host, as process.hrtime.bigint() tells it. */
  readonly drawnAtNs: bigint;
}

export const bytesPerPixel = 4;
export const maxSidePx = 16_384;

/** Throws on a frame whose bytes cannot be what its numbers say: the caller's mistake, not the network's. */
export function checkFrame(frame: VideoFrame): void {
  const { widthPx, heightPx, strideBytes, rgba } = frame;
  for (const [name, value] of Object.entries({ widthPx, heightPx })) {
    if (!Number.isInteger(value) || value < 1 || value > maxSidePx) {
      throw new RangeError(`frame ${frame.serial}: ${name} must be 1 to ${maxSidePx}, is ${value}`);
    }
  }
  const rowBytes = widthPx * bytesPerPixel;
  if (!Number.isInteger(strideBytes) || strideBytes < rowBytes) {
    throw new RangeError(
      `frame ${frame.serial}: strideBytes must be at least ${rowBytes}, is ${strideBytes}`,
    );
  }
  const neededBytes = strideBytes * (heightPx - 1) + rowBytes;
  if (rgba.byteLength < neededBytes) {
    throw new RangeError(`frame ${frame.serial}: needs ${neededBytes} B of pixels, has ${rgba.byteLength}`);
  }
  if (rgba.buffer instanceof SharedArrayBuffer) {
    throw new TypeError(`frame ${frame.serial}: pixels must be a private copy, these lie in shared memory`);
  }
}

export function wholeFrame(frame: VideoFrame): Rect {
  return wholeOf(frame.widthPx, frame.heightPx);
}
