/** Rectangles that the other side wrote: whatever the numbers, what comes out lies inside the picture. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkInside, clip } from './rect.js';

const u32 = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 0xffff_ffff }));
const side = fc.integer({ min: 1, max: 30 });

test('a clipped rectangle is exactly the pixels that lie in both', () => {
  fc.assert(
    fc.property(u32, u32, u32, u32, side, side, (x, y, width, height, widthPx, heightPx) => {
      const rect = { x, y, width, height };
      const inside: string[] = [];
      for (let line = 0; line < heightPx; line++) {
        for (let column = 0; column < widthPx; column++) {
          if (column >= x && column < x + width && line >= y && line < y + height)
            inside.push(`${column},${line}`);
        }
      }
      const clipped = clip(rect, widthPx, heightPx);
      const seen: string[] = [];
      for (let line = clipped?.y ?? 0; clipped && line < clipped.y + clipped.height; line++) {
        for (let column = clipped.x; column < clipped.x + clipped.width; column++)
          seen.push(`${column},${line}`);
      }
      expect(seen).toEqual(inside);
    }),
    { numRuns: 300 },
  );
});

test.each([
  { x: 0, y: 0, width: 0, height: 5 },
  { x: 0, y: 0, width: 5, height: 0 },
  { x: 10, y: 0, width: 1, height: 1 },
  { x: 0xffff_ffff, y: 0xffff_ffff, width: 0xffff_ffff, height: 0xffff_ffff },
])('nothing is left of $width × $height at $x, $y in 10 × 10', (rect) => {
  expect(clip(rect, 10, 10)).toBeUndefined();
});

test('the largest numbers there are give the whole picture', () => {
  const rect = { x: 0, y: 0, width: 0xffff_ffff, height: 0xffff_ffff };
  expect(clip(rect, 10, 20)).toEqual({ x: 0, y: 0, width: 10, height: 20 });
});

test.each([
  [{ x: -1, y: 0, width: 2, height: 2 }, '2×2 at -1, 0'],
  [{ x: 0, y: 0.5, width: 2, height: 2 }, '2×2 at 0, 0.5'],
  [{ x: 9, y: 0, width: 2, height: 2 }, '2×2 at 9, 0'],
  [{ x: 0, y: 0, width: Number.NaN, height: 2 }, 'NaN×2 at 0, 0'],
])('damage that is to be presented must lie inside: %o does not', (rect, seen) => {
  expect(() => checkInside(rect, 10, 10)).toThrow(`expected whole pixels inside 10×10, saw ${seen}`);
});

test('damage up to the edges lies inside', () => {
  checkInside({ x: 0, y: 0, width: 10, height: 10 }, 10, 10);
  checkInside({ x: 10, y: 10, width: 0, height: 0 }, 10, 10);
});
