// A viewer that believes nothing: takes whole frames without loss and compares every pixel with what the frame's
// serial says, computed here from the pattern's description alone.

import { type ComposedFrame, watchVideo } from '@vsoc/video-stream/viewer-node';
import type { Size } from './arguments.js';
import { drawExpected } from './reference.js';

export interface SmokeOptions {
  readonly url: string;
  readonly size: Size;
  readonly frames: number;
  /** Ends it early; the answer then has fewer frames. */
  readonly signal: AbortSignal;
}

export interface SmokeResult {
  readonly frames: number;
  readonly fps: number;
  /** From the guest's first drawn pixel to the picture composed here, without the time on the wire. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly pixelsCompared: number;
}

/** Rejects at the first wrong pixel, naming it. */
export async function watchPattern(options: SmokeOptions): Promise<SmokeResult> {
  const { url, size, signal } = options;
  const serials = new Set<number>();
  const agesMs: number[] = [];
  const expected = new Uint8Array(size.widthPx * size.heightPx * 4);
  let firstAtMs = 0;
  let lastAtMs = 0;
  for await (const frame of watchVideo({ url, encoding: 'lossless', signal })) {
    lastAtMs = performance.now();
    if (serials.size === 0) firstAtMs = lastAtMs;
    if (serials.has(frame.serial)) continue;
    serials.add(frame.serial);
    agesMs.push(frame.ageMs);
    compareFrame(frame, size, expected);
    if (serials.size >= options.frames) break;
  }
  return {
    frames: serials.size,
    fps: round(((serials.size - 1) * 1000) / Math.max(1, lastAtMs - firstAtMs)),
    latencyMs: { p50: quantile(agesMs, 0.5), p99: quantile(agesMs, 0.99) },
    pixelsCompared: serials.size * size.widthPx * size.heightPx,
  };
}

/** `scratch` is overwritten with the expected picture. */
export function compareFrame(frame: ComposedFrame, size: Size, scratch: Uint8Array): void {
  const { serial, widthPx, heightPx, rgba } = frame;
  if (widthPx !== size.widthPx || heightPx !== size.heightPx) {
    throw new Error(
      `frame ${serial}: expected ${size.widthPx}×${size.heightPx} px, got ${widthPx}×${heightPx}`,
    );
  }
  drawExpected(scratch, size, serial);
  if (Buffer.compare(rgba, scratch) === 0) return;
  const byte = scratch.findIndex((value, index) => rgba[index] !== value);
  const pixel = Math.floor(byte / 4);
  const at = (bytes: Uint8Array) => Buffer.from(bytes.subarray(pixel * 4, pixel * 4 + 4)).toString('hex');
  const place = `pixel (${pixel % widthPx}, ${Math.floor(pixel / widthPx)})`;
  throw new Error(`frame ${serial}: ${place}: expected rgba ${at(scratch)}, got ${at(rgba)}`);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
