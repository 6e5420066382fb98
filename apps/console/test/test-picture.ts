/**
 * Frames whose every pixel follows from the serial alone, for the page's test. The serial itself stands in the
 * first 32 pixels of the first row (white = 1), so that a picture of the canvas says what it has to look like.
 */
import type { VideoFrame } from '@vsoc/video-stream';

export const widthPx = 320;
export const heightPx = 200;

function pixel(serial: number, x: number, y: number): readonly [number, number, number] {
  if (y === 0 && x < 32) return (serial >>> x) & 1 ? [255, 255, 255] : [0, 0, 0];
  const isBox = (x + 320 - ((serial * 3) % 320)) % 320 < 40 && y >= 60 && y < 140;
  return isBox ? [255, 160, (serial * 7) & 255] : [(x + serial) & 255, y, (x ^ y) & 255];
}

/** Opaque: a canvas is. */
export function pictureOf(serial: number): Uint8Array {
  const rgba = new Uint8Array(widthPx * heightPx * 4).fill(255);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) rgba.set(pixel(serial, x, y), (y * widthPx + x) * 4);
  }
  return rgba;
}

export function serialIn(rgba: Uint8Array): number {
  return Array.from({ length: 32 }, (_, bit) => (rgba[bit * 4] === 255 ? 2 ** bit : 0)).reduce(
    (a, b) => a + b,
  );
}

export function frameOf(serial: number): VideoFrame {
  const damage = [{ x: 0, y: 0, width: widthPx, height: heightPx }];
  const drawnAtNs = process.hrtime.bigint();
  return { serial, widthPx, heightPx, strideBytes: widthPx * 4, rgba: pictureOf(serial), damage, drawnAtNs };
}
