/** Stride and size, computed here by counting instead of rounding. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPixelFormat, maxSidePx, pixelFormat, shapeOf } from './formats.js';

const side = fc.integer({ min: 1, max: maxSidePx });

test('lines hold their pixels, begin on cache lines, and waste less than one', () => {
  fc.assert(
    fc.property(side, side, (widthPx, heightPx) => {
      const { strideBytes, sizeBytes } = shapeOf(pixelFormat.rgba8888, widthPx, heightPx);
      expect(strideBytes % 64).toBe(0);
      expect(strideBytes - 4 * widthPx).toBeGreaterThanOrEqual(0);
      expect(strideBytes - 4 * widthPx).toBeLessThan(64);
      expect(sizeBytes).toBe(strideBytes * heightPx);
      expect(sizeBytes).toBeLessThan(2 ** 32);
    }),
  );
});

test.each([
  [1, 1, 64, 64],
  [16, 3, 64, 192],
  [17, 3, 128, 384],
  [1280, 720, 5120, 3_686_400],
  [1366, 768, 5504, 4_227_072],
])('%i × %i px has a stride of %i and %i bytes', (widthPx, heightPx, strideBytes, sizeBytes) => {
  expect(shapeOf(pixelFormat.rgba8888, widthPx, heightPx)).toEqual({ strideBytes, sizeBytes });
});

test.each([0, -1, 1.5, maxSidePx + 1, 2 ** 32 - 1, Number.NaN])(
  'a side of %d px is refused by name',
  (px) => {
    expect(() => shapeOf(pixelFormat.rgba8888, px, 1)).toThrow(
      `width of a buffer is 1 to 16384 px, not ${px}`,
    );
    expect(() => shapeOf(pixelFormat.rgba8888, 1, px)).toThrow(
      `height of a buffer is 1 to 16384 px, not ${px}`,
    );
  },
);

test('a number that is no format is told apart', () => {
  expect([0, 1, 2, 0xffff_ffff].filter(isPixelFormat)).toEqual([pixelFormat.rgba8888]);
});
