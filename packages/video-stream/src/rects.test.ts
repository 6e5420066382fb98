import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaOf, coalesce, contains, maxRects, snap, union } from './rects.js';

const rect = fc.record({
  x: fc.nat(1300),
  y: fc.nat(800),
  width: fc.integer({ min: 1, max: 400 }),
  height: fc.integer({ min: 1, max: 300 }),
});

describe('coalesce', () => {
  it('covers every rectangle with at most four', () => {
    fc.assert(
      fc.property(fc.array(rect, { maxLength: 60 }), (rects) => {
        const merged = coalesce(rects);
        expect(merged.length).toBeLessThanOrEqual(maxRects);
        for (const one of rects) expect(merged.some((outer) => contains(outer, one))).toBe(true);
      }),
    );
  });

  it('keeps two small rectangles in opposite corners apart', () => {
    const corners = [
      { x: 0, y: 0, width: 16, height: 16 },
      { x: 1264, y: 704, width: 16, height: 16 },
    ];
    expect(coalesce(corners)).toEqual(corners);
  });

  it('makes one of two neighbours', () => {
    const left = { x: 0, y: 0, width: 100, height: 100 };
    const right = { x: 120, y: 0, width: 100, height: 100 };
    expect(coalesce([left, right])).toEqual([union(left, right)]);
  });
});

describe('snap', () => {
  it('stays inside the frame and covers what lies inside', () => {
    fc.assert(
      fc.property(rect, (wanted) => {
        const snapped = snap(wanted, 1280, 720);
        const right = Math.min(1280, wanted.x + wanted.width);
        const bottom = Math.min(720, wanted.y + wanted.height);
        const isOutside = right <= wanted.x || bottom <= wanted.y;
        expect(snapped === undefined).toBe(isOutside);
        if (snapped === undefined) return;
        const inside = { x: wanted.x, y: wanted.y, width: right - wanted.x, height: bottom - wanted.y };
        expect(contains(snapped, inside)).toBe(true);
        expect(contains({ x: 0, y: 0, width: 1280, height: 720 }, snapped)).toBe(true);
      }),
    );
  });

  it('finds nothing in an empty rectangle', () => {
    expect(snap({ x: 5, y: 5, width: 0, height: 9 }, 1280, 720)).toBeUndefined();
    expect(snap({ x: Number.NaN, y: 5, width: 3, height: 9 }, 1280, 720)).toBeUndefined();
    expect(areaOf({ x: 1, y: 1, width: 2, height: 3 })).toBe(6);
  });
});
