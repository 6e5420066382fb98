import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { frame, noise } from '../test/served-stream.js';
import { createEncoder } from './encoders.js';
import type { VideoFrame } from './frame.js';
import type { Rect } from './rects.js';

const encodeRect = createEncoder();

/** The plain way: pixel by pixel. */
function crop({ rgba, strideBytes }: VideoFrame, { x, y, width, height }: Rect): Uint8Array {
  const out = new Uint8Array(width * height * 4);
  for (let i = 0; i < out.length; i++) {
    const row = Math.floor(i / (width * 4));
    out[i] = rgba[(y + row) * strideBytes + x * 4 + (i % (width * 4))] as number;
  }
  return out;
}

const picture = fc
  .record({
    widthPx: fc.integer({ min: 1, max: 40 }),
    heightPx: fc.integer({ min: 1, max: 40 }),
    paddingBytes: fc.nat(19),
    seed: fc.nat(),
    hasFullLastRow: fc.boolean(),
  })
  .chain((shape) => {
    const x = fc.nat(shape.widthPx - 1);
    const y = fc.nat(shape.heightPx - 1);
    return fc.tuple(fc.constant(shape), x, y, fc.nat(), fc.nat());
  })
  .map(([{ widthPx, heightPx, paddingBytes, seed, hasFullLastRow }, x, y, w, h]) => {
    const strideBytes = widthPx * 4 + paddingBytes;
    const byteCount = strideBytes * (heightPx - 1) + (hasFullLastRow ? strideBytes : widthPx * 4);
    const rgba = Uint8Array.from({ length: byteCount }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24);
    const rect = { x, y, width: 1 + (w % (widthPx - x)), height: 1 + (h % (heightPx - y)) };
    return { rect, frame: frame(1, { widthPx, heightPx, strideBytes, rgba }) };
  });

describe('lossless', () => {
  it('keeps every byte, alpha included, for any rectangle and stride', async () => {
    await fc.assert(
      fc.asyncProperty(picture, async ({ frame, rect }) => {
        const bytes = await encodeRect(frame, rect, 'lossless');
        const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
        expect(info).toMatchObject({ width: rect.width, height: rect.height, channels: 4 });
        expect(Buffer.compare(data, crop(frame, rect))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('stores what hardly compresses, and tries again later', async () => {
    const size = { widthPx: 128, heightPx: 128 };
    const rect = { x: 0, y: 0, width: 128, height: 128 };
    const encode = createEncoder();
    const flat = frame(1, size);
    expect((await encode(flat, rect, 'lossless')).byteLength).toBeLessThan(5_000);
    await encode(frame(2, { ...size, rgba: noise(65_536, 2) }), rect, 'lossless');
    expect((await encode(flat, rect, 'lossless')).byteLength).toBeGreaterThan(65_536);
    for (let again = 0; again < 60; again++) await encode(flat, rect, 'lossless');
    expect((await encode(flat, rect, 'lossless')).byteLength).toBeLessThan(5_000);
  });
});

describe('jpeg', () => {
  it('comes close to the picture and drops alpha', async () => {
    const rgba = new Uint8Array(64 * 48 * 4).map((_, i) => [200, 90, 30, 0][i % 4] as number);
    const bytes = await encodeRect(frame(1, { rgba }), { x: 16, y: 0, width: 32, height: 32 }, 'jpeg');
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 32, height: 32, channels: 3 });
    for (const [i, value] of data.entries())
      expect(Math.abs(value - (rgba[i % 3] as number))).toBeLessThan(6);
  });
});
