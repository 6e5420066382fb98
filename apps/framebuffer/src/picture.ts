// A picture copied out of the window: what changed from the window, the rest from the picture before.
import type { Rect } from './rect.js';

const bytesPerPixel = 4;

/** RGBA lines, immutable once given out. */
export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  readonly rgba: Uint8Array;
}

export interface PictureSource {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  /** Lines straight from shared memory. */
  bytes(): Uint8Array;
}

/** Reads each damaged pixel of the window once. `previous` has the same shape where `damage` is not the whole. */
export function copyPicture(
  source: PictureSource,
  damage: readonly Rect[],
  previous: Picture | undefined,
): Picture {
  const { widthPx, heightPx, strideBytes } = source;
  if (damage.length === 0 && previous) return { widthPx, heightPx, strideBytes, rgba: previous.rgba };
  // Every byte is written below, so fresh pages need not be zeroed first.
  const rgba = Buffer.allocUnsafeSlow(strideBytes * heightPx);
  const lines = source.bytes();
  const [only] = damage;
  if (damage.length === 1 && only && only.width === widthPx && only.height === heightPx) {
    rgba.set(lines);
    return { widthPx, heightPx, strideBytes, rgba };
  }
  if (previous) rgba.set(previous.rgba);
  for (const { x, y, width, height } of damage) {
    for (let line = y; line < y + height; line++) {
      const begin = line * strideBytes + x * bytesPerPixel;
      rgba.set(lines.subarray(begin, begin + width * bytesPerPixel), begin);
    }
  }
  return { widthPx, heightPx, strideBytes, rgba };
}
